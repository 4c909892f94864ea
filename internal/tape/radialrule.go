package tape

import (
	"github.com/quivernet/quivernet/internal/op"
	"github.com/quivernet/quivernet/internal/vec"
	"github.com/quivernet/quivernet/quiver"
)

// radialRule computes ρ(z) = λ(|z|)z across the lanes, with
//
//	Dρ(z)ᵀg = λg + λ₁⟨z,g⟩z, λ₁ = λ′/r,
//
// where λ and λ₁ are kept from the forward pass. Samples whose norm is so small or
// so large that λ₁ or ⟨z,g⟩ could leave the range of numbers are done one by one.
type radialRule[T op.Float] struct {
	act     quiver.RadialJet
	profile *vec.Profile // nil: by jets
}

func (r *radialRule[T]) String() string             { return r.act.String() }
func (r *radialRule[T]) keepsZ() bool               { return true }
func (r *radialRule[T]) keeps() int                 { return 3 } // λ, λ₁, |z|
func (r *radialRule[T]) side(_ *Tape[T], d int) int { return 2 * d }
func (r *radialRule[T]) cost(d int) (int, int)      { return 3*d + 20, 2 * d }
func (r *radialRule[T]) backCost(d int) (int, int)  { return 5 * d, 4 * d }

// Norms between which a block is computed at once, as variables because single precision
// does not have them all.
var (
	low, high     = vec.MinNorm64, vec.MaxNorm64
	low32, high32 = vec.MinNorm32, vec.MaxNorm32
)

func (r *radialRule[T]) forward(m *Memory[T], s *forward[T]) {
	t := s.t
	n, ld := t.lanes, t.ld
	z, x, c := m.slot[s.z], m.slot[s.x], m.slot[s.coef]
	l, l1 := c[:n], c[n:2*n]
	if s.z == s.x { // no derivative
		l1 = nil
	}
	if r.profile != nil {
		r.care(m, s, vec.Radial(r.profile, x, l, l1, z, s.d, n, ld))
		return
	}
	norm := c[2*n : 3*n]
	vec.Norms(norm, z, s.d, n, ld)
	hard := r.jets(l, l1, norm, m.hard[s.at][:0])
	vec.ScaleRows(x, z, l, s.d, n, ld)
	m.hard[s.at] = hard[:countBelow(hard, t.n)]
	r.applyHard(m, s)
}

// care does the samples that a kernel could not, if there are any: those whose λ is NaN.
func (r *radialRule[T]) care(m *Memory[T], s *forward[T], odd int) {
	hard := m.hard[s.at][:0]
	if odd > 0 {
		for j, v := range m.slot[s.coef][:s.t.n] {
			if v != v {
				hard = append(hard, int32(j))
			}
		}
	}
	m.hard[s.at] = hard
	r.applyHard(m, s)
}

// applyHard computes the samples that need care, of which x is z still.
func (r *radialRule[T]) applyHard(m *Memory[T], s *forward[T]) {
	for _, j := range m.hard[s.at] {
		y := m.side[:s.d]
		column(y, m.slot[s.z], s.t.ld, int(j))
		if !poison(y, y) {
			r.act.Apply(y, y)
		}
		setColumn(m.slot[s.x], s.t.ld, int(j), y)
	}
	t, hard := s.t, m.hard[s.at]
	if k := len(hard); k > 0 && int(hard[k-1]) == t.n-1 { // the lanes without a sample copy the last one
		for i := range s.d {
			row := m.slot[s.x][i*t.ld : i*t.ld+t.lanes]
			for j := t.n; j < t.lanes; j++ {
				row[j] = row[t.n-1]
			}
		}
	}
}

// jets evaluates λ and λ₁ by the activation's own jets, and lists the samples that
// need care, for which it stores 1.
func (r *radialRule[T]) jets(l, l1, norm []T, hard []int32) []int32 {
	lo, hi := low, high
	if _, single := any(l).([]float32); single {
		lo, hi = low32, high32
	}
	for j, v := range norm {
		x := float64(v)
		if !(x >= lo && x <= hi) && x != 0 {
			hard = append(hard, int32(j))
			l[j] = 1
			continue
		}
		l[j] = T(r.act.RadialJet(0, x))
		if l1 != nil {
			l1[j] = T(r.act.RadialJet(1, x))
		}
	}
	return hard
}

// countBelow returns how many leading samples are less than n.
func countBelow(samples []int32, n int) int {
	for i, j := range samples {
		if int(j) >= n {
			return i
		}
	}
	return len(samples)
}

func (r *radialRule[T]) backward(m *Memory[T], s *backward[T]) {
	t, v := s.t, s.v
	n, ld := t.lanes, t.ld
	z, g, out, c := m.slot[v.z], m.slot[s.g], m.slot[s.d], m.slot[v.coef]
	hard := m.hard[v.at]
	var spare []float64 // g may be where the result goes
	if len(hard) > 0 {
		if len(m.spare) < len(hard)*v.d { // rare
			m.spare = make([]float64, t.n*v.d)
		}
		spare = m.spare
		for k, j := range hard {
			y := spare[k*v.d : (k+1)*v.d]
			column(m.side[:v.d], z, ld, int(j))
			column(y, g, ld, int(j))
			r.act.VJP(y, m.side[:v.d], y)
		}
	}
	vec.RadialVJP(out, g, z, c[:n], c[n:2*n], v.d, n, ld)
	for k, j := range hard {
		setColumn(out, ld, int(j), spare[k*v.d:(k+1)*v.d])
	}
	t.clearPads(m, v, out)
}
