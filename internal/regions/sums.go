package regions

import (
	"github.com/quivernet/quivernet/internal/ir"
	"github.com/quivernet/quivernet/internal/op"
)

// RecogniseSum takes a ± b where one carries features and the other does, too, or is a bias. A
// difference from a value of another kind is a residual of a loss, and left to it.
func RecogniseSum(s *Scanner, e *ir.Node) Form {
	if e.Kind.Name != "+" && e.Kind.Name != "-" {
		return nil
	}
	a, b := e.In[0], e.In[1]
	l := s.common(e.In)
	if l == None || !l.Fits(e.Shape) || !ir.SameType(a, b) || !ir.SameType(a, e) {
		return nil
	}
	d := e.Shape[l.Feature()]
	terms := make(map[*ir.Node]*Bias)
	for _, x := range e.In {
		terms[x] = nil
		if s.lay[x] == None {
			if m := s.bias(x, l, d); m != nil && ir.IsUsable(m.Weight) && s.refused[x].Why == "" {
				terms[x] = m
			} else if e.Kind.Name == "-" {
				return nil
			}
		}
	}
	return &Sum{single{l}, terms}
}

// common returns the layout of those of the values that have one; none where two differ.
func (s *Scanner) common(es []*ir.Node) Layout {
	l := None
	for _, e := range es {
		switch m := s.lay[e]; {
		case m == None:
		case l == None:
			l = m
		case l != m:
			return None
		}
	}
	return l
}

// RecogniseScaling takes c·x, x·c, x÷c and −x for a constant c.
func RecogniseScaling(s *Scanner, e *ir.Node) Form {
	x, c := e.Factor(ir.Fixed)
	if x == nil || s.lay[x] == None || !invertible(c) {
		return nil
	}
	return &Scaling{single{s.lay[x]}, x, c}
}

// Sign returns the sign of operand i of a sum or a difference.
func Sign(e *ir.Node, i int) float64 {
	if e.Kind.Name == "-" && i == 1 {
		return -1
	}
	return 1
}

// RecogniseConcat takes features side by side.
func RecogniseConcat(s *Scanner, e *ir.Node) Form {
	if e.Kind.Name != "concat" {
		return nil
	}
	if l := s.common(e.In); l != None && e.Kind.Is("concat", l.Feature()) && len(e.Shape) == 2 {
		return &Copying{single{l}, true}
	}
	return nil
}

// RecogniseSlice takes a part of the features.
func RecogniseSlice(s *Scanner, e *ir.Node) Form {
	if e.Kind.Name != "slice" {
		return nil
	}
	if l := s.lay[e.In[0]]; l != None && l.Fits(e.Shape) && len(e.Shape) == 2 && e.Kind.Is("slice", l.Feature()) && e.Kind.Hi-e.Kind.Lo > 1 {
		return &Copying{single{l}, false}
	}
	return nil
}

// RecogniseOperation takes vertices and sums of this library.
func RecogniseOperation(s *Scanner, e *ir.Node) Form {
	o := e.Kind.Own
	if o == nil {
		return nil
	}
	if k := o.Kind(); k != op.KindVertex && k != op.KindSum {
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
		if l := s.lay[x]; l != None && l != Rows || len(x.Shape) != 2 {
			return nil
		}
	}
	if o.HasParams() && !(e.In[i].Role == ir.Weight && ir.IsUsable(e.In[i])) {
		return nil
	}
	return &Operation{single{Rows}}
}
