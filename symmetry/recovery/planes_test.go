package recovery

import (
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/internal/exact"
	"github.com/quivernet/quivernet/internal/pieces"
	"github.com/quivernet/quivernet/internal/pieces/piecestest"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry/identify"
)

// computed returns the positions of the vertices that are neither inputs nor biases.
func computed(net *pieces.Network) []int {
	var at []int
	for i := range net.Vertices {
		if !net.Vertices[i].IsSource() {
			at = append(at, i)
		}
	}
	return at
}

// TestExactPlanesAgree compares the cones with polygons, which know another way to cut
// the plane.
func TestExactPlanesAgree(t *testing.T) {
	rng := rand.New(rand.NewPCG(80, 1))
	for k, in := range append(piecestest.Instances(t, 80, 3, 1, piecestest.Integers, piecestest.ReLU, piecestest.Leaky), piecestest.Instances(t, 81, 1, 1, piecestest.Gauss, piecestest.ReLU, piecestest.Leaky)...) {
		net, err := pieces.Of(in.Rep)
		require.NoError(t, err)
		if net.InDim != 2 {
			continue
		}
		box := quiver.Box{Lo: []float64{-float64(1 + rng.IntN(6)), -2}, Hi: []float64{3, float64(rng.IntN(5))}}
		cells, flat := arrange(pieces.OverRationals(net), inputCell(net, rectangle(box)), computed(net))
		r, err := identify.ExactDimensionOn(in.Rep, box)
		if len(flat) > 0 {
			var ns *pieces.NotSmoothError
			require.ErrorAs(t, err, &ns)
			continue
		}
		require.NoError(t, err, "%d %s", k, in.Name)
		require.Equal(t, len(cells), r.Patterns, "%s %v", in.Name, in.Rep.Data())
		var points [][]*big.Rat
		for _, c := range cells {
			mid := c.poly.centre()
			for _, v := range c.poly[:3] {
				half := point{mid.x.Add(v.x).Quo(exact.Int(2)), mid.y.Add(v.y).Quo(exact.Int(2))}
				points = append(points, []*big.Rat{half.x.Rat(), half.y.Rat()})
			}
		}
		weights, err := identify.Rationals(in.Rep)
		require.NoError(t, err)
		e, err := weights.Rank(points, identify.Options{})
		require.NoError(t, err)
		require.Equal(t, e.Rank, r.Dimension, in.Name)
	}
}
