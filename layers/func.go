package layers

import (
	"math"
	"slices"
	"strconv"
)

// Func is a scalar function h: ℝ → ℝ with all its derivatives. It makes a radial
// activation, v ↦ h(|v|)/|v|·v, and a pointwise one, v ↦ (h(v_1), …, h(v_n)).
//
// At a kink or a jump, Slope and Jet take the side that Value takes.
type Func interface {
	String() string                // the name, every constant included
	Value(x float64) float64       // h(x)
	Slope(x float64) float64       // h′(x)
	Jet(c []float64, x float64)    // Taylor coefficients: c[j] = h⁽ʲ⁾(x)/j!
	Extrema() (at, jump []float64) // where |h| or |h′| may have a local maximum or h a kink; where h jumps
}

// fn is a function of the catalogue.
type fn struct {
	name         string
	value, slope func(x float64) float64
	jet          func(c []float64, x float64)
	at, jump     []float64
	radius       float64                                        // of convergence of the Taylor series at any real point
	piece        func(x float64) []float64                      // the polynomial that h is around x, lowest power first
	monotone     bool                                           // |h(r)/r| has no interior local maximum on r > 0
	ratioAt      []float64                                      // else, where it may have one
	supremum     func(lo, hi float64) (h, slope, ratio float64) // instead of at, jump and ratioAt
}

func (f *fn) String() string                { return f.name }
func (f *fn) Value(x float64) float64       { return f.value(x) }
func (f *fn) Slope(x float64) float64       { return f.slope(x) }
func (f *fn) Jet(c []float64, x float64)    { f.jet(c, x) }
func (f *fn) Extrema() (at, jump []float64) { return slices.Clone(f.at), slices.Clone(f.jump) }

// shifted is x ↦ h(x−s).
type shifted struct {
	Func
	s float64
}

// Shift returns r ↦ h(r−s): with ReLU, the shifted ReLU max(0, r−s) of arXiv
// 2107.02550; with Sigmoid, its shifted sigmoid. A shift of 0 is h itself.
func Shift(h Func, s float64) Func {
	if in, ok := h.(*shifted); ok {
		h, s = in.Func, in.s+s
	}
	if s == 0 {
		return h
	}
	return &shifted{h, s}
}

func (f *shifted) String() string             { return "shift(" + f.Func.String() + "," + number(f.s) + ")" }
func (f *shifted) Value(x float64) float64    { return f.Func.Value(x - f.s) }
func (f *shifted) Slope(x float64) float64    { return f.Func.Slope(x - f.s) }
func (f *shifted) Jet(c []float64, x float64) { f.Func.Jet(c, x-f.s) }
func (f *shifted) Extrema() (at, jump []float64) {
	at, jump = f.Func.Extrema()
	for i := range at {
		at[i] += f.s
	}
	for i := range jump {
		jump[i] += f.s
	}
	return at, jump
}

// radius returns the radius of convergence of the Taylor series of f at any real
// point, 0 where it is not known.
func radius(f Func) float64 {
	switch f := f.(type) {
	case *fn:
		return f.radius
	case *shifted:
		return radius(f.Func)
	}
	return 0
}

// piece returns the polynomial of degree at most 1 that f is around x, as
// coefficients, or false.
func piece(f Func, x float64) (a, b float64, ok bool) {
	switch f := f.(type) {
	case *fn:
		if f.piece == nil {
			return 0, 0, false
		}
		p := f.piece(x)
		if len(p) != 2 {
			return 0, 0, false
		}
		return p[0], p[1], true
	case *shifted:
		a, b, ok = piece(f.Func, x-f.s)
		return a - b*f.s, b, ok
	}
	return 0, 0, false
}

// number prints a constant so that Parse reads back the same bits.
func number(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }

// suprema returns the suprema of |h| and |h′| over lo ≤ x ≤ hi, +Inf for the
// second where h jumps there.
func suprema(f Func, lo, hi float64) (h, slope float64) {
	switch g := f.(type) {
	case *fn:
		if g.supremum != nil {
			h, slope, _ = g.supremum(lo, hi)
			return h, slope
		}
	case *shifted:
		return suprema(g.Func, lo-g.s, hi-g.s)
	}
	see := func(x float64) {
		h = max(h, math.Abs(f.Value(x)))
		slope = max(slope, math.Abs(f.Slope(x)))
	}
	see(lo)
	see(hi)
	at, jump := f.Extrema()
	for _, x := range append(at, jump...) {
		if lo <= x && x <= hi {
			see(x)
			see(math.Nextafter(x, math.Inf(-1)))
			see(math.Nextafter(x, math.Inf(1)))
		}
	}
	for _, x := range jump {
		if lo <= x && x <= hi {
			slope = math.Inf(1)
		}
	}
	return h, slope
}
