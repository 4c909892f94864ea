package layers

import (
	"fmt"
	"math"

	"github.com/quivernet/quivernet/internal/scalar"
	"github.com/quivernet/quivernet/quiver"
)

// RMSNorm returns v ↦ v/√(|v|²/d + ε), which is radial: its symmetry group is all of
// O(n). d is a constant of the layer, the width that the network was designed
// with; it stays as it is when the vertex is compressed, or the function would
// change. It panics with *ConstantError unless d > 0 and ε ≥ 0.
func RMSNorm(d int, eps float64) quiver.Activation {
	if d <= 0 || !(eps >= 0) || math.IsInf(eps, 1) {
		panic(refusal("rmsnorm", fmt.Sprintf("d = %d, eps = %v", d, eps), "want d > 0 and finite eps ≥ 0"))
	}
	a := Radial(scalar.RMS(d, eps)).(*radial)
	a.name = fmt.Sprintf("rmsnorm(%d,%s)", d, scalar.Number(eps))
	return a
}
