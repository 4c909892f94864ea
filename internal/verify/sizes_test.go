package verify

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestSettle: half of the samples decide a comparison, and less does not.
func TestSettle(t *testing.T) {
	for decided, want := range map[int]bool{0: false, 1: true, 2: true} {
		d := differences{[]float64{1, 1}, []float64{0, 0}, []bool{decided > 0, decided > 1}}
		v := &verifier{Verification: &Verification{}}
		v.settle("law", "where", "note", d, []float64{1, 1})
		require.Len(t, v.Checks, 1)
		assert.Equal(t, want, v.Checks[0].Status != Undecided, "%d of 2", decided)
	}
}

// TestSizes: root mean squares of columns and of everything.
func TestSizes(t *testing.T) {
	rows := [][]float64{{3, 1e200}, {4, 1e200}}
	assert.InEpsilon(t, math.Sqrt(12.5), size(rows, 0), 1e-14)
	assert.InEpsilon(t, 1e200, size(rows, 1), 1e-14)
	assert.InEpsilon(t, 2.5, size([][]float64{{3, 0}, {4, 0}}, -1), 1e-14)
}
