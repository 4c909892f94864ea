package quiver_test

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/trials"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// term is a number of exact arithmetic together with the sum of the sizes of what it was summed of:
// the rounding of an evaluation in floating point is small beside the size.
type term struct{ value, size *big.Float }

func exactly(x float64) *big.Float { return new(big.Float).SetPrec(4400).SetFloat64(x) }

func terms(n int) []term {
	t := make([]term, n)
	for i := range t {
		t[i] = term{exactly(0), exactly(0)}
	}
	return t
}

// add adds a·b, where the factor b counts with the size s.
func (t term) add(a term, b, s *big.Float) {
	t.value.Add(t.value, new(big.Float).Mul(a.value, b))
	t.size.Add(t.size, new(big.Float).Mul(a.size, s))
}

// allows reports whether got may stand for t: it is not finite, or t up to rounding.
func (t term) allows(got float64) bool {
	if got-got != 0 {
		return true
	}
	d := new(big.Float).Sub(exactly(got), t.value)
	return d.Abs(d).Cmp(new(big.Float).Mul(t.size, big.NewFloat(1e-13))) <= 0
}

// backward is the chain rule in exact arithmetic at one sample. The Jacobian matrix of an activation
// is what its VJP makes of unit vectors. ok is false where a z_v is beyond the largest number.
func backward(w *quiver.Rep, x map[string][]float64, dy map[string][]float64) (arrows, inputs map[string][]term, ok bool) {
	q := w.Quiver()
	z, in, g := map[string][]*big.Float{}, map[string][]float64{}, map[string][]term{}
	jacobian := map[string][][]float64{}
	for _, v := range q.Vertices() {
		g[v.Name] = terms(v.Dim)
		for i, d := range dy[v.Name] {
			g[v.Name][i] = term{exactly(d), exactly(math.Abs(d))}
		}
		if v.Kind == quiver.KindInput {
			in[v.Name] = x[v.Name]
			continue
		}
		z := z[v.Name]
		for range v.Dim {
			z = append(z, exactly(0))
		}
		for _, a := range q.Arrows() {
			for i := range a.Rows {
				for j := 0; a.To == v.Name && j < a.Cols; j++ {
					z[i].Add(z[i], new(big.Float).Mul(exactly(w.Arrow(a.Name).At(i, j)), exactly(in[a.From][j])))
				}
			}
		}
		rounded, out := make([]float64, v.Dim), make([]float64, v.Dim)
		for i := range z {
			if rounded[i], _ = z[i].Float64(); math.IsInf(rounded[i], 0) {
				return nil, nil, false
			}
		}
		v.Act.Apply(out, rounded)
		in[v.Name] = out
		for i := range v.Dim {
			row, unit := make([]float64, v.Dim), make([]float64, v.Dim)
			unit[i] = 1
			v.Act.VJP(row, rounded, unit)
			jacobian[v.Name] = append(jacobian[v.Name], row)
		}
	}
	arrows, inputs = map[string][]term{}, map[string][]term{}
	all := q.Vertices()
	for k := len(all) - 1; k >= 0; k-- {
		v := all[k]
		if v.Kind == quiver.KindInput {
			inputs[v.Name] = g[v.Name]
			continue
		}
		delta := terms(v.Dim)
		for i, row := range jacobian[v.Name] {
			for j, d := range row { // an entry of the matrix is known to the last place of 1
				delta[j].add(g[v.Name][i], exactly(d), exactly(max(math.Abs(d), 1)))
			}
		}
		for _, a := range q.Arrows() {
			if a.To != v.Name {
				continue
			}
			arrows[a.Name] = terms(a.Rows * a.Cols)
			for i := range a.Rows {
				for j := range a.Cols {
					m, y := w.Arrow(a.Name).At(i, j), in[a.From][j]
					g[a.From][j].add(delta[i], exactly(m), exactly(math.Abs(m)))
					arrows[a.Name][i*a.Cols+j].add(delta[i], exactly(y), exactly(math.Abs(y)))
				}
			}
		}
	}
	return arrows, inputs, true
}

