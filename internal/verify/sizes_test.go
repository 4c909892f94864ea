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

// TestSegments: half of the segments decide that second derivatives are right, and one that they are wrong.
func TestSegments(t *testing.T) {
	for _, c := range []struct {
		decided, all int
		largest      float64
		want         Status
	}{
		{0, 2, -1, Undecided}, {1, 2, 0, Passed}, {2, 2, 9e-6, Passed}, {2, 2, 1.5e-5, Failed},
		{1, 3, 9e-6, Undecided}, {1, 3, hessianAccuracy, Undecided}, {1, 3, 1.5e-5, Failed}, {2, 3, hessianAccuracy, Passed},
	} {
		v := &verifier{Verification: &Verification{}}
		v.segments("law", c.decided, c.all, c.largest, "W")
		require.Len(t, v.Checks, 1)
		assert.Equal(t, c.want, v.Checks[0].Status, "%+v", c)
	}
}

// TestSizes: root mean squares of columns and of everything.
func TestSizes(t *testing.T) {
	rows := [][]float64{{3, 1e200}, {4, 1e200}}
	assert.InEpsilon(t, math.Sqrt(12.5), size(rows, 0), 1e-14)
	assert.InEpsilon(t, 1e200, size(rows, 1), 1e-14)
	assert.InEpsilon(t, 2.5, size([][]float64{{3, 0}, {4, 0}}, -1), 1e-14)
}
