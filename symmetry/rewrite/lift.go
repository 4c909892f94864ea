package rewrite

import (
	"fmt"
	"slices"

	"github.com/quivernet/quivernet/internal/ir"

	"github.com/quivernet/quivernet/quiver"
)

// lifter makes the quiver.
type lifter struct {
	*scanner
	vertices []*vertex
	of       map[*ir.Node]*vertex
	inputs   map[inputKey]*vertex
	tree     map[*ir.Node]*vertex // the vertex into whose sum a node was absorbed
	covered  map[[2]*ir.Node]bool
	names    map[string]bool
	sizes    map[*ir.Node]bool // sizes that count as no use
	terms    map[termKey]*term
	onBase   map[*ir.Node]*activation // an activation of a value
	pattern  map[*ir.Node]*vertex     // the activation that a node is part of
	into     map[*ir.Node]bool        // answers of absorbed
	alone    map[*ir.Node]bool        // answers of single
}

// lift finds the regions of a graph and reads them as one quiver.
func lift(a *ir.Graph, rules []recognition) *lifter {
	s := scan(a, rules)
	l := &lifter{
		scanner: s, of: make(map[*ir.Node]*vertex), inputs: make(map[inputKey]*vertex), tree: make(map[*ir.Node]*vertex),
		covered: make(map[[2]*ir.Node]bool), names: map[string]bool{biasVertex: true}, sizes: make(map[*ir.Node]bool),
		terms: make(map[termKey]*term), onBase: make(map[*ir.Node]*activation), pattern: make(map[*ir.Node]*vertex),
		into: make(map[*ir.Node]bool), alone: make(map[*ir.Node]bool),
	}
	for e, f := range s.forms {
		if p, ok := f.(*activation); ok && !s.inner[e] {
			l.onBase[p.base] = p
		}
	}
	l.findSizes()
	for _, e := range s.a.Nodes {
		if s.lay[e] == none || s.inner[e] || !l.taken(e) || l.absorbed(e) || l.transparent(e) {
			continue
		}
		v := l.vertex(e)
		l.of[e] = v
		l.vertices = append(l.vertices, v)
	}
	for _, v := range l.vertices {
		l.decide(v)
	}
	return l
}

// taken says whether e is an operation that quivers are made of.
func (s *scanner) taken(e *ir.Node) bool { return s.forms[e] != nil && s.forms[e].layout() != none }

// term returns the arrow that operand i of e is, or nil.
func (l *lifter) term(e *ir.Node, i int) *term { return l.terms[termKey{e, i}] }

// vertexOf returns the vertex with the value of e, or nil.
func (l *lifter) vertexOf(e *ir.Node) *vertex { return l.of[e] }

// sumOf returns the vertex into whose sum e was absorbed, or nil.
func (l *lifter) sumOf(e *ir.Node) *vertex { return l.tree[e] }

// activationOf returns the vertex of whose activation e is a part, or nil.
func (l *lifter) activationOf(e *ir.Node) *vertex { return l.pattern[e] }

// findSizes collects the nodes that ask for a size and whose value survives a change of
// the features: the number of samples, or a number that becomes a constant.
func (l *lifter) findSizes() {
	repeats := make(map[*ir.Node]bool)
	for _, f := range l.forms {
		for _, n := range f.repeats() {
			repeats[n] = true
		}
	}
	for _, e := range l.a.Nodes {
		if e.Kind.Name != "size" || e.Root {
			continue
		}
		lay := l.lay[e.In[0]]
		batch := lay != none && lay.batch() >= 0 && slices.Equal(e.Kind.Axes, []int{lay.batch()})
		l.sizes[e] = batch || counts(e, repeats)
	}
}

// absorbed says whether a sum or a product belongs to the vertex that reads it.
func (l *lifter) absorbed(e *ir.Node) bool {
	is, known := l.into[e]
	if !known {
		is = l.belongs(e)
		l.into[e] = is
	}
	return is
}

func (l *lifter) belongs(e *ir.Node) bool {
	if l.product(e) == nil && l.sum(e) == nil && l.scaling(e) == nil && l.gain(e) == nil || e.Root {
		return false
	}
	us := readers(e, l.sizes)
	if len(us) == 1 && l.taken(us[0]) && !l.inner[us[0]] {
		switch u := us[0]; {
		case l.sum(u) != nil:
			return u.In[0] != u.In[1] && l.lay[u] == l.lay[e] && (sign(u, slices.Index(u.In, e)) == 1 || l.single(e))
		case l.scaling(u) != nil:
			return l.single(e)
		}
	}
	p := l.onBase[e]
	return p != nil && !slices.ContainsFunc(us, func(u *ir.Node) bool { return !p.nodes[u] })
}

// single says whether no weight below e, as far as it is absorbed, is tied to another use: a
// constant factor may then be taken into the arrows.
func (l *lifter) single(e *ir.Node) bool {
	is, known := l.alone[e]
	if !known {
		is = l.untied(e)
		l.alone[e] = is
	}
	return is
}

func (l *lifter) untied(e *ir.Node) bool {
	if p := l.product(e); p != nil {
		return l.count[p.w] <= 1
	}
	if g := l.gain(e); g != nil {
		return l.count[g.by.b] <= 1
	}
	for i, x := range e.In {
		switch b := l.biasOf(e, x); {
		case b != nil && l.count[b.b] > 1:
			return false
		case b == nil && (l.sum(e) != nil || l.scaled(e) == e.In[i]) && l.absorbed(x) && !l.single(x):
			return false
		}
	}
	return true
}

// source returns the vertex of a value: its own, or an input.
func (l *lifter) source(e *ir.Node, lay layout) *vertex {
	if v := l.of[e]; v != nil && v.lay == lay {
		return v
	}
	k := inputKey{e, lay}
	if l.inputs[k] == nil {
		v := &vertex{at: e, lay: lay, dim: e.Shape[lay.feature()], kind: quiver.KindInput, name: l.fresh(e)}
		l.inputs[k] = v
		l.vertices = append(l.vertices, v)
	}
	return l.inputs[k]
}

// fresh returns a name for the vertex of e that no other has: the node's, where a quiver
// takes it.
func (l *lifter) fresh(e *ir.Node) string {
	base := word(e.Name())
	if base == "" {
		base = fmt.Sprintf("n%d", e.ID)
	}
	return l.unused(base)
}

// unused returns a name that no vertex has.
func (l *lifter) unused(base string) string {
	name := base
	for i := 2; l.names[name]; i++ {
		name = fmt.Sprintf("%s.%d", base, i)
	}
	l.names[name] = true
	return name
}

// decide makes a vertex hidden where all its readers belong to the regions.
func (l *lifter) decide(v *vertex) {
	if v.kind == quiver.KindInput || v.virtual {
		return
	}
	if v.at.Root {
		v.also = "a root"
		return
	}
	for _, u := range readers(v.at, l.sizes) { // one that reads the value says more than one that asks for its size
		if !l.covered[[2]*ir.Node{v.at, u}] && (v.reader == nil || v.reader.Kind.Name == "size") {
			v.also, v.reader = fmt.Sprintf("read by %q", u.Name()), u
		}
	}
	if len(v.at.Uses) > 0 && v.reader == nil {
		v.kind = quiver.KindHidden
	}
}
