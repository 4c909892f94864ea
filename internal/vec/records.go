package vec

import "github.com/quivernet/quivernet/internal/scalar"

// The records of the functions that have kernels.
var (
	entries [maps]*scalar.EntryKernel
	ratios  [kinds]*scalar.RatioKernel
)

func init() {
	for _, f := range scalar.Samples() {
		if m, _, ok := MapOf(f); ok {
			entries[m] = f.Entry
		}
		if k, ok := kindOf(f); ok {
			ratios[k] = f.Ratio
		}
	}
}

// MapOf returns the map that computes h entry by entry, and its constant, or false where it has no kernels.
func MapOf(h scalar.Func) (m Map, c float64, ok bool) {
	f, _ := h.(*scalar.Function)
	if f == nil || f.Entry == nil {
		return 0, 0, false
	}
	for i, name := range mapNames {
		if name == f.Entry.Name {
			return Map(i), f.Params[0], true
		}
	}
	return 0, 0, false
}

func kindOf(f *scalar.Function) (k Kind, ok bool) {
	if f == nil || f.Ratio == nil {
		return 0, false
	}
	for i, name := range kindNames {
		if name == f.Ratio.Name {
			return Kind(i), true
		}
	}
	return 0, false
}

// ProfileOf returns the profile of the radial activation of h without what it is at the origin, nil where it has no kernels.
func ProfileOf(h scalar.Func) *Profile {
	in, shift := scalar.Unshifted(h)
	f, _ := in.(*scalar.Function)
	kind, ok := kindOf(f)
	if !ok || shift != 0 && !f.Ratio.Shifts {
		return nil
	}
	return &Profile{Kind: kind, Shift: shift, Params: f.Params}
}
