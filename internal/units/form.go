package units

import "math"

// form is Σ_k (hi_k + lo_k)·column_k up to err_k, computed in double-double arithmetic.
type form struct {
	col         []int
	hi, lo, err []float64
}

func single(col int, x float64) form {
	return form{[]int{col}, []float64{x}, []float64{0}, []float64{0}}
}

// pairOf is p·column + shift.
func pairOf(col int, p, shift float64) form {
	f := single(col, p)
	if shift != 0 {
		f.col, f.hi, f.lo, f.err = append(f.col, 0), append(f.hi, shift), append(f.lo, 0), append(f.err, 0)
	}
	return f
}

// Units returns the forms of n columns.
func units(start, n int) []form {
	f := make([]form, n)
	for i := range f {
		f[i] = single(start+i, 1)
	}
	return f
}

// forms adds up forms in dense scratch memory.
type forms struct {
	b           *basis
	hi, lo, err []float64
	seen        []bool
	touched     []int
}

func newForms(b *basis) *forms {
	n := b.total
	return &forms{b: b, hi: make([]float64, n), lo: make([]float64, n), err: make([]float64, n), seen: make([]bool, n)}
}

// add adds w·f. Products and sums are split into what is rounded and its error, which is exact as
// long as nothing underflows; what the sums of the errors may lose goes to err.
func (m *forms) add(w float64, f form) {
	for k, c := range f.col {
		if !m.seen[c] {
			m.seen[c] = true
			m.touched = append(m.touched, c)
		}
		p := w * f.hi[k]
		rest := math.FMA(w, f.hi[k], -p)
		if math.Abs(p) < 0x1p-960 && f.hi[k] != 0 {
			m.err[c] += 4 * math.SmallestNonzeroFloat64
		}
		old := m.hi[c]
		sum := old + p
		back := sum - old
		rest += (old - (sum - back)) + (p - back)
		m.hi[c] = sum
		m.err[c] += math.Abs(w) * f.err[k] * (1 + 0x1p-50)
		if low := w * f.lo[k]; rest != 0 || low != 0 {
			m.lo[c] += rest + low
			m.err[c] += 0x1p-102*(math.Abs(old)+math.Abs(p)) + 0x1p-50*math.Abs(low) + 0x1p-52*math.Abs(m.lo[c])
		}
	}
}

// take returns the sum and clears the memory.
func (m *forms) take() form {
	var f form
	for _, c := range m.touched {
		if m.hi[c] != 0 || m.lo[c] != 0 || m.err[c] != 0 {
			f.col, f.hi, f.lo, f.err = append(f.col, c), append(f.hi, m.hi[c]), append(f.lo, m.lo[c]), append(f.err, m.err[c])
		}
		m.hi[c], m.lo[c], m.err[c], m.seen[c] = 0, 0, 0, false
	}
	m.touched = m.touched[:0]
	return f
}

// rows returns the forms of the pre-activations of a vertex.
func (m *forms) rows(s *frozenVertex, from [][]form) []form {
	out := make([]form, s.Dim)
	for i := range out {
		for _, l := range s.in {
			for j, w := range l.m.Row(i) {
				if w != 0 {
					m.add(w, from[l.source][j])
				}
			}
		}
		out[i] = m.take()
	}
	return out
}

// affine returns a + b·f.
func (m *forms) affine(f form, a, b float64) form {
	m.add(b, f)
	m.add(a, single(0, 1))
	return m.take()
}

// tally adds up the squares of the entries of a matrix of forms by column group.
type tally struct {
	m    *forms
	size map[int]float64 // by column: root of the sum of squares
}

func (m *forms) tally() *tally { return &tally{m, map[int]float64{}} }

// difference counts a row f − c·g.
func (t *tally) difference(m *forms, f, g form, c float64) {
	m.add(1, f)
	m.add(-c, g)
	d := m.take()
	for k, col := range d.col {
		t.entry(col, math.Abs(d.hi[k]+d.lo[k])*(1+0x1p-50)+d.err[k])
	}
}

// inexact counts what is not known of a row.
func (t *tally) inexact(f form) {
	for k, col := range f.col {
		t.entry(col, f.err[k])
	}
}

func (t *tally) entry(col int, x float64) {
	if math.IsNaN(x) {
		x = math.Inf(1) // something overflowed
	}
	if x != 0 {
		t.size[col] = math.Hypot(t.size[col], x) * (1 + 0x1p-50)
	}
}

// shares returns the norms by group.
func (t *tally) shares(b *basis) []share {
	var out []share
	for g, start := range b.start {
		var norm float64
		for c := start; c < start+b.width[g]; c++ {
			norm = math.Hypot(norm, t.size[c]) * (1 + 0x1p-50)
		}
		if norm > 0 {
			out = append(out, share{g, norm})
		}
	}
	return out
}
