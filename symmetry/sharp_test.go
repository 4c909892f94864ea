package symmetry_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
)

// triple is the rescaling 3z, which knows its constants.
type triple struct{}

func (triple) String() string { return "triple" }
func (triple) Apply(dst, z []float64) {
	for i, x := range z {
		dst[i] = 3 * x
	}
}
func (triple) VJP(dst, z, g []float64)                         { triple{}.Apply(dst, g) }
func (t triple) Restrict(*mat.Dense) (quiver.Activation, bool) { return t, true }
func (triple) Lipschitz(_, hi float64) (lip, sup float64)      { return 3, 3 * hi }

// TestSharpBound: for each term of the bound a network in which nothing else would do: the true gap
// is the bound, or what the bound would be without the term lies below the gap. In all of them h
// takes (2x₁, x₂) and loses x₂, so the error there is x₂ = 1 at the input (0, 1).
func TestSharpBound(t *testing.T) {
	chain := func(k, y int, act, out quiver.Activation) *quiver.Rep {
		w := quiver.Zero(must(quiver.New(quiver.Input("x", 2), quiver.Bias("one"), quiver.Hidden("h", 2, quiver.Identity), quiver.Hidden("k", k, act), quiver.Output("y", y, out),
			quiver.Connect("x", "h"), quiver.Connect("h", "k"), quiver.Connect("one", "k"), quiver.Connect("k", "y"), quiver.Connect("one", "y")))(t))
		w.Arrow("x->h").Copy(mat.NewDense(2, 2, []float64{2, 0, 0, 1}))
		return w
	}
	set := func(w *quiver.Rep, name string, x ...float64) {
		m := w.Arrow(name)
		r, c := m.Dims()
		m.Copy(mat.NewDense(r, c, x))
	}
	ones := func(n int) []float64 {
		x := make([]float64, n)
		for i := range x {
			x[i] = 1
		}
		return x
	}
	for _, tc := range []struct {
		name  string
		w     func() *quiver.Rep
		exact float64 // the gap by hand
		loose float64 // bound/gap at most
	}{
		{"relative to the true output, not to the reduced one", func() *quiver.Rep {
			w := chain(1, 1, quiver.Identity, nil)
			set(w, "h->k", 0, -1)
			set(w, "k->y", 1)
			set(w, "one->y", 4) // F = 4 − 1, reduced 4
			return w
		}, 1. / 3, 1 + 1e-9},
		{"the norm of a matrix behind the cut", func() *quiver.Rep {
			w := chain(2, 1, quiver.Identity, nil)
			set(w, "h->k", 1, 0, 0, 3)
			set(w, "k->y", 0, 1)
			set(w, "one->y", 10) // F = 13
			return w
		}, 3. / 13, (3. / 7) / (3. / 13) * (1 + 1e-9)},
		{"the Lipschitz constant of an activation", func() *quiver.Rep {
			w := chain(1, 1, triple{}, nil)
			set(w, "h->k", 0, -1)
			set(w, "k->y", 1)
			set(w, "one->y", 9) // F = 6
			return w
		}, 0.5, 1 + 1e-9},
		{"the Lipschitz constant of an output", func() *quiver.Rep {
			w := chain(1, 1, quiver.Identity, triple{})
			set(w, "h->k", 0, -1)
			set(w, "k->y", 1)
			set(w, "one->y", 2) // F = 3, reduced 6
			return w
		}, 1, 1 + 1e-9},
		{"the supremum beside the constant", func() *quiver.Rep {
			w := chain(1, 1, layers.Radial(layers.Tanh), nil)
			set(w, "h->k", 0, -3)
			set(w, "k->y", 1)
			set(w, "one->y", 4) // F = 4 − tanh 3
			return w
		}, math.Tanh(3) / (4 - math.Tanh(3)), 1 + 1e-9},
		{"both values beside the constant", func() *quiver.Rep {
			w := chain(1, 1, layers.Radial(layers.Tanh), nil)
			set(w, "h->k", 0, -40)
			set(w, "one->k", 20) // from tanh 20 to −tanh 20
			set(w, "k->y", 1)
			set(w, "one->y", 3) // F = 2, reduced 4
			return w
		}, 1, 1 + 1e-9},
		{"the lower end of the shell, where a jump lies", func() *quiver.Rep {
			w := chain(1, 1, layers.Radial(layers.StepReLU), nil)
			set(w, "h->k", 0, -0.5)
			set(w, "one->k", 1.2) // from 1.2 to 0.7, which the step makes 0
			set(w, "k->y", 1)
			set(w, "one->y", 10)
			return w
		}, 1.2 / 10, 3.5},
		{"the upper end of the shell, where the slope grows", func() *quiver.Rep {
			w := chain(1, 1, layers.Radial(layers.Power(2)), nil)
			set(w, "h->k", 0, 1)
			set(w, "one->k", 1) // from 1 to 2, and 4
			set(w, "k->y", -1)
			set(w, "one->y", 20) // F = 16
			return w
		}, 3. / 16, 1.7},
		{"a matrix too large for its singular values: ones in a column, then in a row", func() *quiver.Rep {
			w := chain(2000, 1, quiver.Identity, nil)
			for i := range 2000 {
				w.Arrow("h->k").Set(i, 1, -1)
			}
			set(w, "k->y", ones(2000)...)
			set(w, "one->y", 4000) // F = 2000
			return w
		}, 1, 1 + 1e-9},
	} {
		w := tc.w()
		x := mat.NewDense(1, 2, []float64{0, 1})
		c := compress(t, w, symmetry.Widths(map[string]int{"h": 1}), symmetry.Keep("k"), symmetry.MeasureOn(x))
		require.False(t, c.Certificate.Exact, tc.name)
		g := gap(t, w, c.Reduced, x)
		assert.InEpsilon(t, tc.exact, g, 1e-9, tc.name)
		bound := must(c.BoundOn(x))(t)
		assert.GreaterOrEqual(t, bound*(1+1e-12), g, tc.name)
		assert.LessOrEqual(t, bound, tc.loose*g, tc.name)
		assert.Equal(t, bound, c.Certificate.Bound, tc.name)
	}
}

