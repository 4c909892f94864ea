package scalar

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// evaluate computes a formula of h at x.
func evaluate(h *Function, f *Formula, x float64) float64 {
	arg := func(i int) float64 { return evaluate(h, f.Args[i], x) }
	truth := func(b bool) float64 {
		if b {
			return 1
		}
		return 0
	}
	switch f.Op {
	case Variable:
		return x
	case Affine:
		return f.A*arg(0) + f.B
	case PowerOf:
		return math.Pow(arg(0), f.A)
	case Times:
		return arg(0) * arg(1)
	case Plus:
		return arg(0) + arg(1)
	case Minus:
		return arg(0) - arg(1)
	case Over:
		return arg(0) / arg(1)
	case ExpOf:
		return math.Exp(arg(0))
	case LogOf:
		return math.Log(arg(0))
	case CosOf:
		return math.Cos(arg(0))
	case ErfOf:
		return math.Erf(arg(0))
	case Above:
		return truth(arg(0) > f.A)
	case AtLeast:
		return truth(arg(0) >= f.A)
	case DerivativeOf:
		if f.Of != nil {
			h = f.Of
		}
		return Derivative(h, f.K, arg(0))
	}
	return math.NaN()
}

// checkFormula: formulas have the values of what they stand for; the function and its derivative have one, unless the function is
// elementary. RMSNorm has a formula of its own, of the squared norm.
func checkFormula(f *Function, rng *rand.Rand) error {
	for k := range 2 {
		if has := f.Formula(k) != nil; f.Name != norms.Name && has == (f.elementary && k == 0) {
			return fmt.Errorf("of order %d: a formula %v, elementary %v", k, has, f.elementary)
		}
	}
	for k := range max(3, len(f.formulas)) {
		formula := f.Formula(k)
		if formula == nil {
			continue
		}
		for _, x := range points(f, rng, 30, 0.05) {
			want := Derivative(f, k, x)
			if err := near(want, evaluate(f, formula, x), 1e-12, 1e-2+math.Abs(want), fmt.Sprint("the formula of order ", k), x); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkEntry(f *Function, rng *rand.Rand) error {
	k := f.Entry
	if k == nil {
		return nil
	}
	value, slope := k.Value, k.Slope
	if k.ValueAt != nil {
		value = func(x float64) float64 { return k.ValueAt(x, f.Params[0]) }
		slope = func(x float64) float64 { return k.SlopeAt(x, f.Params[0]) }
	}
	xs := append(points(f, rng, 60, 0), 0, -0.5, 0.5)
	for _, x := range xs {
		if err := near(f.Value(x), value(x), 1e-15, math.Abs(f.Value(x)), "the value", x); err != nil {
			return err
		}
		if err := near(f.Slope(x), slope(x), 1e-15, math.Abs(f.Slope(x)), "the slope", x); err != nil {
			return err
		}
		if k.Rectifies && f.Value(x) != max(x, 0) {
			return fmt.Errorf("max(0, %v) is not %v", x, f.Value(x))
		}
	}
	return nil
}

func checkRatioKernel(f *Function, rng *rand.Rand) error {
	k := f.Ratio
	if k == nil {
		return nil
	}
	for _, shift := range []float64{0, 0.75, -1.25} {
		if shift != 0 && !k.Shifts {
			continue
		}
		h := Shift(f, shift)
		jets := NewRadialJets(h)
		for range 40 {
			r := math.Exp(1.5 * rng.NormFloat64())
			if !smooth(f, r-shift, 1e-9) {
				continue
			}
			l, l1 := k.At(r, shift, &f.Params)
			want, want1 := h.Value(r)/r, jets.At(1, r)
			if err := near(want, l, 1e-14, math.Abs(want), "λ", r); err != nil {
				return err
			}
			if err := near(want1, l1, 1e-13, math.Abs(want1)+math.Abs(want)/r/r, "λ_1", r); err != nil {
				return err
			}
		}
	}
	return nil
}
