package group

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// detectTolerance is the residual, relative to the value, that counts as zero.
const detectTolerance = 1e-9

// samples are the points at which a function is looked at: a grid of 1,002 points of [−4, 4]
// without 0, and both signs of powers of two from 2⁻²⁰ to 2²⁰, times 1 and 1.37.
var samples = func() (t []float64) {
	for i := range 501 {
		x := 4 * (float64(i) + 0.5) / 501
		t = append(t, x, -x)
	}
	for k := -20; k <= 20; k++ {
		for _, m := range []float64{1, 1.37} {
			x := math.Ldexp(m, k)
			t = append(t, x, -x)
		}
	}
	return t
}()

// SamplePoints returns the points at which [Detect] looks at a function.
func SamplePoints() []float64 { return slices.Clone(samples) }

// Detect samples a scalar function σ and returns the group of the pointwise activation
// v ↦ (σ(v_1), …, σ(v_n)). tol is the residual that counts as zero, relative to the value;
// 0 stands for 1e-9.
//
//  1. An affine fit with no residual: GeneralLinear, UnitRowSum, or Anything where σ is constant.
//  2. σ(at) = b·σ(t) for a = 2, 3 and ½, by least squares: positive scalings, of degree log₂ b(2).
//  3. The same for a = −1, with b = ±1: signs.
//
// It is a finite test, no proof: on about 1,150 points between 2⁻²⁰ and 2²⁰. A function
// that differs only beyond or between these, or that is log-periodic in a way that 2, 3 and ½ do
// not see, is mistaken. Points where σ overflows are left out. The table of Of does not
// use it. A NaN, or no finite value at all, gives a *DetectionError.
func Detect(f func(t float64) float64, tol float64) (Group, error) {
	if tol == 0 {
		tol = detectTolerance
	}
	if !(tol > 0 && tol < 1) {
		return Group{}, &DetectionError{math.NaN(), fmt.Sprintf("tolerance %v; want 0 < tol < 1", tol)}
	}
	if f == nil {
		return Group{}, &DetectionError{math.NaN(), "the function is nil"}
	}
	s := &sampled{f: f, tol: tol}
	for _, t := range samples {
		y := f(t)
		if math.IsNaN(y) {
			return Group{}, &DetectionError{t, "the value is NaN; a group needs a function on all of ℝ"}
		}
		if math.Abs(t) <= 4 && !math.IsInf(y, 0) {
			s.size = max(s.size, math.Abs(y))
		}
	}
	if y := f(0); math.IsNaN(y) {
		return Group{}, &DetectionError{0, "the value is NaN; a group needs a function on all of ℝ"}
	}
	g := Group{Origin: Detected}
	if alpha, beta, ok := s.affine(); ok {
		switch {
		case alpha == 0:
			g.Kind = Anything
		case beta == 0:
			g.Kind = GeneralLinear
		default:
			g.Kind = UnitRowSum
		}
		return g, nil
	}
	b, scale := s.ratio(2)
	for _, a := range []float64{3, 0.5} {
		c, ok := s.ratio(a)
		scale = scale && ok && math.Abs(math.Log(c)-math.Log2(b)*math.Log(a)) < 1e-6
	}
	c, sign := s.ratio(-1)
	sign = sign && math.Abs(math.Abs(c)-1) < 1e-6
	g.Kind = Permutations
	switch {
	case scale && sign:
		g.Kind = FullMonomial
	case scale:
		g.Kind = PositiveMonomial
	case sign:
		g.Kind = SignedPermutations
	}
	if scale {
		if g.Degree = math.Log2(b); math.Abs(g.Degree-math.Round(g.Degree)) < 1e-7 {
			g.Degree = math.Round(g.Degree)
		}
	}
	if sign {
		g.Parity = int(math.Copysign(1, c))
	}
	return g, nil
}

// DetectionError reports a function that cannot be sampled.
type DetectionError struct {
	At     float64
	Reason string
}

func (e *DetectionError) Error() string {
	if math.IsNaN(e.At) {
		return "symmetry: detecting a group: " + e.Reason
	}
	return fmt.Sprintf("symmetry: detecting a group: at t = %v: %s", e.At, e.Reason)
}

