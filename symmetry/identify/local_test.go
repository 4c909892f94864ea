package identify

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/pieces/piecestest"
	"github.com/quivernet/quivernet/internal/rank"
	"github.com/quivernet/quivernet/quiver"
)

func local(t *testing.T, w *quiver.Rep, xs []*mat.Dense) *LocalReport {
	t.Helper()
	var first *LocalReport
	for _, exact := range []bool{false, true} {
		r, err := LocalIdentifiability(w, xs, LocalOptions{Options: Options{Drop: true}, Exact: exact})
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
		verdict Verdict
	}{
		{[]float64{-1}, 1, 1, NotIdentifiable}, {[]float64{1}, 1, 1, NotIdentifiable},
		{[]float64{1, 2}, 2, 2, NotIdentifiable}, {[]float64{-1, 1, 2}, 3, -1, Identifiable},
	} {
		r := local(t, unit, piecestest.Batch(piecestest.Column(c.x...)))
		require.Equal(t, c.verdict, r.Verdict, "%v", r)
		require.Equal(t, []int{c.r, c.ra, 3}, []int{r.RankJ, r.RankA, r.Target})
		if c.verdict == NotIdentifiable {
			require.Len(t, r.Hidden, 3-c.r)
			for _, h := range r.Hidden {
				require.True(t, h.Verified, "%v", r)
			}
		}
	}
	a, err := PathActivations(unit, piecestest.Batch(piecestest.Column(-1, 1, 2)), 0, Options{})
	require.NoError(t, err)
	require.Equal(t, []float64{0, 0, 1, 1, 1, 1, 2, 1, 1}, a.RawMatrix().Data)

	for _, c := range []struct {
		w  *quiver.Rep
		xs [][]float64
	}{{piecestest.NetA1(t), piecestest.X7}, {piecestest.NetT1(t), piecestest.X11}} {
		for k := 1; k <= len(c.xs); k++ {
			r := local(t, c.w, piecestest.Batch(piecestest.RowsOf(c.xs[:k]...)))
			require.Equal(t, k, r.RankJ)
			if k < len(c.xs) {
				require.Equal(t, NotIdentifiable, r.Verdict)
				require.Equal(t, k, r.RankA)
				continue
			}
			require.Equal(t, Identifiable, r.Verdict)
		}
	}
	r := local(t, piecestest.NetT1(t), piecestest.Batch(piecestest.IntegerGrid()))
	require.Equal(t, Identifiable, r.Verdict)
	norm, err := NormalizeOutgoing(piecestest.NetT1(t))
	require.NoError(t, err)
	free, fixed, err := FreeCoordinates(norm)
	require.NoError(t, err)
	require.Len(t, free, 11)
	require.Len(t, fixed, 4)
	g, err := LiftingJacobian(norm, piecestest.Batch(piecestest.RowsOf(piecestest.X11...)), Options{})
	require.NoError(t, err)
	require.Equal(t, 11, rank.Of(g).Rank)
	for _, c := range []struct {
		w *quiver.Rep
		r int
	}{{piecestest.NetT1Dead(t), 8}, {piecestest.NetT1On(t), 7}} {
		r := local(t, c.w, piecestest.Batch(piecestest.IntegerGrid()))
		require.Equal(t, NotIdentifiable, r.Verdict)
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
	r := local(t, w, xs)
	require.Equal(t, 147, r.Samples)
	require.Equal(t, []int{10, 13, 11, 10}, []int{r.RankJ, r.RankA, r.Target, r.RankGeneric})
	require.Equal(t, NotIdentifiable, r.Verdict)
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
	pa, err := PathEmbedding(w, 0)
	require.NoError(t, err)
	pb, err := PathEmbedding(b, 0)
	require.NoError(t, err)
	var d mat.Dense
	d.Sub(pa, pb)
	require.Equal(t, 6.0, mat.Max(piecestest.Absolute(&d)))

	trail, err := Follow(w, xs, FollowOptions{Options: Options{Drop: true}, Steps: 20})
	require.NoError(t, err)
	require.Greater(t, len(trail.Points), 5)
	end := trail.Points[len(trail.Points)-1]
	eq, err := EqualModRescaling(w, end, 1e-3)
	require.NoError(t, err)
	require.Equal(t, No, eq.Verdict)
	y, err := end.Eval(piecestest.IntegerGrid())
	require.NoError(t, err)
	require.Less(t, piecestest.MaxDiff(ya[0], y[0]), 1e-9)
	piecestest.Golden(t, "local.txt", r.String())
}

// TestLocalLaws: r ≤ min(r_A, m, n·outputs); verdict and ranks along the orbit; more
// samples never lower a rank, and never undo Identifiable.
func TestLocalLaws(t *testing.T) {
	rng := rand.New(rand.NewPCG(40, 1))
	seen := map[Verdict]int{}
	for _, in := range piecestest.Instances(t, 40, 8, 24, piecestest.Gauss, piecestest.ReLU, piecestest.Leaky) {
		part := make([]*mat.Dense, len(in.Inputs))
		for i, x := range in.Inputs {
			_, c := x.Dims()
			part[i] = mat.DenseCopyOf(x.Slice(0, 1+rng.IntN(23), 0, c))
			n, _ := part[0].Dims()
			part[i] = mat.DenseCopyOf(x.Slice(0, n, 0, c))
		}
		small, err := LocalIdentifiability(in.Rep, part, LocalOptions{})
		if err != nil {
			continue // degenerate: a vertex without arrows
		}
		seen[small.Verdict]++
		ra, err := PathActivationRank(in.Rep, part, Options{})
		require.NoError(t, err)
		n, _ := part[0].Dims()
		outs := 0
		for _, o := range in.Rep.Quiver().Outputs() {
			outs += in.Rep.Quiver().Dims()[o]
		}
		require.LessOrEqual(t, small.RankJ, min(ra.Total, small.Target, n*outs))
		dim, err := BatchDimension(in.Rep, part, Options{})
		require.NoError(t, err)
		require.Equal(t, dim.Dimension, small.RankJ)
		require.Equal(t, small.Verdict == Identifiable, dim.Dimension == small.Target, "%s\n%v%v", in.Name, small, dim)
		for _, h := range small.Hidden {
			require.True(t, h.Verified || small.Verdict == Undetermined, "%s\n%v", in.Name, small)
		}
		all, err := LocalIdentifiability(in.Rep, in.Inputs, LocalOptions{Directions: -1})
		require.NoError(t, err)
		require.GreaterOrEqual(t, all.RankJ, small.RankJ)
		if small.Verdict == Identifiable {
			require.Equal(t, Identifiable, all.Verdict)
		}
		if b := piecestest.Moved(t, in.Rep, rng, 100, true); b != nil {
			r, err := LocalIdentifiability(b, part, LocalOptions{Directions: -1})
			require.NoError(t, err)
			require.Equal(t, []any{small.Verdict, small.RankJ, small.RankGeneric}, []any{r.Verdict, r.RankJ, r.RankGeneric}, in.Name)
		}
	}
	t.Log(seen)
	require.Greater(t, seen[Identifiable], 5)
	require.Greater(t, seen[NotIdentifiable], 20)
}
