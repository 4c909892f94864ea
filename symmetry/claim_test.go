package symmetry_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
)

// user is an activation of somebody else, given by its functions.
type user struct {
	name  string
	apply func(dst, z []float64)
	keeps bool // what Restrict says
}

func (u *user) String() string          { return u.name }
func (u *user) Apply(dst, z []float64)  { u.apply(dst, z) }
func (u *user) VJP(dst, z, g []float64) { numericVJP(u.apply, dst, z, g) }
func (u *user) Restrict(b *mat.Dense) (quiver.Activation, bool) {
	return u, u.keeps
}

// numericVJP stores Dρ(z)ᵀg by central differences.
func numericVJP(apply func(dst, z []float64), dst, z, g []float64) {
	up, down := make([]float64, len(z)), make([]float64, len(z))
	out := make([]float64, len(z))
	for i := range z {
		p, m := append([]float64(nil), z...), append([]float64(nil), z...)
		h := 1e-6 * (1 + math.Abs(z[i]))
		p[i] += h
		m[i] -= h
		apply(up, p)
		apply(down, m)
		floats.Sub(up, down)
		out[i] = floats.Dot(up, g) / (2 * h)
	}
	copy(dst, out)
}

func entrywise(f func(float64) float64) func(dst, z []float64) {
	return func(dst, z []float64) {
		for i, x := range z {
			dst[i] = f(x)
		}
	}
}

func scaling(f func(r float64) float64) func(dst, z []float64) {
	return func(dst, z []float64) {
		s := f(floats.Norm(z, 2))
		for i, x := range z {
			dst[i] = s * x
		}
	}
}

// withConstants says of itself that it has the Lipschitz constant and supremum given.
type withConstants struct {
	user
	lip, sup float64
}

func (w *withConstants) Restrict(*mat.Dense) (quiver.Activation, bool) { return w, true }
func (w *withConstants) Lipschitz(_, _ float64) (lip, sup float64)     { return w.lip, w.sup }

// withJet says of itself that it is radial.
type withJet struct {
	user
	lambda func(k int, r float64) float64
}

func (w *withJet) Restrict(*mat.Dense) (quiver.Activation, bool) { return w, true }
func (w *withJet) RadialJet(k int, r float64) float64            { return w.lambda(k, r) }

// withClosure says of itself that it keeps what its function returns.
type withClosure struct {
	user
	closure func(b *mat.Dense) (*mat.Dense, bool)
}

func (w *withClosure) Restrict(*mat.Dense) (quiver.Activation, bool) { return w, true }
func (w *withClosure) Closure(b *mat.Dense) (*mat.Dense, bool)       { return w.closure(b) }

// lawless is softsign, which says that it lets positive scales through.
type lawless struct{ softsign }

func (lawless) String() string { return "lawless" }
func (lawless) Group(int) symmetry.Group {
	return symmetry.Group{Kind: symmetry.PositiveMonomial, Degree: 1}
}

