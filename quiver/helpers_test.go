package quiver_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// squash is v ↦ |v|/(1+|v|²)·v.
type squash struct{}

func (squash) String() string { return "squash" }

func (squash) Apply(dst, z []float64) {
	s := 0.0
	for _, x := range z {
		s += x * x
	}
	l := math.Sqrt(s) / (1 + s)
	for i, x := range z {
		dst[i] = l * x
	}
}

func (squash) VJP(dst, z, g []float64) {
	s, zg := 0.0, 0.0
	for i, x := range z {
		s += x * x
		zg += x * g[i]
	}
	r := math.Sqrt(s)
	if r == 0 {
		clear(dst)
		return
	}
	l, d := r/(1+s), (1-s)/((1+s)*(1+s))/r
	for i, x := range z {
		dst[i] = l*g[i] + d*zg*x
	}
}

func (squash) Restrict(*mat.Dense) (quiver.Activation, bool) { return squash{}, true }

// gate is v ↦ p·v with a trainable p, and a rescaling that is not radial:
// 1/(1+v₁²)·v restricted needs its basis.
type gate struct{}

func (gate) String() string           { return "gate" }
func (gate) NumParams(int) int        { return 1 }
func (gate) InitParams(p []float64)   { p[0] = 2 }
func (g gate) Apply(dst, z []float64) { g.ApplyP(dst, z, []float64{2}) }
func (g gate) VJP(dst, z, u []float64) {
	g.VJPP(dst, make([]float64, 1), z, u, []float64{2})
}
func (gate) ApplyP(dst, z, p []float64) {
	for i, x := range z {
		dst[i] = p[0] * x
	}
}
func (gate) VJPP(dst, dp, z, u, p []float64) {
	for i := range z {
		dp[0] += z[i] * u[i]
		dst[i] = p[0] * u[i]
	}
}
func (gate) Restrict(*mat.Dense) (quiver.Activation, bool) { return gate{}, true }

func parse(s string) (quiver.Activation, error) {
	switch s {
	case "squash":
		return squash{}, nil
	case "gate":
		return gate{}, nil
	}
	return nil, &quiver.ActivationError{Vertex: "?", Activation: s, Reason: "unknown"}
}

func normal(n, d int, seed uint64) *mat.Dense {
	rng := rand.New(rand.NewPCG(seed, 1))
	m := mat.NewDense(n, d, nil)
	m.Apply(func(int, int, float64) float64 { return rng.NormFloat64() }, m)
	return m
}

// everything has all that a quiver can have: two inputs, two biases, parallel, tied, fixed and
// structured arrows, an output with outgoing arrows, an isolated vertex, dimension 0,
// parameters.
func everything(t testing.TB) *quiver.Rep {
	t.Helper()
	q, err := quiver.New(
		quiver.Connect("h", "y"), quiver.Connect("x", "h"), // arrows first, out of order
		quiver.Input("x", 2), quiver.Input("u", 1), quiver.Bias("one"), quiver.Bias("two"),
		quiver.Hidden("h", 3, squash{}), quiver.Hidden("k", 3, gate{}), quiver.Hidden("alone", 2, squash{}), quiver.Hidden("none", 0, squash{}),
		quiver.Output("m", 3, squash{}), quiver.Output("y", 2, nil),
		quiver.Connect("x", "h", quiver.Named("again")), quiver.Connect("one", "h"), quiver.Connect("two", "h"),
		quiver.Connect("h", "m"), quiver.Connect("m", "k", quiver.Tied("h->m")), quiver.Connect("h", "k", quiver.Frozen(quiver.Eye(3))),
		quiver.Connect("u", "k", quiver.Frozen(mat.NewDense(3, 1, []float64{1, -2, 0.5}))),
		quiver.Connect("k", "y"), quiver.Connect("x", "none"), quiver.Connect("none", "y"),
	)
	require.NoError(t, err)
	return quiver.Random(q, nil, rand.NewPCG(1, 2))
}
