package layers

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// RMSNorm returns v ↦ v/√(|v|²/d + ε), which is radial: its symmetry group is all of
// O(n). d is a constant of the layer, the width that the network was designed
// with; it stays as it is when the vertex is compressed, or the function would
// change. It panics with *ConstantError unless d > 0 and ε ≥ 0.
func RMSNorm(d int, eps float64) quiver.Activation {
	if d <= 0 || !(eps >= 0) || math.IsInf(eps, 1) {
		panic(&ConstantError{"rmsnorm", fmt.Sprintf("d = %d, eps = %v", d, eps), "want d > 0 and finite eps ≥ 0"})
	}
	n := float64(d)
	root := func(x float64) float64 { return math.Hypot(x/math.Sqrt(n), math.Sqrt(eps)) }
	h := &fn{
		name: fmt.Sprintf("rms(%d,%s)", d, number(eps)),
		value: func(x float64) float64 {
			if x == 0 {
				return 0
			}
			return x / root(x)
		},
		slope: func(x float64) float64 {
			q := root(x)
			return eps / q / q / q
		},
		jet: func(c []float64, x float64) { // u = (x²/d+ε)^{−½} solves (x²/d+ε)u′ = −(x/d)u
			q := root(x)
			for j := range c {
				if j == 0 {
					c[0] = 1 / q
					continue
				}
				k := float64(j - 1)
				s := -(x / n) * c[j-1] * (1 + 2*k)
				if j > 1 {
					s -= c[j-2] / n * k
				}
				c[j] = s / (q * q) / float64(j)
			}
			timesX(c, x)
		},
		at: []float64{0}, radius: math.Sqrt(eps * n), monotone: true,
	}
	if eps == 0 {
		h.at, h.radius, h.jump = nil, 0, []float64{0}
		h.slope = func(float64) float64 { return 0 }
		h.jet = func(c []float64, x float64) { fill(c, math.Copysign(math.Sqrt(n), x), 0) }
		h.value = func(x float64) float64 {
			if x == 0 {
				return 0
			}
			return math.Copysign(math.Sqrt(n), x)
		}
		h.piece = func(x float64) []float64 { return []float64{math.Copysign(math.Sqrt(n), x), 0} }
	}
	a := Radial(h).(*radial)
	a.name = fmt.Sprintf("rmsnorm(%d,%s)", d, number(eps))
	if eps == 0 {
		a.origin = 0
	}
	return a
}

// ConstantError reports a constant that a maker of activations cannot take.
type ConstantError struct {
	What, Value, Want string
}

func (e *ConstantError) Error() string {
	return fmt.Sprintf("layers: %s: %s; %s", e.What, e.Value, e.Want)
}

// DeadZone returns ρ with ρ(v) = 0 for |v| ≤ tau, for a radial activation a. Where
// h(0) ≠ 0 a radial activation jumps at the origin, and two networks that are
// algebraically equal can differ there by the rounding of a zero: a dead zone above
// that rounding makes them equal. It panics with *ConstantError unless a is radial
// and tau ≥ 0.
func DeadZone(a quiver.Activation, tau float64) quiver.Activation {
	r, ok := a.(quiver.RadialJet)
	if !ok || !(tau >= 0) {
		panic(&ConstantError{"deadzone", fmt.Sprintf("%v, tau = %v", a, tau), "want a radial activation and tau ≥ 0"})
	}
	return &deadZone{r, tau}
}

type deadZone struct {
	in  quiver.RadialJet
	tau float64
}

func (a *deadZone) String() string                                { return fmt.Sprintf("deadzone(%s,%s)", a.in, number(a.tau)) }
func (a *deadZone) Restrict(*mat.Dense) (quiver.Activation, bool) { return a, true }

func (a *deadZone) Apply(dst, z []float64) {
	if norm(z) <= a.tau {
		clear(dst)
		return
	}
	a.in.Apply(dst, z)
}

func (a *deadZone) VJP(dst, z, g []float64) {
	if norm(z) <= a.tau && a.tau > 0 {
		clear(dst)
		return
	}
	a.in.VJP(dst, z, g)
}

// RadialJet is 0 in the dead zone.
func (a *deadZone) RadialJet(k int, r float64) float64 {
	if r <= a.tau && a.tau > 0 {
		return 0
	}
	return a.in.RadialJet(k, r)
}

// Lipschitz is infinite where the edge of the zone lies in the shell.
func (a *deadZone) Lipschitz(lo, hi float64) (lip, sup float64) {
	if hi < a.tau || a.tau == 0 && hi == 0 {
		return 0, 0
	}
	in, ok := a.in.(quiver.Lipschitz)
	if !ok {
		return math.Inf(1), math.Inf(1)
	}
	lip, sup = in.Lipschitz(max(lo, a.tau), hi)
	if lo <= a.tau && a.tau > 0 {
		lip = math.Inf(1)
	}
	return lip, sup
}
