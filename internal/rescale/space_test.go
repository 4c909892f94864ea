package rescale_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/internal/pieces"
	"github.com/quivernet/quivernet/internal/pieces/piecestest"
	"github.com/quivernet/quivernet/internal/rescale"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// TestDimensions: one rescaling a hidden unit, fewer where arrows are fixed or tied, none where the
// activation is not homogeneous; the orbit of weights that are not 0 has that dimension.
func TestDimensions(t *testing.T) {
	mlp := func(act quiver.Activation) *quiver.Quiver { return piecestest.Must(layers.MLP(act, 2, 3, 4, 1))(t) }
	hidden := func(act quiver.Activation, more ...quiver.Part) *quiver.Quiver {
		return piecestest.Must(quiver.New(append([]quiver.Part{quiver.Input("x", 3), quiver.Hidden("a", 3, act), quiver.Hidden("b", 3, act), quiver.Output("y", 1, nil),
			quiver.Connect("x", "a"), quiver.Connect("b", "y")}, more...)...))(t)
	}
	for _, c := range []struct {
		name string
		q    *quiver.Quiver
		dim  int
	}{
		{"chain", mlp(piecestest.ReLU), 7},
		{"square", mlp(layers.Pointwise(layers.Square)), 7},
		{"tanh", mlp(layers.Pointwise(layers.Tanh)), 0}, // negative control
		{"fixed", hidden(piecestest.ReLU, quiver.Connect("a", "b", quiver.Frozen(quiver.Eye(3)))), 3},
		{"free", hidden(piecestest.ReLU, quiver.Connect("a", "b")), 6},
		{"tied", hidden(piecestest.ReLU, quiver.Connect("a", "b", quiver.Tied("x->a"))), 1}, // t_b = t_a,i + t_a,j for all i and j: t_a is constant, t_b twice it
	} {
		net, err := pieces.Of(quiver.Random(c.q, piecestest.Gauss, rand.NewPCG(1, 2)))
		require.NoError(t, err)
		_, dim, generic := rescale.Orbit(net)
		require.Equal(t, []int{c.dim, c.dim, c.dim}, []int{rescale.Of(net).Dim(), dim, generic}, c.name)
		for _, x := range rescale.Balance(net) {
			f, _ := math.Frexp(x)
			require.Equal(t, 0.5, f, "%s: a power of two", c.name)
		}
	}
}
