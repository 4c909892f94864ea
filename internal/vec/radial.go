package vec

import "math"

// Kind names a function h whose radial activation ρ(v) = λ(|v|)·v, λ(r) = h(r)/r, has kernels.
type Kind int

// The kinds, with x = r − Shift; from Tanh on there is none, and it must be 0.
const (
	ReLU      Kind = iota // h = x for x > 0, else 0
	LeakyReLU             // h = x for x > 0, else Slope·x
	StepReLU              // h = x for x ≥ 1, else 0
	Sigmoid               // h = 1/(1+e^{−x})
	Softplus              // h = log(1+eˣ)
	Tanh                  // h = tanh r
	Squash                // h = r²/(1+r²)
	SiLU                  // h = r/(1+e^{−r})
	GELU                  // h = rΦ(r), Φ the normal distribution function
	RMS                   // h = r/√(Scale·r² + Eps): RMSNorm of width d has Scale 1/d
	Arctan                // h = atan r
	Unit                  // h = 1
	Square                // h = r²
	kinds
)

// Profile is a radial function λ with what its kernel must know.
type Profile struct {
	Kind       Kind
	Shift      float64 // see Kind
	Slope      float64 // of LeakyReLU
	Scale, Eps float64 // of RMS
	Dead       float64 // where positive, ρ is 0 for r ≤ Dead
	Origin     float64 // λ at r = 0
	Origin1    float64 // λ′/r at r = 0
}

// Norms outside these ranges, 0 apart, are left to the caller: there λ, λ′/r or |v|² may leave the range of
// numbers, and ρ is to be computed from the direction v/|v| instead.
const (
	MinNorm64, MaxNorm64 = 1e-100, 1e100
	MinNorm32, MaxNorm32 = 1e-12, 1e12
)

// Radial stores y = ρ(x), sample by sample: y_ij = λ(r_j) x_ij with r_j = |x_j|, l_j = λ(r_j)
// and, unless l1 is nil, l1_j = λ′(r_j)/r_j. x and y are d×n; y may be x.
//
// It returns how many samples it could not do, because r_j is NaN or outside MinNorm…MaxNorm and not
// 0: of those l_j and l1_j are NaN and y_j is a copy of x_j.
func Radial[T Float](p *Profile, y, l, l1, x []T, d, n, ld int) (odd int) {
	m := len(l)
	if l1 != nil {
		m = min(m, len(l1))
	}
	check("Radial", min(len(x), len(y)), m, d, n, ld)
	p.check("Radial")
	if d == 0 || n == 0 {
		origin(p, l, l1, n)
		return 0
	}
	if !kRadial(p, at(y), at(l), at(l1), at(x), &odd, d, n, ld) {
		return oracleRadial(p, y, l, l1, x, d, n, ld)
	}
	if odd != 0 {
		odd = countNaN(l[:n])
	}
	return odd
}

// Profiles stores l_j = λ(r_j) and, unless l1 is nil, l1_j = λ′(r_j)/r_j. It returns how many it
// could not do, see [Radial]; of those l_j and l1_j are NaN.
func Profiles[T Float](p *Profile, l, l1, r []T, n int) (odd int) {
	m := min(len(l), len(r))
	if l1 != nil {
		m = min(m, len(l1))
	}
	check("Profiles", m, m, 1, n, n)
	p.check("Profiles")
	if n == 0 {
		return 0
	}
	if !kProfiles(p, at(l), at(l1), at(r), &odd, n) {
		return oracleProfiles(p, l, l1, r, n)
	}
	if odd != 0 {
		odd = countNaN(l[:n])
	}
	return odd
}

// RadialVJP stores y = Dρ(x)ᵀg, sample by sample: y_j = l_j g_j + l1_j ⟨x_j, g_j⟩ x_j, with l
// and l1 from Radial. y, g and x are d×n; y may be g or x.
func RadialVJP[T Float](y, g, x, l, l1 []T, d, n, ld int) {
	check("RadialVJP", min(len(x), len(y), len(g)), min(len(l), len(l1)), d, n, ld)
	if d == 0 || n == 0 || !kRadialVJP(at(y), at(g), at(x), at(l), at(l1), d, n, ld) {
		oracleRadialVJP(y, g, x, l, l1, d, n, ld)
	}
}

// check panics with *ValueError unless the kind exists and is shifted only where it can be.
func (p *Profile) check(op string) {
	one(op, "kind", int(p.Kind), int(kinds))
	if p.Shift != 0 {
		one(op, "shifted kind", int(p.Kind), int(Tanh))
	}
}

func origin[T Float](p *Profile, l, l1 []T, n int) {
	for j := range n {
		oracleProfile(p, 0, true, l, l1, j)
	}
}

func countNaN[T Float](l []T) (c int) {
	for _, v := range l {
		if v != v {
			c++
		}
	}
	return c
}