// sampled is a function with the size of its values on [−4, 4].
type sampled struct {
	f         func(float64) float64
	tol, size float64
}

// near compares two values at one point; rounding of the largest value counts as nothing.
func (s *sampled) near(x, y float64) bool {
	return math.Abs(x-y) <= s.tol*max(math.Abs(x), math.Abs(y))+0x1p-46*s.size
}

// affine returns α and β with f(t) = αt + β at all samples; the smaller is exactly 0 where it
// is rounding.
func (s *sampled) affine() (alpha, beta float64, ok bool) {
	beta = s.f(0)
	alpha = (s.f(1) - s.f(-1)) / 2
	if math.Abs(alpha) <= s.tol*s.size {
		alpha = 0
	}
	if math.Abs(beta) <= s.tol*s.size {
		beta = 0
	}
	if math.IsInf(alpha, 0) || math.IsInf(beta, 0) || math.IsNaN(alpha) {
		return 0, 0, false
	}
	for _, t := range samples {
		if y := s.f(t); math.IsInf(y, 0) || !s.near(y, alpha*t+beta) && math.Abs(y-alpha*t-beta) > s.tol*(math.Abs(alpha*t)+math.Abs(beta)) {
			return 0, 0, false
		}
	}
	return alpha, beta, true
}

// ratio returns the b of σ(at) = b·σ(t), by least squares on [−4, 4], and whether it holds
// at all samples.
func (s *sampled) ratio(a float64) (b float64, ok bool) {
	var num, den float64
	for _, t := range samples {
		if x, y := s.f(t), s.f(a*t); math.Abs(t) <= 4 && !math.IsInf(x, 0) && !math.IsInf(y, 0) {
			num += x / s.size * (y / s.size)
			den += x / s.size * (x / s.size)
		}
	}
	if b = num / den; !(math.Abs(b) > 0) || math.IsInf(b, 0) {
		return 0, false
	}
	for _, t := range samples {
		x, y := s.f(t), s.f(a*t)
		if math.IsNaN(y) || math.IsInf(x, 0) != math.IsInf(y, 0) && math.Abs(t) <= 4 {
			return 0, false
		}
		if !math.IsInf(x, 0) && !math.IsInf(y, 0) && !s.near(y, b*x) {
			return 0, false
		}
	}
	return b, true
}

// PhiByIdentity returns σ(A)·σ(I)⁻¹, σ entry by entry: what φ(A) must be where A is in
// the group of the pointwise σ and σ(I_n) is invertible, by x = e_1, …, e_n. It does not say
// whether A is in the group. Errors: *MembershipError where A is not square or not finite,
// *SingularError where σ(I_n) has a condition above 1e8.
func PhiByIdentity(f func(t float64) float64, a mat.Matrix) (*mat.Dense, error) {
	if f == nil {
		return nil, errNilFunc
	}
	n, err := squareFinite(Pinned, a)
	if err != nil || n == 0 {
		return &mat.Dense{}, err
	}
	sa, si := mat.NewDense(n, n, nil), mat.NewDense(n, n, nil)
	for i := range n {
		for j := range n {
			sa.Set(i, j, f(a.At(i, j)))
			si.Set(i, j, f(0))
		}
		si.Set(i, i, f(1))
	}
	var lu mat.LU
	lu.Factorize(si)
	if c := lu.Cond(); !(c < 1e8) {
		return nil, &SingularError{Dim: n, Cond: c}
	}
	var p mat.Dense
	if err := lu.SolveTo(&p, true, sa.T()); err != nil {
		return nil, &SingularError{Dim: n, Cond: lu.Cond()}
	}
	return mat.DenseCopyOf(p.T()), nil
}

// SingularError reports that σ(I_n) is not invertible, so that σ(A)·σ(I)⁻¹ says nothing.
type SingularError struct {
	Dim  int
	Cond float64
}

func (e *SingularError) Error() string {
	return fmt.Sprintf("symmetry: σ(I) at dimension %d has condition %.3g; want below 1e8: take φ from the table or from DetectGroup", e.Dim, e.Cond)
}
