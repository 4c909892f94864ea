package layers

import "github.com/quivernet/quivernet/internal/scalar"

// Func is a scalar function h: ℝ → ℝ with all its derivatives: String names it, every constant included, Value is h(x),
// Slope is h′(x), Jet stores the Taylor coefficients h⁽ʲ⁾(x)/j! in its first argument, and Extrema lists the points that
// error bounds rest on: all at which |h| or |h′| has a local maximum or h a kink, and those where h jumps or is infinite.
// At a kink or a jump, Slope and Jet take the side that Value takes.
//
// It makes a radial activation, v ↦ h(|v|)/|v|·v, and a pointwise one, v ↦ (h(v_1), …, h(v_n)).
// Implementations must be immutable and safe for concurrent use.
type Func = scalar.Func

// The catalogue of scalar functions.
var (
	// ReLU is max(0, x). As a radial function it is the identity, since norms are
	// never negative: networks of Radial(ReLU) are linear. The radial non-linearity of
	// that kind is Shift(ReLU, s) with s > 0.
	ReLU Func = scalar.ReLU

	// StepReLU is x for x ≥ 1 and 0 below: the activation of the universal
	// approximation theorems of arXiv 2107.02550. It jumps at 1.
	StepReLU Func = scalar.StepReLU

	// Abs is |x|; as a radial function it is the identity.
	Abs Func = scalar.Abs

	// Unit is the constant 1; as a radial function it normalises: v/|v|.
	Unit Func = scalar.Unit

	// Square is x².
	Square Func = scalar.Square

	// Tanh is the hyperbolic tangent.
	Tanh Func = scalar.Tanh

	// Sigmoid is 1/(1+e^{−x}).
	Sigmoid Func = scalar.Sigmoid

	// Softplus is log(1+eˣ).
	Softplus Func = scalar.Softplus

	// Arctan is the inverse tangent.
	Arctan Func = scalar.Arctan

	// Squash is x²/(1+x²), the capsule networks' function; as a radial activation it
	// has Lipschitz constant 3√3/8.
	Squash Func = scalar.Squash

	// Exp is eˣ.
	Exp Func = scalar.Exp

	// GELU is xΦ(x), Φ the normal distribution function (exact, by erf).
	GELU Func = scalar.GELU

	// SiLU is x/(1+e^{−x}), also called swish.
	SiLU Func = scalar.SiLU

	// ELU is x for x > 0 and eˣ−1 below; as a radial function it is the identity.
	ELU Func = scalar.ELU

	// Sin is the sine.
	Sin Func = scalar.Sin
)

// LeakyReLU returns x for x > 0 and slope·x below; as a radial function it is the
// identity. It panics with *ConstantError unless slope is finite.
func LeakyReLU(slope float64) Func { return scalar.LeakyReLU(slope) }

// Power returns xᵏ. For k that is not a whole number it is meant for x ≥ 0
// (NaN below); for k < 0 it is infinite at 0. It panics with *ConstantError unless k is
// finite.
func Power(k float64) Func { return scalar.Power(k) }

// Shift returns r ↦ h(r−s): with ReLU, the shifted ReLU max(0, r−s) of arXiv
// 2107.02550; with Sigmoid, its shifted sigmoid. A shift of 0 is h itself, and shifts of shifts
// add. It panics with *ConstantError unless s is finite.
func Shift(h Func, s float64) Func { return scalar.Shift(h, s) }

// Range returns an enclosure of h on lo ≤ x ≤ hi: min ≤ h(x) ≤ max there, for the h of
// mathematics as well as for the rounded one that Value computes. The ends may be infinite. For
// the catalogue it is the exact range, a few units in the last place wider; for a user's Func
// it is what the suprema of |h| and |h′| allow, which rest on Extrema. Where nothing is known,
// and where h is NaN at an end, it is (−∞, ∞).
func Range(h Func, lo, hi float64) (min, max float64) { return scalar.Range(h, lo, hi) }

// Line reports whether h is one polynomial a + b·x of degree at most 1 on all of lo ≤ x ≤ hi:
// no kink lies inside and no jump inside or at an end. The ends may be infinite. Only functions
// of the catalogue, shifted ones included, can tell.
func Line(h Func, lo, hi float64) (a, b float64, ok bool) { return scalar.Line(h, lo, hi) }
