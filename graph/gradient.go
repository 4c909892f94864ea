package graph

import (
	"fmt"
	"strings"

	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/op"
)

// Expr is a symbolic expression: a node of the expression graph, read as a formula in the
// notation of the field. Values that several formulas use have names: z[h] is the
// pre-activation of vertex h, δ[h] the gradient at it, h itself the vertex's value.
type Expr struct {
	name string
	node *gorgonia.Node
}

// Gradient returns the gradient of the loss in the matrix of a trainable arrow; a tied
// arrow's is the sum over all arrows that share the matrix. Errors:
// *UnknownArrowError, *LossError without a loss or where the loss does not depend on the
// arrow.
func (p *Program) Gradient(arrow string) (*Expr, error) {
	if len(p.losses) == 0 {
		return nil, &LossError{"", "the program has no loss, hence no gradient; compile with graph.Loss(output, graph.MSE, 1)"}
	}
	e, err := p.engine.expression(p.shown, p.widths(nil))
	if err != nil {
		return nil, err
	}
	k := 0
	var known []string
	for _, a := range p.arrows {
		if a.Fixed || a.TiedTo != "" {
			continue
		}
		known = append(known, a.Name)
		if a.Name != p.owner(arrow) {
			k++
			continue
		}
		if e.grad[k] == nil {
			return nil, &LossError{"", fmt.Sprintf("the loss does not depend on arrow %q: its gradient is zero", arrow)}
		}
		return &Expr{"∂L/∂W[" + arrowName(a.Name) + "]", e.grad[k]}, nil
	}
	return nil, &UnknownArrowError{arrow, known}
}

// owner returns the arrow that owns the matrix of the named one.
func (p *Program) owner(arrow string) string {
	for _, a := range p.arrows {
		if a.Name == arrow && a.TiedTo != "" {
			return a.TiedTo
		}
	}
	return arrow
}

// Node returns the node of the expression graph.
func (x *Expr) Node() *gorgonia.Node { return x.node }

// String prints the formula and, below it, the formulas of the named values in it,
// down to the inputs:
//
//	∂L/∂W[x→h1] = δ[h1]ᵀ·x
//	δ[h1] = Dρ[h1](z[h1])ᵀ·(δ[h2]·W[h1→h2])
//	…
func (x *Expr) String() string {
	var b strings.Builder
	line := func(name, formula string) { fmt.Fprintf(&b, "%s = %s\n", name, formula) }
	seen := map[*gorgonia.Node]bool{x.node: true}
	queue := gorgonia.Nodes{x.node}
	for len(queue) > 0 {
		n := queue[0]
		queue = queue[1:]
		name := n.Name()
		if n == x.node {
			name = x.name
		}
		var uses gorgonia.Nodes
		line(name, formula(n, &uses))
		for _, u := range uses {
			if !seen[u] && len(op.Children(u)) > 0 {
				seen[u] = true
				queue = append(queue, u)
			}
		}
	}
	return b.String()
}

// formula writes a node by its operation; intermediate sums and products that have no name
// of their own are written out, the others are collected in uses.
func formula(n *gorgonia.Node, uses *gorgonia.Nodes) string {
	o, ok := n.Op().(*op.Op)
	if !ok {
		var args []string
		for _, c := range op.Children(n) {
			args = append(args, term(c, uses))
		}
		return fmt.Sprintf("%v(%s)", n.Op(), strings.Join(args, ", "))
	}
	in := o.Children()
	arg := func(i int) string { return term(in[i], uses) }
	switch o.Kind() {
	case "arrowdw":
		return arg(0) + "ᵀ·" + arg(1)
	case "arrowdx":
		if len(in) == 1 {
			return arg(0) + "·I[" + arrowName(o.Owner()) + "]"
		}
		return arg(0) + "·" + arg(1)
	case "actvjp":
		return fmt.Sprintf("Dρ[%s](%s)ᵀ·(%s)", o.Owner(), arg(0), arg(1))
	case "actvjpparams":
		return fmt.Sprintf("Σ Dₚρ[%s](%s)ᵀ·(%s)", o.Owner(), arg(0), arg(1))
	case "combine":
		s := ""
		for i, c := range o.Coefficients() {
			switch {
			case c == 1 && i > 0:
				s += " + "
			case c == -1 && i > 0:
				s += " − "
			case c == -1:
				s += "−"
			case c != 1 && i > 0:
				s += fmt.Sprintf(" + %g·", c)
			case c != 1:
				s += fmt.Sprintf("%g·", c)
			}
			s += arg(i)
		}
		return s
	case "scale":
		return arg(1) + "·" + arg(0)
	case "dot":
		return "⟨" + arg(0) + ", " + arg(1) + "⟩"
	case "sum", "vertex":
		s := strings.Join(products(o, uses), " + ")
		if o.Kind() == "vertex" {
			return fmt.Sprintf("ρ[%s](%s)", o.Owner(), s)
		}
		return s
	}
	var args []string
	for i := range in {
		args = append(args, arg(i))
	}
	return o.Kind() + "(" + strings.Join(args, ", ") + ")"
}

