package scalar

import "slices"

// Func is a scalar function h: ℝ → ℝ with all its derivatives. It makes a radial
// activation, v ↦ h(|v|)/|v|·v, and a pointwise one, v ↦ (h(v_1), …, h(v_n)).
//
// At a kink or a jump, Slope and Jet take the side that Value takes. Away from kinks and
// jumps h is smooth. Implementations must be immutable and safe for concurrent use.
type Func interface {
	// String names the function, every constant included, without quotes or control characters.
	String() string
	// Value returns h(x).
	Value(x float64) float64
	// Slope returns h′(x).
	Slope(x float64) float64
	// Jet stores the Taylor coefficients of h at x, c[j] = h⁽ʲ⁾(x)/j!, for j < len(c).
	Jet(c []float64, x float64)
	// Extrema returns a finite list of points that holds all at which |h| or |h′| has a local
	// maximum or h a kink, and the points where h jumps or is infinite. Error bounds rest on it.
	Extrema() (at, jump []float64)
}

// A Function is the record of one function of the catalogue: all that the library knows about it, in one place. The fields that
// say nothing where they are empty stand last.
type Function struct {
	Name      string    // the word that Parse reads: "tanh", "power"
	Constants []float64 // those that tell it from others of that name
	Text      string    // what String prints

	value, slope func(x float64) float64
	jet          func(c []float64, x float64)
	at, jump     []float64 // see Func.Extrema; between them h is monotone

	Pointwise Symmetry // of v ↦ (h(v_1), …, h(v_n))
	Radial    Symmetry // of v ↦ h(|v|)/|v|·v

	elementary bool       // expressions name it and go no further: tanh
	formulas   []*Formula // of h, h′, …, as far as they are written out; nil where one is elementary

	// How |h(r)/r| is bounded on r > 0, in one of these ways; without any, by bisection.
	monotone bool                                           // it has no interior local maximum
	ratioAt  []float64                                      // those that it may have
	supremum func(lo, hi float64) (h, slope, ratio float64) // instead of at, jump and ratioAt: suprema of |h|, |h′| and |h(r)/r|

	// What keeps the digits of values and of the derivatives λ_k of λ(r) = h(r)/r; see RadialJets.
	units  float64                                 // of 2⁻⁵³, that a value may be off by, where they are many
	radius float64                                 // of convergence of the Taylor series at any real point
	reach  float64                                 // how far from 0 an everywhere convergent series is used
	piece  func(x float64) (a, b float64, ok bool) // the a + b·x that h is around x, where it is
	lambda func(k int, r float64) float64          // λ_k(r) in closed form, its limit at 0
	far    func(c []float64, x float64)            // the jet of f with λ = r^power·f + const, where h's own loses digits for large r
	power  int                                     // of far: −1 or 0

	// The vector kernels of internal/vec, nil where there is none and compiled programs call Value or the jets.
	Entry  *EntryKernel
	Ratio  *RatioKernel
	Params [2]float64 // the constants as the kernels read them
}

// String returns Text.
func (f *Function) String() string { return f.Text }

// Value returns h(x).
func (f *Function) Value(x float64) float64 { return f.value(x) }

// Slope returns h′(x), at a kink as [Func] says.
func (f *Function) Slope(x float64) float64 { return f.slope(x) }

// Jet stores the Taylor coefficients of h at x, c[k] = h⁽ᵏ⁾(x)/k!.
func (f *Function) Jet(c []float64, x float64) { f.jet(c, x) }

// Extrema returns copies of the points that [Func] asks for.
func (f *Function) Extrema() (at, jump []float64) { return slices.Clone(f.at), slices.Clone(f.jump) }

// radius returns the radius of convergence of the Taylor series of f at any real
// point, 0 where it is not known.
func radius(f Func) float64 {
	switch f := f.(type) {
	case *Function:
		return f.radius
	case *shifted:
		return radius(f.Func)
	}
	return 0
}

// reach returns how far from 0 the series of an entire function is used.
func reach(f Func) float64 {
	switch f := f.(type) {
	case *Function:
		return max(f.reach, 1)
	case *shifted:
		return reach(f.Func)
	}
	return 1
}

// piece returns the polynomial of degree at most 1 that f is around x, as
// coefficients, or false.
func piece(f Func, x float64) (a, b float64, ok bool) {
	switch f := f.(type) {
	case *Function:
		if f.piece == nil {
			return 0, 0, false
		}
		return f.piece(x)
	case *shifted:
		a, b, ok = piece(f.Func, x-f.s)
		return a - b*f.s, b, ok
	}
	return 0, 0, false
}