// TestFalseClaims: an activation that says of itself what is not true is an error that names the
// vertex, the activation and the method.
func TestFalseClaims(t *testing.T) {
	for _, tc := range []struct {
		act    quiver.Activation
		method string
		opts   []symmetry.Option
	}{
		{&user{"sine", entrywise(math.Sin), true}, "Restrict", nil},
		{&user{"sine", entrywise(math.Sin), true}, "Restrict", []symmetry.Option{symmetry.Rank(0)}},
		{&user{"sine", entrywise(math.Sin), true}, "Restrict", []symmetry.Option{symmetry.Tolerance(0.1)}},
		{&user{"one-norm", func(dst, z []float64) { floats.ScaleTo(dst, 1/(1+floats.Norm(z, 1)), z) }, true}, "Restrict", nil},
		{&user{"far", func(dst, z []float64) { // radial within |z| < 1, entry by entry beyond
			if floats.Norm(z, 2) < 1 {
				scaling(func(r float64) float64 { return 1 / (1 + r) })(dst, z)
			} else {
				entrywise(math.Tanh)(dst, z)
			}
		}, true}, "Restrict", nil},
		{&user{"shift", entrywise(func(x float64) float64 { return x + 0.1 }), true}, "Restrict", nil},
		{&withConstants{user{"steep", scaling(func(r float64) float64 { return math.Tanh(5*r) / (r + 1e-300) }), true}, 1, 1}, "Lipschitz", nil},
		{&withConstants{user{"tall", scaling(func(float64) float64 { return 3 }), true}, 3, 1}, "Lipschitz", []symmetry.Option{symmetry.Tolerance(0.2)}},
		{&withJet{user{"not its jet", scaling(func(r float64) float64 { return 1 / (1 + r) }), true}, func(int, float64) float64 { return 0.5 }}, "RadialJet", nil},
		{&withClosure{user{"narrow", entrywise(math.Tanh), true}, func(b *mat.Dense) (*mat.Dense, bool) {
			n, _ := b.Dims()
			return mat.DenseCopyOf(b.Slice(0, n, 0, 1)), true
		}}, "Closure", nil},
		{&withClosure{user{"long", entrywise(math.Tanh), true}, func(b *mat.Dense) (*mat.Dense, bool) {
			k := mat.DenseCopyOf(b)
			k.Scale(2, k)
			return k, true
		}}, "Closure", nil},
		{&withClosure{user{"too little", entrywise(math.Tanh), true}, func(b *mat.Dense) (*mat.Dense, bool) { return b, true }}, "Restrict", nil},
		{lawless{}, "Group", []symmetry.Option{symmetry.Pointwise()}},
	} {
		w := random(mlp(t, tc.act, 2, 9, 8, 2), 1)
		w.Scale(2)
		_, err := symmetry.Compress(w, tc.opts...)
		var claim *symmetry.ClaimError
		require.ErrorAs(t, err, &claim, tc.act.String())
		assert.Equal(t, tc.method, claim.Method, err)
		assert.Contains(t, []string{"h1", "h2"}, claim.Vertex)
		assert.Equal(t, tc.act.String(), claim.Activation)
		for _, word := range []string{claim.Vertex, claim.Activation, claim.Method} {
			assert.Contains(t, err.Error(), word)
		}
		if tc.method == "Restrict" { // vertices that are left alone rest on no claim
			c, err := symmetry.Compress(w, symmetry.Keep("h1", "h2"))
			require.NoError(t, err, tc.act.String())
			assert.Zero(t, c.Certificate.Gap)
		}
	}
}

// TestTrueClaims: activations of a user that say what is true are compressed like those of the
// catalogue.
func TestTrueClaims(t *testing.T) {
	soft := func(r float64) float64 { return 1 / (1 + r) }
	step := func(r float64) float64 { // jumps at the unit sphere
		if r < 1 {
			return 0
		}
		return 1
	}
	for _, act := range []quiver.Activation{
		&user{"soft", scaling(soft), true},
		&user{"step", scaling(step), true},
		&user{"steep", scaling(func(r float64) float64 { return math.Tanh(1e6*r) / (r + 1e-300) }), true},
		&withConstants{user{"soft", scaling(soft), true}, 1, 1},
		&withJet{user{"soft", scaling(soft), true}, func(k int, r float64) float64 {
			if k == 0 {
				return soft(r)
			}
			return -soft(r) * soft(r) / r
		}},
		layers.Blocks(layers.Squash, 4, 5),
	} {
		w := random(must(quiver.New(quiver.Input("x", 2), quiver.Bias("one"), quiver.Hidden("h", 9, act), quiver.Output("y", 2, nil),
			quiver.Connect("x", "h"), quiver.Connect("one", "h"), quiver.Connect("h", "y")))(t), 1)
		w.Scale(2)
		c := compress(t, w)
		assert.Less(t, widths(c, "h")[0], 9, act.String())
		assert.True(t, c.Certificate.Exact, c)
		assert.LessOrEqual(t, gap(t, w, c.Reduced, inputs(w.Quiver(), 20, 1)...), 1e-12, act.String())
		assert.LessOrEqual(t, c.Certificate.Gap, c.Certificate.Rounding)
	}
}

