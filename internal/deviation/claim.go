package deviation

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/quivernet/quivernet/internal/rounding"

	"github.com/quivernet/quivernet/internal/enclose"

	"github.com/quivernet/quivernet/internal/inputs"

	"github.com/quivernet/quivernet/symmetry/group"

	"github.com/quivernet/quivernet/internal/linalg"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/scalar"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// FalseClaim is what an activation says of itself and a measurement contradicts.
type FalseClaim struct {
	Vertex     string
	Activation string
	Method     string // of the activation: "Restrict", "Lipschitz", "RadialJet", "PointJet" or "Group"
	Reason     string // what was measured
}

func (e *FalseClaim) Error() string {
	return fmt.Sprintf("vertex %q: %s of the activation %s is not true: %s", e.Vertex, e.Method, e.Activation, e.Reason)
}

// falsehood is the relative deviation above which a claim is false. What lies below is left to the
// measurement of the whole network.
const falsehood = 1e-7

// examiner tests what activations say of themselves at some pre-activations.
type examiner struct {
	Step
	rng *rand.Rand
}

// Examine tests the claims of all activations that a compression rests on, at the pre-activations
// of the reduced network on some rows and at random ones of their size. It returns a *FalseClaim.
func (s Step) Examine(xs []*mat.Dense) error {
	x := &examiner{s, rand.New(rand.NewPCG(inputs.Seed, 3))}
	q := s.Original.Quiver()
	var r rounding.Running
	for v, vertex := range q.Vertices() {
		if vertex.Act == nil || vertex.Act == quiver.Identity || catalogued(vertex.Act) || s.Frame.Dropped[v] || s.Frame.Width(v, vertex.Dim) == 0 {
			continue
		}
		if r.X == nil {
			r = rounding.Of(s.Reduced, xs)
		}
		if err := x.vertex(v, vertex, s.preactivations(r, v)); err != nil {
			return err
		}
	}
	return nil
}

// catalogued says whether an activation is a radial or pointwise one of the catalogue, whose claims
// are tested there.
func catalogued(act quiver.Activation) bool {
	p, _ := layers.Inside(act)
	_, known := p.Func.(*scalar.Function)
	return known && (p.Kind == "radial" || p.Kind == "rmsnorm" || p.Kind == "pointwise")
}

// preactivations returns z̃_v of the reduced network, sample by sample.
func (p Step) preactivations(r rounding.Running, v int) [][]float64 {
	q := p.Reduced.Quiver()
	d := q.Vertices()[v].Dim
	out := make([][]float64, r.N)
	for s := range out {
		z := make([]float64, d)
		for _, i := range q.In(v) {
			a := q.Arrows()[i]
			if a.Rows*a.Cols == 0 {
				continue
			}
			w := linalg.Entries(p.Reduced.Matrix(i))
			for k := range z {
				z[k] += floats.Dot(w[k*a.Cols:(k+1)*a.Cols], r.X[a.Source][s*a.Cols:(s+1)*a.Cols])
			}
		}
		out[s] = z
	}
	return out
}

func (x *examiner) vertex(v int, vertex quiver.Vertex, zs [][]float64) error {
	f, p := x.Frame, x.Original.ParamsAt(v)
	size := 0.0
	for _, z := range zs {
		if r := floats.Norm(z, 2); !math.IsInf(r, 0) {
			size = max(size, r)
		}
	}
	for k := range 4 { // random ones, of the size of the others and beyond
		z := make([]float64, len(zs[0]))
		for i := range z {
			z[i] = x.rng.NormFloat64()
		}
		floats.Scale(math.Pow(4, float64(k-1))*max(size, 1e-3)/floats.Norm(z, 2), z)
		zs = append(zs, z)
	}
	for _, z := range zs {
		full := z
		if b := f.Basis[v]; b != nil {
			full = linalg.MulVec(b, z)
		}
		y := applied(vertex.Act, p, full)
		if !finite(full) || !finite(y) {
			continue
		}
		if b := f.Basis[v]; b != nil {
			if w := linalg.MulVec(b, applied(f.Act[v], p, z)); !x.agree(vertex.Act, p, full, y, w) {
				return &FalseClaim{vertex.Name, vertex.Act.String(), "Restrict", fmt.Sprintf("on a subspace of dimension %d it gives values %.2g off at |z| = %.2g", len(z), apartness(y, w), floats.Norm(full, 2))}
			}
		}
		if err := x.constants(vertex, p, full, y); err != nil {
			return err
		}
	}
	return nil
}

