package vec

// Kind names a function h whose radial activation ρ(v) = λ(|v|)·v, λ(r) = h(r−Shift)/r, has kernels, as the record of package
// scalar says.
type Kind int

// Profile is a radial function λ with what its kernel must know.
type Profile struct {
	Kind    Kind
	Shift   float64    // 0 where the kind takes none
	Params  [2]float64 // the constants of h, scalar.Function.Params
	Dead    float64    // where positive, ρ is 0 for r ≤ Dead
	Origin  float64    // λ at r = 0
	Origin1 float64    // λ′/r at r = 0
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
	if p.Shift != 0 && !ratios[p.Kind].Shifts {
		panic(&ValueError{op, "shifted kind", int(p.Kind), int(kinds)})
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
func (p *Profile) lambda(r float64) (l, l1 float64) { return ratios[p.Kind].At(r, p.Shift, &p.Params) }
