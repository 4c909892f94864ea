package identify

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/pieces"
	"github.com/quivernet/quivernet/internal/rank"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

var relu = layers.Pointwise(layers.ReLU)

// chain builds a ReLU network from its layers: W_1, b_1, W_2, b_2, …, each row-major.
func chain(t testing.TB, dims []int, numbers ...[]float64) *quiver.Rep {
	t.Helper()
	return chainOf(t, relu, dims, numbers...)
}

func chainOf(t testing.TB, act quiver.Activation, dims []int, numbers ...[]float64) *quiver.Rep {
	t.Helper()
	q, err := layers.MLP(act, dims...)
	require.NoError(t, err)
	w := quiver.Zero(q)
	o := 0
	for _, x := range numbers {
		o += copy(w.Data()[o:], x)
	}
	require.Equal(t, q.NumParams(), o)
	return w
}

func rowsOf(rows ...[]float64) *mat.Dense {
	m := mat.NewDense(len(rows), len(rows[0]), nil)
	for i, r := range rows {
		m.SetRow(i, r)
	}
	return m
}

// column makes a batch of samples of one number.
func column(x ...float64) *mat.Dense { return mat.NewDense(len(x), 1, x) }

func batch(x *mat.Dense) []*mat.Dense { return []*mat.Dense{x} }

// integerGrid returns the integer points of [−6,6]².
func integerGrid() *mat.Dense {
	var rows [][]float64
	for x := -6.0; x <= 6; x++ {
		for y := -6.0; y <= 6; y++ {
			rows = append(rows, []float64{x, y})
		}
	}
	return rowsOf(rows...)
}

func netA1(t testing.TB) *quiver.Rep {
	return chain(t, []int{2, 2, 1}, []float64{1, 2, -3, 1}, []float64{1, 0}, []float64{2, -1}, []float64{3})
}

var x7 = [][]float64{{1, 1}, {-1, 2}, {2, -3}, {1, 0}, {-2, -1}, {3, -1}, {-1, 1}}

func netT1(t testing.TB) *quiver.Rep {
	return chain(t, []int{2, 2, 2, 1}, []float64{2, -2, -2, -1}, []float64{1, -2}, []float64{2, -1, -1, 0}, []float64{2, 2}, []float64{2, -1}, []float64{-2})
}

var x11 = [][]float64{{0, 0}, {0, -1}, {0, 1}, {1, 0}, {-1, -1}, {1, -1}, {-3, 0}, {-2, -1}, {-2, 1}, {-1, -2}, {-3, -3}}

func netT1Dead(t testing.TB) *quiver.Rep {
	return chain(t, []int{2, 2, 2, 1}, []float64{2, -2, -2, -1}, []float64{1, -2}, []float64{2, -1, -1, -1}, []float64{2, -1}, []float64{2, -1}, []float64{-2})
}

