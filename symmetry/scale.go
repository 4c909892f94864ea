package symmetry

import (
	"math"
	"strconv"
	"strings"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// unitwise is an activation that works coordinate by coordinate: what the reduction of units needs
// of it.
type unitwise struct {
	act    quiver.Activation
	h      layers.Func // nil at a user's activation and at the identity
	scales bool        // σ(c·t) = c^degree·σ(t) for c > 0
	degree float64
	mirror float64 // σ(−t) = offset + mirror·σ(t), mirror = ±1, or 0 where there is no such law
	offset float64
}

// unitwiseOf returns what is known of a pointwise activation without parameters, or false for
// another one. The laws are those of the groups in arXiv 2205.14258; a user's
// activation (quiver.PointJet) has none but equality.
func unitwiseOf(v quiver.Vertex) (unitwise, bool) {
	u := unitwise{act: v.Act}
	if p, ok := v.Act.(quiver.Parametric); ok && p.NumParams(v.Dim) > 0 {
		return u, false
	}
	if s, ok := v.Act.(quiver.Sized); ok && s.Dim() >= 0 {
		return u, false
	}
	if v.Act == quiver.Identity {
		u.scales, u.degree, u.mirror = true, 1, -1
		return u, true
	}
	if _, ok := v.Act.(quiver.PointJet); !ok {
		return u, false
	}
	if f, ok := v.Act.(interface{ Func() layers.Func }); ok {
		u.h = f.Func()
		u.laws(u.h.String())
	}
	return u, true
}

// laws reads the table of scalar functions.
func (u *unitwise) laws(name string) {
	kind, constant, _ := strings.Cut(strings.TrimSuffix(name, ")"), "(")
	k, _ := strconv.ParseFloat(constant, 64)
	switch kind {
	case "relu", "leakyrelu":
		u.scales, u.degree = true, 1
	case "abs":
		u.scales, u.degree, u.mirror = true, 1, 1
	case "square":
		u.scales, u.degree, u.mirror = true, 2, 1
	case "power":
		u.scales, u.degree = true, k
		switch math.Mod(math.Abs(k), 2) {
		case 0:
			u.mirror = 1
		case 1:
			u.mirror = -1
		}
	case "tanh", "arctan", "sin":
		u.mirror = -1
	case "squash":
		u.mirror = 1
	case "sigmoid":
		u.mirror, u.offset = -1, 1
	}
}

// factor returns φ and the offset o with σ(c·t) = φ·σ(t) + o, or false where there is no
// such law for c.
func (u *unitwise) factor(c float64) (phi, offset float64, ok bool) {
	switch {
	case c == 1:
		return 1, 0, true
	case c == -1:
		return u.mirror, u.offset, u.mirror != 0
	case c == 0 || !u.scales || c < 0 && u.mirror == 0:
		return 0, 0, false
	}
	phi = math.Pow(math.Abs(c), u.degree)
	if c < 0 {
		phi *= u.mirror
	}
	return phi, 0, phi != 0 && !math.IsInf(phi, 0)
}

// value returns σ(x).
func (u *unitwise) value(x float64) float64 {
	y := []float64{x}
	u.act.Apply(y, y)
	return y[0]
}

// line reports whether σ is a + b·x on the interval.
func (u *unitwise) line(lo, hi float64) (a, b float64, ok bool) {
	switch {
	case u.act == quiver.Identity:
		return 0, 1, true
	case u.h == nil:
		return 0, 0, false
	}
	return layers.Line(u.h, lo, hi)
}

// image returns an enclosure of σ on the interval.
func (u *unitwise) image(lo, hi float64) (float64, float64) {
	switch {
	case u.act == quiver.Identity:
		return lo, hi
	case u.h != nil:
		return layers.Range(u.h, lo, hi)
	}
	l, ok := u.act.(quiver.Lipschitz)
	if !ok || math.IsInf(lo, 0) || math.IsInf(hi, 0) {
		return math.Inf(-1), math.Inf(1)
	}
	slope, _ := l.Lipschitz(0, max(math.Abs(lo), math.Abs(hi)))
	mid := lo + (hi-lo)/2
	y := u.value(mid)
	r := slope*(hi-lo)*(1+0x1p-50) + 64*0x1p-53*math.Abs(y) // twice the radius: the rounding of mid is inside
	if r = r + y - y; math.IsNaN(r) {
		return math.Inf(-1), math.Inf(1)
	}
	return y - r, y + r
}

// bends returns the points of (lo, hi) at which σ passes from one line to another, as far
// as it is a line on one side at least.
func (u *unitwise) bends(lo, hi float64) []float64 {
	if u.h == nil {
		return nil
	}
	var out []float64
	at, jump := u.h.Extrema()
	for _, x := range append(at, jump...) {
		if !(lo < x && x < hi) {
			continue
		}
		step := max(1, math.Abs(x)) * 0x1p-40
		_, _, left := layers.Line(u.h, x-2*step, x-step)
		_, _, right := layers.Line(u.h, x+step, x+2*step)
		if left || right {
			out = append(out, x)
		}
	}
	return out
}
