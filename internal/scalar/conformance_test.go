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
