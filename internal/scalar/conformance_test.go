package scalar

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
)

// A check holds one kind of facts of a record against numbers. It draws from a random stream of its own.
type check struct {
	name string
	of   func(f *Function, rng *rand.Rand) error
}

var checks = []check{
	{"name", checkName}, {"slope", checkSlope}, {"jet", checkJet}, {"range", checkRange}, {"suprema", checkSuprema}, {"jump", checkJumps}, {"ratio", checkRatio},
	{"line", checkLine}, {"radial jets", checkRadialJets}, {"origin", checkOrigin}, {"pointwise symmetry", checkPointwise}, {"radial symmetry", checkRadial},
	{"formula", checkFormula}, {"entry kernel", checkEntry}, {"ratio kernel", checkRatioKernel},
}

// conforms returns the first objection of the checks to a record.
func conforms(f *Function) error {
	for _, c := range checks {
		h := fnv.New64a()
		h.Write([]byte(f.Text + c.name))
		if err := c.of(f, rand.New(rand.NewPCG(h.Sum64(), 1))); err != nil {
			return fmt.Errorf("%s of %s: %w", c.name, f.Text, err)
		}
	}
	return nil
}

// TestConformance: every record states facts.
func TestConformance(t *testing.T) {
	for _, f := range Samples() {
		t.Run(f.Text, func(t *testing.T) { assert.NoError(t, conforms(f)) })
	}
}

// smooth says that f has no kink or jump within d of x and is a number there.
func smooth(f *Function, x, d float64) bool {
	for _, p := range slices.Concat(f.at, f.jump) {
		if math.Abs(x-p) <= d {
			return false
		}
	}
	return !math.IsNaN(f.Value(x)) && !math.IsNaN(f.Value(x-d))
}

// differences is g′(x) from five values.
func differences(g func(x float64) float64, x float64) float64 {
	const e = 1e-3
	return (8*(g(x+e)-g(x-e)) - (g(x+2*e) - g(x-2*e))) / (12 * e)
}

// near fails where got is further from want than tol of scale.
func near(want, got, tol, scale float64, what string, x float64) error {
	if want == got || math.Abs(want-got) <= tol*scale {
		return nil
	}
	return fmt.Errorf("%s at %v: want %v, got %v", what, x, want, got)
}

func points(f *Function, rng *rand.Rand, n int, d float64) (xs []float64) {
	for range n {
		if x := 2.5 * rng.NormFloat64(); smooth(f, x, d) {
			xs = append(xs, x)
		}
	}
	return xs
}

func checkName(f *Function, _ *rand.Rand) error {
	if i := slices.IndexFunc(Catalogue(), func(g *Function) bool { return g.Text == f.Text }); i >= 0 {
		if g := Catalogue()[i]; g.Name != f.Name || !slices.Equal(g.Constants, f.Constants) {
			return fmt.Errorf("the catalogue has another function of that name")
		}
		if len(f.Constants) == 0 && f.Name != f.Text {
			return fmt.Errorf("the name is %s", f.Name)
		}
		return nil
	}
	all := append(Families(), norms)
	i := slices.IndexFunc(all, func(g Family) bool { return g.Name == f.Name })
	if i < 0 || all[i].Constants != len(f.Constants) {
		return fmt.Errorf("no family %s of %d constants", f.Name, len(f.Constants))
	}
	if g := all[i].Make(f.Constants); g.Text != f.Text {
		return fmt.Errorf("its constants make %s", g.Text)
	}
	return nil
}

func checkSlope(f *Function, rng *rand.Rand) error {
	for _, x := range points(f, rng, 60, 0.2) {
		if err := near(differences(f.Value, x), f.Slope(x), 1e-8, 1+math.Abs(f.Slope(x))+math.Abs(f.Value(x)), "the slope", x); err != nil {
			return err
		}
	}
	return nil
}

