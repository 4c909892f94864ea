package tape

import (
	"fmt"
	"strings"

	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/blas"
	"github.com/quivernet/quivernet/internal/model"
	"github.com/quivernet/quivernet/internal/op"
	"github.com/quivernet/quivernet/internal/vec"
	"github.com/quivernet/quivernet/quiver"
)

// forward computes a vertex: z = Σ W_a x_a, then x = ρ(z). z and x share a slot where
// the derivative does not ask for z.
type forward[T op.Float] struct {
	t     *Tape[T]
	at    int // its place among the stages
	nodes gorgonia.Nodes
	owner string
	d     int
	terms []addend
	z, x  int
	act   actRule[T]
	coef  int // slot of what the derivative can use again, −1 without one
	par   int // slot of the parameters, −1 without

	narrow *radialRule[T] // computes sum and activation in one kernel; nil elsewhere
	guard  bool           // see guards
}

// addend is what one arrow brings to a vertex, or sends back from one.
type addend struct {
	kind  termKind
	arrow string
	x     int // slot of the other value
	w     int // slot of the matrix
	d     int // width of the other value
	fixed quiver.Inclusion
}

type termKind uint8

const (
	byMatrix termKind = iota // with a matrix
	byOnes                   // a matrix times a constant 1
	byCopy                   // with a structured matrix
	asItIs                   // a value as it is
)

// emitVertex adds the stage of a vertex.
func (f *fuser[T]) emitVertex(n *gorgonia.Node, o *op.Op) error {
	s := &forward[T]{t: f.t, owner: o.Owner(), d: model.SizeOf(n)[1], coef: -1, par: -1}
	for _, t := range o.Terms() {
		e := addend{arrow: t.Arrow, d: model.SizeOf(t.X)[1], fixed: t.Fixed}
		var err error
		switch {
		case t.W == nil && t.Fixed.K == 0:
			continue
		case t.W == nil:
			e.kind = byCopy
		case f.leaves[t.X].kind == leafOnes && f.isLeaf(t.X):
			e.kind = byOnes
		}
		if e.kind != byOnes {
			if e.x, err = f.lanesOf(t.X); err != nil {
				return err
			}
		}
		if t.W != nil {
			if e.w, err = f.rowsOf(t.W); err != nil {
				return err
			}
		}
		s.terms = append(s.terms, e)
	}
	sortTerms(s.terms)
	twin := o.Twin()
	again := twin != nil && f.needed[twin]
	s.act = ruleFor[T](o.Activation(), s.d)
	if again {
		s.nodes = append(s.nodes, twin)
		f.done[twin] = true
	}
	s.nodes = append(s.nodes, n)
	if in := o.Children(); isParametric(o) {
		var err error
		if s.par, err = f.rowsOf(in[len(in)-1]); err != nil {
			return err
		}
	}
	s.x = f.slot(n, true)
	s.z = s.x
	if again {
		if s.act.keepsZ() {
			s.z = f.slot(n, true)
		}
		f.lane[twin] = s.z
		f.vertices[twin] = s
	}
	if k := s.act.keeps(); k > 0 {
		s.coef = f.extra(k)
	}
	f.lane[n] = s.x
	s.narrow, s.guard = narrowRule(s), f.guards(s)
	s.at = len(f.t.stages)
	f.t.wide = max(f.t.wide, s.act.side(f.t, s.d))
	f.add(s)
	return nil
}

func (f *fuser[T]) isLeaf(n *gorgonia.Node) bool { _, ok := f.leaves[n]; return ok }

// isParametric says that the last input of a vertex holds parameters.
func isParametric(o *op.Op) bool {
	k := 0
	for _, t := range o.Terms() {
		if k++; t.W != nil {
			k++
		}
	}
	return len(o.Children()) > k
}

// sortTerms puts first what fills the sum without a product.
func sortTerms(ts []addend) {
	for i, t := range ts {
		if t.kind == byOnes {
			copy(ts[1:i+1], ts[:i])
			ts[0] = t
			return
		}
	}
}

func (s *forward[T]) run(m *Memory[T]) error {
	if s.narrow != nil {
		s.narrow.layer(m, s)
	} else {
		s.t.sum(m, m.slot[s.z], s.d, s.terms, false)
		s.act.forward(m, s)
	}
	if s.guard {
		return s.finiteOutput(m)
	}
	return nil
}

