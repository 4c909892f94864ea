package identify_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/pieces"
	"github.com/quivernet/quivernet/internal/pieces/piecestest"
	"github.com/quivernet/quivernet/internal/rank"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry/identify"
	"github.com/quivernet/quivernet/symmetry/paths"
)

// TestSingleUnit is c·ReLU(ax+b)+d at six points, with every degenerate case: the
// dimension is not constant on the fiber of the zero function.
func TestSingleUnit(t *testing.T) {
	z := []float64{-3, -1.5, -0.5, 0.5, 1.5, 3}
	for _, c := range []struct {
		a, b, c, d      float64
		z               []float64
		rank, ra, drank int
	}{
		{1, 0, 1, 0, z, 3, 3, 3},
		{0, 1, 1, -1, z, 2, 2, 3},
		{0, -1, 1, 0, z, 1, 1, 3},
		{1, 0, 0, 0, z, 2, 3, 2},
		{0, 1, 0, 0, z, 1, 2, 2},
		{0, -1, 0, 0, z, 1, 1, 2},
		{1, 5, 1, 0, z, 2, 2, 3},
		{1, 5, 1, 0, []float64{-10, -7, -2, 0, 2, 10}, 3, 3, 3},
	} {
		w := piecestest.Chain(t, []int{1, 1, 1}, []float64{c.a}, []float64{c.b}, []float64{c.c}, []float64{c.d})
		xs := piecestest.Batch(piecestest.Column(c.z...))
		e, err := identify.ExactRank(w, xs, identify.Options{})
		require.NoError(t, err)
		require.Equal(t, c.rank, e.Rank, "%v", c)
		require.True(t, e.Proved)
		r, err := identify.BatchDimension(w, xs, identify.Options{})
		require.NoError(t, err)
		require.Equal(t, c.rank, r.Dimension, "%v\n%v", c, r)
		require.Equal(t, 3, r.Max)
		require.Empty(t, r.Violated)
		a, err := identify.PathActivationRank(w, xs, identify.Options{})
		require.NoError(t, err)
		require.Equal(t, c.ra, a.Total, "%v", c)
		d, err := paths.EmbeddingJacobian(w, 0)
		require.NoError(t, err)
		require.Equal(t, c.drank, rank.Of(d).Rank, "%v", c)
	}
}

func TestDimensionOfT1(t *testing.T) {
	for _, c := range []struct {
		name           string
		w              *quiver.Rep
		points         int
		rank, ra, dphi int
	}{
		{"T1", piecestest.NetT1(t), 155, 11, 14, 11},
		{"dead", piecestest.NetT1Dead(t), 155, 8, 8, 11},
		{"on", piecestest.NetT1On(t), 162, 7, 7, 11},
	} {
		xs := piecestest.Batch(piecestest.IntegerGrid())
		_, err := identify.BatchDimension(c.w, xs, identify.Options{})
		var be *pieces.BoundaryError
		require.ErrorAs(t, err, &be)
		r, err := identify.BatchDimension(c.w, xs, identify.Options{Drop: true})
		require.NoError(t, err)
		require.Equal(t, c.points, r.Samples, c.name)
		require.Equal(t, 169-c.points, r.Dropped)
		require.Equal(t, c.rank, r.Dimension, "%s\n%v", c.name, r)
		require.Empty(t, r.Violated, "%v", r)
		e, err := identify.ExactRank(c.w, xs, identify.Options{Drop: true})
		require.NoError(t, err)
		require.Equal(t, c.rank, e.Rank)
		require.True(t, e.Proved)
		a, err := identify.PathActivationRank(c.w, xs, identify.Options{Drop: true})
		require.NoError(t, err)
		require.Equal(t, c.ra, a.Total)
		require.EqualValues(t, 15, a.Paths.Int64())
		d, err := paths.EmbeddingJacobian(c.w, 0)
		require.NoError(t, err)
		require.Equal(t, c.dphi, rank.Of(d).Rank)
	}
}

func TestFirstPoints(t *testing.T) {
	for _, c := range []struct {
		w      *quiver.Rep
		xs     [][]float64
		values []float64
		minZ   float64
	}{
		{piecestest.NetA1(t), piecestest.X7, []float64{11, 6, 3, 7, -2, 7, 3}, 0},
		{piecestest.NetT1(t), piecestest.X11, []float64{5, 14, 0, 14, 3, 22, -4, -4, -2, 10, -3}, 1},
	} {
		y, err := c.w.Eval(piecestest.RowsOf(c.xs...))
		require.NoError(t, err)
		require.Equal(t, c.values, mat.Col(nil, 0, y[0]))
		for k := 1; k <= len(c.xs); k++ {
			xs := piecestest.Batch(piecestest.RowsOf(c.xs[:k]...))
			r, err := identify.BatchDimension(c.w, xs, identify.Options{})
			require.NoError(t, err)
			require.Equal(t, k, r.Dimension)
			require.False(t, r.Rank.Ambiguous)
			e, err := identify.ExactRank(c.w, xs, identify.Options{})
			require.NoError(t, err)
			require.Equal(t, k, e.Rank)
			a, err := identify.PathActivationRank(c.w, xs, identify.Options{})
			require.NoError(t, err)
			require.Equal(t, k, a.Total)
		}
		r, err := identify.BatchDimension(c.w, piecestest.Batch(piecestest.RowsOf(c.xs...)), identify.Options{})
		require.NoError(t, err)
		require.True(t, r.Full())
	}
}
