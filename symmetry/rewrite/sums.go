package rewrite

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
