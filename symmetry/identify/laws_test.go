package identify_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/pieces"
	"github.com/quivernet/quivernet/internal/pieces/piecestest"
	"github.com/quivernet/quivernet/internal/rescale"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry/identify"
	"github.com/quivernet/quivernet/symmetry/paths"
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

// TestLinearisation checks f = αΦ, J = (α⊗I)·DΦ and the Gram matrix, on every shape.
func TestLinearisation(t *testing.T) {
	abs := layers.Pointwise(layers.Abs)
	for _, in := range piecestest.Instances(t, 2, 5, 6, piecestest.Gauss, piecestest.ReLU, piecestest.Leaky, abs, quiver.Identity) {
		phi, err := paths.PathEmbedding(in.Rep, 0)
		require.NoError(t, err, in.Name)
		alpha, err := paths.PathActivations(in.Rep, in.Inputs, 0, identify.Options{})
		require.NoError(t, err)
		var f mat.Dense
		f.Mul(alpha, phi)
		ys, err := in.Rep.Eval(in.Inputs...)
		require.NoError(t, err)
		all := mat.DenseCopyOf(ys[0])
		for _, y := range ys[1:] {
			var both mat.Dense
			both.Augment(all, y)
			all = &both
		}
		require.Less(t, piecestest.MaxDiff(all, &f), 1e-12, in.Name)

		j, err := identify.Jacobian(in.Rep, in.Inputs, identify.Options{})
		require.NoError(t, err)
		d, err := paths.EmbeddingJacobian(in.Rep, 0)
		require.NoError(t, err)
		_, outs := phi.Dims()
		var kron, ad mat.Dense
		kron.Kronecker(alpha, quiver.Eye(outs))
		ad.Mul(&kron, d)
		require.Less(t, piecestest.MaxDiff(j, &ad), 1e-12, in.Name)

		g, err := paths.PathGram(in.Rep, in.Inputs, identify.Options{})
		require.NoError(t, err)
		var aat mat.Dense
		aat.Mul(alpha, alpha.T())
		require.Less(t, piecestest.MaxDiff(&aat, g), 1e-12, in.Name)

		// negative control: the path activations of other samples do not fit
		rng := rand.New(rand.NewPCG(3, 3))
		for i := range alpha.RawMatrix().Data {
			alpha.RawMatrix().Data[i] += 1e-3 * rng.NormFloat64()
		}
		f.Mul(alpha, phi)
		require.Greater(t, piecestest.MaxDiff(all, &f), 1e-9, in.Name)
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
