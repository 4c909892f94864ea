package identify

import "github.com/quivernet/quivernet/internal/exact"

// cones returns a box as one cone; all of ℝⁿ, which has no corners, as its 2ⁿ orthants.
func cones(b Box) []*exact.Cone {
	if n := len(b.Lo); n > 0 && b.IsWhole() {
		return exact.Orthants(n)
	}
	return []*exact.Cone{exact.BoxCone(b.Lo, b.Hi)}
}
