package graph_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/internal/golden"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// openable are activations of every kind that opens.
func openable() []quiver.Activation {
	acts := []quiver.Activation{
		layers.RMSNorm(5, 0.1), layers.RMSNorm(5, 0), layers.DeadZone(layers.Radial(layers.Sigmoid), 0.5), layers.Trainable(layers.Tanh, 0.3, 1.1),
		layers.Trainable(layers.Squash, 0, 0.7), layers.Gain(layers.RMSNorm(5, 0.1), true), layers.Gain(layers.Radial(layers.Arctan), false),
		layers.Blocks(layers.Tanh, 2, 3), layers.Rescaling("onenorm", layers.OneNorm{}),
		quiver.Restricted(layers.Rescaling("onenorm", layers.OneNorm{}), orthonormal()),
	}
	for _, h := range append(layers.Catalogue(), layers.LeakyReLU(0.2), layers.Power(3), layers.Shift(layers.ReLU, 0.4), layers.Shift(layers.Sigmoid, 0.5)) {
		acts = append(acts, layers.Radial(h), layers.Pointwise(h))
	}
	return acts
}

// orthonormal is 7×5.
func orthonormal() *mat.Dense {
	var qr mat.QR
	qr.Factorize(normal(7, 5, 9))
	var q mat.Dense
	qr.QTo(&q)
	return mat.DenseCopyOf(q.Slice(0, 7, 0, 5))
}

// five is x→h1→h2→y with skips, dimension 5 at h1 and h2, and a bias at h2 alone: a sample of zeros
// gives z[h1] = 0.
func five(t testing.TB, act quiver.Activation) *quiver.Rep {
	t.Helper()
	q, err := quiver.New(quiver.Input("x", 2), quiver.Bias("one"),
		quiver.Hidden("h1", 5, act), quiver.Hidden("h2", 5, act), quiver.Output("y", 3, nil),
		quiver.Connect("x", "h1"), quiver.Connect("h1", "h2"), quiver.Connect("x", "h2"), quiver.Connect("one", "h2"),
		quiver.Connect("h2", "y"), quiver.Connect("h1", "y"), quiver.Connect("one", "y"))
	require.NoError(t, err)
	return quiver.Random(q, nil, rngOf(3))
}

// gap is the largest difference relative to the largest entry.
func gap(want, got *mat.Dense) float64 {
	var d mat.Dense
	d.Sub(want, got)
	if mat.Norm(&d, 1) == 0 {
		return 0
	}
	return mat.Norm(&d, math.Inf(1)) / mat.Norm(want, math.Inf(1))
}

// TestExpand opens every activation level by level; the numbers stay, on a row of zeros too.
func TestExpand(t *testing.T) {
	const rows = 6
	xs, ys := list(normal(rows, 2, 3)), list(normal(rows, 3, 4))
	xs[0].SetRow(2, []float64{0, 0})
	levels := map[int]int{}
	for i, act := range openable() {
		w := five(t, act)
		p, err := graph.Compile(w.Quiver(), graph.Loss("y", graph.MSE, 1), graph.Precompile(rows))
		require.NoError(t, err)
		all := []func() (*graph.Expr, error){
			func() (*graph.Expr, error) { return p.Gradient("x->h1") },
			func() (*graph.Expr, error) { return p.VertexGradient("x") },
			func() (*graph.Expr, error) { return p.Value("y") },
		}
		if i%4 > 0 {
			all = all[:1] // the others hold no other operation
		}
		if _, ok := act.(quiver.Parametric); ok {
			all = append(all, func() (*graph.Expr, error) { return p.ParamGradient("h1") })
		}
		for _, f := range all {
			x, err := f()
			require.NoError(t, err, "%v", act)
			want, err := x.Eval(w, xs, ys)
			require.NoError(t, err, "%v", act)
			before := ""
			for level := 0; ; level++ {
				require.NotEqual(t, before, x.DOT(), "each level shows something new")
				before = x.DOT()
				got, err := x.Eval(w, xs, ys)
				require.NoError(t, err, "%v level %d", act, level)
				require.LessOrEqual(t, gap(want, got), 1e-11, "%v level %d\n%v", act, level, x)
				y, err := x.Expand("")
				var e *graph.ExpandError
				if errors.As(err, &e) {
					levels[level]++
					assert.False(t, e.Opaque, "%v opens as far as elementary operations", act)
					break
				}
				require.NoError(t, err, "%v level %d", act, level)
				x = y
			}
			printed(t, x)
		}
	}
	t.Log("levels:", levels)
	assert.Zero(t, levels[0])
}

