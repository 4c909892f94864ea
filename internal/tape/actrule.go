package tape

import (
	"github.com/quivernet/quivernet/internal/op"
	"github.com/quivernet/quivernet/internal/vec"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// actRule is how a tape computes one kind of activation on a feature-major block.
type actRule[T op.Float] interface {
	String() string
	keepsZ() bool               // the derivative reads z, not x alone
	keeps() int                 // vectors of one number per sample that forward leaves to backward
	side(t *Tape[T], d int) int // float64 numbers needed on the side
	forward(m *Memory[T], s *forward[T])
	backward(m *Memory[T], s *backward[T])
	cost(d int) (flops, moved int) // per sample
	backCost(d int) (flops, moved int)
}

// ruleFor chooses the rule for an activation at a vertex of dimension d; nil is a plain sum.
func ruleFor[T op.Float](act quiver.Activation, d int) actRule[T] {
	if act == nil || act == quiver.Identity {
		return identityRule[T]{}
	}
	if _, ok := act.(quiver.Parametric); ok {
		return &sampleRule[T]{act}
	}
	// Of one feature along the gradient everything cancels but h′, so that λ + λ₁r² loses
	// digits: sample by sample, then.
	switch r := kernelRule[T](act).(type) {
	case *mapRule[T]:
		return r
	case *radialRule[T]:
		if d > 1 {
			return r
		}
	}
	if p, ok := act.(quiver.PointJet); ok {
		if _, sized := act.(quiver.Sized); !sized {
			return &pointRule[T]{act: p}
		}
	}
	// The jets of our own catalogue are tested against Apply; a user's are asked for where
	// nothing else will do, in second derivatives.
	if _, ours := layers.Inside(act); ours && d > 1 {
		if r, ok := act.(quiver.RadialJet); ok {
			return &radialRule[T]{act: r}
		}
	}
	return &sampleRule[T]{act}
}

// identityRule leaves everything as it is.
type identityRule[T op.Float] struct{}

func (identityRule[T]) String() string         { return "identity" }
func (identityRule[T]) keepsZ() bool           { return false }
func (identityRule[T]) keeps() int             { return 0 }
func (identityRule[T]) side(*Tape[T], int) int { return 0 }
func (identityRule[T]) cost(int) (int, int)    { return 0, 0 }
func (identityRule[T]) backCost(int) (int, int) {
	return 0, 0
}
func (identityRule[T]) forward(*Memory[T], *forward[T]) {}
func (identityRule[T]) backward(m *Memory[T], s *backward[T]) {
	if s.d != s.g {
		copy(m.slot[s.d], m.slot[s.g])
	}
}

// pointRule applies a pointwise activation feature by feature, in double precision.
type pointRule[T op.Float] struct{ act quiver.PointJet }

func (r *pointRule[T]) String() string             { return r.act.String() }
func (r *pointRule[T]) keepsZ() bool               { return true }
func (r *pointRule[T]) keeps() int                 { return 0 }
func (r *pointRule[T]) side(t *Tape[T], _ int) int { return 2 * t.lanes }
func (r *pointRule[T]) cost(d int) (int, int)      { return 10 * d, 2 * d }
func (r *pointRule[T]) backCost(d int) (int, int)  { return 10 * d, 3 * d }

func (r *pointRule[T]) forward(m *Memory[T], s *forward[T]) {
	n, ld := s.t.lanes, s.t.ld
	y, z := m.side[:n], m.side[n:2*n]
	for i := range s.d {
		Widen(z, m.slot[s.z][i*ld:i*ld+n])
		r.act.Apply(y, z)
		if vec.FirstBad(z) >= 0 {
			for j, v := range z {
				y[j] += 0 * v // NaN where z is not finite
			}
		}
		convert(m.slot[s.x][i*ld:i*ld+n], y)
	}
}

func (r *pointRule[T]) backward(m *Memory[T], s *backward[T]) {
	n, ld := s.t.lanes, s.t.ld
	z, g := m.side[:n], m.side[n:2*n]
	for i := range s.v.d {
		Widen(z, m.slot[s.v.z][i*ld:i*ld+n])
		Widen(g, m.slot[s.g][i*ld:i*ld+n])
		r.act.VJP(g, z, g)
		convert(m.slot[s.d][i*ld:i*ld+n], g)
		clear(m.slot[s.d][i*ld+s.t.n : i*ld+n])
	}
}

// sampleRule applies any activation sample by sample, in double precision.
type sampleRule[T op.Float] struct{ act quiver.Activation }

func (r *sampleRule[T]) String() string            { return r.act.String() }
func (r *sampleRule[T]) keepsZ() bool              { return true }
func (r *sampleRule[T]) keeps() int                { return 0 }
func (r *sampleRule[T]) cost(d int) (int, int)     { return 10 * d, 2 * d }
func (r *sampleRule[T]) backCost(d int) (int, int) { return 10 * d, 3 * d }
func (r *sampleRule[T]) side(_ *Tape[T], d int) int {
	if p, ok := r.act.(quiver.Parametric); ok {
		return 2*d + 2*p.NumParams(d)
	}
	return 2 * d
}

// column copies one sample of a block into double precision.
func column[T op.Float](dst []float64, x []T, ld, sample int) {
	for i := range dst {
		dst[i] = float64(x[i*ld+sample])
	}
}

// setColumn is the reverse of column.
func setColumn[T op.Float](x []T, ld, sample int, src []float64) {
	for i, v := range src {
		x[i*ld+sample] = T(v)
	}
}

func (r *sampleRule[T]) forward(m *Memory[T], s *forward[T]) {
	t, y := s.t, m.side[:s.d]
	par, p := r.parameters(m, s, m.side[s.d:])
	bad := t.overflows(m.slot[s.z], s.d)
	for i := range t.n {
		column(y, m.slot[s.z], t.ld, i)
		if bad && poison(y, y) {
		} else if par != nil {
			par.ApplyP(y, y, p)
		} else {
			r.act.Apply(y, y)
		}
		setColumn(m.slot[s.x], t.ld, i, y)
	}
	for i := t.n; i < t.lanes; i++ {
		setColumn(m.slot[s.x], t.ld, i, y)
	}
}

// parameters returns the activation and its parameters at a vertex where these are trained.
func (r *sampleRule[T]) parameters(m *Memory[T], s *forward[T], side []float64) (quiver.Parametric, []float64) {
	if s.par < 0 {
		return nil, nil
	}
	p := side[:s.t.slots[s.par].size]
	Widen(p, m.slot[s.par])
	return r.act.(quiver.Parametric), p
}

func (r *sampleRule[T]) backward(m *Memory[T], s *backward[T]) {
	t, d := s.t, s.v.d
	z, g := m.side[:d], m.side[d:2*d]
	par, p := r.parameters(m, s.v, m.side[2*d:])
	for i := range t.n {
		column(z, m.slot[s.v.z], t.ld, i)
		column(g, m.slot[s.g], t.ld, i)
		if par != nil {
			par.VJPP(g, m.side[2*d+len(p):2*d+2*len(p)], z, g, p)
		} else {
			r.act.VJP(g, z, g)
		}
		setColumn(m.slot[s.d], t.ld, i, g)
	}
	for i := range d {
		clear(m.slot[s.d][i*t.ld+t.n : i*t.ld+t.lanes])
	}
}
