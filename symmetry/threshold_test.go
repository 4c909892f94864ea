package symmetry_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/symmetry"
)

// TestCanonicalThreshold: a column that adds to those before it a millionth of its length, or a
// billionth, is a direction of its own in the canonical form: the form is upper triangular there, has
// the function of the network, and rotated copies share it. One that adds rounding only is none.
func TestCanonicalThreshold(t *testing.T) {
	for _, tc := range []struct {
		adds  float64
		pivot bool
		equal float64 // of the forms of two copies: rounding over what the column adds
	}{{1e-6, true, 1e-8}, {1e-9, true, 1e-5}, {0, false, 1e-12}} {
		for seed := range uint64(10) {
			w := random(mlp(t, tanh, 3, 6, 2), seed)
			w.Arrow("one->h1").Zero()
			m := w.Arrow("x->h1")
			for i := range 6 { // the second column is the first, and what it adds
				m.Set(i, 1, m.At(i, 0)+tc.adds*m.At(i, 1))
			}
			a, err := symmetry.Canonical(w)
			require.NoError(t, err)
			b, err := symmetry.Canonical(actsOn(t, w, seed))
			require.NoError(t, err)
			require.Equal(t, a.Quiver().Dims(), b.Quiver().Dims())
			assert.LessOrEqual(t, gap(t, w, a, inputs(w.Quiver(), 20, 1)...), 1e-12)
			r := a.Arrow("x->h1")
			size := math.Abs(r.At(0, 0))
			if tc.pivot {
				assert.Greater(t, r.At(1, 1)/size, tc.adds/100, "seed %d: the second row begins with the second column", seed)
				assert.Zero(t, r.At(2, 1))
				assert.NotZero(t, r.At(2, 2))
			} else {
				assert.Zero(t, r.At(1, 1))
				assert.NotZero(t, r.At(1, 2))
			}
			assert.LessOrEqual(t, distance(a, b), tc.equal*a.Norm(), "adds %g, seed %d", tc.adds, seed)
		}
	}
}
