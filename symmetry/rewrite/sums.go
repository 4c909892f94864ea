package rewrite

import (
	"github.com/quivernet/quivernet/internal/inspect"
	"github.com/quivernet/quivernet/internal/ir"
)

// recogniseSum takes a ± b where one carries features and the other does, too, or is a bias. A
// difference from a value of another kind is a residual of a loss, and left to it.
func recogniseSum(s *scanner, e *ir.Node) form {
	if e.Kind.Name != "+" && e.Kind.Name != "-" {
		return nil
	}
	a, b := e.In[0], e.In[1]
	l := s.common(e.In)
	if l == none || !l.fits(e.Shape) || !ir.SameType(a, b) || !ir.SameType(a, e) {
		return nil
	}
	d := e.Shape[l.feature()]
	terms := make(map[*ir.Node]*bias)
	for _, x := range e.In {
		terms[x] = nil
		if s.lay[x] == none {
			if m := s.bias(x, l, d); m != nil && ir.IsUsable(m.b) && s.refused[x].why == "" {
				terms[x] = m
			} else if e.Kind.Name == "-" {
				return nil
			}
		}
	}
	return &sum{single{l}, terms}
}

// common returns the layout of those of the values that have one; none where two differ.
func (s *scanner) common(es []*ir.Node) layout {
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

// recogniseScaling takes c·x, x·c, x÷c and −x for a constant c.
func recogniseScaling(s *scanner, e *ir.Node) form {
	x, c := (*ir.Node)(nil), -1.0
	switch e.Kind.Name {
	case "neg":
		x = e.In[0]
	case "⊙", "÷":
		for i, k := range e.In {
			if v, ok := k.Number(); ok && k.Role == ir.Fixed && (i == 1 || e.Kind.Name == "⊙") {
				x, c = e.In[1-i], v
			}
		}
		if e.Kind.Name == "÷" {
			c = 1 / c
		}
	}
	if x != nil && s.lay[x] != none && ir.SameType(x, e) && c != 0 && inspect.IsFinite(c) && inspect.IsFinite(1/c) {
		return &scaling{single{s.lay[x]}, c}
	}
	return nil
}

// scaled returns what a scaling scales.
func (s *scanner) scaled(e *ir.Node) *ir.Node {
	if s.lay[e.In[0]] != none {
		return e.In[0]
	}
	return e.In[1]
}

// sign is that of operand i of a sum or a difference.
func sign(e *ir.Node, i int) float64 {
	if e.Kind.Name == "-" && i == 1 {
		return -1
	}
	return 1
}

// recogniseConcat takes features side by side.
func recogniseConcat(s *scanner, e *ir.Node) form {
	if e.Kind.Name != "concat" {
		return nil
	}
	if l := s.common(e.In); l != none && e.Kind.Is("concat", l.feature()) && len(e.Shape) == 2 {
		return &copying{single{l}, true}
	}
	return nil
}

// recogniseSlice takes a part of the features.
func recogniseSlice(s *scanner, e *ir.Node) form {
	if e.Kind.Name != "slice" {
		return nil
	}
	if l := s.lay[e.In[0]]; l != none && l.fits(e.Shape) && len(e.Shape) == 2 && e.Kind.Is("slice", l.feature()) && e.Kind.Hi-e.Kind.Lo > 1 {
		return &copying{single{l}, false}
	}
	return nil
}

// recogniseOperation takes vertices and sums of this library.
func recogniseOperation(s *scanner, e *ir.Node) form {
	o := e.Kind.Own
	if o == nil {
		return nil
	}
	if k := o.Kind(); k != "vertex" && k != "sum" {
		return nil
	}
	i := 0
	for _, t := range o.Terms() {
		x := e.In[i]
		if i++; t.W != nil {
			if w := e.In[i]; !ir.IsMatrix(w) || !ir.IsUsable(w) {
				return nil
			}
			i++
		}
		if l := s.lay[x]; l != none && l != rows || len(x.Shape) != 2 {
			return nil
		}
	}
	if o.HasParams() && !(e.In[i].Role == ir.Weight && ir.IsUsable(e.In[i])) {
		return nil
	}
	return &operation{single{rows}}
}
