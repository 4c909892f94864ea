package rewrite

import (
	"slices"
)

// scanner finds the operations that quivers are made of. What it does not take is a
// boundary: its inputs are sinks of the regions, its output is a source.
type scanner struct {
	a       *arena
	refused map[*expr]refusal // products and biases that stay as they are, and why

	lay      map[*expr]layout
	products map[*expr]*product
	sums     map[*expr]map[*expr]*bias // by operand; nil for one that is no bias
	acts     map[*expr]*pattern
	inner    map[*expr]bool // inside a pattern
	concats  map[*expr]bool
	slices   map[*expr]bool
	scales   map[*expr]float64  // constant times a value
	centres  map[*expr]*centred // a value minus its mean
	gains    map[*expr]*gain    // a value times a weight for each feature
	decays   map[*expr]*decay   // sums of the squares of a weight
	owns     map[*expr]bool
	count    map[*expr]int   // how often the regions read a weight
	leaks    map[*expr]*expr // would be activations, but for the inner value, which others read
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
	s.lay = make(map[*expr]layout)
	s.products, s.sums = make(map[*expr]*product), make(map[*expr]map[*expr]*bias)
	s.acts, s.inner = make(map[*expr]*pattern), make(map[*expr]bool)
	s.concats, s.slices, s.owns = make(map[*expr]bool), make(map[*expr]bool), make(map[*expr]bool)
	s.scales, s.leaks = make(map[*expr]float64), make(map[*expr]*expr)
	s.centres, s.gains, s.decays = make(map[*expr]*centred), make(map[*expr]*gain), make(map[*expr]*decay)
	for _, e := range s.a.exprs {
		switch {
		case !isFloat(e.dt):
		case s.refused[e].why == "":
			s.node(e)
		default: // a source that carries features
			if p := matchProduct(e); p != nil && p.lay.fits(e.shape) {
				s.lay[e] = p.lay
			} else if g := s.matchGain(e); g != nil {
				s.lay[e] = s.lay[g.x]
			}
		}
	}
}

func (s *scanner) node(e *expr) {
	if p := matchProduct(e); p != nil && p.lay.fits(e.shape) {
		if l := s.lay[p.x]; (l == none || l == p.lay) && usable(p.w) {
			s.products[e], s.lay[e] = p, p.lay
		}
		return
	}
	if e.kind.name == "matmul" { // a computed matrix: what it gives carries features all the same
		switch l, r := madeOfWeights(e.in[0]), madeOfWeights(e.in[1]); {
		case l && !r && (s.lay[e.in[1]] == columns || s.lay[e.in[1]] == none) && columns.fits(e.shape):
			s.lay[e] = columns
		case r && !l && (s.lay[e.in[0]] == rows || s.lay[e.in[0]] == none) && rows.fits(e.shape):
			s.lay[e] = rows
		}
		return
	}
	switch e.kind.name {
	case "-", "+":
		if c := matchCentre(e, s.layout); c != nil {
			s.centres[e], s.lay[e] = c, c.lay
			for n := range c.nodes {
				if s.inner[n] = n != e; n != e {
					delete(s.products, n)
					delete(s.scales, n)
				}
			}
			return
		}
		if e.kind.name == "-" {
			s.sum(e)
			return
		}
		if s.sum(e); s.lay[e] != none && s.sums[e] != nil {
			if p, _ := matchActivation(e, s.layout); p == nil {
				return
			}
		}
	case "concat":
		if l := s.common(e.in); l != none && e.kind.is("concat", l.feature()) && len(e.shape) == 2 {
			s.concats[e], s.lay[e] = true, l
		}
		return
	case "slice":
		if l := s.lay[e.in[0]]; l != none && l.fits(e.shape) && len(e.shape) == 2 && e.kind.is("slice", l.feature()) && e.kind.hi-e.kind.lo > 1 {
			s.slices[e], s.lay[e] = true, l
		}
		return
	case "own":
		if s.own(e) {
			s.owns[e], s.lay[e] = true, rows
		}
		return
	}
	if g := s.matchGain(e); g != nil && !s.a.off["gain"] {
		s.gains[e], s.lay[e] = g, s.lay[g.x]
		return
	}
	if d := matchDecay(e); d != nil && !s.a.off["decay"] {
		s.decays[e] = d
		return
	}
	p, leak := matchActivation(e, s.layout)
	switch {
	case leak != nil:
		s.leaks[e] = leak
	case p != nil:
		delete(s.sums, e)
		s.acts[e], s.lay[e] = p, s.lay[p.base]
		for n := range p.nodes {
			if n != e {
				s.inner[n] = true
				delete(s.acts, n)
				delete(s.sums, n)
				delete(s.scales, n)
			}
		}
	default:
		s.scale(e)
	}
}

// scale takes c·x, x·c, x÷c and −x for a constant c.
func (s *scanner) scale(e *expr) {
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
		s.scales[e], s.lay[e] = c, s.lay[x]
	}
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

// sum takes a ± b where one carries features and the other does, too, or is a bias. A
// difference from a value of another kind is a residual of a loss, and left to it.
func (s *scanner) sum(e *expr) {
	a, b := e.in[0], e.in[1]
	l := s.common(e.in)
	if l == none || !l.fits(e.shape) || !sameType(a, b) || !sameType(a, e) {
		return
	}
	d := e.shape[l.feature()]
	terms := make(map[*expr]*bias)
	for _, x := range e.in {
		terms[x] = nil
		if s.lay[x] == none {
			if m := s.bias(x, l, d); m != nil && usable(m.b) && s.refused[x].why == "" {
				terms[x] = m
			} else if e.kind.name == "-" {
				return
			}
		}
	}
	s.sums[e], s.lay[e] = terms, l
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

// own takes vertices and sums of this library.
func (s *scanner) own(e *expr) bool {
	o := e.kind.own
	if k := o.Kind(); k != "vertex" && k != "sum" {
		return false
	}
	i := 0
	for _, t := range o.Terms() {
		x := e.in[i]
		if i++; t.W != nil {
			if w := e.in[i]; !isMatrix(w) || !usable(w) {
				return false
			}
			i++
		}
		if l := s.lay[x]; l != none && l != rows || len(x.shape) != 2 {
			return false
		}
	}
	return !o.HasParams() || e.in[i].role == weight && usable(e.in[i])
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
