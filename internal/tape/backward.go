package tape

import (
	"fmt"
	"strings"

	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/blas"
	"github.com/quivernet/quivernet/internal/model"
	"github.com/quivernet/quivernet/internal/op"
	"github.com/quivernet/quivernet/internal/vec"
)

// gather computes the gradient that arrives at a vertex, g = Σ W_aᵀ δ_a.
type gather[T op.Float] struct {
	t     *Tape[T]
	nodes gorgonia.Nodes
	owner string
	d     int
	terms []addend
	g     int
}

func (f *fuser[T]) emitGather(n *gorgonia.Node, parts gorgonia.Nodes) error {
	o := n.Op().(*op.Op)
	s := &gather[T]{t: f.t, owner: o.Owner(), d: model.SizeOf(n)[1]}
	for _, c := range parts {
		p, ok := c.Op().(*op.Op)
		if !ok || p.Kind() != op.KindArrowDX || c != n && !f.absorbed[c] {
			x, err := f.lanesOf(c)
			if err != nil {
				return err
			}
			s.terms = append(s.terms, addend{kind: asItIs, arrow: c.Name(), x: x, d: s.d})
			continue
		}
		in := p.Children()
		x, err := f.lanesOf(in[0])
		if err != nil {
			return err
		}
		e := addend{kind: byCopy, arrow: p.Owner(), x: x, d: model.SizeOf(in[0])[1], fixed: p.Inclusion()}
		if len(in) == 2 {
			e.kind = byMatrix
			if e.w, err = f.rowsOf(in[1]); err != nil {
				return err
			}
		}
		s.terms = append(s.terms, e)
		if c != n {
			s.nodes = append(s.nodes, c)
		}
	}
	s.nodes = append(s.nodes, n)
	s.g = f.slot(n, true)
	f.lane[n] = s.g
	f.add(s)
	return nil
}

func (s *gather[T]) run(m *Memory[T]) error {
	s.t.sum(m, m.slot[s.g], s.d, s.terms, true)
	return nil
}

func (s *gather[T]) about() about {
	a := about{kind: "gather", owner: s.owner, nodes: s.nodes, reads: slotsOf(s.terms), makes: []result{{s.g, s.nodes[len(s.nodes)-1]}}}
	var parts []string
	for _, e := range s.terms {
		f, mv := s.t.cost(e, s.d)
		a.flops += f
		a.moved += mv
		parts = append(parts, e.String())
	}
	a.text = fmt.Sprintf("%s = %s", s.nodes[len(s.nodes)-1].Name(), strings.Join(parts, " + "))
	return a
}

// backward computes δ = Dρ(z)ᵀg at a vertex, in place where nobody else reads g.
type backward[T op.Float] struct {
	t    *Tape[T]
	node *gorgonia.Node
	v    *forward[T]
	g, d int     // slots
	from *addend // instead of g: the arrow through which it comes
	over *gorgonia.Node
}

func (f *fuser[T]) emitBackward(n *gorgonia.Node, o *op.Op) error {
	in := o.Children()
	if _, err := f.lanesOf(in[0]); err != nil {
		return err
	}
	s := &backward[T]{t: f.t, node: n, v: f.vertices[in[0]]}
	var err error
	if g := in[1]; f.absorbed[g] { // see comesThrough
		if s.from, err = f.narrowTerm(g); err != nil {
			return err
		}
		s.over, s.d = g, f.slot(n, true)
		f.lane[n] = s.d
		f.add(s)
		return nil
	}
	if s.g, err = f.lanesOf(in[1]); err != nil {
		return err
	}
	s.d = s.g
	if f.uses[in[1]] > 1 { // an input it never is: the sweep begins with a product, the loss's weight times 1
		s.d = f.slot(n, true)
	}
	f.lane[n] = s.d
	f.add(s)
	return nil
}

func (s *backward[T]) run(m *Memory[T]) error {
	if s.from != nil {
		s.v.act.(*radialRule[T]).through(m, s)
		return nil
	}
	s.v.act.backward(m, s)
	return nil
}

func (s *backward[T]) about() about {
	v := s.v
	a := about{kind: "backward", owner: v.owner, nodes: gorgonia.Nodes{s.node}, reads: []int{s.g, v.z, v.x}, makes: []result{{s.d, s.node}}}
	if !v.act.keepsZ() {
		a.reads = []int{s.g, v.x}
	}
	if v.coef >= 0 {
		a.reads = append(a.reads, v.coef)
	}
	if v.par >= 0 {
		a.reads = append(a.reads, v.par)
	}
	f, mv := v.act.backCost(v.d)
	a.flops, a.moved = f*s.t.n, mv*s.t.n
	a.text = fmt.Sprintf("δ[%s] = D%sᵀ·g", v.owner, v.act)
	if s.from != nil {
		a.reads[0] = s.from.x
		a.reads = append(a.reads, s.from.w)
		a.nodes = gorgonia.Nodes{s.over, s.node}
		f, mv := s.t.cost(*s.from, v.d)
		a.flops += f
		a.moved += mv
		a.text = fmt.Sprintf("δ[%s] = D%sᵀ·%s", v.owner, v.act, s.from)
	}
	return a
}