// TestSmallLies: an activation that leaves its subspace by less than a claim can be tested to is
// caught by the outputs: the vertex stays.
func TestSmallLies(t *testing.T) {
	lie := &user{"almost", func(dst, z []float64) {
		s := 1 / (1 + floats.Norm(z, 2))
		for i, x := range z {
			dst[i] = s*x + 1e-9*math.Sin(x)*s
		}
	}, true}
	w := random(mlp(t, lie, 2, 9, 2), 1)
	c := compress(t, w)
	assert.Equal(t, []int{9}, widths(c, "h1"))
	assert.Zero(t, c.Certificate.Gap)
	assert.Contains(t, c.String(), "more than rounding explains")
	honest := &user{"honest", scaling(func(r float64) float64 { return 1 / (1 + r) }), true}
	assert.Equal(t, []int{3}, widths(compress(t, random(mlp(t, honest, 2, 9, 2), 1)), "h1"))
}

// drifting gives another value at each call.
type drifting struct{ calls *int }

func (drifting) String() string { return "drifting" }
func (d drifting) Apply(dst, z []float64) {
	*d.calls++
	for i, x := range z {
		dst[i] = x + float64(*d.calls)*1e-3
	}
}
func (d drifting) VJP(dst, z, g []float64)                       { copy(dst, g) }
func (d drifting) Restrict(*mat.Dense) (quiver.Activation, bool) { return nil, false }

// TestNoFunction: what is no function cannot have a certificate.
func TestNoFunction(t *testing.T) {
	w := random(mlp(t, drifting{new(int)}, 2, 3, 1), 1)
	_, err := symmetry.Compress(w)
	var gap *symmetry.GapError
	require.ErrorAs(t, err, &gap)
	assert.Greater(t, gap.Gap, gap.Rounding)
}

// TestCatalogueClaims: what the catalogue says of itself passes, small, large and between.
func TestCatalogueClaims(t *testing.T) {
	fs := append(layers.Catalogue(), layers.LeakyReLU(0.1), layers.Power(3), layers.Power(0.5))
	var all []quiver.Activation
	for _, f := range fs {
		all = append(all, layers.Radial(f), layers.Radial(layers.Shift(f, 0.3)), layers.Radial(layers.Shift(f, -0.4)), layers.DeadZone(layers.Radial(f), 0.2), layers.Blocks(f, 3, 6), layers.Trainable(f, 0.2, 1.3))
		if f.String() != layers.Power(0.5).String() {
			all = append(all, layers.Pointwise(f), layers.Pointwise(layers.Shift(f, 0.3)))
		}
	}
	all = append(all, layers.RMSNorm(9, 1e-5), layers.RMSNorm(4, 0.1), layers.Rescaling("onenorm", layers.OneNorm{}), layers.Gain(layers.RMSNorm(9, 1e-3), true), quadraticOn(9))
	for _, act := range all {
		for k, size := range []float64{1e-3, 0.3, 2, 15} {
			w := random(must(quiver.New(quiver.Input("x", 2), quiver.Bias("one"), quiver.Hidden("h", 9, act), quiver.Output("y", 2, nil),
				quiver.Connect("x", "h"), quiver.Connect("one", "h"), quiver.Connect("h", "y")))(t), uint64(k))
			w.Scale(size)
			_, err := symmetry.Compress(w, symmetry.MeasureOn(inputs(w.Quiver(), 12, uint64(k))...))
			assert.NoError(t, err, "%s at size %g", act, size)
		}
	}
}
