package scalar

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// scales returns whether h(sx) = sᵈ·h(x) for s > 0 at the given points.
func scales(f *Function, d float64, xs ...float64) bool {
	for _, x := range xs {
		for _, s := range factors {
			if a, b := f.Value(s*x), math.Pow(s, d)*f.Value(x); !(math.Abs(a-b) <= 1e-9*(math.Abs(a)+math.Abs(b))) && !(math.IsNaN(a) && math.IsNaN(b)) {
				return false
			}
		}
	}
	return true
}

// parity returns 1 where f is even, −1 where it is odd, else 0.
func parity(f *Function) int {
	even, odd := true, true
	for _, x := range []float64{0.3, 0.9, 1.7, 3.1} {
		a, b := f.Value(x), f.Value(-x)
		even, odd = even && math.Abs(a-b) <= 1e-12*math.Abs(a), odd && math.Abs(a+b) <= 1e-12*math.Abs(a)
	}
	switch {
	case even:
		return 1
	case odd:
		return -1
	}
	return 0
}

// degree returns d with h(sx) = sᵈ·h(x) at the points, or false.
func degree(f *Function, xs ...float64) (float64, bool) {
	for _, x := range xs {
		if y := f.Value(x); y != 0 && !math.IsNaN(y) {
			d := math.Round(1000*math.Log(math.Abs(f.Value(2*x)/y))/math.Log(2)) / 1000
			return d, scales(f, d, xs...)
		}
	}
	return 0, false
}

// pointwiseSymmetry is what numbers say.
func pointwiseSymmetry(f *Function) Symmetry {
	d, homogeneous := degree(f, 0.4, 1.3, 2.2, -0.4, -1.3, -2.2)
	sign := parity(f)
	switch {
	case homogeneous && d == 0 && sign == 1:
		return Symmetry{Kind: Constant}
	case homogeneous && d == 1 && sign == -1:
		return Symmetry{Kind: Linear}
	case homogeneous && sign != 0:
		return Symmetry{Monomial, d, sign}
	case homogeneous:
		return Symmetry{Kind: Positive, Degree: d}
	case sign != 0:
		return Symmetry{Kind: Signed, Parity: sign}
	}
	return Symmetry{Kind: Permuting}
}

func checkPointwise(f *Function, _ *rand.Rand) error {
	want := pointwiseSymmetry(f)
	if f.Name == norms.Name {
		want = Symmetry{} // of which no pointwise activation is made
	}
	if f.Pointwise != want {
		return fmt.Errorf("want %+v, got %+v", want, f.Pointwise)
	}
	return nil
}

func checkRadial(f *Function, _ *rand.Rand) error {
	want := Symmetry{Kind: Rotations}
	if d, ok := degree(f, 0.4, 1.3, 2.2); ok && d == 1 {
		want = Symmetry{Kind: Linear}
	} else if ok {
		want = Symmetry{Kind: Conformal, Degree: d}
	}
	if f.Radial != want {
		return fmt.Errorf("want %+v, got %+v", want, f.Radial)
	}
	return nil
}
