package layers

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/scalar"
	"github.com/quivernet/quivernet/quiver"
)

// DeadZone returns ρ with ρ(v) = 0 for |v| ≤ tau, for a radial activation a. Where
// h(0) ≠ 0 a radial activation jumps at the origin, and two networks that are
// algebraically equal can differ there by the rounding of a zero: a dead zone above
// that rounding makes them equal. It panics with *ConstantError unless a is radial
// (implements quiver.RadialJet) and tau is finite and ≥ 0.
func DeadZone(a quiver.Activation, tau float64) quiver.Activation {
	r, ok := a.(quiver.RadialJet)
	if !ok || !(tau >= 0) || math.IsInf(tau, 1) {
		panic(refusal("deadzone", fmt.Sprintf("%v, tau = %s", a, scalar.Number(tau)), "want a radial activation and finite tau ≥ 0"))
	}
	return &deadZone{r, tau}
}

type deadZone struct {
	in  quiver.RadialJet
	tau float64
}

func (a *deadZone) String() string                                { return fmt.Sprintf("deadzone(%s,%s)", a.in, scalar.Number(a.tau)) }
func (a *deadZone) Restrict(*mat.Dense) (quiver.Activation, bool) { return a, true }

// dead reports whether r lies in the zone. A zone of radius 0 is none: the
// convention of the inner activation rules at the origin.
func (a *deadZone) dead(r float64) bool { return r <= a.tau && a.tau > 0 }

func (a *deadZone) Apply(dst, z []float64) {
	if a.dead(norm(z)) {
		clear(dst)
		return
	}
	a.in.Apply(dst, z)
}

func (a *deadZone) VJP(dst, z, g []float64) {
	if a.dead(norm(z)) {
		clear(dst)
		return
	}
	a.in.VJP(dst, z, g)
}

// RadialJet is 0 in the dead zone.
func (a *deadZone) RadialJet(k int, r float64) float64 {
	if a.dead(r) {
		return 0
	}
	return a.in.RadialJet(k, r)
}

// Lipschitz is infinite where the edge of the zone lies in the shell, unless ρ
// vanishes on both sides of it.
func (a *deadZone) Lipschitz(lo, hi float64) (lip, sup float64) {
	in, ok := a.in.(quiver.Lipschitz)
	switch {
	case a.tau > 0 && hi < a.tau:
		return 0, 0
	case !ok:
		return math.Inf(1), math.Inf(1)
	case a.tau == 0 || lo > a.tau:
		return in.Lipschitz(lo, hi)
	}
	lip, sup = in.Lipschitz(a.tau, hi)
	if a.in.RadialJet(0, a.tau) != 0 || a.in.RadialJet(0, math.Nextafter(a.tau, math.Inf(1))) != 0 {
		lip = math.Inf(1)
	}
	if hi == a.tau {
		sup = 0
	}
	return lip, sup
}
