package matching

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/quivernet/quivernet/symmetry/group"
)

// TestScalesStayInRange: the search of a scale improves the best of its grid, within the range of the grid.
func TestScalesStayInRange(t *testing.T) {
	s := newScaleGrid(group.Group{Kind: group.PositiveMonomial, Degree: 1})
	for _, tc := range []struct{ beta, want float64 }{{20, 20}, {0.05, 0.05}, {40, math.Exp(matchRange)}, {1e-3, math.Exp(-matchRange)}} {
		value, lambda := s.least(unitCost{alpha: 1, beta: tc.beta}) // λ² − 2βλ
		assert.InEpsilon(t, tc.want, lambda, 1e-7)
		assert.InEpsilon(t, tc.want*tc.want-2*tc.beta*tc.want, value, 1e-9)
	}
}