// constants tests RadialJet, PointJet and Lipschitz at z, where ρ(z) = y.
func (x *examiner) constants(vertex quiver.Vertex, p, z, y []float64) error {
	if enclose.Trained(vertex.Act, p) {
		return nil
	}
	r := floats.Norm(z, 2)
	w := make([]float64, len(z))
	_, parametric := vertex.Act.(quiver.Parametric)
	if a, ok := vertex.Act.(quiver.RadialJet); ok && !parametric && r > 0 {
		floats.ScaleTo(w, a.RadialJet(0, r), z)
		if finite(w) && !x.agree(vertex.Act, p, z, y, w) {
			return &FalseClaim{vertex.Name, vertex.Act.String(), "RadialJet", fmt.Sprintf("λ(|z|)·z is %.2g off at |z| = %.2g", apartness(y, w), r)}
		}
	}
	if a, ok := vertex.Act.(quiver.PointJet); ok && !parametric {
		for i, t := range z {
			w[i] = a.PointJet(0, t)
		}
		if finite(w) && !x.agree(vertex.Act, p, z, y, w) {
			return &FalseClaim{vertex.Name, vertex.Act.String(), "PointJet", fmt.Sprintf("its values are %.2g off at |z| = %.2g", apartness(y, w), r)}
		}
	}
	l, ok := vertex.Act.(quiver.Lipschitz)
	if !ok || r == 0 {
		return nil
	}
	size := floats.Norm(y, 2)
	for _, to := range [][]float64{x.beside(z, 0.01*r, true), x.beside(z, 0.01*r, false)} {
		d := floats.Distance(z, to, 2)
		lip, sup := l.Lipschitz(max(0, r-d), r+d)
		far := floats.Distance(y, applied(vertex.Act, p, to), 2)
		switch {
		case size > sup*(1+1e-9)+64*rounding.Tiny:
			return &FalseClaim{vertex.Name, vertex.Act.String(), "Lipschitz", fmt.Sprintf("|ρ(z)| = %.3g at |z| = %.3g, where it says at most %.3g", size, r, sup)}
		case far > lip*d*(1+1e-6)+1e-9*size:
			return &FalseClaim{vertex.Name, vertex.Act.String(), "Lipschitz", fmt.Sprintf("a slope of %.3g at |z| = %.3g, where it says at most %.3g", far/d, r, lip)}
		}
	}
	return nil
}

// agree says whether w may be ρ(z) = y: up to rounding, or where ρ is so steep, or jumps so near
// by, that rounding in z explains the difference.
func (x *examiner) agree(act quiver.Activation, p, z, y, w []float64) bool {
	off := floats.Distance(y, w, 2)
	if off <= falsehood*max(floats.Norm(y, 2), floats.Norm(w, 2))+64*rounding.Tiny {
		return true
	}
	var steep float64
	r := floats.Norm(z, 2)
	for k := range 6 {
		steep = max(steep, floats.Distance(y, applied(act, p, x.beside(z, 1e-9*r+64*rounding.Tiny, k < 2)), 2))
	}
	return !(off > 4*steep) // a NaN is no evidence
}

// beside returns a vector at distance d from z, outward or inward along z or in a random direction.
func (x *examiner) beside(z []float64, d float64, along bool) []float64 {
	u := make([]float64, len(z))
	for i := range u {
		if u[i] = x.rng.NormFloat64(); along {
			u[i] = z[i]
		}
	}
	if x.rng.IntN(2) == 0 {
		d = -d
	}
	if n := floats.Norm(u, 2); n > 0 {
		floats.Scale(d/n, u)
	}
	floats.Add(u, z)
	return u
}

// applied returns ρ(z).
func applied(act quiver.Activation, p, z []float64) []float64 {
	y := make([]float64, len(z))
	if a, ok := act.(quiver.Parametric); ok {
		a.ApplyP(y, z, p)
	} else {
		act.Apply(y, z)
	}
	return y
}

func apartness(y, w []float64) float64 {
	return linalg.Ratio(floats.Distance(y, w, 2), max(floats.Norm(y, 2), floats.Norm(w, 2)))
}

func finite(x []float64) bool {
	for _, v := range x {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return false
		}
	}
	return true
}

// CheckGroup tests the law σ(ct) = b(c)·σ(t) that an activation declares for its group, on the samples
// on which group.DetectGroup looks at a function. It returns a *FalseClaim.
func CheckGroup(vertex quiver.Vertex) error {
	a, ok := vertex.Act.(group.Symmetric)
	if !ok || vertex.Dim == 0 {
		return nil
	}
	p, ok := vertex.Act.(quiver.PointJet)
	if _, parametric := vertex.Act.(quiver.Parametric); !ok || parametric {
		return nil
	}
	g := a.Group(vertex.Dim)
	size := math.Abs(p.PointJet(0, 1))
	for _, c := range []float64{-1, 2, 0.5, -3} {
		b, ok := g.Multiplier(c)
		if !ok {
			continue
		}
		for _, t := range group.SamplePoints() {
			x, y := b*p.PointJet(0, t), p.PointJet(0, c*t)
			if math.Abs(x-y) > falsehood*max(math.Abs(x), math.Abs(y))+1e-12*size {
				return &FalseClaim{vertex.Name, vertex.Act.String(), "Group", fmt.Sprintf("σ(%v·t) = %v·σ(t) is %.2g off at t = %.3g", c, b, math.Abs(x-y), t)}
			}
		}
	}
	return nil
}
