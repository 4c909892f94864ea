package quiver_test

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// TestMatricesOfOneEntry: where all dimensions are 1, fixed matrices count as they do elsewhere, in values,
// gradients and texts.
func TestMatricesOfOneEntry(t *testing.T) {
	q, err := quiver.New(quiver.Input("x", 1), quiver.Output("y", 1, nil),
		quiver.Connect("x", "y"), quiver.Connect("x", "y", quiver.Named("three"), quiver.Frozen(mat.NewDense(1, 1, []float64{3}))),
		quiver.Connect("x", "y", quiver.Named("one"), quiver.Frozen(quiver.Eye(1))))
	require.NoError(t, err)
	text, err := json.Marshal(q)
	require.NoError(t, err)
	read, err := quiver.DecodeJSON(strings.NewReader(string(text)), parse)
	require.NoError(t, err)
	for _, q := range []*quiver.Quiver{q, read} {
		w := quiver.Zero(q)
		require.NoError(t, w.Set("x->y", mat.NewDense(1, 1, []float64{10})))
		x := mat.NewDense(1, 1, []float64{2})
		ys, err := w.Eval(x)
		require.NoError(t, err)
		assert.Equal(t, 28.0, ys[0].At(0, 0), "(10 + 3 + 1)·2")
		grad, dxs, err := w.VJP([]*mat.Dense{x}, []*mat.Dense{mat.NewDense(1, 1, []float64{5})})
		require.NoError(t, err)
		assert.Equal(t, []float64{10}, grad.Data())
		assert.Equal(t, 70.0, dxs[0].At(0, 0))
	}
}

// TestInclusionsThatDoNotFit: the block of ones must lie within the matrix, whatever its size.
func TestInclusionsThatDoNotFit(t *testing.T) {
	frozen := func(m quiver.Inclusion) error {
		_, err := quiver.New(quiver.Input("x", 3), quiver.Output("y", 2, nil), quiver.Connect("x", "y", quiver.Frozen(m)))
		return err
	}
	for _, m := range []quiver.Inclusion{
		{Rows: 2, Cols: 3}, {Rows: 2, Cols: 3, K: 2}, {Rows: 2, Cols: 3, Col: 1, K: 2}, {Rows: 2, Cols: 3, Row: 1, Col: 2, K: 1}, {Rows: 2, Cols: 3, Row: 2, Col: 3},
	} {
		assert.NoError(t, frozen(m), m)
	}
	for _, m := range []quiver.Inclusion{
		{Rows: 2, Cols: 3, K: -1}, {Rows: 2, Cols: 3, Row: -1, K: 1}, {Rows: 2, Cols: 3, Col: -1, K: 1},
		{Rows: 2, Cols: 3, Row: 1, K: 2}, {Rows: 2, Cols: 3, Col: 2, K: 2}, {Rows: 2, Cols: 3, Row: 3}, {Rows: 2, Cols: 3, Col: 4},
		{Rows: 2, Cols: 3, Row: math.MaxInt, K: 1}, {Rows: 2, Cols: 3, K: math.MaxInt}, {Rows: 3, Cols: 2, K: 2},
	} {
		assert.ErrorAs(t, frozen(m), new(*quiver.ShapeError), m)
	}
	_, err := quiver.New(quiver.Input("x", 3), quiver.Output("y", 0, nil), quiver.Connect("x", "y", quiver.Frozen(quiver.Inclusion{Rows: -1, Cols: 0})))
	assert.ErrorAs(t, err, new(*quiver.ShapeError), "a negative number of rows, where the other side is 0")
}

// TestLargestNumbersInTexts: sizes up to the largest dimension of a vertex can be read, and no larger ones.
func TestLargestNumbersInTexts(t *testing.T) {
	decode := func(dim, n, row int64) error {
		text := fmt.Sprintf(`{"format":"quivernet.quiver/1","vertices":[{"name":"x","kind":"input","dim":%d},{"name":"y","kind":"output","dim":%d,"act":"identity"}],`+
			`"arrows":[{"from":"x","to":"y","fixed":{"inclusion":[%d,%d,%d,0,0]}}]}`, dim, dim, n, n, row)
		_, err := quiver.DecodeJSON(strings.NewReader(text), parse)
		return err
	}
	const largest = math.MaxInt32
	assert.NoError(t, decode(largest, largest, largest))
	assert.ErrorAs(t, decode(largest+1, largest+1, 0), new(*quiver.SyntaxError))
	assert.ErrorAs(t, decode(largest, largest+1, 0), new(*quiver.SyntaxError))
	assert.ErrorAs(t, decode(largest, largest, largest+1), new(*quiver.SyntaxError))
	assert.ErrorAs(t, decode(largest, largest, -1), new(*quiver.SyntaxError))
	assert.ErrorAs(t, decode(math.MinInt32, 0, 0), new(*quiver.DimError))
	assert.ErrorAs(t, decode(math.MinInt32-1, 0, 0), new(*quiver.SyntaxError))
}

