package symbolic

import (
	"fmt"
	"strings"

	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/formula"
	"github.com/quivernet/quivernet/internal/model"
	"github.com/quivernet/quivernet/internal/op"
)

// Pass is a part of the computation.
type Pass uint8

// What depends on the weights and inputs alone is forward; on targets too, loss; on the
// seed of the reverse sweep, backward; on the direction of a second derivative, second.
const (
	ForwardPass Pass = iota
	LossPass
	BackwardPass
	SecondPass
)

// String returns "forward", "loss", "backward" or "second".
func (p Pass) String() string {
	if p > SecondPass {
		return fmt.Sprintf("Pass(%d)", uint8(p))
	}
	return [...]string{"forward", "loss", "backward", "second"}[p]
}

// Origin says where a node of an expression comes from.
type Origin struct {
	Vertex string // the vertex; of an arrow its target, of a loss its output
	Arrow  string // the arrow, where the node is its matrix or a product with it
	Pass   Pass
}

// String returns `vertex "h1", backward`, for example.
func (o Origin) String() string {
	switch {
	case o.Arrow != "":
		return fmt.Sprintf("arrow %q, %s", o.Arrow, o.Pass)
	case o.Vertex != "":
		return fmt.Sprintf("vertex %q, %s", o.Vertex, o.Pass)
	}
	return o.Pass.String()
}

// labels holds what is known of the nodes of an expression: where they come from, and the symbols
// of those that have a name in the field.
type labels struct {
	origin map[*gorgonia.Node]Origin
	symbol map[*gorgonia.Node]*formula.Formula
	taken  map[string]bool
}

func (l labels) name(n *gorgonia.Node, s *formula.Formula) {
	l.symbol[n] = s
	l.taken[s.Text] = true
}

// named returns the node of a symbol, nil where there is none.
func (l labels) named(text string) *gorgonia.Node {
	if !l.taken[text] {
		return nil
	}
	for n, s := range l.symbol {
		if s.Text == text {
			return n
		}
	}
	return nil
}

// label finds the origins of the nodes that root needs, and names what has a name.
func labelsOf(p *model.Model, e *model.Expression, roots ...*gorgonia.Node) labels {
	l := labels{make(map[*gorgonia.Node]Origin), make(map[*gorgonia.Node]*formula.Formula), make(map[string]bool)}
	put := func(n *gorgonia.Node, o Origin, s *formula.Formula) {
		if n != nil {
			l.origin[n] = o
			l.name(n, s)
		}
	}
	for v, n := range e.Vertex {
		name := p.Vertices[v].Name
		put(n, Origin{Vertex: name}, formula.Vertex(name))
		put(e.Params[v], Origin{Vertex: name}, formula.Indexed("p", "p", name))
	}
	for i, n := range e.Weight {
		if a := p.Arrows[i]; a.TiedTo == "" {
			letter := "W"
			if a.Fixed {
				letter = "F"
			}
			put(n, Origin{Vertex: a.To, Arrow: a.Name}, formula.Indexed(letter, letter, model.ArrowName(a.Name)))
		}
	}
	for i, n := range e.Target {
		name, k := p.Losses[i].Output, fmt.Sprint(i+1)
		put(n, Origin{Vertex: name, Pass: LossPass}, formula.Numbered("t", k, name))
		put(e.Share[i], Origin{Vertex: name, Pass: LossPass}, formula.Numbered("c", k, name))
	}
	put(e.Unit, Origin{Pass: BackwardPass}, formula.Symbol("1", "1").Means("seed", ""))
	put(e.Ones, Origin{}, formula.Ones())
	i := 0
	for _, a := range p.Arrows {
		if !a.Fixed && a.TiedTo == "" {
			if i < len(e.Tangent) {
				put(e.Tangent[i], Origin{Vertex: a.To, Arrow: a.Name, Pass: SecondPass}, formula.Indexed("V", "V", model.ArrowName(a.Name)))
			}
			i++
		}
	}
	for v, n := range p.NumParams {
		if n > 0 {
			if i < len(e.Tangent) {
				name := p.Vertices[v].Name
				put(e.Tangent[i], Origin{Vertex: name, Pass: SecondPass}, formula.Indexed("q", "q", name))
			}
			i++
		}
	}
	for _, n := range op.Ancestors(roots) {
		l.see(p, n)
	}
	return l
}

