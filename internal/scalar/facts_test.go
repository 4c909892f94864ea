package scalar

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
)

// A change takes a fact out of a record, or makes it a little wrong. It returns false where the record has no such fact.
type change struct {
	name string
	of   func(f *Function) bool
}

// scaled is h a millionth larger.
func scaled(h func(x float64) float64) func(x float64) float64 {
	return func(x float64) float64 { return h(x) * (1 + 1e-6) }
}

// without is xs without the i-th.
func without[T any](xs []T, i int) []T { return slices.Delete(slices.Clone(xs), i, i+1) }

// changes are all changes of all facts of a record.
func changes(f *Function) []change {
	cs := []change{
		{"another value", func(f *Function) bool { f.value = scaled(f.value); return true }},
		{"another slope", func(f *Function) bool {
			f.slope = scaled(f.slope)
			return f.Name != "unit" && f.Text != "power(0)" && f.Text != "rms(3,0)"
		}},
		{"another name", func(f *Function) bool { f.Name += "x"; return true }},
		{"another text", func(f *Function) bool { f.Text += "x"; return true }},
		{"another constant", func(f *Function) bool {
			if len(f.Constants) == 0 {
				return false
			}
			f.Constants = append([]float64{f.Constants[0] + 1}, f.Constants[1:]...)
			return true
		}},
		{"no suprema", func(f *Function) bool { had := f.supremum != nil; f.supremum = nil; return had }},
		{"suprema too small", func(f *Function) bool {
			of := f.supremum
			f.supremum = func(lo, hi float64) (h, slope, ratio float64) {
				h, slope, ratio = of(lo, hi)
				return 0.999 * h, 0.999 * slope, 0.999 * ratio
			}
			return of != nil
		}},
		{"a ratio said to be monotone", func(f *Function) bool { had := f.ratioAt != nil; f.ratioAt, f.monotone = nil, true; return had }},
		{"a larger radius", func(f *Function) bool {
			f.radius *= 3
			return f.radius > 0 && !math.IsInf(f.radius, 1) && f.lambda == nil
		}},
		{"no radius", func(f *Function) bool {
			j := NewRadialJets(f)
			had := f.radius > 0 && f.lambda == nil && j.Origin(1) != 0
			f.radius = 0
			return had
		}},
		{"a series used too far", func(f *Function) bool { had := f.reach > 0; f.reach = 1000; return had }},
		{"another line", func(f *Function) bool {
			of := f.piece
			f.piece = func(x float64) (a, b float64, ok bool) { a, b, ok = of(x); return a, b + 1e-3, ok }
			return of != nil
		}},
		{"no line", func(f *Function) bool { had := f.piece != nil; f.piece = nil; return had }},
		{"another closed form", func(f *Function) bool {
			of := f.lambda
			f.lambda = func(k int, r float64) float64 { return of(k, r)*(1+1e-3*float64(k)) + 1e-3 }
			return of != nil
		}},
		{"another jet for large r", func(f *Function) bool {
			of := f.far
			f.far = func(c []float64, x float64) { of(c, x); c[0] *= 1.01; c[len(c)-1] *= 1.01 }
			return of != nil
		}},
		{"another power of that jet", func(f *Function) bool { f.power = -1 - f.power; return f.far != nil }},
		{"no formulas", func(f *Function) bool { had := f.formulas != nil; f.formulas = nil; return had }},
		{"elementary or not", func(f *Function) bool { f.elementary = !f.elementary; return f.Name != norms.Name }},
		{"another symmetry, pointwise", func(f *Function) bool { f.Pointwise.Degree++; return true }},
		{"another parity", func(f *Function) bool { f.Pointwise.Parity = 1 - f.Pointwise.Parity; return true }},
		{"another symmetry, radial", func(f *Function) bool { f.Radial.Degree++; return true }},
		{"other constants of the kernels", func(f *Function) bool {
			f.Params[0] += 0.01
			return len(f.Constants) > 0 && (f.Entry != nil || f.Ratio != nil) && f.Name != "power"
		}},
		{"another function's entry kernel", func(f *Function) bool {
			return f.Entry != nil && exchange(&f.Entry, func(g *Function) *EntryKernel { return g.Entry })
		}},
		{"another function's ratio kernel", func(f *Function) bool {
			return f.Ratio != nil && exchange(&f.Ratio, func(g *Function) *RatioKernel { return g.Ratio })
		}},
		{"another value of the kernel", func(f *Function) bool {
			if f.Entry == nil || f.Entry.Value == nil {
				return false
			}
			k := *f.Entry
			k.Value, f.Entry = scaled(k.Value), &k
			return true
		}},
		{"another slope of the kernel", func(f *Function) bool {
			if f.Entry == nil || f.Entry.Slope == nil {
				return false
			}
			k := *f.Entry
			k.Slope, f.Entry = scaled(k.Slope), &k
			return true
		}},
		{"said to rectify", func(f *Function) bool {
			if f.Entry == nil || f.Entry.Rectifies || f.Text == "leakyrelu(0)" { // which is that
				return false
			}
			k := *f.Entry
			k.Rectifies, f.Entry = true, &k
			return true
		}},
	}
	for j := range 4 {
		cs = append(cs, change{fmt.Sprint("another coefficient ", j), func(f *Function) bool {
			of := f.jet
			f.jet = func(c []float64, x float64) {
				if of(c, x); len(c) > j {
					c[j] += 1e-3
				}
			}
			return true
		}})
	}
	for k := Undeclared; k <= Rotations; k++ {
		cs = append(cs,
			change{fmt.Sprint("the pointwise symmetry ", k), func(f *Function) bool { had := f.Pointwise.Kind != k; f.Pointwise.Kind = k; return had }},
			change{fmt.Sprint("the radial symmetry ", k), func(f *Function) bool { had := f.Radial.Kind != k; f.Radial.Kind = k; return had }})
	}
	for i, x := range f.at {
		if harmless(f, x) {
			continue
		}
		cs = append(cs,
			change{fmt.Sprint("without the extremum ", x), func(f *Function) bool { f.at = without(f.at, i); return true }},
			change{fmt.Sprint("the extremum elsewhere ", x), func(f *Function) bool { f.at = append(without(f.at, i), x+0.5); return true }})
	}
	for i, x := range f.jump {
		cs = append(cs, change{fmt.Sprint("without the jump ", x), func(f *Function) bool { f.jump = without(f.jump, i); return true }})
	}
	for i, g := range f.formulas {
		if g != nil {
			cs = append(cs, change{fmt.Sprint("another formula ", i), func(f *Function) bool {
				f.formulas = slices.Clone(f.formulas)
				f.formulas[i] = g.affine(1, 1e-3)
				return true
			}})
		}
	}
	return cs
}

// exchange puts the kernel of a function that has another one in the place of k.
func exchange[K comparable](k *K, of func(g *Function) K) bool {
	var none K
	for _, g := range Catalogue() {
		if other := of(g); other != none && other != *k {
			*k = other
			return true
		}
	}
	return false
}

// harmless says that nothing depends on a point that a record lists: one where a jump stands too, a kink that is none for the
// constants of this function, and 0 of a power that is monotone there.
func harmless(f *Function, x float64) bool {
	return slices.Contains(f.jump, x) || f.Text == "leakyrelu(1)" || f.Name == "power" && f.Text != "square" && f.Text != "power(4)"
}

// TestEveryFactMatters: each fact of each record, taken out or made a little wrong, makes a check fail.
func TestEveryFactMatters(t *testing.T) {
	tried := make(map[string]int)
	for _, f := range Samples() {
		for _, c := range changes(f) {
			changed := *f
			if !c.of(&changed) {
				continue
			}
			tried[c.name]++
			assert.Error(t, conforms(&changed), "%s: %s", f.Text, c.name)
		}
	}
	for _, c := range changes(Tanh) {
		assert.NotZero(t, tried[c.name], "no record has %s", c.name)
	}
}
