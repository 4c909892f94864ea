package quiver_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// cubes are z ↦ a·z³, entry by entry, on one dimension only: any other length is a panic. The
// subspace of pairs of equal entries is kept, and in its orthonormal coordinates w the same
// function with half the factor is induced: (1/√2)³·2/√2·… = ½.
type cubes struct {
	a   float64
	dim int
}

func (c cubes) String() string { return fmt.Sprintf("cubes(%v,%d)", c.a, c.dim) }

func (c cubes) sized(vs ...[]float64) {
	for _, v := range vs {
		if len(v) != c.dim {
			panic(fmt.Sprintf("%d numbers, want %d", len(v), c.dim))
		}
	}
}

func (c cubes) Apply(dst, z []float64) { c.ApplyP(dst, z, []float64{1}) }

func (c cubes) VJP(dst, z, g []float64) { c.VJPP(dst, []float64{0}, z, g, []float64{1}) }

func (c cubes) Restrict(*mat.Dense) (quiver.Activation, bool) { return nil, false }

func (c cubes) ApplyP(dst, z, p []float64) {
	c.sized(dst, z)
	for i, x := range z {
		dst[i] = c.a * p[0] * x * x * x
	}
}

func (c cubes) VJPP(dst, dp, z, g, p []float64) {
	c.sized(dst, z, g)
	for i, x := range z {
		dp[0] += c.a * x * x * x * g[i]
		dst[i] = 3 * c.a * p[0] * x * x * g[i]
	}
}

func (c cubes) JVP(dst, z, u []float64) {
	c.sized(dst, z, u)
	for i, x := range z {
		dst[i] = 3 * c.a * x * x * u[i]
	}
}

func (c cubes) VJP2(dst, z, g, u []float64) {
	c.sized(dst, z, g, u)
	for i, x := range z {
		dst[i] = 6 * c.a * x * g[i] * u[i]
	}
}

func (c cubes) VJP2P(dz, dg, dp, z, g, p, u, v []float64) {
	c.sized(dz, dg, z, g, u)
	for i, x := range z {
		dp[0] += 3 * c.a * x * x * g[i] * u[i]
		dz[i] = 6*c.a*p[0]*x*g[i]*u[i] + 3*c.a*v[0]*x*x*g[i]
		dg[i] = 3*c.a*p[0]*x*x*u[i] + c.a*v[0]*x*x*x
	}
}

// The kinds of activations differ in what they say of themselves.
type (
	plainCubes       struct{ quiver.Activation }
	secondCubes      struct{ quiver.SecondOrder }
	paramCubes       struct{ quiver.Parametric }
	paramSecondCubes struct{ quiver.ParametricSecondOrder }
)

func (cubes) NumParams(int) int      { return 1 }
func (cubes) InitParams(p []float64) { p[0] = 1 }

// everyCall calls all that an activation may have, and returns what came out, by method.
func everyCall(a quiver.Activation, z, g, u []float64) map[string][]float64 {
	got := make(map[string][]float64)
	p, v := []float64{0.7}, []float64{-1.3}
	fresh := func(name string, n int) []float64 {
		d := make([]float64, n)
		for i := range d {
			d[i] = 0.25 // what is stored must not depend on it, what is added must
		}
		got[name] = d
		return d
	}
	n := len(z)
	a.Apply(fresh("Apply", n), z)
	a.VJP(fresh("VJP", n), z, g)
	if a, ok := a.(quiver.SecondOrder); ok {
		a.JVP(fresh("JVP", n), z, u)
		a.VJP2(fresh("VJP2", n), z, g, u)
	}
	if a, ok := a.(quiver.Parametric); ok {
		a.InitParams(fresh("InitParams", a.NumParams(n)))
		a.ApplyP(fresh("ApplyP", n), z, p)
		a.VJPP(fresh("VJPP", n), fresh("VJPP dp", 1), z, g, p)
	}
	if a, ok := a.(quiver.ParametricSecondOrder); ok {
		a.VJP2P(fresh("VJP2P dz", n), fresh("VJP2P dg", n), fresh("VJP2P dp", 1), z, g, p, u, v)
	}
	return got
}

