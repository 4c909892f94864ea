package tape

import (
	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/model"
	"github.com/quivernet/quivernet/internal/op"
	"github.com/quivernet/quivernet/internal/vec"
	"github.com/quivernet/quivernet/quiver"
)

// Narrow radial vertices, as compression leaves them, have kernels that do in one pass what
// takes others several: the layer, what comes back through an arrow, and the gradients at
// its matrix and bias.

// narrowRule returns the rule of a vertex that one kernel computes: narrow, radial, with one
// product and at most a bias before it; else nil.
func narrowRule[T op.Float](s *forward[T]) *radialRule[T] {
	r, ok := s.act.(*radialRule[T])
	last := len(s.terms) - 1
	if !ok || r.profile == nil || s.d > vec.NarrowMax || last < 0 || last > 1 || s.terms[last].kind != byMatrix || last == 1 && s.terms[0].kind != byOnes {
		return nil
	}
	return r
}

// layer computes sum and activation.
func (r *radialRule[T]) layer(m *Memory[T], s *forward[T]) {
	n, ld, c := s.t.lanes, s.t.ld, m.slot[s.coef]
	e := &s.terms[len(s.terms)-1]
	var b, l1 []T
	if len(s.terms) == 2 {
		b = m.slot[s.terms[0].w]
	}
	if s.z != s.x {
		l1 = c[n : 2*n]
	}
	r.care(m, s, vec.RadialLayer(r.profile, m.slot[s.z], m.slot[s.x], c[:n], l1, m.slot[e.w], b, m.slot[e.x], s.d, e.d, n, ld))
}

// comesThrough returns the product δ·W whose only use is the derivative n of a narrow radial
// activation, so that one kernel does both; else nil.
func (f *fuser[T]) comesThrough(n *gorgonia.Node, o *op.Op) *gorgonia.Node {
	in := o.Children()
	if o.Kind() != op.KindActVJP || model.SizeOf(n)[1] > vec.NarrowMax || f.uses[in[1]] != 1 {
		return nil
	}
	if r, ok := ruleFor[T](o.Activation(), model.SizeOf(n)[1]).(*radialRule[T]); !ok || r.profile == nil {
		return nil
	}
	p, ok := in[1].Op().(*op.Op)
	if !ok || p.Kind() != op.KindArrowDX || len(p.Children()) != 2 {
		return nil
	}
	return in[1]
}

// through computes δ = Dρ(z)ᵀ(Wᵀe).
func (r *radialRule[T]) through(m *Memory[T], s *backward[T]) {
	t, v, e := s.t, s.v, s.from
	n, ld, c := t.lanes, t.ld, m.slot[v.coef]
	w, d, out := m.slot[e.w], m.slot[e.x], m.slot[s.d]
	vec.RadialBack(out, w, d, m.slot[v.z], c[:n], c[n:2*n], e.d, v.d, n, ld)
	for _, j := range m.hard[v.at] {
		z, g := m.side[:v.d], m.side[v.d:2*v.d]
		column(z, m.slot[v.z], ld, int(j))
		clear(g)
		for k := range e.d {
			for i := range g {
				g[i] += float64(w[k*v.d+i]) * float64(d[k*ld+int(j)])
			}
		}
		r.act.VJP(g, z, g)
		setColumn(out, ld, int(j), g)
	}
	t.clearPads(m, v, out)
}

// clearPads makes the lanes without a sample 0 where they may copy one that needs care.
func (t *Tape[T]) clearPads(m *Memory[T], v *forward[T], out []T) {
	if len(m.hard[v.at]) > 0 {
		for i := range v.d {
			clear(out[i*t.ld+t.n : i*t.ld+t.lanes])
		}
	}
}

// siblings are the gradients at the matrix and at the bias of one layer, which have one δ.
type siblings struct{ matrix, bias *gorgonia.Node }

// findSiblings notes, for the gradient n at a matrix or a bias, which δ it has. Narrow layers
// alone have a kernel for both, and only where no other arrow shares them. Of several matrices, or biases, the last one is taken.
func (f *fuser[T]) findSiblings(n *gorgonia.Node, o *op.Op) {
	in := o.Children()
	if f.absorbed[n] || model.SizeOf(n)[0] > vec.NarrowMax || model.SizeOf(n)[1] > vec.NarrowMax {
		return
	}
	s := f.siblings[in[0]]
	if l, ok := f.leaves[in[1]]; ok && l.kind == leafOnes {
		s.bias = n
	} else {
		s.matrix = n
	}
	f.siblings[in[0]] = s
}

// narrowTerm is the arrow through which a gradient comes back.
func (f *fuser[T]) narrowTerm(n *gorgonia.Node) (*addend, error) {
	p := n.Op().(*op.Op)
	in := p.Children()
	x, err := f.lanesOf(in[0])
	if err != nil {
		return nil, err
	}
	w, err := f.rowsOf(in[1])
	return &addend{kind: byMatrix, arrow: p.Owner(), x: x, w: w, d: model.SizeOf(in[0])[1], fixed: quiver.Inclusion{}}, err
}
