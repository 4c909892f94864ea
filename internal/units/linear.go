package units

import (
	"math"
	"slices"

	"github.com/quivernet/quivernet/internal/linalg"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// verdict says of the units of a vertex which are constants, with their values, and which work
// as lines value + slope·z.
type verdict struct {
	flat, line   []bool
	value, slope []float64
}

// verdict reads the bounds of s and of its sources.
func (s *vertex) verdict() verdict {
	v := verdict{make([]bool, s.Dim), make([]bool, s.Dim), make([]float64, s.Dim), make([]float64, s.Dim)}
	for i := range s.Dim {
		a, b, ok := s.Line(s.zlo[i], s.zhi[i])
		if z, still := s.still(i); still {
			a, b, ok = s.Value(z), 0, true
		}
		if ok = ok && !math.IsNaN(a) && !math.IsInf(a, 0) && !math.IsInf(b, 0); ok {
			v.flat[i], v.line[i], v.value[i], v.slope[i] = b == 0, b != 0, a, b
		}
	}
	return v
}

// judged folds what the verdict allows, and reports whether it changed anything. on names the
// inputs for which it holds.
func (d *network) judged(s *vertex, v verdict, on string) bool {
	gone := d.worth(s, v.flat, v.value)
	some := d.fold(s, gone, clone(v.value), on, func(i int) claim {
		return claim{proved: true, off: max(s.xhi[i]-v.value[i], v.value[i]-s.xlo[i], 0)}
	})
	return d.straight(s, remaining(v.line, gone), remaining(v.value, gone), remaining(v.slope, gone), on) || some
}

// still returns the pre-activation of unit i, if all that reaches it is constant on the domain.
func (s *vertex) still(i int) (z float64, ok bool) {
	for k, f := range s.flows {
		from := s.from[k]
		for j, w := range f.M.Row(i) {
			lost := f.Slack != nil && f.Slack[i*f.M.Cols+j] != 0
			if (w != 0 || lost) && from.xlo[j] != from.xhi[j] {
				return 0, false
			}
			if w != 0 {
				z += w * from.xlo[j]
			}
		}
	}
	return z, true
}

// remaining returns the entries of x that are not gone.
func remaining[T any](x []T, gone []bool) []T {
	var out []T
	for i, g := range gone {
		if !g {
			out = append(out, x[i])
		}
	}
	return out
}

// straight replaces the units x_i = a_i + b_i·z_i of s by arrows from the sources of s to its
// targets, or by a linear vertex of the rank of what they carry, whichever has fewer numbers;
// if neither has fewer than the units, they stay. Beside a target that is reduced by the number
// of columns that reach it, new columns count.
func (d *network) straight(s *vertex, line []bool, a, b []float64, on string) bool {
	n, shifted := 0, false
	for i, l := range line {
		if l {
			n++
			shifted = shifted || a[i] != 0
		}
	}
	if n == 0 {
		return false
	}
	now := 0 // numbers that the units have; fixed matrices have none, what replaces them has
	for _, l := range s.in {
		if !l.fixed {
			now += n * l.m.Cols
		}
	}
	for _, l := range s.out {
		if !l.fixed {
			now += n * l.m.Rows
		}
	}
	p := d.carried(s, line, b)
	for k, x := range p.mass.Data {
		if math.IsInf(x, 0) || math.IsNaN(x) || math.IsNaN(p.m.Data[k]) {
			return false // the products are too large for numbers
		}
	}
	rank := p.rank()
	through, around := rank*(p.m.Rows+p.m.Cols), 0
	if n == s.Dim && !s.touched() { // in place: what is parallel or leads nowhere keeps its numbers
		through = rank * now / n
	}
	allowed := true
	for _, t := range p.to {
		extra := 0
		for _, f := range p.from {
			if d.between(f, t) == nil {
				around += f.Dim * t.Dim
				extra += f.Dim
			}
		}
		if shifted && !t.biased() { // the a_i need an arrow too
			through, around = through+t.Dim, around+t.Dim
		}
		allowed = allowed && (extra <= n || t.known && t.Act != quiver.Identity || t.Kind == quiver.KindOutput)
	}
	if !allowed {
		around = math.MaxInt
	}
	if min(through, around) >= now {
		return false
	}
	for i, l := range line {
		if l {
			d.note(s, i, Change{Fate: Linear}, on, claim{a: a[i], b: b[i]})
		} else {
			a[i] = 0
		}
	}
	d.offset(s, a)
	d.drop(s, line)
	if around <= through {
		p.around(d, s)
	} else {
		p.through(d, s, rank)
	}
	return true
}

// biased says whether a trainable arrow without ties leads from a bias to t.
func (s *vertex) biased() bool {
	return slices.ContainsFunc(s.in, func(l *arrow) bool { return l.s.Kind == quiver.KindBias && !l.fixed && !l.bound })
}

// touched says whether a fixed arrow enters or leaves s.
func (s *vertex) touched() bool {
	return slices.ContainsFunc(slices.Concat(s.in, s.out), func(l *arrow) bool { return l.fixed })
}

// between returns a trainable arrow without ties from f to t; any bias will do for a bias.
func (d *network) between(f, t *vertex) *arrow {
	for _, l := range t.in {
		if (l.s == f || l.s.Kind == quiver.KindBias && f.Kind == quiver.KindBias) && !l.fixed && !l.bound {
			return l
		}
	}
	return nil
}

// through is what linear units carry from the sources of a vertex to its targets: the matrix
// W_out·diag(b)·W_in and its mass.
type through struct {
	m, mass  linalg.Matrix
	from, to []*vertex
}

func (d *network) carried(s *vertex, line []bool, b []float64) through {
	k := s.stack()
	var p through
	p.from = k.from
	alive := d.alive()
	rows := 0
	for _, t := range s.targets() {
		if alive[t.index] && t.Dim > 0 {
			p.to = append(p.to, t)
			rows += t.Dim
		}
	}
	p.m, p.mass = linalg.New(rows, k.m.Cols), linalg.New(rows, k.m.Cols)
	at := 0
	for _, t := range p.to {
		m, mass := s.into(t)
		for i := range m.Rows {
			row, size := p.m.Row(at+i), p.mass.Row(at+i)
			for u, l := range line {
				if !l {
					continue
				}
				x, a := b[u]*m.Row(i)[u], math.Abs(b[u])*mass.Row(i)[u]
				for j, y := range k.m.Row(u) {
					row[j] += x * y
					size[j] += a * k.mass.Row(u)[j]
				}
			}
		}
		at += t.Dim
	}
	for i, x := range p.m.Data {
		if math.Abs(x) <= slight(p.mass.Data[i]) {
			p.m.Data[i] = 0
		}
	}
	return p
}

// levelled returns the matrix with rows of length 1, and their lengths: targets of all sizes
// count alike.
func (p *through) levelled() (*mat.Dense, []float64) {
	g, size := p.m.Clone(), make([]float64, p.m.Rows)
	for i := range g.Rows {
		for _, x := range g.Row(i) {
			size[i] = math.Hypot(size[i], x)
		}
		if size[i] == 0 {
			size[i] = 1
		}
		for j := range g.Row(i) {
			g.Row(i)[j] /= size[i]
		}
	}
	return g.Dense(), size
}

// rank returns the rank of the matrix, up to rounding.
func (p *through) rank() int {
	g, size := p.levelled()
	return linalg.Width(linalg.Span(g, p.fits(g, size)))
}

// fits says whether what a basis leaves out of the matrix with rows of length 1 is rounding
// beside what the matrix was added up from.
func (p *through) fits(g *mat.Dense, size []float64) func(b *mat.Dense) bool {
	return func(b *mat.Dense) bool {
		e := linalg.Abs(linalg.Residual(g, b))
		for i, x := range size {
			row := e.RawRowView(i)
			floats.Scale(x, row)
		}
		return linalg.Below(e, p.mass.Dense(), linalg.Tolerance(g.Dims()))
	}
}

// around puts the matrix on arrows from the sources to the targets.
func (p *through) around(d *network, s *vertex) {
	row := 0
	for _, t := range p.to {
		col := 0
		for _, f := range p.from {
			l := d.between(f, t)
			for i := range t.Dim {
				for j := range f.Dim {
					k := (row+i)*p.m.Cols + col + j
					if p.m.Data[k] == 0 {
						continue
					}
					if l == nil {
						l = d.connect(f, t, s.Name)
					}
					l.add(i, j, p.m.Data[k], p.mass.Data[k])
				}
			}
			col += f.Dim
		}
		row += t.Dim
	}
}

// through puts the matrix on the arrows to and from a new linear vertex: B and BᵀM with an
// orthonormal basis B of the columns of M with rows of length 1.
func (p *through) through(d *network, s *vertex, rank int) {
	if rank == 0 {
		return
	}
	g, size := p.levelled()
	b := linalg.Span(g, p.fits(g, size))
	var in mat.Dense
	in.Mul(b.T(), g)
	v := s
	if s.Dim > 0 || s.touched() {
		v = &vertex{Vertex: quiver.Vertex{Name: s.Name + ".linear", Kind: quiver.KindHidden}, free: true}
		d.insert(v, s)
	}
	v.become(rank)
	col := 0
	for _, f := range p.from {
		l := d.first(f, v, s.Name)
		for i := range rank {
			copy(l.m.Row(i), in.RawRowView(i)[col:col+f.Dim])
		}
		col += f.Dim
	}
	row := 0
	for _, t := range p.to {
		l := d.first(v, t, s.Name)
		for i := range t.Dim {
			for j := range rank {
				l.m.Row(i)[j] = size[row+i] * b.At(row+i, j)
			}
		}
		row += t.Dim
	}
}

// become makes a vertex without units a linear one of the given dimension, its arrows zero.
func (s *vertex) become(dim int) {
	s.Dim, s.Act = dim, quiver.Identity
	s.pointwise, s.known = pointwiseOf(s.Vertex)
	s.number, s.place = make([]int, dim), make([]int, dim)
	for i := range s.number {
		s.number[i], s.place[i] = -1, -1
	}
	for _, l := range s.in {
		l.m, l.mass = linalg.New(dim, l.s.Dim), linalg.Matrix{}
	}
	for _, l := range s.out {
		l.m, l.mass = linalg.New(l.t.Dim, dim), linalg.Matrix{}
	}
}

// first returns the first arrow from f to t, a new one if there is none.
func (d *network) first(f, t *vertex, through string) *arrow {
	for _, l := range t.in {
		if l.s == f {
			return l
		}
	}
	return d.connect(f, t, through)
}
