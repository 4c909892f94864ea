package scalar

import (
	"fmt"
	"math"
	"math/rand/v2"
)

func checkRatio(f *Function, rng *rand.Rand) error {
	for range 200 {
		lo, hi := interval(rng)
		lo, hi = min(math.Abs(lo), math.Abs(hi)), max(math.Abs(lo), math.Abs(hi))
		if lo == 0 {
			lo = 1e-3
		}
		most := RatioSupremum(f, lo, max(lo, hi))
		if y, x := greatest(func(x float64) float64 { return math.Abs(f.Value(x)) / x }, lo, max(lo, hi)); y > most*(1+1e-12) {
			return fmt.Errorf("|h(r)/r| is %v at %v, not at most %v on [%v, %v]", y, x, most, lo, hi)
		}
	}
	return nil
}

// checkLine: what is said to be a line is one, and what looks like one over a distance is said to be one.
func checkLine(f *Function, rng *rand.Rand) error {
	for range 200 {
		lo, hi := interval(rng)
		a, b, ok := Line(f, lo, hi)
		straight := hi-lo > 0.1 && math.Abs(lo) < 3 && math.Abs(hi) < 3 && !math.IsNaN(f.Value(lo)*0) && !math.IsNaN(f.Value(hi)*0) && f.Name != "power" // of which two are lines that nobody asks about
		for k := range 41 {
			x := min(hi, lo+(hi-lo)*float64(k)/40)
			if y := f.Value(x); ok && math.Abs(a+b*x-y) > 1e-12*(1+math.Abs(x)) {
				return fmt.Errorf("said to be %v + %v·x on [%v, %v], and is %v at %v", a, b, lo, hi, y, x)
			}
			if want := f.Value(lo) + (f.Value(hi)-f.Value(lo))*(x-lo)/(hi-lo); math.Abs(want-f.Value(x)) > 1e-13 {
				straight = false
			}
		}
		if straight && !ok && f.piece == nil {
			return fmt.Errorf("a line on [%v, %v], and not said to be", lo, hi)
		}
	}
	return nil
}

// checkRadialJets: λ_{k+1} = λ_k′/r by differences, on both sides of the switch between the series and the derivatives.
func checkRadialJets(f *Function, rng *rand.Rand) error {
	j := NewRadialJets(f)
	lambda := func(k int) func(r float64) float64 {
		if k == 0 {
			return func(r float64) float64 { return f.Value(r) / r }
		}
		return func(r float64) float64 { return j.At(k, r) }
	}
	radii := []float64{0.7 * j.Limit, 0.95 * j.Limit, 1.1 * j.Limit}
	for range 12 {
		radii = append(radii, 0.3+4*rng.Float64())
	}
	for _, r := range radii {
		if r < 0.2 || !smooth(f, r, 0.02) || r < j.Limit && r+0.01 > j.Limit {
			continue
		}
		for k := range 3 {
			got, before := j.At(k+1, r), lambda(k)(r)
			if err := near(differences(lambda(k), r)/r, got, 1e-6, math.Abs(got)+math.Abs(before)/r/r, fmt.Sprint("λ_", k+1), r); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkOrigin: where λ has a limit at 0 so have its derivatives, and they keep their digits there.
func checkOrigin(f *Function, _ *rand.Rand) error {
	j := NewRadialJets(f)
	if want := RatioAtZero(f, 0); f.Value(0) == 0 && !math.IsInf(want, 0) && len(f.jump) == 0 {
		if err := near(want, f.Value(1e-9)/1e-9, 1e-6, 1e-3+math.Abs(want), "λ", 1e-9); err != nil {
			return err
		}
	}
	if want := j.Origin(1); f.lambda == nil && (want != 0 || math.Abs(j.At(1, 1e-3)) < 100) {
		for _, r := range []float64{1e-3, 1e-8} {
			if err := near(want, j.At(1, r), 1e-2, math.Abs(want), "λ_1", r); err != nil {
				return err
			}
		}
	}
	return nil
}

// factors are those by which symmetries are tried.
var factors = []float64{0.3, 0.75, 1.9, 5}