// TestSharpLoss: what a cut loses of several inputs at once is |x| times the norm of what is cut.
func TestSharpLoss(t *testing.T) {
	w := quiver.Zero(must(quiver.New(quiver.Input("x", 1), quiver.Input("u", 1), quiver.Bias("one"), quiver.Hidden("h", 2, quiver.Identity), quiver.Output("y", 1, nil),
		quiver.Connect("x", "h"), quiver.Connect("u", "h"), quiver.Connect("h", "y"), quiver.Connect("one", "y")))(t))
	w.Arrow("x->h").Copy(mat.NewDense(2, 1, []float64{8, 0.6}))
	w.Arrow("u->h").Copy(mat.NewDense(2, 1, []float64{-6, 0.8}))
	w.Arrow("h->y").Copy(mat.NewDense(1, 2, []float64{0, -1}))
	w.Arrow("one->y").Set(0, 0, 4)
	x, u := column(0.6), column(0.8) // 8·0.6 = 6·0.8, and 0.6² + 0.8² = 1
	c := compress(t, w, symmetry.Widths(map[string]int{"h": 1}), symmetry.MeasureOn(x, u))
	bound := must(c.BoundOn(x, u))(t)
	assert.InEpsilon(t, 1./3, gap(t, w, c.Reduced, x, u), 1e-9)
	assert.InEpsilon(t, 1./3, bound, 1e-9)

	// Two errors on the way to one vertex add.
	v := quiver.Zero(must(quiver.New(quiver.Input("x", 2), quiver.Bias("one"), quiver.Hidden("h", 2, quiver.Identity), quiver.Hidden("g", 2, quiver.Identity), quiver.Output("y", 1, nil),
		quiver.Connect("x", "h"), quiver.Connect("x", "g"), quiver.Connect("h", "y"), quiver.Connect("g", "y"), quiver.Connect("one", "y")))(t))
	for _, name := range []string{"x->h", "x->g"} {
		v.Arrow(name).Copy(mat.NewDense(2, 2, []float64{2, 0, 0, 1}))
	}
	v.Arrow("h->y").Copy(mat.NewDense(1, 2, []float64{0, -1}))
	v.Arrow("g->y").Copy(mat.NewDense(1, 2, []float64{0, -2}))
	v.Arrow("one->y").Set(0, 0, 5)
	at := mat.NewDense(1, 2, []float64{0, 1})
	c = compress(t, v, symmetry.Widths(map[string]int{"h": 1, "g": 1}), symmetry.MeasureOn(at))
	assert.InEpsilon(t, 1.5, gap(t, v, c.Reduced, at), 1e-9)
	assert.InEpsilon(t, 1.5, must(c.BoundOn(at))(t), 1e-9)
}

// TestSharpRounding: where large terms cancel before a vertex whose value is small, nothing but the
// rounding of the sum explains the gap.
func TestSharpRounding(t *testing.T) {
	worst := 0.0
	for seed := range uint64(20) {
		w := random(mlp(t, tanh, 2, 9, 1), seed)
		m := w.Arrow("x->h1")
		for i := range 9 {
			m.Set(i, 0, 1e8*m.At(i, 1)+m.At(i, 0))
			m.Set(i, 1, -1e8*m.At(i, 1))
		}
		x := mat.NewDense(1, 2, []float64{1, 1})
		c := compress(t, w, symmetry.MeasureOn(x))
		require.True(t, c.Certificate.Exact)
		g, bound := gap(t, w, c.Reduced, x), must(c.BoundOn(x))(t)
		assert.LessOrEqual(t, g, bound)
		assert.LessOrEqual(t, c.Certificate.Gap, c.Certificate.Rounding)
		worst = max(worst, g)
	}
	assert.Greater(t, worst, 1e-10, "the rounding of the activation alone would not explain it")
}
