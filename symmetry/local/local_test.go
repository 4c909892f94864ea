package local_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/pieces/piecestest"
	"github.com/quivernet/quivernet/internal/rank"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry/identify"
	"github.com/quivernet/quivernet/symmetry/local"
	"github.com/quivernet/quivernet/symmetry/paths"
)

func decide(t *testing.T, w *quiver.Rep, xs []*mat.Dense) *local.Report {
	t.Helper()
	var first *local.Report
	for _, exact := range []bool{false, true} {
		r, err := local.Identifiability(w, xs, local.Options{Options: identify.Options{Drop: true}, Exact: exact})
		require.NoError(t, err)
		if first == nil {
			first = r
			continue
		}
		require.Equal(t, first.Verdict, r.Verdict)
		require.Equal(t, first.RankJ, r.RankJ)
		require.True(t, r.Exact)
	}
	return first
}

func TestLocalExamples(t *testing.T) {
	unit := piecestest.Chain(t, []int{1, 1, 1}, []float64{1}, []float64{0}, []float64{1}, []float64{0})
	for _, c := range []struct {
		x       []float64
		r, ra   int
		verdict identify.Verdict
	}{
		{[]float64{-1}, 1, 1, identify.NotIdentifiable}, {[]float64{1}, 1, 1, identify.NotIdentifiable},
		{[]float64{1, 2}, 2, 2, identify.NotIdentifiable}, {[]float64{-1, 1, 2}, 3, -1, identify.Identifiable},
	} {
		r := decide(t, unit, piecestest.Batch(piecestest.Column(c.x...)))
		require.Equal(t, c.verdict, r.Verdict, "%v", r)
		require.Equal(t, []int{c.r, c.ra, 3}, []int{r.RankJ, r.RankA, r.Target})
		if c.verdict == identify.NotIdentifiable {
			require.Len(t, r.Hidden, 3-c.r)
			for _, h := range r.Hidden {
				require.True(t, h.Verified, "%v", r)
			}
		}
	}
	a, err := paths.PathActivations(unit, piecestest.Batch(piecestest.Column(-1, 1, 2)), 0, identify.Options{})
	require.NoError(t, err)
	require.Equal(t, []float64{0, 0, 1, 1, 1, 1, 2, 1, 1}, a.RawMatrix().Data)

	for _, c := range []struct {
		w  *quiver.Rep
		xs [][]float64
	}{{piecestest.NetA1(t), piecestest.X7}, {piecestest.NetT1(t), piecestest.X11}} {
		for k := 1; k <= len(c.xs); k++ {
			r := decide(t, c.w, piecestest.Batch(piecestest.RowsOf(c.xs[:k]...)))
			require.Equal(t, k, r.RankJ)
			if k < len(c.xs) {
				require.Equal(t, identify.NotIdentifiable, r.Verdict)
				require.Equal(t, k, r.RankA)
				continue
			}
			require.Equal(t, identify.Identifiable, r.Verdict)
		}
	}
	r := decide(t, piecestest.NetT1(t), piecestest.Batch(piecestest.IntegerGrid()))
	require.Equal(t, identify.Identifiable, r.Verdict)
	norm, err := identify.NormalizeOutgoing(piecestest.NetT1(t))
	require.NoError(t, err)
	free, fixed, err := identify.FreeCoordinates(norm)
	require.NoError(t, err)
	require.Len(t, free, 11)
	require.Len(t, fixed, 4)
	g, err := identify.LiftingJacobian(norm, piecestest.Batch(piecestest.RowsOf(piecestest.X11...)), identify.Options{})
	require.NoError(t, err)
	require.Equal(t, 11, rank.Of(g).Rank)
	for _, c := range []struct {
		w *quiver.Rep
		r int
	}{{piecestest.NetT1Dead(t), 8}, {piecestest.NetT1On(t), 7}} {
		r := decide(t, c.w, piecestest.Batch(piecestest.IntegerGrid()))
		require.Equal(t, identify.NotIdentifiable, r.Verdict)
		require.Equal(t, []int{c.r, c.r}, []int{r.RankJ, r.RankA})
		require.Len(t, r.Hidden, min(8, 11-c.r))
		for _, h := range r.Hidden {
			require.True(t, h.Verified, "%v", r)
		}
	}
}

func TestGenericRankDecides(t *testing.T) {
	w := piecestest.NetAlwaysOn(t)
	xs := piecestest.Batch(piecestest.IntegerGrid())
	r := decide(t, w, xs)
	require.Equal(t, 147, r.Samples)
	require.Equal(t, []int{10, 13, 11, 10}, []int{r.RankJ, r.RankA, r.Target, r.RankGeneric})
	require.Equal(t, identify.NotIdentifiable, r.Verdict)
	require.Len(t, r.Hidden, 1)
	require.True(t, r.Hidden[0].Verified)
	require.Less(t, r.Hidden[0].Residual, 1e-5)

	b := w.Clone()
	b.Arrow("one->h2").Set(0, 0, 5)
	b.Arrow("one->y").Set(0, 0, -4)
	ya, err := w.Eval(piecestest.IntegerGrid())
	require.NoError(t, err)
	yb, err := b.Eval(piecestest.IntegerGrid())
	require.NoError(t, err)
	require.True(t, mat.Equal(ya[0], yb[0]))
	pa, err := paths.PathEmbedding(w, 0)
	require.NoError(t, err)
	pb, err := paths.PathEmbedding(b, 0)
	require.NoError(t, err)
	var d mat.Dense
	d.Sub(pa, pb)
	require.Equal(t, 6.0, mat.Max(piecestest.Absolute(&d)))

	trail, err := local.Follow(w, xs, local.FollowOptions{Options: identify.Options{Drop: true}, Steps: 20})
	require.NoError(t, err)
	require.Greater(t, len(trail.Points), 5)
	end := trail.Points[len(trail.Points)-1]
	eq, err := identify.EqualModRescaling(w, end, 1e-3)
	require.NoError(t, err)
	require.Equal(t, identify.No, eq.Verdict)
	y, err := end.Eval(piecestest.IntegerGrid())
	require.NoError(t, err)
	require.Less(t, piecestest.MaxDiff(ya[0], y[0]), 1e-9)
	piecestest.Golden(t, "local.txt", r.String())
}