// products lists the terms x·Wᵀ of a vertex.
func products(o *op.Op, uses *gorgonia.Nodes) []string {
	var ps []string
	for _, t := range o.Terms() {
		m := "I[" + arrowName(t.Arrow) + "]"
		if t.W != nil {
			m = t.W.Name()
		}
		ps = append(ps, term(t.X, uses)+"·"+m+"ᵀ")
	}
	return ps
}

// term writes a node inside a formula: by name, or written out where it is only a step.
func term(n *gorgonia.Node, uses *gorgonia.Nodes) string {
	if o, ok := n.Op().(*op.Op); ok && n.Name() != "δ["+o.Owner()+"]" {
		switch o.Kind() {
		case "scale":
			if in := o.Children(); in[0].Name() == unitName {
				return term(in[1], uses)
			}
			return formula(n, uses)
		case "arrowdx", "arrowdw":
			return formula(n, uses)
		case "combine":
			if strings.HasPrefix(n.Name(), "∂/∂") || len(o.Children()) == 1 {
				return formula(n, uses)
			}
		}
	}
	*uses = append(*uses, n)
	return n.Name()
}

// LaTeX returns the formulas of String as an align* environment.
func (x *Expr) LaTeX() string {
	r := strings.NewReplacer("∂L/∂", `\partial L/\partial `, "→", `\to `, "δ", `\delta `, "ρ", `\rho `, "λ", `\lambda `, "σ", `\sigma `,
		"ᵀ", `^{\mathsf T}`, "·", `\cdot `, "Σ", `\sum `, "⟨", `\langle `, "⟩", `\rangle `, "∘", `\circ `, "−", "-", "ₚ", "_p", "²", "^2", "₀", "_0", "₁", "_1", "₂", "_2", "₃", "_3", "_", `\_`, "#", `\#`, "%", `\%`, "&", `\&`)
	lines := strings.Split(strings.TrimSpace(x.String()), "\n")
	for i, l := range lines {
		lines[i] = strings.Replace(r.Replace(l), " = ", " &= ", 1)
	}
	return "\\begin{align*}\n" + strings.Join(lines, " \\\\\n") + "\n\\end{align*}\n"
}

// DOT returns the part of the expression graph that the gradient needs, for Graphviz:
// nodes by their ids, arguments numbered on the edges, gradient nodes in another colour. The
// text is the same at each call.
func (x *Expr) DOT() string {
	var b strings.Builder
	b.WriteString("digraph gradient {\n\trankdir=BT;\n\tnode [shape=box, style=filled];\n")
	quote := func(s string) string { return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"` }
	for _, n := range op.Ancestors(gorgonia.Nodes{x.node}) {
		colour := "lightblue"
		if o, ok := n.Op().(*op.Op); len(op.Children(n)) == 0 {
			colour = "white"
		} else if ok && (o.Kind() == "vertex" || o.Kind() == "sum") {
			colour = "lightgrey"
		}
		fmt.Fprintf(&b, "\tn%d [label=%s, fillcolor=%s];\n", n.ID(), quote(n.Name()), colour)
		for i, c := range op.Children(n) {
			fmt.Fprintf(&b, "\tn%d -> n%d [label=\"%d\"];\n", c.ID(), n.ID(), i)
		}
	}
	b.WriteString("}\n")
	return b.String()
}
