package data_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/data"
)

// thrown returns the error that f panics with, nil where it does not, and fails where the value is
// no error of this package.
func thrown(t *testing.T, f func()) (err error) {
	t.Helper()
	defer func() {
		if v := recover(); v != nil {
			e, ok := v.(error)
			var r runtime.Error
			require.True(t, ok && !errors.As(e, &r), "untyped panic: %v", v)
			err = e
		}
	}()
	f()
	return nil
}

// TestSetsThatDoNotBelongTogether: X, Labels and Classes are checked before they are used.
func TestSetsThatDoNotBelongTogether(t *testing.T) {
	x := mat.NewDense(4, 1, []float64{1, 2, 3, 4})
	var size *data.SizeError
	var label *data.LabelError
	var argument *data.ArgumentError
	for name, c := range map[string]struct {
		set  *data.Set
		want any
	}{
		"fewer labels than rows": {&data.Set{X: x, Labels: []int{0, 1}, Classes: 2}, &size},
		"more labels than rows":  {&data.Set{X: x, Labels: []int{0, 1, 0, 1, 0}, Classes: 2}, &size},
		"labels without rows":    {&data.Set{X: &mat.Dense{}, Labels: []int{0}, Classes: 2}, &size},
		"rows without labels":    {&data.Set{X: x, Classes: 2}, &size},
		"classes forgotten":      {&data.Set{X: x, Labels: []int{0, 1, 0, 1}}, &label},
		"a label too large":      {&data.Set{X: x, Labels: []int{0, 1, 0, 2}, Classes: 2}, &label},
		"a negative label":       {&data.Set{X: x, Labels: []int{0, 1, -1, 1}, Classes: 2}, &label},
		"X forgotten":            {&data.Set{Labels: []int{0}, Classes: 2}, &argument},
		"negative classes":       {&data.Set{X: &mat.Dense{}, Classes: -2}, &argument},
		"images of another size": {&data.Set{X: x, Labels: []int{0, 1, 0, 1}, Classes: 2, Height: 2, Width: 3}, &argument},
		"no set":                 {nil, &argument},
	} {
		assert.ErrorAs(t, c.set.Check(), c.want, name)
		assert.ErrorAs(t, thrown(t, func() { c.set.Stratified(1) }), c.want, name)
		assert.ErrorAs(t, thrown(t, func() { c.set.Counts() }), c.want, name)
		_, err := c.set.OneHot()
		assert.ErrorAs(t, err, c.want, name)
		if c.set != nil && name != "images of another size" && name != "negative classes" {
			_, err = data.NewSet(c.set.X, c.set.Labels, c.set.Classes)
			assert.ErrorAs(t, err, c.want, name)
		}
	}
	assert.EqualError(t, (&data.Set{X: x, Labels: []int{0, 1}, Classes: 2}).Check(), "data: Labels: 2 samples, but X: 4; every matrix needs one row per sample")
	assert.EqualError(t, (&data.Set{X: x, Labels: []int{3, 1, 0, 1}}).Check(), "data: label 3 of sample 0 is not a class: there are 0 classes; set their number")

	s, err := data.NewSet(x, []int{0, 1, 0, 1}, 2)
	require.NoError(t, err)
	assert.Equal(t, []int{2, 2}, s.Counts())
	assert.NoError(t, data.Digits().Check())
	assert.NoError(t, (&data.Set{X: &mat.Dense{}}).Check(), "an empty set is a set")

	var row *data.RowError
	for _, r := range []int{-1, 4, math.MaxInt, math.MinInt} {
		assert.ErrorAs(t, thrown(t, func() { s.Rows(0, r) }), &row)
		assert.Equal(t, r, row.Row)
	}
	assert.ErrorAs(t, thrown(t, func() { (&data.Set{X: x, Labels: []int{0, 1}}).Rows(0) }), &size)
	assert.Equal(t, []int{1, 1}, s.Rows(3, 3).Labels)
}

// TestAccuracyOfWhatIsNoClass: a label that is no column is an error, not a wrong prediction.
func TestAccuracyOfWhatIsNoClass(t *testing.T) {
	scores := mat.NewDense(2, 2, []float64{1, 0, 0, 1})
	var label *data.LabelError
	for _, l := range []int{-1, 2, math.MaxInt} {
		assert.ErrorAs(t, thrown(t, func() { data.Accuracy(scores, []int{0, l}) }), &label)
		assert.Equal(t, 1, label.Row)
	}
	assert.Equal(t, 1.0, data.Accuracy(scores, []int{0, 1}))
	var argument *data.ArgumentError
	assert.ErrorAs(t, thrown(t, func() { data.Accuracy(nil, nil) }), &argument)
	assert.ErrorAs(t, thrown(t, func() { data.Accuracy((*mat.Dense)(nil), []int{1}) }), &argument)
}