// sum stores Σ of the terms in z, d features; back says that matrices are transposed.
func (t *Tape[T]) sum(m *Memory[T], z []T, d int, terms []addend, back bool) {
	acc := false
	if len(terms) > 1 && terms[0].kind == byOnes && terms[1].kind == byMatrix && !back {
		e := &terms[1]
		if w, b, x := m.slot[e.w], m.slot[terms[0].w], m.slot[e.x]; d <= vec.NarrowMax {
			vec.Layer(z, w, b, x, d, e.d, t.lanes, t.ld)
		} else {
			blas.Affine(d, t.lanes, e.d, w, e.d, 1, x, t.ld, b, z, t.ld)
		}
		terms, acc = terms[2:], true
	}
	for i := range terms {
		e := &terms[i]
		switch e.kind {
		case byOnes:
			if w := m.slot[e.w]; acc {
				vec.AddBias(z, w, d, t.lanes, t.ld)
			} else {
				vec.FillRows(z, w, d, t.lanes, t.ld)
			}
		case byMatrix:
			if w := m.slot[e.w]; back {
				blas.Gemm(d, t.lanes, e.d, w, 1, d, m.slot[e.x], t.ld, acc, z, t.ld)
			} else {
				blas.Gemm(d, t.lanes, e.d, w, e.d, 1, m.slot[e.x], t.ld, acc, z, t.ld)
			}
		case asItIs:
			if x := m.slot[e.x]; acc {
				vec.Add(z[:d*t.ld], x[:d*t.ld])
			} else {
				copy(z, x)
			}
		case byCopy:
			if !acc {
				clear(z)
			}
			to, from, k := e.fixed.Row, e.fixed.Col, e.fixed.K
			if back {
				to, from = from, to
			}
			vec.Add(z[to*t.ld:(to+k)*t.ld], m.slot[e.x][from*t.ld:(from+k)*t.ld])
		}
		acc = true
	}
	if !acc {
		clear(z)
	}
}

func (s *forward[T]) about() about {
	a := about{kind: "forward", owner: s.owner, nodes: s.nodes, reads: slotsOf(s.terms), makes: []result{{s.z, s.nodes[0]}}}
	if s.x != s.z {
		a.makes = append(a.makes, result{s.x, s.nodes[len(s.nodes)-1]})
	}
	if s.coef >= 0 {
		a.makes = append(a.makes, result{s.coef, nil})
	}
	if s.par >= 0 {
		a.reads = append(a.reads, s.par)
	}
	var parts []string
	for _, e := range s.terms {
		f, mv := s.t.cost(e, s.d)
		a.flops += f
		a.moved += mv
		parts = append(parts, e.String())
	}
	f, mv := s.act.cost(s.d)
	a.flops += f * s.t.n
	a.moved += mv * s.t.n
	sum := strings.Join(parts, " + ")
	if sum == "" {
		sum = "0"
	}
	a.text = fmt.Sprintf("%s = %s(%s)", s.owner, s.act, sum)
	return a
}

// slotsOf lists the slots that terms read.
func slotsOf(ts []addend) []int {
	var in []int
	for _, e := range ts {
		if e.kind != byOnes {
			in = append(in, e.x)
		}
		if e.kind == byMatrix || e.kind == byOnes {
			in = append(in, e.w)
		}
	}
	return in
}

func (e addend) String() string {
	switch e.kind {
	case byOnes:
		return "bias[" + model.ArrowName(e.arrow) + "]"
	case byCopy:
		return "copy[" + model.ArrowName(e.arrow) + "]"
	case asItIs:
		return e.arrow
	}
	return "product[" + model.ArrowName(e.arrow) + "]"
}

// cost returns floating-point operations and numbers moved of a term whose result has d features.
func (t *Tape[T]) cost(e addend, d int) (flops, moved int) {
	switch e.kind {
	case byMatrix:
		return 2 * t.n * d * e.d, t.n*(d+e.d) + d*e.d
	case byCopy:
		return t.n * e.fixed.K, 2 * t.n * e.fixed.K
	case asItIs:
		return t.n * d, 2 * t.n * d
	}
	return t.n * d, t.n*d + d
}
