package units

import (
	"math"
	"slices"

	"github.com/quivernet/quivernet/internal/linalg"

	"github.com/quivernet/quivernet/quiver"
)

// alive says which vertices have a path to an output or to a vertex that is kept, over arrows
// between vertices that have a dimension.
func (d *network) alive() []bool {
	seen := make([]bool, len(d.vertices))
	for i, s := range slices.Backward(d.vertices) {
		seen[i] = s.Kind == quiver.KindOutput || s.kept
		for _, l := range s.out {
			seen[i] = seen[i] || seen[l.t.index] && l.t.Dim > 0
		}
	}
	return seen
}

// unobserved removes units whose outgoing entries are all zero, from the outputs backwards.
func (d *network) unobserved() bool {
	found := false
	alive := d.alive()
	for _, s := range slices.Backward(d.vertices) {
		if !s.free || s.Dim == 0 {
			continue
		}
		gone := slices.Repeat([]bool{true}, s.Dim)
		for _, t := range s.targets() {
			if !alive[t.index] {
				continue
			}
			m, mass := s.into(t)
			for i := range m.Rows {
				for j, x := range m.Row(i) {
					gone[j] = gone[j] && s.nothing(x, mass.Row(i)[j])
				}
			}
		}
		for i, g := range gone {
			if g {
				d.note(s, i, Change{Fate: Unobserved}, "every input", claim{})
				found = true
			}
		}
		d.drop(s, gone)
	}
	return found
}

// nothing reports whether a sum x of terms of mass a is zero: up to rounding, or with more care
// for certain.
func (s *vertex) nothing(x, a float64) bool {
	if s.care != rounded {
		return x == 0 && a == 0
	}
	return math.Abs(x) <= slight(a)
}

// targets returns the vertices that arrows from s lead to, each once.
func (s *vertex) targets() []*vertex {
	var ts []*vertex
	for _, l := range s.out {
		if !slices.Contains(ts, l.t) {
			ts = append(ts, l.t)
		}
	}
	return ts
}

// into returns the sum of the arrows from s to t, and its mass.
func (s *vertex) into(t *vertex) (m, mass linalg.Matrix) {
	m, mass = linalg.New(t.Dim, s.Dim), linalg.New(t.Dim, s.Dim)
	for _, l := range s.out {
		if l.t != t {
			continue
		}
		for i := range m.Rows {
			for j := range m.Cols {
				x, a := l.at(i, j)
				m.Data[i*m.Cols+j] += x
				mass.Data[i*m.Cols+j] += a
			}
		}
	}
	return m, mass
}

// constants folds the units of s that only biases reach.
func (d *network) constants(s *vertex) bool {
	k := s.stack()
	z, gone := make([]float64, s.Dim), slices.Repeat([]bool{true}, s.Dim)
	for _, from := range k.from {
		for i := range s.Dim {
			at := i*k.m.Cols + k.at[from]
			if from.Kind == quiver.KindBias {
				z[i] = k.m.Data[at]
				continue
			}
			for j, x := range k.m.Data[at : at+from.Dim] {
				gone[i] = gone[i] && s.nothing(x, k.mass.Data[at+j])
			}
		}
	}
	value := make([]float64, s.Dim)
	for i := range gone {
		if !gone[i] {
			continue
		}
		value[i] = s.Value(z[i])
		if math.IsNaN(value[i]) || math.IsInf(value[i], 0) {
			gone[i] = false // power(−1) at 0: nothing to fold
			continue
		}
	}
	return d.fold(s, d.worth(s, gone, value), value, "every input", func(i int) claim {
		lo, hi := s.Image(z[i], z[i])
		return claim{z: z[i], off: max(hi-value[i], value[i]-lo, 0)}
	})
}

// worth returns which of the constant units to fold. A new bias never has more numbers than the
// units, unless fixed arrows, which have none, carried them: then units stay whose value is not
// 0.
func (d *network) worth(s *vertex, gone []bool, value []float64) []bool {
	saved, added, n := 0, 0, 0
	for i, g := range gone {
		if g && value[i] != 0 {
			n++
		}
	}
	if n == 0 {
		return gone
	}
	for _, l := range s.in {
		if !l.fixed {
			saved += n * l.m.Cols
		}
	}
	for _, l := range s.out {
		if !l.fixed {
			saved += n * l.m.Rows
		}
	}
	alive := d.alive()
	for _, t := range s.targets() {
		if alive[t.index] && !t.biased() {
			added += t.Dim
		}
	}
	if added <= saved {
		return gone
	}
	gone = slices.Clone(gone)
	for i := range gone {
		gone[i] = gone[i] && value[i] == 0
	}
	if s.why == "" {
		s.why = "constant units stay: a new bias would have more numbers"
	}
	return gone
}

// fold removes units with the given constant values and adds these to the biases of their
// targets. It reports whether there are any. why says how the values are known.
func (d *network) fold(s *vertex, gone []bool, value []float64, on string, why func(i int) claim) bool {
	if !slices.Contains(gone, true) {
		return false
	}
	for i, g := range gone {
		if g {
			d.note(s, i, Change{Fate: Constant, Value: value[i]}, on, why(i))
		}
	}
	for i := range gone {
		if !gone[i] {
			value[i] = 0
		}
	}
	d.offset(s, value)
	d.drop(s, gone)
	return true
}

// offset adds what the constants c of the units of s bring to the biases of the targets.
func (d *network) offset(s *vertex, c []float64) {
	alive := d.alive()
	var live []*arrow
	for _, l := range s.out {
		if alive[l.t.index] {
			live = append(live, l)
		}
	}
	for _, l := range live {
		sum, mass := make([]float64, l.m.Rows), make([]float64, l.m.Rows)
		some := false
		for i := range l.m.Rows {
			for j := range l.m.Cols {
				if c[j] != 0 {
					x, a := l.at(i, j)
					sum[i] += x * c[j]
					mass[i] += a * math.Abs(c[j])
				}
			}
			some = some || math.Abs(sum[i]) > slight(mass[i])
		}
		if !some {
			continue
		}
		b := d.bias(l.t)
		for i, x := range sum {
			b.add(i, 0, x, mass[i])
		}
	}
}

// bias returns a trainable arrow without ties from a bias vertex to t, a new one if need be.
func (d *network) bias(t *vertex) *arrow {
	for _, l := range t.in {
		if l.s.Kind == quiver.KindBias && !l.fixed && !l.bound {
			return l
		}
	}
	for _, s := range d.vertices {
		if s.Kind == quiver.KindBias {
			return d.connect(s, t, "folded")
		}
	}
	one := &vertex{Vertex: quiver.Vertex{Name: "one", Kind: quiver.KindBias, Dim: 1}, number: []int{-1}, place: []int{-1}}
	d.insert(one, nil)
	return d.connect(one, t, "folded")
}