// TestExpandText shows the levels of one vertex.
func TestExpandText(t *testing.T) {
	for name, act := range map[string]quiver.Activation{
		"tanh": layers.Radial(layers.Tanh), "gelu": layers.Pointwise(layers.GELU), "rmsnorm": layers.RMSNorm(5, 1e-6),
		"trainable": layers.Trainable(layers.Sigmoid, 0.3, 1.1), "gain": layers.Gain(layers.RMSNorm(5, 0.1), true),
	} {
		w := five(t, act)
		p, err := graph.Compile(w.Quiver(), graph.Loss("y", graph.MSE, 1))
		require.NoError(t, err)
		x, err := p.Gradient("x->h1")
		if name == "trainable" || name == "gain" {
			x, err = p.ParamGradient("h1")
		}
		require.NoError(t, err)
		var b strings.Builder
		before := ""
		for level := 0; err == nil; level++ {
			if text := x.String(); text != before { // the last level, of products, reads like the one before
				fmt.Fprintf(&b, "— level %d\n%v\n", level, text)
				before = text
			}
			var y *graph.Expr
			if y, err = x.Expand("h1"); err == nil {
				x = y
			}
		}
		fmt.Fprintln(&b, err)
		golden.Check(t, "expand_"+name+".txt", b.String())
		golden.Check(t, "expand_"+name+".tex", x.LaTeX())
	}
}

// TestExpandOpaque: what is known as numbers only says so.
func TestExpandOpaque(t *testing.T) {
	w := net(t, plain{})
	p, err := graph.Compile(w.Quiver(), graph.Loss("y", graph.MSE, 1))
	require.NoError(t, err)
	x, err := p.Gradient("x->h1")
	require.NoError(t, err)
	_, err = x.Expand("h1")
	var e *graph.ExpandError
	require.ErrorAs(t, err, &e)
	assert.True(t, e.Opaque)
	assert.Equal(t, "h1", e.Vertex)
	assert.ErrorContains(t, err, `vertex "h1": activation plain cannot be opened`)
	_, err = x.Expand("h9")
	var ue *graph.UnknownVertexError
	assert.ErrorAs(t, err, &ue)
	y, err := x.Expand("y")
	require.NoError(t, err, "its products")
	_, err = y.Expand("y")
	require.ErrorAs(t, err, &e)
	assert.False(t, e.Opaque)
	all, err := x.ExpandAll()
	require.NoError(t, err)
	assert.Contains(t, all.String(), "ρ[h2](z[h2])")
}

