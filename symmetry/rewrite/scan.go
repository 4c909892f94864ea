package rewrite

import (
	"github.com/quivernet/quivernet/internal/inspect"
	"github.com/quivernet/quivernet/internal/ir"
)

// scanner finds the operations that quivers are made of. What it does not take is a
// boundary: its inputs are sinks of the regions, its output is a source.
type scanner struct {
	a       *ir.Graph
	rules   []recognition
	refused map[*ir.Node]refusal // products and biases that stay as they are, and why

	lay   map[*ir.Node]layout
	forms map[*ir.Node]form
	inner map[*ir.Node]bool     // inside a form
	count map[*ir.Node]int      // how often the regions read a weight
	leaks map[*ir.Node]*ir.Node // would be activations, but for the inner value, which others read
}

// recognition is a rule that reads a node as a part of a quiver.
type recognition struct {
	recognise func(*scanner, *ir.Node) form           // nil where it does not apply
	bias      func(e *ir.Node, l layout, d int) *bias // an operand of a sum as a bias of d features, or nil
}

// refusal says why an operation is left alone: for the weight w, which by reads, too.
type refusal struct {
	why   string
	w, by *ir.Node
}

// scan repeats the search until the weights of all products and biases that are left
// belong to the regions alone.
func scan(a *ir.Graph, rules []recognition) *scanner {
	s := &scanner{a: a, rules: rules, refused: make(map[*ir.Node]refusal)}
	for {
		s.once()
		if !s.refuse() {
			return s
		}
	}
}

func (s *scanner) layout(e *ir.Node) layout { return s.lay[e] }

// uses counts how often the regions read a weight.
func (s *scanner) uses(w *ir.Node) int { return s.count[w] }

// leak returns the inner value that others read, where e would be an activation but for that; else nil.
func (s *scanner) leak(e *ir.Node) *ir.Node { return s.leaks[e] }

// refusal says why e is left alone; its why is "" where it is not.
func (s *scanner) refusal(e *ir.Node) refusal { return s.refused[e] }

// isInner says whether e is inside a form of several nodes.
func (s *scanner) isInner(e *ir.Node) bool { return s.inner[e] }

func (s *scanner) once() {
	s.lay, s.forms, s.inner, s.leaks = make(map[*ir.Node]layout), make(map[*ir.Node]form), make(map[*ir.Node]bool), make(map[*ir.Node]*ir.Node)
	for _, e := range s.a.Nodes {
		switch {
		case !inspect.IsFloat(e.Dtype):
		case s.refused[e].why != "": // a source that carries features
			if p := matchProduct(e); p != nil && p.lay.fits(e.Shape) {
				s.lay[e] = p.lay
			} else if g := s.matchGain(e); g != nil {
				s.lay[e] = g.lay
			}
		default:
			s.node(e)
		}
	}
}

// node takes the form of e that covers the most nodes.
func (s *scanner) node(e *ir.Node) {
	var best form
	for _, r := range s.rules {
		if r.recognise == nil {
			continue
		}
		if f := r.recognise(s, e); f != nil && (best == nil || len(f.inside()) > len(best.inside())) {
			best = f
		}
	}
	if best == nil {
		s.computed(e)
		return
	}
	delete(s.leaks, e)
	s.forms[e] = best
	if l := best.layout(); l != none {
		s.lay[e] = l
	}
	for n := range best.inside() {
		if n != e {
			s.inner[n] = true
			delete(s.forms, n)
		}
	}
}

// computed gives a product with a computed matrix its layout: what it gives carries features all the same.
func (s *scanner) computed(e *ir.Node) {
	if e.Kind.Name != "matmul" {
		return
	}
	if p := matchProduct(e); p != nil && p.lay.fits(e.Shape) {
		return
	}
	switch l, r := ir.IsMadeOfWeights(e.In[0]), ir.IsMadeOfWeights(e.In[1]); {
	case l && !r && (s.lay[e.In[1]] == columns || s.lay[e.In[1]] == none) && columns.fits(e.Shape):
		s.lay[e] = columns
	case r && !l && (s.lay[e.In[0]] == rows || s.lay[e.In[0]] == none) && rows.fits(e.Shape):
		s.lay[e] = rows
	}
}