// weights computes the gradient at a matrix, Σ δ xᵀ over the samples and the arrows that
// share the matrix.
type weights[T op.Float] struct {
	t       *Tape[T]
	nodes   gorgonia.Nodes
	owner   string
	r, c    int
	terms   []pair
	out     int
	sums    int            // slot for a sum that is added to others
	bias    *gorgonia.Node // whose gradient is computed in the same pass, into slot biasOut
	biasOut int
}

// pair is δ and x of one arrow.
type pair struct {
	delta, x int
	ones     bool
}

func (f *fuser[T]) emitProduct(n *gorgonia.Node, parts gorgonia.Nodes) error {
	size := model.SizeOf(n)
	twins := f.siblings[op.Children(n)[0]] // none for a sum of tied arrows, whose inputs are no δ
	both := twins.matrix != nil && twins.bias != nil
	if both && n == twins.bias {
		return f.emit(twins.matrix) // which computes both
	}
	s := &weights[T]{t: f.t, owner: f.e.ArrowOf(n), r: size[0], c: size[1]}
	for _, c := range parts {
		in := c.Op().(*op.Op).Children()
		var e pair
		var err error
		if e.delta, err = f.lanesOf(in[0]); err != nil {
			return err
		}
		e.ones = f.isLeaf(in[1]) && f.leaves[in[1]].kind == leafOnes
		if !e.ones {
			if e.x, err = f.lanesOf(in[1]); err != nil {
				return err
			}
		}
		s.terms = append(s.terms, e)
		if c != n {
			s.nodes = append(s.nodes, c)
		}
	}
	s.nodes = append(s.nodes, n)
	s.out = f.slot(n, false)
	s.sums = -1
	if len(parts) > 1 && s.c == 1 {
		s.sums = f.slot(n, false)
	}
	f.row[n] = s.out
	if both && n == twins.matrix {
		s.bias, s.biasOut = twins.bias, f.slot(twins.bias, false)
		f.row[s.bias], f.done[s.bias] = s.biasOut, true
	}
	f.add(s)
	return nil
}

// dotsBelow is the number of rows below which a product over the samples runs along the
// lanes, as sums of dot products; from it on one side is transposed on the way.
const dotsBelow = 48

func (s *weights[T]) run(m *Memory[T]) error {
	t, out := s.t, m.slot[s.out]
	if s.bias != nil {
		e := &s.terms[0]
		vec.LayerGrad(out, m.slot[s.biasOut], m.slot[e.delta], m.slot[e.x], s.r, s.c, t.lanes, t.ld)
		return nil
	}
	for i := range s.terms {
		e := &s.terms[i]
		acc, delta := i > 0, m.slot[e.delta]
		switch {
		case e.ones && acc:
			sums := m.slot[s.sums]
			vec.RowSums(sums, delta, s.r, t.lanes, t.ld)
			vec.Add(out, sums)
		case e.ones:
			vec.RowSums(out, delta, s.r, t.lanes, t.ld)
		case s.r < dotsBelow:
			blas.Dots(s.r, s.c, t.lanes, delta, t.ld, m.slot[e.x], t.ld, acc, out, s.c)
		default:
			blas.GemmT(s.r, s.c, t.lanes, delta, t.ld, m.slot[e.x], t.ld, acc, out, s.c)
		}
	}
	return nil
}

func (s *weights[T]) about() about {
	a := about{kind: "gradient", owner: s.owner, nodes: s.nodes, makes: []result{{s.out, s.nodes[len(s.nodes)-1]}}}
	for _, e := range s.terms {
		a.reads = append(a.reads, e.delta)
		a.flops += s.t.n * s.r
		if !e.ones {
			a.reads = append(a.reads, e.x)
			a.flops += s.t.n * s.r * (2*s.c - 1)
		}
		a.moved += s.t.n*(s.r+s.c) + s.r*s.c
	}
	if s.sums >= 0 {
		a.makes = append(a.makes, result{s.sums, nil})
	}
	a.text = fmt.Sprintf("∂L/∂W[%s] = Σ δ·xᵀ", model.ArrowName(s.owner))
	if s.bias != nil {
		a.nodes = append(gorgonia.Nodes{s.bias}, a.nodes...)
		a.makes = append(a.makes, result{s.biasOut, s.bias})
		a.flops += s.t.n * s.r
		a.moved += s.r
		a.text += fmt.Sprintf(", ∂L/∂W[%s] = Σ δ", model.ArrowName(model.Owner(s.bias)))
	}
	if len(s.terms) == 1 && s.terms[0].ones {
		a.text = fmt.Sprintf("∂L/∂W[%s] = Σ δ", model.ArrowName(s.owner))
	}
	return a
}
