package rounding

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// TestUnknownSizesCarryErrorsNowhere: where the pre-activation or its error is not a number there is no bound,
// although the supremum of the activation is finite.
func TestUnknownSizesCarryErrorsNowhere(t *testing.T) {
	l := layers.Radial(layers.Tanh).(quiver.Lipschitz)
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range [][3]float64{{nan, 0.5, 0.1}, {1, 0.5, nan}, {1, 0.5, inf}} {
		assert.Equal(t, inf, passed(l, c[0], c[1], c[2]), "%v", c)
	}
	assert.LessOrEqual(t, passed(l, 1, 0.5, 0.1), 0.1)
	assert.LessOrEqual(t, passed(l, 1, 0.5, 1e300), 1.5)
}
