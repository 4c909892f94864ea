package layers

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

func columns(n int, cols ...int) *mat.Dense {
	b := mat.NewDense(n, len(cols), nil)
	for j, i := range cols {
		b.Set(i, j, 1)
	}
	return b
}

// restricted checks that r is w ↦ bᵀa(bw), values and derivatives, and that a keeps span b.
func restricted(t *testing.T, a, r quiver.Activation, b *mat.Dense) {
	t.Helper()
	rng := newRand(41)
	_, k := b.Dims()
	for range 10 {
		w, g := gaussian(rng, k), gaussian(rng, k)
		x, h := times2(b, w), times2(b, g)
		up := apply(a, x)
		require.LessOrEqualf(t, relative(times2(b.T(), up), apply(r, w)), 1e-13, "%s", a)
		require.LessOrEqualf(t, relative(up, times2(b, apply(r, w))), 1e-13, "%s leaves the subspace", a)
		require.InDeltaSlicef(t, times2(b.T(), vjp(a, x, h)), vjp(r, w, g), 1e-12*(1+norm(vjp(a, x, h))), "%s", a)
	}
}

// TestRestrictOnAnySubspace: radial and rescaling activations keep every subspace.
func TestRestrictOnAnySubspace(t *testing.T) {
	rng := newRand(42)
	for _, k := range []int{1, 2, 5} {
		b := frame(rng, 5, k)
		for _, a := range append(radials(), quiver.Identity, Rescaling("onenorm", OneNorm{}), quadratic3(5), Quadratic(Sigmoid, nil, ramp(5), 0.3)) {
			r, ok := a.Restrict(b)
			require.True(t, ok, a)
			restricted(t, a, r, b)
			again, ok := r.Restrict(frame(rng, k, 1))
			require.True(t, ok)
			require.NotNil(t, again)
		}
	}
}

// TestOldFormulaOnTheSmallSpaceIsWrong is the control: a rescaling that is not radial must be restricted.
func TestOldFormulaOnTheSmallSpaceIsWrong(t *testing.T) {
	rng := newRand(43)
	b := frame(rng, 5, 2)
	w := gaussian(rng, 2)
	onenorm := Rescaling("onenorm", OneNorm{})
	assert.Greater(t, relative(times2(b.T(), apply(onenorm, times2(b, w))), apply(onenorm, w)), 1e-3)
	radial := Radial(Tanh)
	assert.Less(t, relative(times2(b.T(), apply(radial, times2(b, w))), apply(radial, w)), 1e-14)
}

// TestQuadraticRestrictsInClosedForm, with a name that Parse reads.
func TestQuadraticRestrictsInClosedForm(t *testing.T) {
	a := quadratic3(4)
	r, ok := a.Restrict(frame(newRand(44), 4, 2))
	require.True(t, ok)
	_, isRestriction := r.(quiver.Restriction)
	assert.False(t, isRestriction)
	back, err := Parse(r.String())
	require.NoError(t, err)
	w := []float64{0.3, -1.2}
	assert.Equal(t, apply(r, w), apply(back, w))
	same, ok := a.Restrict(columns(4, 0, 1, 2, 3))
	require.True(t, ok)
	assert.Equal(t, a.String(), same.String())
	_, ok = a.Restrict(frame(newRand(44), 3, 2))
	assert.False(t, ok, "another dimension")
	empty, ok := a.Restrict(&mat.Dense{})
	require.True(t, ok)
	assert.Empty(t, apply(empty, nil))
	_, isRestriction = must(t)(Rescaling("onenorm", OneNorm{}).Restrict(frame(newRand(44), 4, 2))).(quiver.Restriction)
	assert.True(t, isRestriction, "no closed form: it carries its basis")
}

func must(t *testing.T) func(quiver.Activation, bool) quiver.Activation {
	return func(a quiver.Activation, ok bool) quiver.Activation {
		require.True(t, ok)
		return a
	}
}

// TestPointwiseKeepsCoordinates only, and only where h(0) = 0.
func TestPointwiseKeepsCoordinates(t *testing.T) {
	rng := newRand(45)
	for _, h := range []Func{ReLU, Tanh, GELU, Sin, Square} {
		a := Pointwise(h)
		for _, b := range []*mat.Dense{columns(4, 1), columns(4, 3, 0), columns(4, 2, 1, 3, 0)} {
			restricted(t, a, must(t)(a.Restrict(b)), b)
		}
		for _, b := range []*mat.Dense{frame(rng, 4, 2), frame(rng, 4, 4), mat.NewDense(4, 1, []float64{0, -1, 0, 0})} {
			_, ok := a.Restrict(b)
			assert.False(t, ok, h)
		}
		_, ok := a.Restrict(&mat.Dense{})
		assert.True(t, ok)
		b := mat.NewDense(4, 2, []float64{0.6, 0, 0.8, 0, 0, 0, 0, 1})
		c, ok := a.(quiver.Closer).Closure(b)
		require.True(t, ok)
		assert.True(t, mat.Equal(columns(4, 0, 1, 3), c))
		c, ok = a.(quiver.Closer).Closure(&mat.Dense{})
		assert.True(t, ok && c.IsEmpty())
	}
	for _, h := range []Func{Sigmoid, Softplus, Exp, Unit} { // a dead coordinate carries h(0)
		a := Pointwise(h)
		_, ok := a.Restrict(columns(4, 1, 2))
		assert.False(t, ok, h)
		_, ok = a.Restrict(&mat.Dense{})
		assert.False(t, ok, h)
		_, ok = a.(quiver.Closer).Closure(columns(4, 1, 2))
		assert.False(t, ok, h)
		for _, b := range []*mat.Dense{columns(3, 0, 1, 2), columns(3, 2, 0, 1)} { // all of it, in any order
			restricted(t, a, must(t)(a.Restrict(b)), b)
		}
		x := apply(a, make([]float64, 2))
		assert.NotZero(t, x[0])
	}
}