// TestGradientsThatOverflow: where each z_v is a number of double precision, an entry of a gradient is
// that of exact arithmetic up to rounding, or it is not finite: it is never finite and wrong, be the
// overflow in it or on the way to it.
func TestGradientsThatOverflow(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	acts := []quiver.Activation{quiver.Identity, layers.Pointwise(layers.Tanh), layers.Pointwise(layers.ReLU), layers.Pointwise(layers.Sigmoid), layers.Radial(layers.Tanh), layers.Radial(layers.Squash)}
	of := func(scales ...float64) float64 { return rng.NormFloat64() * scales[rng.IntN(len(scales))] }
	right, lost, strict := 0, 0, 0
	nets := trials.Count(100, 2000)
	for range nets {
		act := func() quiver.Activation { return acts[rng.IntN(len(acts))] }
		q, err := quiver.New(quiver.Input("x", 2), quiver.Hidden("h", 2, act()), quiver.Hidden("k", 3, act()), quiver.Output("y", 2, act()),
			quiver.Connect("x", "h"), quiver.Connect("h", "k"), quiver.Connect("x", "k"), quiver.Connect("k", "y"), quiver.Connect("h", "y"))
		require.NoError(t, err)
		w := quiver.Zero(q)
		for i := range w.Data() {
			w.Data()[i] = of(1, 1, 1e100)
		}
		x, dy := []float64{of(1, 1e-100), of(1, 1e-100)}, []float64{of(1, 1e150, 1e250), of(1, 1e250, 1e307)}
		grad, dx, err := w.VJP([]*mat.Dense{mat.NewDense(1, 2, x)}, []*mat.Dense{mat.NewDense(1, 2, dy)})
		require.NoError(t, err)
		arrows, inputs, ok := backward(w, map[string][]float64{"x": x}, map[string][]float64{"y": dy})
		require.True(t, ok)
		check := func(want []term, got []float64, where string) {
			for i, e := range want {
				require.True(t, e.allows(got[i]), "%s, entry %d is %v, in exact arithmetic %s, of terms of size %s\n%v", where, i, got[i], e.value.Text('g', 17), e.size.Text('g', 3), q)
				if got[i]-got[i] == 0 {
					right++
					continue
				}
				lost++
				if !e.allows(0) && !e.allows(math.MaxFloat64) && !e.allows(-math.MaxFloat64) {
					strict++ // what forgets the entry, or stops at the largest number, is not allowed
				}
			}
		}
		for name, want := range arrows {
			check(want, grad.Arrow(name).RawMatrix().Data, name)
		}
		check(inputs["x"], dx[0].RawMatrix().Data, "input")
	}
	assert.Greater(t, right, 15*nets)
	assert.Greater(t, lost, 2*nets)
	assert.Greater(t, strict, nets/3)
}

// TestGradientBehindAnInfinity: where z_v itself is beyond the largest number, the gradient is that of
// the infinity that stands for it, as VJP says, and not that of the number.
func TestGradientBehindAnInfinity(t *testing.T) {
	q, err := quiver.New(quiver.Input("x", 1), quiver.Hidden("h", 1, quiver.Identity), quiver.Output("y", 1, layers.Pointwise(layers.Tanh)), quiver.Connect("x", "h"), quiver.Connect("h", "y"))
	require.NoError(t, err)
	w := quiver.Zero(q)
	one := []*mat.Dense{mat.NewDense(1, 1, []float64{1})}
	for x, want := range map[float64][2]float64{ // of x and of the arrow into h
		1.5: {1 - math.Pow(math.Tanh(1.5), 2), (1 - math.Pow(math.Tanh(1.5), 2)) * 1.5e-308},
		2:   {0, 0}, // h is 2e308
	} {
		copy(w.Data(), []float64{1e308, 1e-308})
		grad, dx, err := w.VJP([]*mat.Dense{mat.NewDense(1, 1, []float64{x})}, one)
		require.NoError(t, err)
		assert.InDelta(t, want[0], dx[0].At(0, 0), 1e-15, "x = %v", x)
		assert.InDelta(t, want[1]*1e308, grad.Data()[0]*1e308, 1e-14, "x = %v", x)
		assert.Equal(t, x == 2, math.IsNaN(grad.Data()[1]), "x = %v: 0·∞", x)
	}
}
