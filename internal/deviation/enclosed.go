package deviation

import (
	"math"

	"github.com/quivernet/quivernet/internal/units"
	"github.com/quivernet/quivernet/quiver"
	"gonum.org/v1/gonum/mat"
)

// EnclosedGap returns a bound of max|F−F'| / max|F| on the given inputs, the largest over the
// outputs: the values of both networks are enclosed, sample by sample; +Inf where an activation
// does not know its Lipschitz constant.
func EnclosedGap(w, r *quiver.Rep, xs []*mat.Dense) (float64, error) {
	a, err := units.Enclosed(w, xs)
	if err != nil {
		return 0, err
	}
	b, err := units.Enclosed(r, xs)
	if err != nil {
		return 0, err
	}
	var worst float64
	for k := range a {
		var diff, size float64
		for i, lo := range a[k].Lo {
			hi := a[k].Hi[i]
			diff = max(diff, hi-b[k].Lo[i], b[k].Hi[i]-lo)
			size = max(size, lo, -hi)
			if math.IsNaN(diff) || math.IsInf(diff, 1) {
				return math.Inf(1), nil
			}
		}
		switch {
		case diff <= 0:
		case !(size > 0):
			return math.Inf(1), nil
		default:
			worst = max(worst, diff/size)
		}
	}
	return worst, nil
}
