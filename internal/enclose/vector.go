package enclose

import (
	"math"

	"github.com/quivernet/quivernet/internal/linalg"
	"github.com/quivernet/quivernet/quiver"
)

// Vector encloses the values of an activation with parameters p on the box of all pre-activations between zlo and zhi, by its
// Lipschitz constants: it writes bounds to xlo and xhi, which are infinite where the activation has none.
func Vector(act quiver.Activation, p, zlo, zhi, xlo, xhi []float64) {
	dim := len(zlo)
	for i := range dim {
		xlo[i], xhi[i] = math.Inf(-1), math.Inf(1)
	}
	l, ok := act.(quiver.Lipschitz)
	if !ok || dim == 0 || Trained(act, p) {
		return
	}
	// |ρ(z) − ρ(m)| ≤ Lip·|z − m| between the centre m and the ends.
	mid, half, y := make([]float64, dim), make([]float64, dim), make([]float64, dim)
	for i := range mid {
		mid[i] = zlo[i] + (zhi[i]-zlo[i])/2
		half[i] = max(zhi[i]-mid[i], mid[i]-zlo[i])
	}
	slack := 1 + float64(dim+16)*0x1p-50
	r, size := Length(half), Length(mid)
	if math.IsNaN(r) { // and so where the centre is not a number
		return
	}
	lip, sup := l.Lipschitz(max(0, size/slack-r), size+r)
	sup *= slack * (1 + 64*0x1p-53)
	if math.IsInf(r, 1) {
		lip = math.Inf(1)
	} else {
		act.Apply(y, mid)
	}
	e := Up(Times(lip, r)*slack + 64*0x1p-53*Length(y))
	for i := range y {
		lo, hi := y[i]-e, y[i]+e
		if math.IsNaN(lo) || math.IsNaN(hi) {
			lo, hi = math.Inf(-1), math.Inf(1)
		}
		if !math.IsNaN(sup) {
			lo, hi = max(lo, -sup), min(hi, sup)
		}
		xlo[i], xhi[i] = lo, hi
	}
}

// Length returns an upper bound of |x|.
func Length(x []float64) float64 {
	return linalg.FrobeniusNorm(linalg.Matrix{Rows: 1, Cols: len(x), Data: x})
}
