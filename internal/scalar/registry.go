package scalar

import (
	"cmp"
	"slices"
)

// A Family is a word for functions that constants tell apart.
type Family struct {
	Name      string
	Constants int
	Make      func(c []float64) *Function // panics with *ConstantError
	Samples   []*Function                 // stand for all in tests
}

var (
	catalogue []*Function
	families  []Family
)

// add puts a function without constants into the catalogue.
func add(f *Function) *Function {
	if k := f.Entry; k != nil && k.Value == nil {
		k.Value, k.Slope = f.value, f.slope
	}
	catalogue = append(catalogue, f)
	return f
}

// family puts functions with n constants into the catalogue. samples holds the constants of those that stand for all: whatever
// depends on the constants should show in one of them.
func family(name string, n int, make func(c []float64) *Function, samples ...[]float64) Family {
	f := Family{Name: name, Constants: n, Make: make}
	for _, c := range samples {
		f.Samples = append(f.Samples, make(c))
	}
	families = append(families, f)
	return f
}

// Catalogue returns the functions that a word alone names, by that word.
func Catalogue() []*Function {
	return slices.SortedFunc(slices.Values(catalogue), func(a, b *Function) int { return cmp.Compare(a.Text, b.Text) })
}

// Families returns the words that take constants, in order.
func Families() []Family {
	return slices.SortedFunc(slices.Values(families), func(a, b Family) int { return cmp.Compare(a.Name, b.Name) })
}

// Samples returns the catalogue with the samples of all families, and those of RMS, which has no word of its own: every kind of
// function that there is.
func Samples() []*Function {
	all := Catalogue()
	for _, f := range append(Families(), norms) {
		all = append(all, f.Samples...)
	}
	return all
}
