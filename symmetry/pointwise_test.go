package symmetry_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/quiver/quivertest"
	"github.com/quivernet/quivernet/symmetry"
)

// TestPlanted: over random quivers of all kinds with redundant units planted in them the output
// stays, each planted unit is found, and networks without any lose nothing.
func TestPlanted(t *testing.T) {
	families := map[string][]quivertest.Act{
		"relu":  acts("relu"),
		"leaky": acts("leaky"),
		"tanh":  acts("tanh"),
		"mixed": append(acts("relu", "leaky", "tanh", "abs", "gelu", "squash"), quivertest.Act{Activation: squash, Size: 1.2}, quivertest.Act{Activation: tanh, Size: 1.2}),
	}
	kinds := uint64(len(quivertest.Kinds()))
	for name, family := range families {
		t.Run(name, func(t *testing.T) {
			tried, units, merging, sensitive := 0, 0, 0, 0
			for seed := uint64(0); tried < 130; seed++ {
				in := quivertest.Generate(seed, family...)
				if in.Exempt != "" || lively(in) != "" {
					require.Less(t, seed, 60*kinds, "too few networks without redundancy")
					continue
				}
				tried++
				base := compress(t, in.Rep, symmetry.Pointwise())
				require.Empty(t, base.Units, in.Name)
				p := plant(t, in.Rep, rand.New(rand.NewPCG(seed, 5)))
				units, merging = units+p.units, merging+p.merging
				if quivertest.Sensitivity(in) == "" {
					sensitive++
				}
				before := p.wide.Clone()
				c := compress(t, p.wide, symmetry.Pointwise())
				require.Equal(t, before.Data(), p.wide.Data(), in.Name)
				require.LessOrEqual(t, gap(t, p.wide, c.Reduced, in.Inputs...), 1e-12, "%s\n%s", in.Name, c)
				require.True(t, c.Certificate.Exact)
				require.Contains(t, c.Certificate.On, "every input")
				require.Equal(t, base.Reduced.Quiver().Dims(), without(c.Reduced.Quiver().Dims(), in.Rep.Quiver()), "%s\n%s", in.Name, c)
				require.Len(t, c.Units, p.units, in.Name)
				again := compress(t, c.Reduced, symmetry.Pointwise())
				require.Empty(t, again.Units, "%s\n%s", in.Name, again)
				require.Equal(t, c.Reduced.Quiver().Dims(), again.Reduced.Quiver().Dims(), in.Name)
				if p.units > 0 {
					_, err := c.Subspace()
					var none *symmetry.SubspaceError
					require.ErrorAs(t, err, &none)
				}
			}
			assert.Greater(t, units, 3*tried)
			assert.GreaterOrEqual(t, 10*sensitive, 9*tried, "of the networks would notice a mistake")
			t.Logf("%d networks, %d units planted, %d of them twins of merged sources, %d networks sensitive", tried, units, merging, sensitive)
		})
	}
}

// without drops bias vertices that the old quiver did not have.
func without(dims map[string]int, old *quiver.Quiver) map[string]int {
	for name := range dims {
		if _, ok := old.VertexIndex(name); !ok {
			delete(dims, name)
		}
	}
	return dims
}

// TestMergedUnitsTrainOtherwise: Subspace refuses for a reason. Gradient descent on a network
// with twins and on the merged one, which is the same function at the start, part at once.
func TestMergedUnitsTrainOtherwise(t *testing.T) {
	w := random(mlp(t, layers.Pointwise(layers.Tanh), 2, 4, 1), 3)
	for _, a := range []string{"x->h1", "one->h1"} {
		for j, x := range w.Arrow(a).RawRowView(0) {
			w.Arrow(a).Set(1, j, -x)
		}
	}
	c := compress(t, w, symmetry.Pointwise())
	require.Len(t, c.Units, 1)
	xs, ys := inputs(w.Quiver(), 10, 1), targets(w.Quiver(), 10, 2)
	small, large := c.Reduced.Clone(), w.Clone()
	require.LessOrEqual(t, gap(t, large, small, xs...), 1e-14)
	for range 20 {
		_, g := halfSumOfSquares(t, large, xs, ys)
		large.AddScaled(-0.02, g)
		_, g = halfSumOfSquares(t, small, xs, ys)
		small.AddScaled(-0.02, g)
	}
	assert.Greater(t, gap(t, large, small, xs...), 1e-3)
	lifted := must(c.Lift(small))(t)
	assert.Equal(t, w.Quiver().Layout(), lifted.Quiver().Layout())
	assert.LessOrEqual(t, gap(t, small, lifted, xs...), 1e-14, "what was trained small has a place in the large quiver")
}