// TestNilsAndAbsurdSizes: what no function can work with is a typed error or a typed panic.
func TestNilsAndAbsurdSizes(t *testing.T) {
	var argument *data.ArgumentError
	x := mat.NewDense(2, 1, nil)
	for _, c := range [][2][]*mat.Dense{{{nil}, {x}}, {{x}, {nil}}, {{&mat.Dense{}, x, nil}, nil}} {
		_, err := data.Batches(c[0], c[1], 1, nil)
		assert.ErrorAs(t, err, &argument)
	}
	_, err := data.Batches([]*mat.Dense{x}, nil, 1, (*rand.PCG)(nil))
	assert.ErrorAs(t, err, &argument)
	all, err := data.Batches(nil, nil, 1, nil)
	require.NoError(t, err)
	for range all {
		assert.Fail(t, "there are no batches")
	}
	assert.ErrorAs(t, thrown(t, func() { data.Grid(3, nil) }), &argument)
	assert.ErrorAs(t, thrown(t, func() { data.Grid(math.MaxInt, data.Gauss) }), &argument)
	_, err = data.OneHot([]int{0}, math.MaxInt)
	assert.ErrorAs(t, err, &argument)

	var idx *data.IDXError
	for _, r := range []io.Reader{nil, (*os.File)(nil), (*bytes.Reader)(nil), stuck{}, liar{}} {
		_, err = data.ReadIDX(r)
		assert.ErrorAs(t, err, &idx, "%T", r)
	}
	for _, fsys := range []fs.FS{nil, (*fstest.MapFS)(nil)} {
		_, err = data.LoadMNISTFS(fsys, "m")
		assert.ErrorAs(t, err, &idx)
	}
}

// stuck gives nothing, without an end; liar more than was asked for.
type stuck struct{}

func (stuck) Read([]byte) (int, error) { return 0, nil }

type liar struct{}

func (liar) Read(p []byte) (int, error) { return len(p) + 1, nil }

// TestLimit: an array beyond the limit is refused by its header, gzipped or not; one at it is read.
func TestLimit(t *testing.T) {
	whole := idx(make([]byte, 1000), 10, 100)
	var e *data.IDXError
	for name, file := range map[string][]byte{"plain": whole, "gzip": zipped(whole)} {
		x, err := data.ReadIDX(bytes.NewReader(file), data.Limit(1000))
		require.NoError(t, err, name)
		assert.Len(t, x.Data, 1000)
		_, err = data.ReadIDX(bytes.NewReader(file), data.Limit(999))
		require.ErrorAs(t, err, &e, name)
		assert.Contains(t, e.Error(), "larger than 999 bytes")
		for _, opts := range [][]data.IDXOption{{data.Limit(0)}, {data.Limit(-1)}, {nil}} {
			_, err = data.ReadIDX(bytes.NewReader(file), opts...)
			assert.ErrorAs(t, err, &e)
		}
	}
	fsys := fstest.MapFS{}
	mnist(fsys, "train", ".gz", 12, 2, 3)
	mnist(fsys, "t10k", ".gz", 10, 2, 3)
	_, err := data.LoadMNISTFS(fsys, "m", data.Limit(72))
	require.NoError(t, err)
	_, err = data.LoadMNISTFS(fsys, "m", data.Limit(71))
	require.ErrorAs(t, err, &e)
	assert.Contains(t, e.Path, "train-images")
}

// TestMemoryIsAMultipleOfTheContents: all memory taken together is 4/3 of an honest file, and at
// most 16/3 of what a file holds that promises more.
func TestMemoryIsAMultipleOfTheContents(t *testing.T) {
	read := func(file []byte) (total uint64, err error) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err = data.ReadIDX(bytes.NewReader(file))
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc, err
	}
	const n = 1<<23 + 5
	content := make([]byte, n)
	for i := range content {
		content[i] = byte(i * i >> 7)
	}
	for name, file := range map[string][]byte{"plain": idx(content, n), "gzip": zipped(idx(content, n))} {
		total, err := read(file)
		require.NoError(t, err, name)
		assert.Less(t, total, uint64(n*134/100+1<<17), name)
		x, err := data.ReadIDX(bytes.NewReader(file))
		require.NoError(t, err)
		assert.True(t, bytes.Equal(content, x.Data), name)
	}
	for _, held := range []int{1, 1 << 16, 1<<18 + 1, 1 << 20} {
		total, err := read(idx(content[:held], 1<<30))
		require.Error(t, err)
		assert.Less(t, total, uint64(54*held/10+1<<17), "%d bytes", held)
	}
}
