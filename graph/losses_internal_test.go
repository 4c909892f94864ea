package graph

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/model"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// lossNet is a network of two inputs with an output of dimension d, weights for it, inputs, and targets that a loss takes.
func lossNet(t *testing.T, l model.Loss, d, n int) (w *quiver.Rep, x, y *mat.Dense) {
	t.Helper()
	q, err := quiver.New(quiver.Input("x", 2), quiver.Bias("one"), quiver.Hidden("h", 4, layers.Pointwise(layers.Tanh)), quiver.Output("y", d, nil),
		quiver.Connect("x", "h"), quiver.Connect("one", "h"), quiver.Connect("h", "y"), quiver.Connect("one", "y"))
	require.NoError(t, err)
	rng := rand.New(rand.NewPCG(uint64(d), uint64(n)))
	x, y = mat.NewDense(n, 2, nil), mat.NewDense(n, d, nil)
	x.Apply(func(_, _ int, _ float64) float64 { return rng.NormFloat64() }, x)
	y.Apply(func(_, _ int, _ float64) float64 {
		if l.Labels || l.Probabilities {
			return rng.Float64()
		}
		return 2 * rng.NormFloat64()
	}, y)
	if l.Labels {
		for i := range n {
			row := y.RawRowView(i)
			floats.Scale(1/floats.Sum(row), row)
		}
	}
	return quiver.Random(q, nil, rng), x, y
}

// TestLossRecords: in the record of every loss the derivative is that of the value, by central differences, and the share and the bound
// on rounding are numbers that can be used.
func TestLossRecords(t *testing.T) {
	for _, l := range model.Catalogue() {
		w, x, ts := lossNet(t, l, 3, 40)
		ys, err := w.Eval(x)
		require.NoError(t, err)
		g := make([]float64, 3)
		for i := range 40 {
			y, target := ys[0].RawRowView(i), ts.RawRowView(i)
			l.Slope(g, y, target)
			for k := range y {
				const h = 1e-5
				at := slices.Clone(y)
				at[k] = y[k] + h
				up := l.Value(at, target)
				at[k] = y[k] - h
				assert.InDelta(t, (up-l.Value(at, target))/(2*h), g[k], 1e-8, "%s, coordinate %d", l.Name, k)
			}
			assert.True(t, l.Rounding(y, target) >= 0 && l.Rounding(y, target) < 1e-12, l.Name)
		}
		assert.True(t, l.Share(4, 3) > 0 && l.Share(4, 3) <= 1, l.Name)
		assert.False(t, l.Labels && l.Probabilities, l.Name)
	}
}

// TestLossConforms: with every loss a compiled program computes the value and the gradient of its record and the second derivative along a
// direction that differences of the gradient show, in both precisions, fused and not, with and without workers.
func TestLossConforms(t *testing.T) {
	for _, l := range model.Catalogue() {
		for _, d := range []int{1, 3} {
			if l.Labels && d == 1 {
				continue // one class has probability 1
			}
			for _, mode := range []struct {
				name string
				opts []Option
				tol  float64
			}{{"fused", nil, 1e-12}, {"unfused", []Option{Unfused}, 1e-12}, {"workers", []Option{Workers(2)}, 1e-12},
				{"single", []Option{Float32}, 1e-5}, {"single, unfused", []Option{Float32, Unfused}, 1e-5}} {
				t.Run(fmt.Sprintf("%s/%d/%s", l.Name, d, mode.name), func(t *testing.T) { conforms(t, l, d, mode.opts, mode.tol) })
			}
		}
	}
}

func conforms(t *testing.T, l model.Loss, d int, opts []Option, tol float64) {
	const n, weight = 21, 1.5
	w, x, ts := lossNet(t, l, d, n)
	p, err := Compile(w.Quiver(), append(slices.Clone(opts), Loss("y", LossFunc{l}, weight))...)
	require.NoError(t, err)
	xs, targets := []*mat.Dense{x}, []*mat.Dense{ts}
	reference := func(w *quiver.Rep) (float64, *quiver.Rep) {
		ys, err := w.Eval(x)
		require.NoError(t, err)
		var sum float64
		delta := mat.NewDense(n, d, nil)
		for i := range n {
			sum += l.Value(ys[0].RawRowView(i), ts.RawRowView(i))
			l.Slope(delta.RawRowView(i), ys[0].RawRowView(i), ts.RawRowView(i))
		}
		share := weight * l.Share(n, d)
		delta.Scale(share, delta)
		g, _, err := w.VJP(xs, []*mat.Dense{delta})
		require.NoError(t, err)
		return share * sum, g
	}
	want, wantGrad := reference(w)
	grad := w.Like()
	got, err := p.LossGrad(grad, w, xs, targets)
	require.NoError(t, err)
	assert.InEpsilon(t, want, got, tol)
	assert.LessOrEqual(t, floats.Distance(wantGrad.Data(), grad.Data(), 2), tol*wantGrad.Norm())
	alone, err := p.Loss(w, xs, targets)
	require.NoError(t, err)
	assert.InEpsilon(t, want, alone, tol)

	v, h := w.Like(), w.Like()
	rng := rand.New(rand.NewPCG(3, 4))
	for i := range v.Data() {
		v.Data()[i] = rng.NormFloat64()
	}
	require.NoError(t, p.HessianVector(h, w, v, xs, targets))
	const step = 1e-5
	moved := w.Clone()
	moved.AddScaled(step, v)
	_, up := reference(moved)
	moved.AddScaled(-2*step, v)
	_, down := reference(moved)
	up.AddScaled(-1, down)
	second := make([]float64, len(up.Data()))
	floats.AddScaled(second, 1/(2*step), up.Data())
	assert.LessOrEqual(t, floats.Distance(second, h.Data(), 2), max(10*tol, 1e-7)*floats.Norm(second, 2), "the second derivative")
}

