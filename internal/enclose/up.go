package enclose

import (
	"math"
	"slices"

	"github.com/quivernet/quivernet/quiver"
)

// Up makes room for the rounding of a few operations on a bound.
func Up(x float64) float64 {
	if x == 0 {
		return 0
	}
	return x*(1+0x1p-40) + math.SmallestNonzeroFloat64
}

// Times is x·y for bounds: nothing times infinity is nothing. A product that underflows is not 0.
func Times(x, y float64) float64 {
	if x == 0 || y == 0 {
		return 0
	}
	return x*y + math.SmallestNonzeroFloat64
}

// Trained says whether parameters have left their initial values, for which alone an
// activation knows its constants.
func Trained(act quiver.Activation, p []float64) bool {
	a, ok := act.(quiver.Parametric)
	if !ok || len(p) == 0 {
		return false
	}
	init := make([]float64, len(p))
	a.InitParams(init)
	return !slices.Equal(init, p)
}