// TestBasesThatAreNotOrthonormal: unit columns are not enough, nor is it enough that bᵀb keeps the sum of all
// columns, or any sum with signs.
func TestBasesThatAreNotOrthonormal(t *testing.T) {
	decode := func(b *mat.Dense) error {
		r, c := b.Dims()
		data, err := json.Marshal(b.RawMatrix().Data)
		require.NoError(t, err)
		_, err = quiver.DecodeJSON(strings.NewReader(fmt.Sprintf(
			`{"format":"quivernet.quiver/1","vertices":[],"arrows":[],"bases":{"00":{"rows":%d,"cols":%d,"data":%s}}}`, r, c, data)), parse)
		return err
	}
	gram := func(e ...[3]float64) *mat.Dense { // the factor of 1 + e, whose columns have length 1
		g := mat.NewSymDense(4, []float64{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1})
		for _, x := range e {
			g.SetSym(int(x[0]), int(x[1]), x[2])
		}
		var c mat.Cholesky
		require.True(t, c.Factorize(g))
		var u mat.TriDense
		c.UTo(&u)
		return mat.DenseCopyOf(&u)
	}
	const wrong = "its columns are not orthonormal"
	for _, p := range [][4]float64{{0, 1, 2, 3}, {0, 2, 1, 3}, {0, 1, 3, 2}} {
		for _, a := range []float64{0.2, 1e-5} {
			assert.ErrorContains(t, decode(gram([3]float64{p[0], p[1], a}, [3]float64{p[2], p[3], a}, [3]float64{p[0], p[2], -a}, [3]float64{p[1], p[3], -a})), wrong, "keeps the sum of all columns")
		}
		assert.ErrorContains(t, decode(gram([3]float64{p[0], p[1], 0.2})), wrong)
	}
	assert.ErrorContains(t, decode(mat.NewDense(2, 1, []float64{1, 0.01})), wrong+": the squared length of column 0")
	assert.ErrorContains(t, decode(mat.NewDense(2, 2, []float64{1, 0, 0, 1.01})), wrong+": the squared length of column 1")
	assert.ErrorContains(t, decode(mat.NewDense(1, 2, []float64{1, 1})), "2 columns in dimension 1")
	for _, good := range []*mat.Dense{eye(1), eye(4), mat.NewDense(2, 1, []float64{0.6, 0.8}), mat.NewDense(2, 2, []float64{0.6, 0.8, -0.8, 0.6}), gram()} {
		assert.ErrorContains(t, decode(good), "has another hash", "it is a basis, though not the one that it says")
	}
}

// TestSurgeryThatIsTooLarge: what makes more numbers trainable than a machine holds is an error.
func TestSurgeryThatIsTooLarge(t *testing.T) {
	for dim, want := range map[int]any{math.MaxInt32: new(*quiver.DimError), 1<<22 + 1: new(*quiver.InputError)} {
		q, err := quiver.New(quiver.Input("x", dim), quiver.Hidden("h", dim, quiver.Identity), quiver.Output("y", 1, nil),
			quiver.Connect("x", "h", quiver.Frozen(quiver.Inclusion{Rows: dim, Cols: dim, K: 1})), quiver.Connect("h", "y", quiver.Frozen(quiver.Inclusion{Rows: 1, Cols: dim, K: 1})))
		require.NoError(t, err)
		w := quiver.Zero(q)
		_, err = w.Unfreeze("x->h")
		assert.ErrorAs(t, err, want, dim)
		_, err = w.Freeze("x->h")
		assert.NoError(t, err, "it is frozen, and stays so")
		small, err := quiver.New(quiver.Input("x", dim), quiver.Output("y", 0, nil), quiver.Connect("x", "y"))
		require.NoError(t, err)
		_, err = quiver.Zero(small).ReplaceHead("y", dim, nil, quiver.Constant(0), nil)
		assert.ErrorAs(t, err, want, dim)
		head, err := quiver.Zero(small).ReplaceHead("y", 0, nil, quiver.Constant(0), nil)
		require.NoError(t, err)
		assert.Zero(t, head.Quiver().NumParams())
	}
}

// TestLongTexts: a text of the greatest length is read, one of a byte more is an error, whether the reader knows its
// length or not.
func TestLongTexts(t *testing.T) {
	text, err := json.Marshal(everything(t).Quiver())
	require.NoError(t, err)
	for spare, good := range map[int]bool{0: true, 1: true, -1: false, -2: false, -len(text): false} {
		undo := quiver.LimitJSON(len(text) + spare)
		for _, r := range []io.Reader{strings.NewReader(string(text)), struct{ io.Reader }{strings.NewReader(string(text))}} {
			_, err := quiver.DecodeJSON(r, parse)
			if good {
				assert.NoError(t, err, spare)
			} else {
				assert.ErrorContains(t, err, fmt.Sprintf("more than %d bytes", len(text)+spare))
			}
		}
		undo()
	}
}

