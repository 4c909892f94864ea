package regions

import (
	"github.com/quivernet/quivernet/internal/inspect"
	"github.com/quivernet/quivernet/internal/ir"
)

// Scanner finds the operations that quivers are made of. What it does not take is a
// boundary: its inputs are sinks of the regions, its output is a source.
type Scanner struct {
	Graph   *ir.Graph
	rules   []Rule
	refused map[*ir.Node]Refusal // products and biases that stay as they are, and why

	lay   map[*ir.Node]Layout
	forms map[*ir.Node]Form
	inner map[*ir.Node]bool     // inside a form
	count map[*ir.Node]int      // how often the regions read a weight
	leaks map[*ir.Node]*ir.Node // would be activations, but for the inner value, which others read
}

// Rule reads nodes as parts of a quiver. One of its functions is nil.
type Rule struct {
	Recognise func(*Scanner, *ir.Node) Form           // nil where it does not apply
	Bias      func(e *ir.Node, l Layout, d int) *Bias // an operand of a sum as a bias of d features, or nil
}

// Refusal says why an operation is left alone: for its Weight, which By reads, too.
type Refusal struct {
	Why        string
	Weight, By *ir.Node
}

// scan repeats the search until the weights of all products and biases that are left
// belong to the regions alone.
func scan(a *ir.Graph, rules []Rule) *Scanner {
	s := &Scanner{Graph: a, rules: rules, refused: make(map[*ir.Node]Refusal)}
	for {
		s.once()
		if !s.refuse() {
			return s
		}
	}
}

func (s *Scanner) layout(e *ir.Node) Layout { return s.lay[e] }

// Uses counts how often the regions read a weight.
func (s *Scanner) Uses(w *ir.Node) int { return s.count[w] }

// Leak returns the inner value that others read, where e would be an activation but for that; else nil.
func (s *Scanner) Leak(e *ir.Node) *ir.Node { return s.leaks[e] }

// Refusal says why e is left alone; its Why is "" where it is not.
func (s *Scanner) Refusal(e *ir.Node) Refusal { return s.refused[e] }

// IsInner says whether e is inside a form of several nodes.
func (s *Scanner) IsInner(e *ir.Node) bool { return s.inner[e] }

func (s *Scanner) once() {
	s.lay, s.forms, s.inner, s.leaks = make(map[*ir.Node]Layout), make(map[*ir.Node]Form), make(map[*ir.Node]bool), make(map[*ir.Node]*ir.Node)
	for _, e := range s.Graph.Nodes {
		switch {
		case !inspect.IsFloat(e.Dtype):
		case s.refused[e].Why != "": // a source that carries features
			if p := matchProduct(e); p != nil && p.lay.Fits(e.Shape) {
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
func (s *Scanner) node(e *ir.Node) {
	var best Form
	for _, r := range s.rules {
		if r.Recognise == nil {
			continue
		}
		if f := r.Recognise(s, e); f != nil && (best == nil || len(f.Inside()) > len(best.Inside())) {
			best = f
		}
	}
	if best == nil {
		s.computed(e)
		return
	}
	delete(s.leaks, e)
	s.forms[e] = best
	if l := best.Layout(); l != None {
		s.lay[e] = l
	}
	for n := range best.Inside() {
		if n != e {
			s.inner[n] = true
			delete(s.forms, n)
		}
	}
}

// computed gives a product with a computed matrix its layout: what it gives carries features all the same.
func (s *Scanner) computed(e *ir.Node) {
	if e.Kind.Name != "matmul" {
		return
	}
	if p := matchProduct(e); p != nil && p.lay.Fits(e.Shape) {
		return
	}
	switch l, r := ir.IsMadeOfWeights(e.In[0]), ir.IsMadeOfWeights(e.In[1]); {
	case l && !r && (s.lay[e.In[1]] == Columns || s.lay[e.In[1]] == None) && Columns.Fits(e.Shape):
		s.lay[e] = Columns
	case r && !l && (s.lay[e.In[0]] == Rows || s.lay[e.In[0]] == None) && Rows.Fits(e.Shape):
		s.lay[e] = Rows
	}
}