// TestRestrictionOfEveryKind: what is induced on a subspace is an activation of the same kind, with
// all its derivatives, and on the subspace of dimension 0 nothing is asked of the activation.
func TestRestrictionOfEveryKind(t *testing.T) {
	h := math.Sqrt(0.5)
	b := mat.NewDense(6, 3, []float64{h, 0, 0, 0, h, 0, 0, h, 0, 0, 0, h, h, 0, 0, 0, 0, h})
	z, g, u := []float64{0.3, -1.1, 2}, []float64{1, 0.4, -0.7}, []float64{-0.6, 0.9, 0.2}
	for what, kind := range map[string]struct {
		of    func(c cubes) quiver.Activation
		calls int
	}{
		"plain":                   {func(c cubes) quiver.Activation { return plainCubes{c} }, 2},
		"second order":            {func(c cubes) quiver.Activation { return secondCubes{c} }, 4},
		"parametric":              {func(c cubes) quiver.Activation { return paramCubes{c} }, 6},
		"parametric second order": {func(c cubes) quiver.Activation { return paramSecondCubes{c} }, 9},
	} {
		induced := quiver.Restricted(kind.of(cubes{2, 6}), b)
		for range 2 { // the second time with memory that was used before
			got := everyCall(induced, z, g, u)
			want := everyCall(kind.of(cubes{1, 3}), z, g, u)
			assert.Len(t, want, kind.calls, what)
			require.Len(t, got, len(want), "%s: %v", what, got)
			other := everyCall(kind.of(cubes{2, 3}), z, g, u)
			for call := range want {
				assert.InDeltaSlice(t, want[call], got[call], 1e-14, "%s: %s", what, call)
				if call != "InitParams" {
					assert.NotEqual(t, want[call], other[call], "%s: %s sees the factor", what, call)
				}
			}
		}
		for call, d := range everyCall(quiver.Restricted(kind.of(cubes{2, 6}), &mat.Dense{}), nil, nil, nil) {
			for _, x := range d {
				if call != "InitParams" {
					assert.Equal(t, 0.25, x, "%s: %s on dimension 0 changes nothing", what, call)
				}
			}
		}
		for call, f := range map[string]func(){
			"argument": func() { induced.Apply(make([]float64, 3), z[:2]) },
			"result":   func() { induced.Apply(make([]float64, 4), z) },
		} {
			func() {
				defer func() {
					err, _ := recover().(error)
					require.ErrorAs(t, err, new(*quiver.ShapeError), "%s: %s", what, call)
				}()
				f()
			}()
		}
	}
}

// TestIdentityAsBasis: the restriction to the whole space in the coordinates that are there is the
// activation itself; a permutation, a reflection and a part of the space are not.
func TestIdentityAsBasis(t *testing.T) {
	inner := plainCubes{cubes{1, 2}}
	for what, b := range map[string]*mat.Dense{
		"permutation": mat.NewDense(2, 2, []float64{0, 1, 1, 0}),
		"reflection":  mat.NewDense(2, 2, []float64{1, 0, 0, -1}),
		"rotation":    mat.NewDense(2, 2, []float64{0.6, -0.8, 0.8, 0.6}),
		"line":        mat.NewDense(2, 1, []float64{1, 0}),
		"point":       {},
		"almost":      mat.NewDense(2, 2, []float64{1, 1e-9, -1e-9, 1}),
	} {
		_, ok := quiver.Restricted(inner, b).(quiver.Restriction)
		assert.True(t, ok, what)
	}
	assert.Equal(t, inner, quiver.Restricted(inner, eye(2)))
	assert.Equal(t, inner, quiver.Restricted(inner, eye(1)))
}

// TestRestrictionComposes: Restrict of a restriction asks the activation inside for the product of
// the bases, and refuses a basis of another dimension.
func TestRestrictionComposes(t *testing.T) {
	var asked *mat.Dense
	inner := asks{plainCubes{cubes{1, 3}}, &asked}
	b := mat.NewDense(3, 2, []float64{0.6, 0, 0.8, 0, 0, 1})
	c := mat.NewDense(2, 1, []float64{0.6, 0.8})
	r := quiver.Restricted(inner, b)
	_, ok := r.Restrict(c)
	require.True(t, ok)
	var want mat.Dense
	want.Mul(b, c)
	assert.True(t, mat.EqualApprox(&want, asked, 1e-15))
	assert.False(t, mat.EqualApprox(b, asked, 1e-3))
	_, ok = r.Restrict(mat.NewDense(3, 1, []float64{1, 0, 0}))
	assert.False(t, ok, "a basis in the large space is none in the small one")
	line := mat.NewDense(3, 1, []float64{0, 0.6, 0.8})
	_, ok = quiver.Restricted(inner, line).Restrict(mat.NewDense(1, 1, []float64{-1}))
	require.True(t, ok)
	assert.Equal(t, []float64{0, -0.6, -0.8}, asked.RawMatrix().Data, "a line turned round")
	_, ok = quiver.Restricted(inner, &mat.Dense{}).Restrict(mat.NewDense(1, 1, []float64{1}))
	assert.False(t, ok, "a point has no lines")
	for _, point := range []quiver.Activation{r, quiver.Restricted(inner, &mat.Dense{})} {
		asked = nil
		_, ok = point.Restrict(&mat.Dense{})
		require.True(t, ok)
		assert.True(t, asked.IsEmpty())
	}
	lip, sup := r.(quiver.Lipschitz).Lipschitz(0, 1)
	assert.True(t, math.IsInf(lip, 1) && math.IsInf(sup, 1), "cubes say nothing of their constants")
	lip, sup = quiver.Restricted(quiver.Identity, b).(quiver.Lipschitz).Lipschitz(0, 5)
	assert.Equal(t, []float64{1, 5}, []float64{lip, sup})
}

// asks notes to what it is restricted.
type asks struct {
	quiver.Activation
	basis **mat.Dense
}

func (a asks) Restrict(b *mat.Dense) (quiver.Activation, bool) { *a.basis = b; return a, true }

// TestRestrictionsOfAPoint: of the subspace of dimension 0 there is no subspace but itself.
func TestRestrictionsOfAPoint(t *testing.T) {
	point := quiver.Restricted(squash{}, &mat.Dense{})
	again, ok := quiver.Restricted(point, &mat.Dense{}).(quiver.Restriction)
	require.True(t, ok)
	again.Apply(nil, nil)
	defer func() {
		err, _ := recover().(error)
		require.ErrorAs(t, err, new(*quiver.ShapeError))
	}()
	quiver.Restricted(point, mat.NewDense(2, 1, []float64{0.6, 0.8}))
}
