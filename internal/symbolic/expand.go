package symbolic

import (
	"errors"
	"fmt"
	"slices"

	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/formula"
	"github.com/quivernet/quivernet/internal/model"
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
//	|z| = √rows⟨z, z⟩                 and at last every product and transpose is a node of its own
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
	if x.none() {
		return nil, noExpr()
	}
	if vertex != "" {
		if _, err := x.p.model.VertexOf(vertex); err != nil {
			return nil, err
		}
	}
	o := &opener{vertex: vertex}
	for o.phase = range 3 {
		o.memo = make(map[memoKey]*gorgonia.Node)
		y, err := x.rebuild(o.rule)
		if err != nil {
			return nil, err
		}
		if o.opened > 0 {
			return y.then(x, func(x *Expr) (*Expr, error) { return x.Expand(vertex) }), nil
		}
		if o.opaque != "" && vertex != "" {
			break
		}
	}
	if o.opaque != "" {
		return nil, &ExpandError{o.opaqueAt, o.opaque, true}
	}
	return nil, &ExpandError{vertex, "nothing is left to open: it is made of elementary operations", false}
}

// ExpandAll opens everything as far as it goes. What is opaque stays closed.
func (x *Expr) ExpandAll() (*Expr, error) {
	const levels = 100 // shifts of shifts are merged; nothing known has more than a dozen
	for range levels {
		y, err := x.Expand("")
		if e := (*ExpandError)(nil); errors.As(err, &e) {
			return x, nil
		} else if err != nil {
			return nil, err
		}
		x = y
	}
	return nil, &ExpandError{"", fmt.Sprintf("there are more than %d levels", levels), false}
}

// opener is the rule that opens nodes by one level.
type opener struct {
	vertex           string
	phase            int // activations, then norms, then products: |z| reads better than what it is made of
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
	if !ok || o.phase != phaseOf(own) || o.vertex != "" && r.from.labels.origin[n].Vertex != o.vertex {
		return nil, nil
	}
	o.r, o.owner = r, own.Owner()
	act := r.from.acts[n]
	if v, ok := r.from.p.model.Quiver.VertexIndex(o.owner); ok && act == nil {
		act = r.from.p.model.Vertices[v].Act
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
	case op.KindVertex:
		return o.vertexOp(own, act, n, in)
	case op.KindAct:
		return o.act(act, in)
	case op.KindActVJP:
		return o.vjp(act, in)
	case op.KindActVJPParams:
		return o.paramVJP(act, in)
	case op.KindActJVP:
		return o.jvp(act, in)
	case op.KindActVJP2:
		return o.vjp2(act, in)
	case op.KindRadialJet:
		if rad, ok := act.(quiver.RadialJet); ok {
			return o.profile(rad, own.Order(), o.norm(in[0]))
		}
	case op.KindPointJet:
		if p, ok := layers.Inside(act); ok && p.Kind == "pointwise" {
			return o.scalar(p.Func, own.Order(), in[0])
		}
		return o.closed(act)
	case op.KindProfile:
		return o.openProfile(act, own.Order(), in[0])
	case op.KindSlope:
		if p, ok := layers.Inside(act); ok && p.Func != nil {
			l := o.r.to.labels.named("λ[" + o.owner + "]")
			if l == nil || !slices.Contains(op.Children(l), in[0]) { // that of another norm

				l = o.profile(act.(quiver.RadialJet), 0, in[0])
			}
			return o.ratio(o.minus(o.scalar(p.Func, 1, in[0]), l), in[0], 0)
		}
		return o.closed(act)
	case op.KindFunction:
		return o.primitive(o.r.from.funcs[n], own.Order(), in[0])
	case op.KindSum:
		return o.products(own, in)
	case op.KindArrowDW:
		return o.do(op.MatMul(o.owner, o.transpose(in[0]), in[1]))
	case op.KindArrowDX:
		if len(in) == 2 {
			return o.do(op.MatMul(o.owner, in[0], in[1]))
		}
	case op.KindRowNorm:
		m := o.power(o.rowDot(in[0], in[0]), 0.5)
		if s := normOf(o.r.to.labels.symbol[in[0]]); s != nil && m != nil {
			o.r.to.labels.name(m, s)
		}
		return m
	}
	return nil
}

// phaseOf says when a node is opened.
func phaseOf(o *op.Op) int {
	switch o.Kind() {
	case op.KindRowNorm:
		return 1
	case op.KindSum, op.KindArrowDW, op.KindArrowDX:
		return 2
	}
	return 0
}

func (o *opener) transpose(x *gorgonia.Node) *gorgonia.Node {
	return o.once("ᵀ", x, func() (*gorgonia.Node, error) { return op.Transpose(o.owner, x) })
}

// products writes a sum of products as such: one node each, and their sum. Structured matrices
// stay what they are, a copy of columns.
func (o *opener) products(own *op.Op, in gorgonia.Nodes) *gorgonia.Node {
	terms, _ := own.Over(in)
	var parts gorgonia.Nodes
	var ones []float64
	for _, t := range terms {
		var m *gorgonia.Node
		switch {
		case o.err != nil:
		case t.W != nil:
			m = o.do(op.MatMul(o.owner, t.X, o.transpose(t.W)))
		case len(terms) == 1:
			return nil
		default:
			m = o.do(op.Sum(o.owner, t.X.Name()+"·I["+model.ArrowName(t.Arrow)+"]ᵀ", []op.Term{t}))
		}
		parts, ones = append(parts, m), append(ones, 1)
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return o.combine(ones, parts...)
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
		o.r.to.labels.name(z, formula.Indexed("z", "z", o.owner))
	}
	return o.do(op.Act(o.owner, n.Name(), act, z, params))
}

// normOf is the symbol |z|.
func normOf(z *formula.Formula) *formula.Formula {
	if z == nil {
		return nil
	}
	return formula.Symbol(formula.Norm(z).String(), formula.Norm(z).LaTeX())
}
