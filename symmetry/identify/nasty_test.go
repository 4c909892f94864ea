package identify_test

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/pieces/piecestest"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry/identify"
	"github.com/quivernet/quivernet/symmetry/local"
	"github.com/quivernet/quivernet/symmetry/paths"
	"github.com/quivernet/quivernet/symmetry/recovery"
)

// TestNoPanic calls everything on every shape, with weights that are zero, whole, huge,
// tiny or of rank one, and with activations that fit and that do not: what comes back is
// an error of this module or a report that prints.
func TestNoPanic(t *testing.T) {
	scale := func(s float64) quiver.Init {
		return func(dst []float64, a quiver.Arrow, in, out int, rng *rand.Rand) {
			piecestest.Gauss(dst, a, in, out, rng)
			for i := range dst {
				dst[i] *= s
			}
		}
	}
	ones := func(dst []float64, _ quiver.Arrow, _, _ int, _ *rand.Rand) {
		for i := range dst {
			dst[i] = 1
		}
	}
	zero := func(dst []float64, _ quiver.Arrow, _, _ int, _ *rand.Rand) { clear(dst) }
	reports, errs := 0, 0
	for k, init := range []quiver.Init{zero, piecestest.Integers, ones, scale(1e150), scale(1e-150), scale(math.SmallestNonzeroFloat64)} {
		all := piecestest.Instances(t, uint64(100+k), 1, 5, init, piecestest.ReLU, piecestest.Leaky, layers.Pointwise(layers.Abs))
		all = append(all, piecestest.Instances(t, uint64(200+k), 1, 5, init, layers.Pointwise(layers.Tanh), layers.Radial(layers.ReLU), piecestest.ReLU)...)
		for _, in := range all {
			n := 0
			for _, x := range in.Inputs {
				_, c := x.Dims()
				n += c
			}
			drop := identify.Options{Drop: true}
			shown := func(r any, err error) {
				if err != nil {
					errs++
					require.True(t, strings.HasPrefix(err.Error(), "identify: ") || strings.HasPrefix(err.Error(), "paths: ") || strings.HasPrefix(err.Error(), "recovery: ") || strings.HasPrefix(err.Error(), "quiver: "), "%s: %v", in.Name, err)
					return
				}
				reports++
				if s, ok := r.(interface{ String() string }); ok {
					require.NotEmpty(t, s.String(), in.Name)
				}
				if _, ok := r.(*mat.Dense); !ok {
					_, err = json.Marshal(r)
					require.NoError(t, err, "%s %T", in.Name, r)
				}
			}
			w := in.Rep
			shown(pass(identify.BatchDimension(w, in.Inputs, drop)))
			shown(pass(identify.Jacobian(w, in.Inputs, drop)))
			shown(pass(identify.Dimension(w, identify.Search{Points: 30})))
			shown(pass(identify.Dimension(w, identify.Search{Points: 30, Lines: 0.5})))
			shown(pass(identify.ExactRank(w, in.Inputs, drop)))
			if k < 3 || strings.HasPrefix(in.Name, "chain") { // slow in very long numbers
				shown(pass(identify.ExactDimension(w)))
				shown(pass(identify.ExactDimensionOn(w, identify.Cube(n, 2))))
				shown(pass(identify.ExactDimensionOn(w, identify.Whole(n))))
			}
			shown(pass(paths.PathEmbedding(w, 0)))
			shown(pass(paths.PathActivations(w, in.Inputs, 0, drop)))
			shown(pass(paths.PathGram(w, in.Inputs, drop)))
			shown(pass(identify.PathActivationRank(w, in.Inputs, drop)))
			shown(pass(paths.EmbeddingJacobian(w, 0)))
			shown(pass(paths.PathNorm(w, 1)))
			shown(pass(paths.PathNorm(w, 3)))
			shown(pass(paths.Lipschitz(w)))
			shown(pass(paths.PathMetric(w, quiver.Zero(w.Quiver()))))
			shown(pass(paths.PathSaliency(w)))
			shown(pass(local.Identifiability(w, in.Inputs, local.Options{Options: drop})))
			shown(pass(local.Identifiability(w, in.Inputs, local.Options{Options: drop, Exact: true})))
			shown(pass(local.Follow(w, in.Inputs, local.FollowOptions{Options: drop, Steps: 2})))
			shown(pass(identify.LiftingJacobian(w, in.Inputs, drop)))
			shown(pass(identify.NormalizeIncoming(w)))
			shown(pass(identify.NormalizeOutgoing(w)))
			shown(pass(identify.EqualModRescaling(w, w.Clone(), 1e-9)))
			shown(pass(identify.EqualModPermutation(w, w.Clone(), 1e-9)))
			shown(pass(recovery.CheckP(w, identify.Cube(n, 2), recovery.POptions{Lines: 20})))
			shown(pass(recovery.CheckP(w, identify.Whole(n), recovery.POptions{Lines: 20})))
			shown(pass(recovery.Shallow(w, identify.Cube(n, 2))))
			shown(pass(recovery.Shallow(w, identify.Whole(n))))
			_, r, err := paths.PruneByPaths(w, 0.5, paths.PruneOptions{})
			shown(r, err)
		}
	}
	t.Log(reports, "reports,", errs, "errors")
	require.Greater(t, reports, 1000)
	require.Greater(t, errs, 500)
}

// pass makes a pair of any type one of any.
func pass[T any](r T, err error) (any, error) { return r, err }