// TestMatricesInTexts: matrices without entries are read, with what they are for, and the others have as many
// numbers as their sizes say; an error shows no more of a text than it must.
func TestMatricesInTexts(t *testing.T) {
	decode := func(dims [2]int, matrix string) error {
		_, err := quiver.DecodeJSON(strings.NewReader(fmt.Sprintf(`{"format":"quivernet.quiver/1","vertices":[{"name":"x","kind":"input","dim":%d},{"name":"y","kind":"output","dim":%d,"act":"identity"}],`+
			`"arrows":[{"from":"x","to":"y","fixed":{"dense":%s}}]}`, dims[0], dims[1], matrix)), parse)
		return err
	}
	basis := func(matrix string) error {
		_, err := quiver.DecodeJSON(strings.NewReader(`{"format":"quivernet.quiver/1","vertices":[],"arrows":[],"bases":{"00":`+matrix+`}}`), parse)
		return err
	}
	for _, good := range []struct {
		dims   [2]int
		matrix string
	}{
		{[2]int{3, 0}, `{"rows":0,"cols":3,"data":[]}`}, {[2]int{0, 3}, `{"rows":3,"cols":0,"data":[]}`}, {[2]int{0, 0}, `{"rows":0,"cols":0,"data":[]}`},
		{[2]int{1, 1}, `{"rows":1,"cols":1,"data":[2]}`}, {[2]int{2, 1}, `{"rows":1,"cols":2,"data":[2,3]}`},
	} {
		assert.NoError(t, decode(good.dims, good.matrix), good.matrix)
	}
	for _, bad := range []string{
		`{"rows":1,"cols":1,"data":[]}`, `{"rows":1,"cols":1,"data":[1,2]}`, `{"rows":-1,"cols":-1,"data":[1]}`, `{"rows":2,"cols":1,"data":[1]}`,
		`{"rows":-1,"cols":0,"data":[]}`, `{"rows":0,"cols":-1,"data":[]}`, `{"rows":1,"cols":1}`, `{"cols":1,"data":[]}`, `{"rows":1,"data":[]}`,
	} {
		assert.ErrorContains(t, decode([2]int{1, 1}, bad), "want rows, cols and rows·cols numbers", bad)
		assert.ErrorContains(t, basis(bad), "want rows, cols and rows·cols numbers", bad)
	}
	assert.ErrorContains(t, basis(`{"rows":2147483647,"cols":0,"data":[]}`), "another hash")
	long := strings.Repeat("n", 100_000)
	_, err := quiver.DecodeJSON(strings.NewReader(`{"format":"quivernet.quiver/1","vertices":[{"name":"`+long+`","kind":"input","dim":1}],"arrows":[]}`), parse)
	require.ErrorAs(t, err, new(*quiver.NameError))
	assert.Less(t, len(err.Error()), 300)
}

// many is the identity with n parameters.
type many struct {
	gate
	n int
}

func (m many) String() string    { return fmt.Sprintf("many(%d)", m.n) }
func (m many) NumParams(int) int { return m.n }
func (m many) InitParams(dst []float64) { // 10, 11, …
	for i := range dst {
		dst[i] = 10 + float64(i)
	}
}

// TestParametersOfManyVertices: each vertex has its own place in the slab after the arrows, and too many
// parameters are an error that names the vertex.
func TestParametersOfManyVertices(t *testing.T) {
	of := func(n int) (*quiver.Quiver, error) {
		return quiver.New(quiver.Input("x", 1), quiver.Hidden("a", 1, many{n: 2}), quiver.Hidden("b", 1, quiver.Identity), quiver.Hidden("c", 1, many{n: n}), quiver.Output("y", 1, many{n: 1}),
			quiver.Connect("x", "a"), quiver.Connect("a", "b"), quiver.Connect("b", "c"), quiver.Connect("c", "y"))
	}
	q, err := of(3)
	require.NoError(t, err)
	w := quiver.Random(q, quiver.Constant(1), nil)
	assert.Equal(t, []float64{1, 1, 1, 1, 10, 11, 10, 11, 12, 10}, w.Data())
	for i := range w.Data() {
		w.Data()[i] = float64(i)
	}
	for vertex, want := range map[string][]float64{"a": {4, 5}, "b": nil, "c": {6, 7, 8}, "y": {9}} {
		assert.Equal(t, want, w.Params(vertex), vertex)
	}
	_, err = of(math.MaxInt / 8)
	var de *quiver.DimError
	require.ErrorAs(t, err, &de)
	assert.Equal(t, "c", de.Vertex)
	_, err = of(-1)
	require.ErrorAs(t, err, new(*quiver.ActivationError))
}
