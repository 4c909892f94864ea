package optim

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/quivernet/quivernet/quiver"
)

// secant is a pair of L-BFGS: the step s·2^se and the change of the gradient y·2^ye. s and y
// have lengths in [½, 1), so that no product of two overflows or vanishes, and sy is ⟨s, y⟩.
type secant struct {
	s, y   *quiver.Rep
	se, ye int
	sy     float64
}

// normalize scales r, which is finite, to a length in [½, 1) by a power of two, whose exponent it
// returns: r was 2^exponent times what it is.
func normalize(r *quiver.Rep) (exponent int, zero bool) {
	n := r.Norm()
	if n == 0 {
		return 0, true
	}
	if math.IsInf(n, 1) {
		r.Scale(0x1p-64)
		exponent, _ = normalize(r)
		return exponent + 64, false
	}
	_, exponent = math.Frexp(n)
	shift(r, -exponent)
	return exponent, false
}

// shift multiplies r by 2^exponent, exactly where the results are normal.
func shift(r *quiver.Rep, exponent int) {
	for exponent != 0 {
		e := max(-1000, min(1000, exponent))
		r.Scale(math.Ldexp(1, e))
		exponent -= e
	}
}

// direction sets d to −Hg by the two-loop recursion and returns the slope ⟨d, g⟩ < 0. g0 is the
// gradient in units of 2^unit, and so is the slope. In the recursion all pairs are
// directions; their sizes enter as the exponents se − ye + unit.
func (m *LBFGS) direction(total float64, unit int) (slope float64) {
	k := len(m.pairs)
	if k == 0 {
		return m.steepest(total, unit)
	}
	m.d.CopyFrom(m.g0)
	m.alpha = append(m.alpha[:0], make([]float64, k)...)
	for i := k - 1; i >= 0; i-- {
		p := &m.pairs[i]
		m.alpha[i] = p.s.Dot(m.d) / p.sy
		m.d.AddScaled(-m.alpha[i], p.y)
	}
	last := &m.pairs[k-1]
	m.d.Scale(last.sy / last.y.Dot(last.y))
	shift(m.d, last.se-last.ye+unit)
	for i := range m.pairs {
		p := &m.pairs[i]
		m.d.AddScaled(math.Ldexp(m.alpha[i], p.se-p.ye+unit)-p.y.Dot(m.d)/p.sy, p.s)
	}
	m.d.Scale(-1)
	if slope = m.d.Dot(m.g0); slope < 0 { // along a d that is not finite descend tries nothing
		return slope
	}
	m.pairs = nil // rounding: forget the pairs
	return m.steepest(total, unit)
}

// steepest sets d along −g, so long that the gradient promises a tenth of the loss, but at least
// twice the last step, which was one of negative curvature, and what the weights can resolve. Where
// all of these are 0, the length is 1.
func (m *LBFGS) steepest(total float64, unit int) (slope float64) {
	n := m.g0.Norm()
	length := math.Ldexp(math.Abs(total)/n/10, -unit)
	length = min(max(length, 2*m.reach, 0x1p-26*m.w0.Norm()), math.MaxFloat64/4)
	if length == 0 {
		length = 1
	}
	m.d.CopyFrom(m.g0)
	m.d.Scale(-1 / n)
	m.d.Scale(length)
	return -n * length
}

// remember keeps the pair of the last step, whose gradients were g0·2^unit and g.
func (m *LBFGS) remember(w *quiver.Rep, unit, most int) {
	var p secant
	for len(m.pairs) >= most { // the oldest pair's room
		p = m.pairs[0]
		m.pairs = append(m.pairs[:0], m.pairs[1:]...)
	}
	if p.s == nil {
		p.s, p.y = w.Like(), w.Like()
	}
	p.s.CopyFrom(w)
	p.s.AddScaled(-1, m.w0)
	m.reach = p.s.Norm()
	p.y.CopyFrom(m.g)
	shift(p.y, -unit)
	p.y.AddScaled(-1, m.g0)
	if finite(p.s.Data()) && finite(p.y.Data()) && p.close() {
		p.ye += unit
		m.pairs = append(m.pairs, p)
	}
}

// close brings s and y to length and says whether they are a pair to keep: ⟨s, y⟩ is positive,
// and not by rounding alone.
func (p *secant) close() bool {
	p.se, _ = normalize(p.s)
	p.ye, _ = normalize(p.y)
	p.sy = p.s.Dot(p.y)
	return p.sy > 1e-10*p.s.Norm()*p.y.Norm()
}

// Snapshot returns the pairs, oldest first, as s0, y0, s1, y1, … of lengths in [½, 1), and as
// scalars their number, the exponents of two that belong to them, and the length of the last step.
func (m *LBFGS) Snapshot() State {
	exist(m, lbfgs.name)
	st := State{Method: lbfgs.name, Step: m.step, Reps: make(map[string]*quiver.Rep), Scalars: map[string]float64{"pairs": float64(len(m.pairs)), "reach": m.reach}}
	for i, p := range m.pairs {
		s, y := fmt.Sprint("s", i), fmt.Sprint("y", i)
		st.Reps[s], st.Reps[y] = p.s.Clone(), p.y.Clone()
		st.Scalars[s], st.Scalars[y] = float64(p.se), float64(p.ye)
	}
	return st
}

// Restore sets the pairs.
func (m *LBFGS) Restore(st State) error {
	exist(m, lbfgs.name)
	fail := func(format string, args ...any) error { return &StateError{lbfgs.name, fmt.Sprintf(format, args...)} }
	if st.Method != "" && st.Method != lbfgs.name && st.Step > 0 {
		return fail("the state is that of %s; "+origin, st.Method)
	}
	n := st.Scalars["pairs"]
	if !(n >= 0) || n != math.Trunc(n) || 2*n != float64(len(st.Reps)) {
		return fail("the state has %v pairs in %d representations; "+origin, n, len(st.Reps))
	}
	reach := st.Scalars["reach"]
	if !atLeast0.has(reach) {
		return fail("the length of the last step is %v, want %s; "+origin, reach, atLeast0.want)
	}
	pairs, slots, own := make([]secant, int(n)), []slot(nil), map[string]bool{"pairs": true, "reach": true}
	for i := range pairs {
		s, y := fmt.Sprint("s", i), fmt.Sprint("y", i)
		slots = append(slots, slot{kept{name: s}, &pairs[i].s}, slot{kept{name: y}, &pairs[i].y})
		own[s], own[y] = true, true
	}
	for _, k := range slices.Sorted(maps.Keys(st.Scalars)) {
		if !own[k] {
			return fail("the state holds the number %q, which this method does not have; "+origin, k)
		}
	}
	var base memory
	scalars := st.Scalars
	st.Scalars = nil
	if err := restore(lbfgs.name, &base, slots, func(kept, int) float64 { return math.MaxFloat64 }, st); err != nil {
		return err
	}
	for i := range pairs {
		p := &pairs[i]
		se, ye := scalars[fmt.Sprint("s", i)], scalars[fmt.Sprint("y", i)]
		if !(math.Abs(se) <= 4096) || !(math.Abs(ye) <= 4096) || se != math.Trunc(se) || ye != math.Trunc(ye) {
			return fail("the exponents of pair %d are %v and %v, want whole numbers; "+origin, i, se, ye)
		}
		if !p.close() {
			return fail("pair %d has the product ⟨s, y⟩ = %v, want a positive number; "+origin, i, p.sy)
		}
		p.se, p.ye = p.se+int(se), p.ye+int(ye)
	}
	m.memory, m.pairs, m.reach = base, pairs, reach
	return nil
}