// TestExpandNearZero: quotients of differences lose the digits that Expand says, and the closed
// form does not.
func TestExpandNearZero(t *testing.T) {
	q, err := quiver.New(quiver.Input("x", 2), quiver.Hidden("h", 2, layers.Radial(layers.Tanh)), quiver.Output("y", 1, nil), quiver.Connect("x", "h"), quiver.Connect("h", "y"))
	require.NoError(t, err)
	w := quiver.Random(q, nil, rngOf(1))
	require.NoError(t, w.Set("x->h", quiver.Eye(2)))
	p, err := graph.Compile(q, graph.Loss("y", graph.SumSquares, 1), graph.Precompile(1))
	require.NoError(t, err)
	x, err := p.Gradient("x->h")
	require.NoError(t, err)
	open, err := x.ExpandAll()
	require.NoError(t, err)
	for _, r := range []float64{1e-2, 1e-4} {
		// λ₁ is multiplied by rows⟨z, g⟩z, of size r²: what is lost in it is lost of r².
		in := list(mat.NewDense(1, 2, []float64{0.6 * r, 0.8 * r}))
		target := list(mat.NewDense(1, 1, []float64{1}))
		want, err := x.Eval(w, in, target)
		require.NoError(t, err)
		got, err := open.Eval(w, in, target)
		require.NoError(t, err)
		assert.LessOrEqual(t, gap(want, got), 1e-14, "r = %g", r)
		second, err := p.SecondGradient("x->h", "x->h")
		require.NoError(t, err)
		second = second.Along(w)
		openSecond, err := second.ExpandAll()
		require.NoError(t, err)
		want, err = second.Eval(w, in, target)
		require.NoError(t, err)
		got, err = openSecond.Eval(w, in, target)
		require.NoError(t, err)
		assert.LessOrEqual(t, gap(want, got), 1e-14/r/r, "r = %g", r)
		t.Logf("r = %g: second derivatives lose %.1e", r, gap(want, got))
	}
}

// cube is a user's function that borrows the name of another.
type cube struct{ layers.Func }

func (cube) String() string          { return "tanh" }
func (cube) Value(x float64) float64 { return x * x * x }
func (cube) Slope(x float64) float64 { return 3 * x * x }

// TestExpandUsersFunction: a function is opened by what it is, not by its name; one of the
// user's stays a function.
func TestExpandUsersFunction(t *testing.T) {
	for _, act := range []quiver.Activation{layers.Radial(cube{layers.Power(3)}), layers.Pointwise(cube{layers.Power(3)})} {
		w := five(t, act)
		p, err := graph.Compile(w.Quiver(), graph.Loss("y", graph.MSE, 1))
		require.NoError(t, err)
		x, err := p.Gradient("x->h1")
		require.NoError(t, err)
		xs, ys := list(normal(2, 2, 3)), list(normal(2, 3, 4))
		want, err := x.Eval(w, xs, ys)
		require.NoError(t, err)
		x, err = x.ExpandAll()
		require.NoError(t, err)
		got, err := x.Eval(w, xs, ys)
		require.NoError(t, err)
		assert.LessOrEqual(t, gap(want, got), 1e-11)
		assert.Contains(t, x.String(), "tanh′(")
	}
}

// skewed is a restriction whose basis does not fit.
type skewed struct{ quiver.Restriction }

func (skewed) Basis() *mat.Dense { return normal(4, 3, 1) }

// TestExpandAllError: what stops one level stops ExpandAll, with the same error.
func TestExpandAllError(t *testing.T) {
	good := quiver.Restricted(layers.Rescaling("onenorm", layers.OneNorm{}), orthonormal()).(quiver.Restriction)
	for _, act := range []quiver.Activation{good, skewed{good}} {
		w := five(t, act)
		p, err := graph.Compile(w.Quiver(), graph.Loss("y", graph.MSE, 1))
		require.NoError(t, err)
		x, err := p.Value("h1")
		require.NoError(t, err)
		all, err := x.ExpandAll()
		y, last := x, error(nil)
		for last == nil {
			x = y
			y, last = x.Expand("")
		}
		var e *graph.ExpandError
		if _, bad := act.(skewed); !bad {
			require.ErrorAs(t, last, &e, "a control")
			require.NoError(t, err)
			assert.Equal(t, x.String(), all.String())
			continue
		}
		require.False(t, errors.As(last, &e), "%v", last)
		assert.Nil(t, all)
		assert.EqualError(t, err, last.Error())
	}
	_, err := (*graph.Expr)(nil).ExpandAll()
	var de *graph.DataError
	assert.ErrorAs(t, err, &de)
}