// see gives an operation its origin, from its owner and its inputs, and its symbol where its
// label is one.
func (l labels) see(p *model.Model, n *gorgonia.Node) {
	children := op.Children(n)
	var o Origin
	for _, c := range children {
		if k := l.origin[c]; k.Pass > o.Pass || o.Vertex == "" && k.Pass == o.Pass {
			o = Origin{Vertex: k.Vertex, Pass: k.Pass}
		}
	}
	own, ok := n.Op().(*op.Op)
	if !ok {
		if _, known := l.origin[n]; !known {
			l.origin[n] = o
		}
		l.seeDelta(p, n, o.Pass)
		if len(children) == 0 && l.symbol[n] == nil {
			l.name(n, leaf(n))
		}
		return
	}
	if own.Kind() == op.KindUnit {
		o.Pass = SecondPass // a direction, as a tangent is
	}
	owner := own.Owner()
	_, isVertex := p.Quiver.VertexIndex(owner)
	i, isArrow := p.Quiver.ArrowIndex(owner)
	if isArrow && isVertex { // the names of vertices and arrows may coincide
		isVertex = own.Kind() != op.KindArrowDW && own.Kind() != op.KindArrowDX && !(own.Kind() == op.KindSum && n.Name() != "z["+owner+"]")
	}
	switch {
	case isVertex:
		o.Vertex, o.Arrow = owner, ""
	case isArrow:
		o.Vertex, o.Arrow = p.Arrows[i].To, owner
	default: // the sum of the gradients at an input belongs to it
		for leaf, from := range l.origin { // the names of inputs differ
			if leaf.Op() == nil && leaf.Name() == owner {
				o.Vertex, o.Arrow = from.Vertex, from.Arrow
			}
		}
	}
	if owner == "loss" && !isVertex {
		o.Vertex = ""
	}
	if old, known := l.origin[n]; !known || old.Pass < o.Pass {
		l.origin[n] = o
	}
	if s := ownSymbol(n.Name(), owner); s != nil && l.symbol[n] == nil {
		if o.Pass == SecondPass || l.taken[s.Text] { // the second sweep has a δ of its own
			s = formula.Primed(s)
		}
		if !l.taken[s.Text] {
			l.name(n, s)
		}
	}
}

// seeDelta names an operation of Gorgonia's that is the gradient at an output: that of a custom loss.
func (l labels) seeDelta(p *model.Model, n *gorgonia.Node, pass Pass) {
	if pass < BackwardPass {
		return
	}
	for _, loss := range p.Losses {
		if s := formula.Indexed("δ", `\delta`, loss.Output); n.Name() == s.Text && l.symbol[n] == nil && !l.taken[s.Text] {
			l.name(n, s)
		}
	}
}

// leaf is the symbol of an input or a constant that no one knows: its name.
func leaf(n *gorgonia.Node) *formula.Formula {
	switch name := n.Name(); {
	case n.Value() != nil && len(n.Shape()) == 0:
		text := fmt.Sprint(n.Value())
		var x float64
		if _, err := fmt.Sscan(text, &x); err == nil {
			return formula.Symbol(text, formula.TexNumber(x))
		}
		return formula.Symbol(text, formula.TexName(text))
	default:
		name = strings.Join(strings.Fields(name), "")
		return formula.Symbol(name, formula.TexName(name))
	}
}

// ownSymbol is the symbol that a label is, for the values that have names in the field:
// h, z[h], δ[h] and the residual r[h].
func ownSymbol(label, owner string) *formula.Formula {
	switch label {
	case owner:
		if owner == "loss" {
			return nil
		}
		return formula.Vertex(owner)
	case "z[" + owner + "]":
		return formula.Indexed("z", "z", owner)
	case "δ[" + owner + "]":
		return formula.Indexed("δ", `\delta`, owner)
	case "r[" + owner + "]":
		return formula.Indexed("r", "r", owner)
	case "L":
		return formula.Loss()
	}
	return nil
}
