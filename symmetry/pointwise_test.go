package symmetry_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

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
