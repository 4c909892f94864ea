package pieces

import (
	"math"
	"slices"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// PiecewiseLinear may be implemented by a pointwise activation that is linear on
// each side of the origin,
//
//	σ(t) = up·t for t > 0,  σ(t) = down·t for t < 0,  σ(0) = 0,
//
// to say so. Activations with a quiver.PointJet need not: they are recognised by
// their values.
type PiecewiseLinear interface {
	quiver.Activation
	Slopes() (up, down float64)
}

// Slopes describes a pointwise activation that is linear on each side of the
// origin. ReLU is (1, 0), a leaky ReLU (1, s), the absolute value (1, −1), the
// identity (1, 1).
type Slopes struct{ Up, Down float64 }

// Straight says that there is no kink: the activation is linear.
func (s Slopes) Straight() bool { return s.Up == s.Down }

// At returns the slope on the side of z; z = 0 counts as the lower side.
func (s Slopes) At(z float64) float64 {
	if z > 0 {
		return s.Up
	}
	return s.Down
}

// grid holds the points, and their opposites, at which an activation is compared
// with a linear function.
var grid = func() []float64 {
	var g []float64
	for k := -24; k <= 24; k++ {
		g = append(g, math.Ldexp(1, k), math.Ldexp(1.37, k))
	}
	return g
}()

// SlopesOf recognises an activation that is linear on each side of the
// origin: by the interface, else by σ on 98 points of each side between 2⁻²⁴ and
// 2²⁴, to 1e-12 of the value. A function that bends only beyond these points, or
// only between neighbours, is mistaken for a linear one.
func SlopesOf(act quiver.Activation) (Slopes, bool) {
	switch a := act.(type) {
	case PiecewiseLinear:
		up, down := a.Slopes()
		return Slopes{up, down}, true
	case quiver.Parametric:
		return Slopes{}, false
	case quiver.PointJet:
		s := Slopes{a.PointJet(0, 1), -a.PointJet(0, -1)}
		if a.PointJet(0, 0) != 0 {
			return Slopes{}, false
		}
		for _, t := range grid {
			if !(near(a.PointJet(0, t), s.Up*t) && near(a.PointJet(0, -t), -s.Down*t)) {
				return Slopes{}, false
			}
		}
		return s, true
	}
	return Slopes{}, false
}

func near(x, y float64) bool { return math.Abs(x-y) <= 1e-12*math.Abs(y) }

// DegreeOf returns p where σ(t) = σ(±1)|t|ᵖ on the same points, which is the degree of
// positive homogeneity, or false. A function that is linear on each
// side has degree 1.
func DegreeOf(act quiver.Activation) (float64, bool) {
	if _, ok := SlopesOf(act); ok {
		return 1, true
	}
	a, ok := act.(quiver.PointJet)
	if _, trained := act.(quiver.Parametric); !ok || trained {
		return 0, false
	}
	up, down := a.PointJet(0, 1), a.PointJet(0, -1)
	p := math.Log2(a.PointJet(0, 2) / up)
	if up == 0 {
		p = math.Log2(a.PointJet(0, -2) / down)
	}
	if math.IsNaN(p) || math.IsInf(p, 0) || p <= 0 {
		return 0, false
	}
	if r := math.Round(p); near(p, r) {
		p = r
	}
	for _, t := range grid {
		if t < 1.0/1024 || t > 1024 {
			continue
		}
		f := math.Pow(t, p)
		if !(math.Abs(a.PointJet(0, t)-up*f) <= 1e-9*math.Abs(up*f) && math.Abs(a.PointJet(0, -t)-down*f) <= 1e-9*math.Abs(down*f)) {
			return 0, false
		}
	}
	return p, true
}

// KinksOf returns where a pointwise activation has no derivative, as far as it is
// known: 0 for a piecewise linear one with two slopes; for one of package layers,
// the points at which the slopes of the two sides differ. A user's activation
// without either is taken to be smooth, and so is one that is not pointwise.
func KinksOf(act quiver.Activation) []float64 {
	if s, ok := SlopesOf(act); ok {
		if s.Straight() {
			return nil
		}
		return []float64{0}
	}
	h, ok := act.(interface{ Func() layers.Func })
	if !ok {
		return nil
	}
	if _, pointwise := act.(quiver.PointJet); !pointwise {
		return nil
	}
	f := h.Func()
	at, jump := f.Extrema()
	var ks []float64
	for _, x := range append(at, jump...) {
		d := 1e-7 * max(1, math.Abs(x))
		l, r := f.Slope(x-d), f.Slope(x+d)
		leap := math.Abs(f.Value(x+d) - f.Value(x-d))
		if math.Abs(l-r) > 1e-4*max(math.Abs(l), math.Abs(r)) && math.Abs(l-r) > 1e-4 || leap > 1e-3 {
			ks = append(ks, x)
		}
	}
	slices.Sort(ks)
	return slices.Compact(ks)
}
