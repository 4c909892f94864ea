package graph_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

func normal(n, d int, seed uint64) *mat.Dense {
	rng := rand.New(rand.NewPCG(seed, 1))
	m := mat.NewDense(n, d, nil)
	m.Apply(func(int, int, float64) float64 { return rng.NormFloat64() }, m)
	return m
}

func list(ms ...*mat.Dense) []*mat.Dense { return ms }

// net is x→h1→h2→y with the skip x→h2.
func net(t testing.TB, act quiver.Activation) *quiver.Rep {
	t.Helper()
	q, err := quiver.New(quiver.Input("x", 2), quiver.Bias("one"),
		quiver.Hidden("h1", 5, act), quiver.Hidden("h2", 6, act), quiver.Output("y", 3, nil),
		quiver.Connect("x", "h1"), quiver.Connect("one", "h1"), quiver.Connect("h1", "h2"), quiver.Connect("x", "h2"),
		quiver.Connect("h2", "y"), quiver.Connect("one", "y"))
	require.NoError(t, err)
	return quiver.Random(q, nil, rand.NewPCG(1, 2))
}

var tanh = layers.Radial(layers.Tanh)

func rngOf(seed uint64) *rand.PCG { return rand.NewPCG(seed, seed) }