// lambda returns λ(r) and λ′(r)/r for r > 0.
func (p *Profile) lambda(r float64) (l, l1 float64) {
	x := r - p.Shift
	q := 1 / r
	switch p.Kind {
	case ReLU, StepReLU, LeakyReLU:
		f := 1.0
		switch {
		case p.Kind == StepReLU && !(x >= 1), p.Kind == ReLU && !(x > 0):
			return 0, 0
		case p.Kind == LeakyReLU && !(x > 0):
			f = p.Slope
		}
		return f * (x / r), f * p.Shift * q * q * q
	case Sigmoid:
		h := sigmoid(x)
		return h * q, (sigmoidSlope(x) - h*q) * q * q
	case Softplus: // h′ − λ without the difference of nearly equal numbers for large x
		small := math.Log1p(math.Exp(-math.Abs(x)))
		if x > 0 {
			return 1 + (small-p.Shift)*q, ((p.Shift-small)*q - sigmoid(-x)) * q * q
		}
		return small * q, (sigmoid(x) - small*q) * q * q
	case Tanh:
		return tanhRatio(r)
	case Squash:
		u := 1 / (1 + r*r)
		return r * u, (1 - r*r) * u * (u * q)
	case SiLU:
		return sigmoid(r), sigmoidSlope(r) * q
	case GELU:
		return normalCDF(r), normalPDF(r) * q
	case RMS:
		l = 1 / math.Sqrt(p.Scale*r*r+p.Eps)
		return l, -p.Scale * l * l * l
	case Arctan:
		return arctanRatio(r)
	case Unit:
		return q, -q * q * q
	}
	return r, q
}

func sigmoid(x float64) float64 {
	e := math.Exp(-math.Abs(x))
	if x >= 0 {
		return 1 / (1 + e)
	}
	return e / (1 + e)
}

// normalCDF is Φ(x) = ½·erfc(−x/√2), corrected for the rounding of the argument, which the tail would magnify x² times.
func normalCDF(x float64) float64 {
	const hi, lo = 0x1.6a09e667f3bcdp-1, -0x1.bdd3413b26456p-55 // 1/√2
	s := -x * hi
	p := 0.5 * math.Erfc(s)
	if x > -1 || p == 0 {
		return p
	}
	rest := math.FMA(-x, hi, -s) - x*lo
	return p - rest*normalPDF(x)*math.Sqrt2
}

// normalPDF is e^{−x²/2}/√(2π), corrected for the rounding of x².
func normalPDF(x float64) float64 {
	z := x * x
	p := math.Exp(-z/2) / math.Sqrt(2*math.Pi)
	if p == 0 {
		return p
	}
	return p - p*math.FMA(x, x, -z)/2
}

// sigmoidSlope is σ(x)(1−σ(x)).
func sigmoidSlope(x float64) float64 {
	e := math.Exp(-math.Abs(x))
	return e / ((1 + e) * (1 + e))
}

// tanhSlope is 1 − tanh²x = 1/cosh²x, without the difference of nearly equal numbers.
func tanhSlope(x float64) float64 {
	e := math.Exp(-math.Abs(x))
	s := 2 * e / (1 + e*e)
	return s * s
}

// tanhRatio returns λ = tanh(r)/r and λ′/r. With w = (1−λ)/r², of which the Taylor series is known,
// 1 − tanh² = λ + r²λ₁ gives λ₁ = w − λ².
func tanhRatio(r float64) (l, l1 float64) {
	z := r * r
	if r > 0.7 {
		l = math.Tanh(r) / r
		return l, (tanhSlope(r) - l) / z
	}
	var w float64
	for i := len(tanhTaylor) - 1; i >= 0; i-- {
		w = w*z + tanhTaylor[i]
	}
	return 1 - z*w, w - (1-z*w)*(1-z*w)
}

// arctanRatio returns λ = atan(r)/r and λ′/r. With w = (1−λ)/r², 1/(1+r²) = λ + r²λ₁ gives λ₁ = w − 1/(1+r²).
func arctanRatio(r float64) (l, l1 float64) {
	z := r * r
	if r > 0.5 {
		l = math.Atan(r) / r
		return l, (1/(1+z) - l) / z
	}
	var w float64
	for k := 28; k >= 1; k-- { // 1/3 − z/5 + z²/7 …
		w = 1/float64(2*k+1) - z*w
	}
	return 1 - z*w, w - 1/(1+z)
}

// tanhTaylor are the coefficients of (1 − tanh(r)/r)/r² in powers of r².
var tanhTaylor = func() (c [26]float64) {
	var a [28]float64 // tanh r = Σ a_k r^{2k+1}, from t′ = 1 − t²
	a[0] = 1
	for k := 1; k < len(a); k++ {
		for i := range k {
			a[k] -= a[i] * a[k-1-i]
		}
		a[k] /= float64(2*k + 1)
	}
	for i := range c {
		c[i] = -a[i+1]
	}
	return c
}()