func checkJet(f *Function, rng *rand.Rand) error {
	coefficient := func(j int) func(x float64) float64 {
		return func(x float64) float64 {
			c := make([]float64, j+1)
			f.Jet(c, x)
			return c[j]
		}
	}
	for _, x := range points(f, rng, 40, 0.3) {
		c := make([]float64, 7)
		f.Jet(c, x)
		for j, want := range []float64{f.Value(x), f.Slope(x)} {
			if err := near(want, c[j], 1e-12, 1e-3+math.Abs(want), fmt.Sprint("coefficient ", j), x); err != nil {
				return err
			}
		}
		for j := range len(c) - 1 {
			want := differences(coefficient(j), x) / float64(j+1)
			if err := near(want, c[j+1], 1e-6, 1e-2+math.Abs(want)+math.Abs(c[j]), fmt.Sprint("coefficient ", j+1), x); err != nil {
				return err
			}
		}
	}
	return nil
}

// interval draws an interval: of any size, at 0, of one point, with an infinite end.
func interval(rng *rand.Rand) (lo, hi float64) {
	lo = 3 * rng.NormFloat64()
	hi = lo + math.Abs(rng.NormFloat64())*math.Pow(4, float64(rng.IntN(4)-2))
	switch rng.IntN(12) {
	case 0:
		hi = lo
	case 1:
		lo, hi = 0, hi-lo
	case 2:
		lo, hi = lo-hi, 0
	case 3:
		lo, hi = -0.1-rng.Float64(), 0.1+rng.Float64()
	}
	return lo, hi
}

// greatest searches the maximum of g on [lo, hi]: a grid, and a finer one around its best point, three times. NaN does not count.
func greatest(g func(x float64) float64, lo, hi float64) (best, at float64) {
	best, at = math.Inf(-1), lo
	a, b := lo, hi
	for range 4 {
		const n = 64
		for k := range n + 1 {
			if x := min(b, a+(b-a)*float64(k)/n); g(x) > best {
				best, at = g(x), x
			}
		}
		d := (b - a) / n
		a, b = max(lo, at-d), min(hi, at+d)
	}
	return best, at
}

func checkRange(f *Function, rng *rand.Rand) error {
	for range 200 {
		lo, hi := interval(rng)
		least, most := Range(f, lo, hi)
		if y, x := greatest(f.Value, lo, hi); y > most {
			return fmt.Errorf("%v at %v is above the range up to %v on [%v, %v]", y, x, most, lo, hi)
		}
		if y, x := greatest(func(x float64) float64 { return -f.Value(x) }, lo, hi); -y < least {
			return fmt.Errorf("%v at %v is below the range from %v on [%v, %v]", -y, x, least, lo, hi)
		}
	}
	return nil
}

func checkSuprema(f *Function, rng *rand.Rand) error {
	for range 200 {
		lo, hi := interval(rng)
		size, slope := Suprema(f, lo, hi, math.Inf(-1))
		if y, x := greatest(func(x float64) float64 { return math.Abs(f.Value(x)) }, lo, hi); y > size*(1+1e-12) {
			return fmt.Errorf("|h| is %v at %v, not at most %v on [%v, %v]", y, x, size, lo, hi)
		}
		if y, x := greatest(func(x float64) float64 { return math.Abs(f.Slope(x)) }, lo, hi); y > slope*(1+1e-12) {
			return fmt.Errorf("|h′| is %v at %v, not at most %v on [%v, %v]", y, x, slope, lo, hi)
		}
	}
	return nil
}

// checkJumps looks for jumps by bisection: each is among the facts.
func checkJumps(f *Function, rng *rand.Rand) error {
	for range 40 {
		lo, hi := interval(rng)
		a, b := lo, hi
		leap := func(a, b float64) float64 { return math.Abs(f.Value(a) - f.Value(b)) }
		for a < b {
			mid := a + (b-a)/2
			if mid <= a || mid >= b {
				break
			}
			if leap(a, mid) > leap(mid, b) {
				b = mid
			} else {
				a = mid
			}
		}
		if leap(a, b) < 1e-3 {
			continue
		}
		if _, slope := Suprema(f, a, b, math.Inf(-1)); !math.IsInf(slope, 1) {
			return fmt.Errorf("it jumps at %v by %v, and |h′| is said to be at most %v", b, leap(a, b), slope)
		}
	}
	return nil
}
