package identify_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/pieces"
	"github.com/quivernet/quivernet/internal/pieces/piecestest"
	"github.com/quivernet/quivernet/internal/rescale"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry/identify"
)

// TestJacobianIsVJP compares each row with the reference gradient, for any activation.
func TestJacobianIsVJP(t *testing.T) {
	acts := []quiver.Activation{piecestest.ReLU, piecestest.Leaky, layers.Pointwise(layers.Tanh), layers.Radial(layers.Squash), layers.Trainable(layers.Tanh, 0.3, 1.2), layers.Pointwise(layers.Square)}
	for _, in := range piecestest.Instances(t, 1, 4, 3, piecestest.Gauss, acts...) {
		j, err := identify.Jacobian(in.Rep, in.Inputs, identify.Options{})
		require.NoError(t, err, in.Name)
		q := in.Rep.Quiver()
		row := 0
		for s := range 3 {
			for o, name := range q.Outputs() {
				for k := range q.Dims()[name] {
					dys := make([]*mat.Dense, len(q.Outputs()))
					dys[o] = mat.NewDense(3, q.Dims()[name], nil)
					dys[o].Set(s, k, 1)
					g, _, err := in.Rep.VJP(in.Inputs, dys)
					require.NoError(t, err)
					want := mat.NewDense(1, len(g.Data()), g.Data())
					got := mat.NewDense(1, len(g.Data()), j.RawRowView(row))
					require.Less(t, piecestest.MaxDiff(want, got), 1e-13, in.Name)
					row++
				}
			}
		}
		n := 0
		require.NoError(t, identify.EachRow(in.Rep, in.Inputs, identify.Options{}, func(i int, rows *mat.Dense) error {
			r, _ := rows.Dims()
			require.True(t, mat.Equal(rows, j.Slice(i*r, (i+1)*r, 0, q.NumParams())))
			n++
			return nil
		}))
		require.Equal(t, 3, n)
	}
}

// TestBoundsHold compares ranks with every bound, and the rescaling tangent with the
// kernel of J.
func TestBoundsHold(t *testing.T) {
	seen := make(map[string]int)
	for round, init := range []quiver.Init{piecestest.Gauss, piecestest.Integers} {
		for _, in := range piecestest.Instances(t, uint64(10+round), 6, 40, init, piecestest.ReLU, piecestest.Leaky, quiver.Identity) {
			r, err := identify.BatchDimension(in.Rep, in.Inputs, identify.Options{Drop: true})
			if err != nil {
				continue // a unit without weights is on its kink everywhere
			}
			require.Empty(t, r.Violated, "%s\n%v", in.Name, r)
			e, err := identify.ExactRank(in.Rep, in.Inputs, identify.Options{Drop: true})
			require.NoError(t, err)
			require.Equal(t, e.Rank, r.Dimension, "%s\n%v\n%v\n%v", in.Name, r, e, in.Rep.Data())
			for _, b := range r.Bounds {
				if b.Value == r.Dimension {
					seen[b.Name]++
				}
			}
			net, err := pieces.Of(in.Rep)
			require.NoError(t, err)
			tangent := rescale.Of(net).Tangent()
			if tangent.IsEmpty() {
				continue
			}
			j, err := identify.Jacobian(in.Rep, in.Inputs, identify.Options{Drop: true})
			require.NoError(t, err)
			var zero mat.Dense
			zero.Mul(j, tangent.T())
			require.Less(t, mat.Max(piecestest.Absolute(&zero)), 1e-10*(1+mat.Max(piecestest.Absolute(j))*mat.Max(piecestest.Absolute(tangent))), in.Name)
		}
	}
	t.Log("bounds attained:", seen)
	require.Greater(t, seen["rescaling"], 10)
	require.Greater(t, seen["symmetry"], 20)
}
