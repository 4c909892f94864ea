package graph

import (
	"errors"
	"fmt"
	"slices"

	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/op"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// ExpandError says why the nodes of a vertex cannot be opened further.
type ExpandError struct {
	Vertex string // "" for all
	Reason string
	Opaque bool // an activation of which nothing is known but its values; else all is open already
}

func (e *ExpandError) Error() string {
	if e.Vertex == "" {
		return "graph: " + e.Reason
	}
	return fmt.Sprintf("graph: vertex %q: %s", e.Vertex, e.Reason)
}

// Expand opens the nodes of a vertex by one level, of all vertices where vertex is "", and
// returns the expression on a graph of its own. It computes the same numbers. The levels of a
// radial vertex are
//
//	x = ρ(z), z = Σ x·Wᵀ              δ = Dρ(z)ᵀg
//	x = diag(λ(|z|))·z                δ = diag(λ)·g + diag(λ₁∘rows⟨z, g⟩)·z, with λ₁ = λ′/r and r = |z|
//	λ = h(r)/r                        λ₁ = λ′(r)/r
//	                                  λ′ = (h′(r) − λ(r))/r
//	h = tanh(r), for example          h′ = 1 − tanh(r)²
//	|z| = √rows⟨z, z⟩
//
// Pointwise, block-radial, trainable, rescaling, restricted and RMSNorm activations, gains and dead zones open in their own ways.
// Quotients that are 0/0 at a row of zeros have their limit there (λ(0+), where it is finite, else 0),
// so that the opened graph is as right on such rows as the closed one; but for norms r near 0 the
// quotients of differences lose about log₁₀(1/r²) digits, which is why the closed form is
// what is trained with. The open form has the range of its formulas: with exponentials,
// |z| < 700.
//
// Where nothing is left to open the error is an *ExpandError; it is Opaque where the
// activation is one that gives values and derivatives only as numbers, which cannot be opened.
func (x *Expr) Expand(vertex string) (*Expr, error) {
	if vertex != "" {
		if _, err := x.p.vertexOf(vertex); err != nil {
			return nil, err
		}
	}
	o := &opener{vertex: vertex}
	for _, o.norms = range []bool{false, true} { // norms last: |z| reads better than what it is made of
		o.memo = make(map[memoKey]*gorgonia.Node)
		y, err := x.rebuild(o.rule)
		if err != nil || o.opened > 0 {
			return y, err
		}
	}
	if o.opaque != "" {
		return nil, &ExpandError{o.opaqueAt, o.opaque, true}
	}
	return nil, &ExpandError{vertex, "nothing is left to open: it is made of elementary operations", false}
}

// ExpandAll opens everything as far as it goes. What is opaque stays closed.
func (x *Expr) ExpandAll() (*Expr, error) {
	for {
		y, err := x.Expand("")
		if e := (*ExpandError)(nil); errors.As(err, &e) {
			return x, nil
		} else if err != nil {
			return nil, err
		}
		x = y
	}
}

// opener is the rule that opens nodes by one level.
type opener struct {
	vertex           string
	norms            bool // open the norms alone
	opened           int
	opaque, opaqueAt string
	r                *rebuilder
	owner            string
	memo             map[memoKey]*gorgonia.Node
	err              error
}

// memoKey makes one node of norms and the like that several nodes ask for.
type memoKey struct {
	what string
	of   *gorgonia.Node
}

func (o *opener) once(what string, of *gorgonia.Node, make func() (*gorgonia.Node, error)) *gorgonia.Node {
	if o.err != nil {
		return nil
	}
	k := memoKey{o.owner + " " + what, of}
	if o.memo[k] == nil {
		o.memo[k] = o.do(make())
	}
	return o.memo[k]
}

// do keeps the first error; after one, nodes are nil.
func (o *opener) do(n *gorgonia.Node, err error) *gorgonia.Node {
	if o.err == nil {
		o.err = err
	}
	if o.err != nil {
		return nil
	}
	return n
}

func (o *opener) rule(r *rebuilder, n *gorgonia.Node, in gorgonia.Nodes) (*gorgonia.Node, error) {
	own, ok := n.Op().(*op.Op)
	if !ok || o.norms && own.Kind() != "rownorm" || !o.norms && own.Kind() == "rownorm" || o.vertex != "" && r.from.labels.origin[n].Vertex != o.vertex {
		return nil, nil
	}
	o.r, o.owner = r, own.Owner()
	act := r.from.acts[n]
	if v, ok := r.from.p.q.VertexIndex(o.owner); ok && act == nil {
		act = r.from.p.vertices[v].Act
	}
	m := o.open(own, act, n, in)
	if o.err != nil || m == nil {
		return nil, o.err
	}
	o.opened++
	return m, nil
}

// open returns the next level of a node, or nil where there is none.
func (o *opener) open(own *op.Op, act quiver.Activation, n *gorgonia.Node, in gorgonia.Nodes) *gorgonia.Node {
	switch own.Kind() {
	case "vertex":
		return o.vertexOp(own, act, n, in)
	case "act":
		return o.act(act, in)
	case "actvjp":
		return o.vjp(act, in)
	case "actvjpparams":
		return o.paramVJP(act, in)
	case "actjvp":
		return o.jvp(act, in)
	case "actvjp2":
		return o.vjp2(act, in)
	case "radialjet":
		if rad, ok := act.(quiver.RadialJet); ok {
			return o.profile(rad, own.Order(), o.norm(in[0]))
		}
	case "pointjet":
		if p, ok := layers.Inside(act); ok && p.Kind == "pointwise" {
			return o.scalar(p.Func, own.Order(), in[0])
		}
		return o.closed(act)
	case "profile":
		return o.openProfile(act, own.Order(), in[0])
	case "slope":
		if p, ok := layers.Inside(act); ok && p.Func != nil {
			l := o.r.to.labels.named("λ[" + o.owner + "]")
			if l == nil || !slices.Contains(op.Children(l), in[0]) { // that of another norm

				l = o.profile(act.(quiver.RadialJet), 0, in[0])
			}
			return o.ratio(o.minus(o.scalar(p.Func, 1, in[0]), l), in[0], 0)
		}
		return o.closed(act)
	case "function":
		return o.primitive(own, in[0])
	case "rownorm":
		m := o.power(o.rowDot(in[0], in[0]), 0.5)
		if s := normOf(o.r.to.labels.symbol[in[0]]); s != nil && m != nil {
			o.r.to.labels.name(m, s)
		}
		return m
	}
	return nil
}

// closed notes that an activation cannot be opened.
func (o *opener) closed(act quiver.Activation) *gorgonia.Node {
	if o.opaque == "" {
		o.opaqueAt = o.owner
		o.opaque = fmt.Sprintf("activation %s cannot be opened further: what is left of it is known only as numbers, not as a formula", act)
	}
	return nil
}

// vertexOp makes ρ(z), with the z that gradients use where there is one.
func (o *opener) vertexOp(own *op.Op, act quiver.Activation, n *gorgonia.Node, in gorgonia.Nodes) *gorgonia.Node {
	if act == quiver.Identity {
		return nil
	}
	var z *gorgonia.Node
	if t := own.Twin(); t != nil {
		z = o.r.at[t]
	}
	terms, params := own.Over(in)
	if z != nil { // ρ(z) is what is read already
		at := gorgonia.Nodes{z}
		if params != nil {
			at = append(at, params)
		}
		if m := o.act(act, at); m != nil || o.err != nil || o.opaque != "" {
			return m
		}
	} else {
		if z = o.do(op.Sum(o.owner, "z["+o.owner+"]", terms)); z == nil {
			return nil
		}
		o.r.to.labels.name(z, indexed("z", "z", o.owner))
	}
	return o.do(op.Act(o.owner, n.Name(), act, z, params))
}

// normOf is the symbol |z|.
func normOf(z *formula) *formula {
	if z == nil {
		return nil
	}
	return symbolOf(norm(z).String(), norm(z).LaTeX())
}
