package rewrite

import (
	"slices"
)

// scanner finds the operations that quivers are made of. What it does not take is a
// boundary: its inputs are sinks of the regions, its output is a source.
type scanner struct {
	a       *arena
	refused map[*expr]refusal // products and biases that stay as they are, and why

	lay   map[*expr]layout
	forms map[*expr]form
	inner map[*expr]bool  // inside a form
	count map[*expr]int   // how often the regions read a weight
	leaks map[*expr]*expr // would be activations, but for the inner value, which others read
}

// refusal says why an operation is left alone: for the weight w, which by reads, too.
type refusal struct {
	why   string
	w, by *expr
}

// scan repeats the search until the weights of all products and biases that are left
// belong to the regions alone.
func scan(a *arena) *scanner {
	s := &scanner{a: a, refused: make(map[*expr]refusal)}
	for {
		s.once()
		if !s.refuse() {
			return s
		}
	}
}

func (s *scanner) layout(e *expr) layout { return s.lay[e] }

func (s *scanner) once() {
	s.lay, s.forms, s.inner, s.leaks = make(map[*expr]layout), make(map[*expr]form), make(map[*expr]bool), make(map[*expr]*expr)
	for _, e := range s.a.exprs {
		switch {
		case !isFloat(e.dt):
		case s.refused[e].why != "": // a source that carries features
			if p := matchProduct(e); p != nil && p.lay.fits(e.shape) {
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
func (s *scanner) node(e *expr) {
	var best form
	for _, r := range s.a.rules {
		if r.recognise == nil || s.a.off[r.Name] {
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
func (s *scanner) computed(e *expr) {
	if e.kind.name != "matmul" {
		return
	}
	if p := matchProduct(e); p != nil && p.lay.fits(e.shape) {
		return
	}
	switch l, r := madeOfWeights(e.in[0]), madeOfWeights(e.in[1]); {
	case l && !r && (s.lay[e.in[1]] == columns || s.lay[e.in[1]] == none) && columns.fits(e.shape):
		s.lay[e] = columns
	case r && !l && (s.lay[e.in[0]] == rows || s.lay[e.in[0]] == none) && rows.fits(e.shape):
		s.lay[e] = rows
	}
}

// recogniseProduct takes x·W and its spellings; see matchProduct.
func recogniseProduct(s *scanner, e *expr) form {
	p := matchProduct(e)
	if p == nil || !p.lay.fits(e.shape) || !usable(p.w) {
		return nil
	}
	if l := s.lay[p.x]; l != none && l != p.lay {
		return nil
	}
	return p
}

// recogniseConcat takes features side by side.
func recogniseConcat(s *scanner, e *expr) form {
	if e.kind.name != "concat" {
		return nil
	}
	if l := s.common(e.in); l != none && e.kind.is("concat", l.feature()) && len(e.shape) == 2 {
		return &copying{single{l}, true}
	}
	return nil
}

// recogniseSlice takes a part of the features.
func recogniseSlice(s *scanner, e *expr) form {
	if e.kind.name != "slice" {
		return nil
	}
	if l := s.lay[e.in[0]]; l != none && l.fits(e.shape) && len(e.shape) == 2 && e.kind.is("slice", l.feature()) && e.kind.hi-e.kind.lo > 1 {
		return &copying{single{l}, false}
	}
	return nil
}

// recogniseScaling takes c·x, x·c, x÷c and −x for a constant c.
func recogniseScaling(s *scanner, e *expr) form {
	x, c := (*expr)(nil), -1.0
	switch e.kind.name {
	case "neg":
		x = e.in[0]
	case "⊙", "÷":
		for i, k := range e.in {
			if v, ok := k.number(); ok && k.role == fixed && (i == 1 || e.kind.name == "⊙") {
				x, c = e.in[1-i], v
			}
		}
		if e.kind.name == "÷" {
			c = 1 / c
		}
	}
	if x != nil && s.lay[x] != none && sameType(x, e) && c != 0 && finite(c) && finite(1/c) {
		return &scaling{single{s.lay[x]}, c}
	}
	return nil
}

// scaled returns what a scaling scales.
func (s *scanner) scaled(e *expr) *expr {
	if s.lay[e.in[0]] != none {
		return e.in[0]
	}
	return e.in[1]
}

// sign is that of operand i of a sum or a difference.
func sign(e *expr, i int) float64 {
	if e.kind.name == "-" && i == 1 {
		return -1
	}
	return 1
}

// recogniseSum takes a ± b where one carries features and the other does, too, or is a bias. A
// difference from a value of another kind is a residual of a loss, and left to it.
func recogniseSum(s *scanner, e *expr) form {
	if e.kind.name != "+" && e.kind.name != "-" {
		return nil
	}
	a, b := e.in[0], e.in[1]
	l := s.common(e.in)
	if l == none || !l.fits(e.shape) || !sameType(a, b) || !sameType(a, e) {
		return nil
	}
	d := e.shape[l.feature()]
	terms := make(map[*expr]*bias)
	for _, x := range e.in {
		terms[x] = nil
		if s.lay[x] == none {
			if m := s.bias(x, l, d); m != nil && usable(m.b) && s.refused[x].why == "" {
				terms[x] = m
			} else if e.kind.name == "-" {
				return nil
			}
		}
	}
	return &sum{single{l}, terms}
}

// common returns the layout of those of the values that have one; none where two differ.
func (s *scanner) common(es []*expr) layout {
	l := none
	for _, e := range es {
		switch m := s.lay[e]; {
		case m == none:
		case l == none:
			l = m
		case l != m:
			return none
		}
	}
	return l
}

// recogniseOperation takes vertices and sums of this library.
func recogniseOperation(s *scanner, e *expr) form {
	o := e.kind.own
	if o == nil {
		return nil
	}
	if k := o.Kind(); k != "vertex" && k != "sum" {
		return nil
	}
	i := 0
	for _, t := range o.Terms() {
		x := e.in[i]
		if i++; t.W != nil {
			if w := e.in[i]; !isMatrix(w) || !usable(w) {
				return nil
			}
			i++
		}
		if l := s.lay[x]; l != none && l != rows || len(x.shape) != 2 {
			return nil
		}
	}
	if o.HasParams() && !(e.in[i].role == weight && usable(e.in[i])) {
		return nil
	}
	return &operation{single{rows}}
}

// usable says whether a weight or a fixed matrix has finite numbers, in the shape of its node: a value
// can be reshaped behind Gorgonia's back.
func usable(w *expr) bool {
	if w.value == nil || !isFloat(w.dt) || !w.value.Shape().Eq(w.shape) {
		return false
	}
	x, ok := numbers(w.value)
	return ok && len(x) == w.shape.TotalSize() && !slices.ContainsFunc(x, func(f float64) bool { return !finite(f) })
}