// TestBlocksRestrictBlockByBlock.
func TestBlocksRestrictBlockByBlock(t *testing.T) {
	rng := newRand(46)
	a := Blocks(Tanh, 3, 1, 4)
	closer := a.(quiver.Closer)
	for _, k := range []int{1, 2, 3} {
		b := frame(rng, 8, k)
		_, ok := a.Restrict(b)
		assert.False(t, ok, "a mixed subspace is not kept")
		c, ok := closer.Closure(b)
		require.True(t, ok)
		_, d := c.Dims()
		assert.Equal(t, min(k, 3)+min(k, 1)+min(k, 4), d)
		restricted(t, a, must(t)(a.Restrict(c)), c)
		var left, p mat.Dense // it contains span b, and its columns are orthonormal
		p.Mul(c.T(), b)
		left.Mul(c, &p)
		left.Sub(&left, b)
		assert.Less(t, mat.Norm(&left, 2), 1e-14)
		var gram mat.Dense
		gram.Mul(c.T(), c)
		assert.True(t, mat.EqualApprox(&gram, mat.NewDiagDense(d, ones(d)), 1e-14))
		again, ok := closer.Closure(c)
		require.True(t, ok)
		_, e := again.Dims()
		assert.Equal(t, d, e, "the closure of a closure is itself")
	}
	r := must(t)(a.Restrict(columns(8, 0, 2, 5)))
	assert.Equal(t, "blocks(tanh,2,1)", r.String())
	_, ok := a.Restrict(columns(8, 5, 0))
	assert.False(t, ok, "blocks out of order")
	c, ok := closer.Closure(columns(8, 5, 0))
	require.True(t, ok)
	restricted(t, a, must(t)(a.Restrict(c)), c)
	_, ok = closer.Closure(frame(rng, 5, 2))
	assert.False(t, ok, "another dimension")
	c, ok = closer.Closure(&mat.Dense{})
	assert.True(t, ok && c.IsEmpty())
}

func ones(n int) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = 1
	}
	return v
}

// TestBlocksOfSizeOneArePointwise for odd functions: h(|x|)/|x|·x = h(x).
func TestBlocksOfSizeOneArePointwise(t *testing.T) {
	v := gaussian(newRand(47), 4)
	for _, h := range []Func{Tanh, Arctan, Sin, Power(3)} {
		assert.LessOrEqual(t, relative(apply(Pointwise(h), v), apply(Blocks(h, 1, 1, 1, 1), v)), 1e-15, h)
	}
	assert.Greater(t, relative(apply(Pointwise(Square), v), apply(Blocks(Square, 1, 1, 1, 1), v)), 0.1, "square is even")
}

// TestWrongDimensionPanics with a typed value, instead of leaving entries unwritten.
func TestWrongDimensionPanics(t *testing.T) {
	for _, a := range []quiver.Activation{Blocks(Tanh, 2, 3), quadratic3(5)} {
		for _, n := range []int{4, 6} {
			for _, f := range []func(){func() { a.Apply(make([]float64, n), make([]float64, n)) }, func() { a.VJP(make([]float64, n), make([]float64, n), make([]float64, n)) }} {
				err := panicOf(f)
				var e *DimensionError
				require.ErrorAs(t, err, &e)
				assert.Equal(t, [2]int{n, 5}, [2]int{e.Dim, e.Want})
			}
		}
	}
}

func panicOf(f func()) (err error) {
	defer func() { err, _ = recover().(error) }()
	f()
	return nil
}

// TestDimensionZero: there is nothing to do, whatever the activation.
func TestDimensionZero(t *testing.T) {
	for _, a := range everything(3) {
		assert.Empty(t, apply(a, nil), a)
		assert.Empty(t, vjp(a, nil, nil), a)
		if s, ok := a.(quiver.SecondOrder); ok {
			s.JVP(nil, nil, nil)
			s.VJP2(nil, nil, nil, nil)
		}
	}
}

// TestRMSNormKeepsItsWidth: with the reduced d in place of the constant the function changes.
func TestRMSNormKeepsItsWidth(t *testing.T) {
	rng := newRand(48)
	a, b := RMSNorm(16, 1e-5), frame(rng, 16, 3)
	w := gaussian(rng, 3)
	r := must(t)(a.Restrict(b))
	want := times2(b.T(), apply(a, times2(b, w)))
	assert.LessOrEqual(t, relative(want, apply(r, w)), 1e-14)
	assert.Greater(t, relative(want, apply(RMSNorm(3, 1e-5), w)), 0.5)
	var ms float64 // and it is v/√(mean v² + ε)
	v := gaussian(rng, 16)
	for _, x := range v {
		ms += x * x / 16
	}
	for i, y := range apply(a, v) {
		assert.InDelta(t, v[i]/math.Sqrt(ms+1e-5), y, 1e-14)
	}
}