// TestLossTargets: every loss refuses targets of another shape and numbers that are not finite; labels refuse what is no distribution
// and no class, probabilities what lies outside [0, 1]; values take any number.
func TestLossTargets(t *testing.T) {
	for _, l := range model.Catalogue() {
		w, x, ts := lossNet(t, l, 3, 5)
		p, err := Compile(w.Quiver(), Loss("y", LossFunc{l}, 1))
		require.NoError(t, err)
		refused := func(y *mat.Dense) bool {
			_, err := p.Loss(w, []*mat.Dense{x}, []*mat.Dense{y})
			var de *DataError
			var ne *NonFiniteError
			if err != nil {
				require.True(t, errors.As(err, &de) || errors.As(err, &ne), "%s: %v", l.Name, err)
			}
			return err != nil
		}
		with := func(v float64) *mat.Dense {
			y := mat.DenseCopyOf(ts)
			y.Set(2, 1, v)
			return y
		}
		column := func(v float64) *mat.Dense { return mat.NewDense(5, 1, []float64{0, 1, v, 1, 0}) }
		assert.False(t, refused(ts), l.Name)
		assert.True(t, refused(mat.NewDense(4, 3, nil)), l.Name)
		assert.True(t, refused(mat.NewDense(5, 2, nil)), l.Name)
		assert.True(t, refused(with(math.NaN())) && refused(with(math.Inf(1))), l.Name)
		assert.Equal(t, l.Labels || l.Probabilities, refused(with(-0.5)), l.Name)
		assert.Equal(t, l.Labels || l.Probabilities, refused(with(1.5)), l.Name)
		assert.Equal(t, !l.Labels, refused(column(2)), l.Name)
		assert.True(t, refused(column(3)) && refused(column(0.5)), l.Name)
	}
}

// TestLossExplained: Verify finds nothing wrong with any loss; the program computes it in one stage with the text of its record, and its
// formulas use the symbol of the record, which the legend explains in its words.
func TestLossExplained(t *testing.T) {
	for _, l := range model.Catalogue() {
		w, x, ts := lossNet(t, l, 3, 7)
		p, err := Compile(w.Quiver(), Loss("y", LossFunc{l}, 1))
		require.NoError(t, err)
		v, err := Verify(p, w, []*mat.Dense{x}, []*mat.Dense{ts})
		require.NoError(t, err)
		assert.True(t, v.OK(), "%s: %v", l.Name, v)
		if l.Stage == nil {
			continue
		}
		assert.Contains(t, model.Stages(), l.Stage, l.Name)
		e, err := p.Explain()
		require.NoError(t, err)
		assert.Contains(t, e.String(), l.Stage.Text+" at y and its gradient", l.Name)
		if l.Stage.Symbol == "" {
			continue
		}
		f, err := p.LossValue()
		require.NoError(t, err)
		assert.Contains(t, f.String(), l.Stage.Symbol+"(", l.Name)
		assert.Contains(t, f.String(), l.Stage.Words, l.Name)
	}
}

// TestLossCatalogue: every variable of this package that is a loss of the library is in the catalogue, and nothing else is.
func TestLossCatalogue(t *testing.T) {
	f, err := parser.ParseFile(token.NewFileSet(), "loss.go", nil, 0)
	require.NoError(t, err)
	var public, names []string
	for _, decl := range f.Decls {
		g, ok := decl.(*ast.GenDecl)
		if !ok || g.Tok != token.VAR {
			continue
		}
		for _, s := range g.Specs {
			for _, n := range s.(*ast.ValueSpec).Names {
				public = append(public, strings.ToLower(n.Name))
			}
		}
	}
	for _, l := range model.Catalogue() {
		names = append(names, l.Name)
	}
	assert.ElementsMatch(t, public, names)
}
