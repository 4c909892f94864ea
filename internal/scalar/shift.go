package scalar

import "slices"

// shifted is x ↦ h(x−s).
type shifted struct {
	Func
	s float64
}

// Shift returns x ↦ h(x−s). A shift of 0 is h itself, and shifts of shifts add. It panics with
// *ConstantError unless s is finite.
func Shift(h Func, s float64) Func {
	MustFunc("shift", h)
	MustFinite("shift", s)
	if in, ok := h.(*shifted); ok {
		h, s = in.Func, in.s+s
		MustFinite("shift", s)
	}
	if s == 0 {
		return h
	}
	return &shifted{h, s}
}

// Unshifted returns h and s where f is x ↦ h(x−s), made by Shift, and f and 0 for another function.
func Unshifted(f Func) (h Func, s float64) {
	if f, ok := f.(*shifted); ok {
		return f.Func, f.s
	}
	return f, 0
}

func (f *shifted) String() string             { return "shift(" + f.Func.String() + "," + Number(f.s) + ")" }
func (f *shifted) Value(x float64) float64    { return f.Func.Value(x - f.s) }
func (f *shifted) Slope(x float64) float64    { return f.Func.Slope(x - f.s) }
func (f *shifted) Jet(c []float64, x float64) { f.Func.Jet(c, x-f.s) }
func (f *shifted) Extrema() (at, jump []float64) {
	at, jump = f.Func.Extrema()
	at, jump = slices.Clone(at), slices.Clone(jump) // a user's Func may hand out its own
	for i := range at {
		at[i] += f.s
	}
	for i := range jump {
		jump[i] += f.s
	}
	return at, jump
}