func netT1On(t testing.TB) *quiver.Rep {
	return chain(t, []int{2, 2, 2, 1}, []float64{2, -2, -2, -1}, []float64{1, -2}, []float64{1, 2, 2, 1}, []float64{1, 1}, []float64{1, 1}, []float64{-2})
}

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
		w := chain(t, []int{1, 1, 1}, []float64{c.a}, []float64{c.b}, []float64{c.c}, []float64{c.d})
		xs := batch(column(c.z...))
		e, err := ExactRank(w, xs, Options{})
		require.NoError(t, err)
		require.Equal(t, c.rank, e.Rank, "%v", c)
		require.True(t, e.Proved)
		r, err := BatchDimension(w, xs, Options{})
		require.NoError(t, err)
		require.Equal(t, c.rank, r.Dimension, "%v\n%v", c, r)
		require.Equal(t, 3, r.Max)
		require.Empty(t, r.Violated)
		a, err := PathActivationRank(w, xs, Options{})
		require.NoError(t, err)
		require.Equal(t, c.ra, a.Total, "%v", c)
		d, err := EmbeddingJacobian(w, 0)
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
		{"T1", netT1(t), 155, 11, 14, 11},
		{"dead", netT1Dead(t), 155, 8, 8, 11},
		{"on", netT1On(t), 162, 7, 7, 11},
	} {
		xs := batch(integerGrid())
		_, err := BatchDimension(c.w, xs, Options{})
		var be *pieces.BoundaryError
		require.ErrorAs(t, err, &be)
		r, err := BatchDimension(c.w, xs, Options{Drop: true})
		require.NoError(t, err)
		require.Equal(t, c.points, r.Samples, c.name)
		require.Equal(t, 169-c.points, r.Dropped)
		require.Equal(t, c.rank, r.Dimension, "%s\n%v", c.name, r)
		require.Empty(t, r.Violated, "%v", r)
		e, err := ExactRank(c.w, xs, Options{Drop: true})
		require.NoError(t, err)
		require.Equal(t, c.rank, e.Rank)
		require.True(t, e.Proved)
		a, err := PathActivationRank(c.w, xs, Options{Drop: true})
		require.NoError(t, err)
		require.Equal(t, c.ra, a.Total)
		require.EqualValues(t, 15, a.Paths.Int64())
		d, err := EmbeddingJacobian(c.w, 0)
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
		{netA1(t), x7, []float64{11, 6, 3, 7, -2, 7, 3}, 0},
		{netT1(t), x11, []float64{5, 14, 0, 14, 3, 22, -4, -4, -2, 10, -3}, 1},
	} {
		y, err := c.w.Eval(rowsOf(c.xs...))
		require.NoError(t, err)
		require.Equal(t, c.values, mat.Col(nil, 0, y[0]))
		for k := 1; k <= len(c.xs); k++ {
			xs := batch(rowsOf(c.xs[:k]...))
			r, err := BatchDimension(c.w, xs, Options{})
			require.NoError(t, err)
			require.Equal(t, k, r.Dimension)
			require.False(t, r.Rank.Ambiguous)
			e, err := ExactRank(c.w, xs, Options{})
			require.NoError(t, err)
			require.Equal(t, k, e.Rank)
			a, err := PathActivationRank(c.w, xs, Options{})
			require.NoError(t, err)
			require.Equal(t, k, a.Total)
		}
		r, err := BatchDimension(c.w, batch(rowsOf(c.xs...)), Options{})
		require.NoError(t, err)
		require.True(t, r.Full())
	}
}

func TestEmbeddingOfA1AndT1(t *testing.T) {
	phi, err := PathEmbedding(netA1(t), 0)
	require.NoError(t, err)
	require.Equal(t, []float64{2, 3, 4, -1, 2, 0, 3}, mat.Col(nil, 0, phi))
	phi, err = PathEmbedding(netT1(t), 0)
	require.NoError(t, err)
	require.Equal(t, []float64{8, 2, 4, 0, -8, -2, 2, 0, 4, 1, 4, 0, 4, -2, -2}, mat.Col(nil, 0, phi))
	a, err := PathActivations(netA1(t), batch(rowsOf([]float64{1, 1}, []float64{-1, 2}, []float64{2, -3})), 0, Options{})
	require.NoError(t, err)
	require.Equal(t, []float64{1, 0, 1, 0, 1, 0, 1}, a.RawRowView(0))
	require.Equal(t, []float64{-1, -1, 2, 2, 1, 1, 1}, a.RawRowView(1))
	require.Equal(t, []float64{0, 0, 0, 0, 0, 0, 1}, a.RawRowView(2))
	ps, err := Paths(netA1(t), 0)
	require.NoError(t, err)
	var names []string
	for _, p := range ps {
		names = append(names, p.String())
	}
	require.Equal(t, []string{"x[0] h1[0]", "x[0] h1[1]", "x[1] h1[0]", "x[1] h1[1]", "one[0] h1[0]", "one[0] h1[1]", "one[0]"}, names)
}

// TestPathCounts compares |P| and the generic rank of DΦ with their formulas.
func TestPathCounts(t *testing.T) {
	for _, c := range []struct {
		dims        []int
		paths, rank int
	}{
		{[]int{2, 2, 1}, 7, 7}, {[]int{2, 3, 2}, 10, 14}, {[]int{2, 2, 2, 1}, 15, 11},
		{[]int{3, 2, 4, 2}, 37, 24}, {[]int{1, 2, 2, 1}, 11, 9}, {[]int{2, 3, 2, 2, 2}, 43, 22},
	} {
		w := heChain(t, relu, 7, c.dims...)
		n, err := NumPaths(w)
		require.NoError(t, err)
		require.EqualValues(t, c.paths, n.Int64())
		d, err := EmbeddingJacobian(w, 0)
		require.NoError(t, err)
		require.Equal(t, c.rank, rank.Of(d).Rank)
	}
}
