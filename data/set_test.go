package data_test

import (
	"crypto/sha256"
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/data"
)

func TestDigitsAreTheOriginal(t *testing.T) {
	file, err := os.ReadFile("digits/digits.csv.gz")
	require.NoError(t, err)
	assert.Equal(t, "09f66e6debdee2cd2b5ae59e0d6abbb73fc2b0e0185d2e1957e9ebb51e23aa22", fmt.Sprintf("%x", sha256.Sum256(file)))

	s := data.Digits()
	r, c := s.X.Dims()
	assert.Equal(t, []int{1797, 64, 1797, 10, 8, 8}, []int{r, c, s.Len(), s.Classes, s.Height, s.Width})
	assert.Equal(t, []int{178, 182, 177, 183, 181, 182, 181, 179, 174, 180}, s.Counts())
	assert.Equal(t, 0.0, mat.Min(s.X))
	assert.Equal(t, 1.0, mat.Max(s.X))
	// The first image is the zero that opens every tutorial on this set.
	assert.Equal(t, 0, s.Labels[0])
	assert.Equal(t, []float64{0, 0, 5. / 16, 13. / 16, 9. / 16, 1. / 16, 0, 0}, s.X.RawRowView(0)[:8])
	constant := 0
	for j := range c {
		if col := mat.Col(nil, j, s.X); mat.Max(mat.NewVecDense(r, col)) == mat.Min(mat.NewVecDense(r, col)) {
			constant++
		}
	}
	assert.Equal(t, 3, constant, "pixels that never change")
}

func TestDigitsAreAnewEachTime(t *testing.T) {
	a := data.Digits()
	a.X.Set(0, 0, 7)
	a.Labels[0] = 9
	b := data.Digits()
	assert.Equal(t, 0.0, b.X.At(0, 0))
	assert.Equal(t, 0, b.Labels[0])
	split := data.DigitsSplit()
	split.Train.X.Set(0, 3, 7)
	assert.Equal(t, data.Digits().X.At(0, 3), data.DigitsSplit().Train.X.At(0, 3))
}

func TestDigitsSplit(t *testing.T) {
	s := data.DigitsSplit()
	assert.Equal(t, []int{1437, 360}, []int{s.Train.Len(), s.Test.Len()})
	assert.Equal(t, "digits: 1437 to train, 360 to test, fixed and stratified", s.Note)
	all := data.Digits().Counts()
	for c, n := range s.Test.Counts() {
		assert.InDelta(t, float64(all[c])*360/1797, float64(n), 1, "class %d", c)
		assert.Equal(t, all[c], n+s.Train.Counts()[c])
	}
	// The very rows, so that figures stay comparable from version to version.
	h := sha256.New()
	for _, part := range []*data.Set{s.Train, s.Test} {
		fmt.Fprintln(h, part.Labels, part.X.RawMatrix().Data)
	}
	assert.Equal(t, "8b0344b5ef143186", fmt.Sprintf("%x", h.Sum(nil)[:8]))
}

func TestStratifiedPartsAreDisjointAndWhole(t *testing.T) {
	s := &data.Set{Name: "numbers", Classes: 3, Labels: []int{0, 1, 1, 0, 1, 1, 0, 1, 1, 0}, X: mat.NewDense(10, 1, []float64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9})}
	for test := -1; test <= 11; test++ {
		p := s.Stratified(test)
		require.Equal(t, max(0, min(test, 10)), p.Test.Len(), "test size %d", test)
		seen := make(map[float64]bool)
		for _, part := range []*data.Set{p.Train, p.Test} {
			last := -1.0
			for i := range part.Len() {
				v := part.X.At(i, 0)
				require.False(t, seen[v])
				require.Greater(t, v, last, "order is kept")
				seen[v], last = true, v
				require.Equal(t, s.Labels[int(v)], part.Labels[i])
			}
		}
		require.Len(t, seen, 10)
	}
	assert.True(t, (&data.Set{Classes: 2, X: &mat.Dense{}}).Stratified(3).Test.X.IsEmpty())
}

func TestOneHot(t *testing.T) {
	m, err := data.OneHot([]int{2, 0, 2}, 3)
	require.NoError(t, err)
	assert.True(t, mat.Equal(mat.NewDense(3, 3, []float64{0, 0, 1, 1, 0, 0, 0, 0, 1}), m))
	m, err = data.OneHot(nil, 3)
	require.NoError(t, err)
	assert.True(t, m.IsEmpty())

	for _, labels := range [][]int{{0, 3}, {0, -1}} {
		_, err = data.OneHot(labels, 3)
		var e *data.LabelError
		require.ErrorAs(t, err, &e)
		assert.Equal(t, 1, e.Row)
	}
	_, err = data.OneHot([]int{0}, 0)
	require.ErrorAs(t, err, new(*data.LabelError))
}

func TestAccuracy(t *testing.T) {
	nan := mat.NewDense(1, 1, []float64{0}).At(0, 0)
	nan /= nan
	scores := mat.NewDense(4, 3, []float64{
		1, 2, 0,
		5, 1, 5, // the first of equals
		-3, -2, -1,
		nan, 1, 2,
	})
	assert.Equal(t, 0.75, data.Accuracy(scores, []int{1, 0, 2, 2}))
	assert.Equal(t, 0.25, data.Accuracy(scores, []int{1, 2, 0, 0}), "the tie goes to the first, NaN is wrong")
	assert.Equal(t, 0.0, data.Accuracy(&mat.Dense{}, nil))
	assert.PanicsWithError(t, "data: labels: 1 samples, but scores: 4; every matrix needs one row per sample", func() { data.Accuracy(scores, []int{1}) })
}