// TestLocalLaws: r ≤ min(r_A, m, n·outputs); verdict and ranks along the orbit; more
// samples never lower a rank, and never undo Identifiable.
func TestLocalLaws(t *testing.T) {
	rng := rand.New(rand.NewPCG(40, 1))
	seen := map[identify.Verdict]int{}
	for _, in := range piecestest.Instances(t, 40, 8, 24, piecestest.Gauss, piecestest.ReLU, piecestest.Leaky) {
		part := make([]*mat.Dense, len(in.Inputs))
		for i, x := range in.Inputs {
			_, c := x.Dims()
			part[i] = mat.DenseCopyOf(x.Slice(0, 1+rng.IntN(23), 0, c))
			n, _ := part[0].Dims()
			part[i] = mat.DenseCopyOf(x.Slice(0, n, 0, c))
		}
		small, err := local.Identifiability(in.Rep, part, local.Options{})
		if err != nil {
			continue // degenerate: a vertex without arrows
		}
		seen[small.Verdict]++
		ra, err := identify.PathActivationRank(in.Rep, part, identify.Options{})
		require.NoError(t, err)
		n, _ := part[0].Dims()
		outs := 0
		for _, o := range in.Rep.Quiver().Outputs() {
			outs += in.Rep.Quiver().Dims()[o]
		}
		require.LessOrEqual(t, small.RankJ, min(ra.Total, small.Target, n*outs))
		dim, err := identify.BatchDimension(in.Rep, part, identify.Options{})
		require.NoError(t, err)
		require.Equal(t, dim.Dimension, small.RankJ)
		require.Equal(t, small.Verdict == identify.Identifiable, dim.Dimension == small.Target, "%s\n%v%v", in.Name, small, dim)
		for _, h := range small.Hidden {
			require.True(t, h.Verified || small.Verdict == identify.Undetermined, "%s\n%v", in.Name, small)
		}
		all, err := local.Identifiability(in.Rep, in.Inputs, local.Options{Directions: -1})
		require.NoError(t, err)
		require.GreaterOrEqual(t, all.RankJ, small.RankJ)
		if small.Verdict == identify.Identifiable {
			require.Equal(t, identify.Identifiable, all.Verdict)
		}
		if b := piecestest.Moved(t, in.Rep, rng, 100, true); b != nil {
			r, err := local.Identifiability(b, part, local.Options{Directions: -1})
			require.NoError(t, err)
			require.Equal(t, []any{small.Verdict, small.RankJ, small.RankGeneric}, []any{r.Verdict, r.RankJ, r.RankGeneric}, in.Name)
		}
	}
	t.Log(seen)
	require.Greater(t, seen[identify.Identifiable], 5)
	require.Greater(t, seen[identify.NotIdentifiable], 20)
}

// TestTwins: the path activations of two equal units are equal too, which proves that
// the network is not identifiable.
func TestTwins(t *testing.T) {
	w := piecestest.HeChain(t, piecestest.ReLU, 4, 2, 3, 1)
	w.Arrow("x->h1").SetRow(1, w.Arrow("x->h1").RawRowView(0))
	w.Arrow("one->h1").Set(1, 0, w.Arrow("one->h1").At(0, 0))
	r, err := local.Identifiability(w, piecestest.Batch(piecestest.Normal(rand.New(rand.NewPCG(1, 2)), 60, 2)), local.Options{})
	require.NoError(t, err)
	require.Equal(t, identify.NotIdentifiable, r.Verdict, "%v", r)
}

// TestUndetermined: both units of the second layer are on, and their contributions to
// the gradient cancel at these weights and at none nearby, so the ranks do not decide.
func TestUndetermined(t *testing.T) {
	w := piecestest.Chain(t, []int{2, 2, 2, 1}, []float64{2, 1, -1, 2}, []float64{1, -1}, []float64{1, 2, 1, 2}, []float64{3, 2}, []float64{1, -1}, []float64{0})
	xs := piecestest.Batch(piecestest.Normal(rand.New(rand.NewPCG(1, 2)), 200, 2))
	r, err := local.Identifiability(w, xs, local.Options{Exact: true})
	require.NoError(t, err)
	require.Equal(t, identify.Undetermined, r.Verdict, "%v", r)
	require.Greater(t, r.RankGeneric, r.RankJ)
	require.Greater(t, r.RankA, r.RankJ)
}

// TestFollowWithoutParameters: a network without trainable numbers has nothing to follow.
func TestFollowWithoutParameters(t *testing.T) {
	q, err := quiver.New(quiver.Input("x", 2), quiver.Hidden("h", 0, piecestest.ReLU), quiver.Output("y", 1, nil), quiver.Connect("x", "h"), quiver.Connect("h", "y"))
	require.NoError(t, err)
	_, err = local.Follow(quiver.Zero(q), []*mat.Dense{mat.NewDense(2, 2, []float64{1, 2, 3, 4})}, local.FollowOptions{})
	var pe *identify.ParameterError
	require.ErrorAs(t, err, &pe)
}
