package regions

import (
	"fmt"
	"slices"

	"github.com/quivernet/quivernet/internal/ir"
	"github.com/quivernet/quivernet/quiver"
)

// Regions are the quivers in a graph, as one quiver.
type Regions struct {
	*Scanner
	Vertices    []*Vertex
	of          map[*ir.Node]*Vertex
	inputs      map[inputKey]*Vertex
	sums        map[*ir.Node]*Vertex // the vertex into whose sum a node was absorbed
	covered     map[[2]*ir.Node]bool
	names       map[string]bool
	sizes       map[*ir.Node]bool // sizes that count as no use
	arrows      map[arrowKey]*Arrow
	onBase      map[*ir.Node]*Activation // an activation of a value
	activations map[*ir.Node]*Vertex     // the activation that a node is part of
	isAbsorbed  map[*ir.Node]bool        // answers of absorbed
	isSingle    map[*ir.Node]bool        // answers of single
}

// Find finds the regions of a graph and reads them as one quiver.
func Find(a *ir.Graph, rules []Rule) *Regions {
	s := scan(a, rules)
	l := &Regions{
		Scanner: s, of: make(map[*ir.Node]*Vertex), inputs: make(map[inputKey]*Vertex), sums: make(map[*ir.Node]*Vertex),
		covered: make(map[[2]*ir.Node]bool), names: map[string]bool{BiasVertex: true}, sizes: make(map[*ir.Node]bool),
		arrows: make(map[arrowKey]*Arrow), onBase: make(map[*ir.Node]*Activation), activations: make(map[*ir.Node]*Vertex),
		isAbsorbed: make(map[*ir.Node]bool), isSingle: make(map[*ir.Node]bool),
	}
	for e, f := range s.forms {
		if p, ok := f.(*Activation); ok && !s.inner[e] {
			l.onBase[p.Base] = p
		}
	}
	l.findSizes()
	for _, e := range s.Graph.Nodes {
		if s.lay[e] == None || s.inner[e] || !l.taken(e) || l.absorbed(e) || l.IsTransparent(e) {
			continue
		}
		v := l.vertex(e)
		l.of[e] = v
		l.Vertices = append(l.Vertices, v)
	}
	for _, v := range l.Vertices {
		l.decide(v)
	}
	return l
}

// taken says whether e is an operation that quivers are made of.
func (s *Scanner) taken(e *ir.Node) bool { return s.forms[e] != nil && s.forms[e].Layout() != None }

// Arrow returns the arrow that operand i of e is, or nil.
func (l *Regions) Arrow(e *ir.Node, i int) *Arrow { return l.arrows[arrowKey{e, i}] }

// VertexOf returns the vertex with the value of e, or nil.
func (l *Regions) VertexOf(e *ir.Node) *Vertex { return l.of[e] }

// SumOf returns the vertex into whose sum e was absorbed, or nil.
func (l *Regions) SumOf(e *ir.Node) *Vertex { return l.sums[e] }

// ActivationOf returns the vertex of whose activation e is a part, or nil.
func (l *Regions) ActivationOf(e *ir.Node) *Vertex { return l.activations[e] }

// findSizes collects the nodes that ask for a size and whose value survives a change of
// the features: the number of samples, or a number that becomes a constant.
func (l *Regions) findSizes() {
	repeats := make(map[*ir.Node]bool)
	for _, f := range l.forms {
		for _, n := range f.Repeats() {
			repeats[n] = true
		}
	}
	for _, e := range l.Graph.Nodes {
		if e.Kind.Name != "size" || e.Root {
			continue
		}
		lay := l.lay[e.In[0]]
		batch := lay != None && lay.Batch() >= 0 && slices.Equal(e.Kind.Axes, []int{lay.Batch()})
		l.sizes[e] = batch || counts(e, repeats)
	}
}

// absorbed says whether a sum or a product belongs to the vertex that reads it.
func (l *Regions) absorbed(e *ir.Node) bool {
	is, known := l.isAbsorbed[e]
	if !known {
		is = l.belongs(e)
		l.isAbsorbed[e] = is
	}
	return is
}

func (l *Regions) belongs(e *ir.Node) bool {
	if l.Product(e) == nil && l.Sum(e) == nil && l.Scaling(e) == nil && l.Gain(e) == nil || e.Root {
		return false
	}
	us := readers(e, l.sizes)
	if len(us) == 1 && l.taken(us[0]) && !l.inner[us[0]] {
		switch u := us[0]; {
		case l.Sum(u) != nil:
			return u.In[0] != u.In[1] && l.lay[u] == l.lay[e] && (Sign(u, slices.Index(u.In, e)) == 1 || l.single(e))
		case l.Scaling(u) != nil:
			return l.single(e)
		}
	}
	p := l.onBase[e]
	return p != nil && !slices.ContainsFunc(us, func(u *ir.Node) bool { return !p.Nodes[u] })
}

// single says whether no weight below e, as far as it is absorbed, is tied to another use: a
// constant factor may then be taken into the arrows.
func (l *Regions) single(e *ir.Node) bool {
	is, known := l.isSingle[e]
	if !known {
		is = l.untied(e)
		l.isSingle[e] = is
	}
	return is
}

func (l *Regions) untied(e *ir.Node) bool {
	if p := l.Product(e); p != nil {
		return l.count[p.Weight] <= 1
	}
	if g := l.Gain(e); g != nil {
		return l.count[g.By.Weight] <= 1
	}
	for _, x := range e.In {
		switch b := l.biasOf(e, x); {
		case b != nil && l.count[b.Weight] > 1:
			return false
		case b == nil && (l.Sum(e) != nil || l.Scaling(e).X == x) && l.absorbed(x) && !l.single(x):
			return false
		}
	}
	return true
}

// source returns the vertex of a value: its own, or an input.
func (l *Regions) source(e *ir.Node, lay Layout) *Vertex {
	if v := l.of[e]; v != nil && v.Layout == lay {
		return v
	}
	k := inputKey{e, lay}
	if l.inputs[k] == nil {
		v := &Vertex{Node: e, Layout: lay, Dim: e.Shape[lay.Feature()], Kind: quiver.KindInput, Name: l.fresh(e)}
		l.inputs[k] = v
		l.Vertices = append(l.Vertices, v)
	}
	return l.inputs[k]
}

// fresh returns a name for the vertex of e that no other has: the node's, where a quiver
// takes it.
func (l *Regions) fresh(e *ir.Node) string {
	base := word(e.Name())
	if base == "" {
		base = fmt.Sprintf("n%d", e.ID)
	}
	return l.unused(base)
}

// unused returns a name that no vertex has.
func (l *Regions) unused(base string) string {
	name := base
	for i := 2; l.names[name]; i++ {
		name = fmt.Sprintf("%s.%d", base, i)
	}
	l.names[name] = true
	return name
}

// decide makes a vertex hidden where all its readers belong to the regions.
func (l *Regions) decide(v *Vertex) {
	if v.Kind == quiver.KindInput || v.Virtual {
		return
	}
	if v.Node.Root {
		v.Because = "a root"
		return
	}
	for _, u := range readers(v.Node, l.sizes) { // one that reads the value says more than one that asks for its size
		if !l.covered[[2]*ir.Node{v.Node, u}] && (v.Reader == nil || v.Reader.Kind.Name == "size") {
			v.Because, v.Reader = fmt.Sprintf("read by %q", u.Name()), u
		}
	}
	if len(v.Node.Uses) > 0 && v.Reader == nil {
		v.Kind = quiver.KindHidden
	}
}
