package rewrite

import (
	"fmt"

	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
)

// Rewriter takes a Gorgonia graph, finds the quivers in it, compresses them, and makes an
// equivalent smaller graph. The zero value is ready to use.
type Rewriter struct {
	// Weights are the trainable inputs. Where none are named they are all inputs of floating point that
	// hold a value and are in none of the other lists.
	Weights gorgonia.Nodes
	// Data are inputs whose values come with each run, even if they hold one now.
	Data gorgonia.Nodes
	// Fixed are inputs that hold matrices which never change.
	Fixed gorgonia.Nodes
	// Options go to symmetry.Compress. Vertices have the names of the nodes where those have names; see
	// Lift, which also tells the order of the inputs for options that take data.
	Options []symmetry.Option
	// Disable switches rules off by name; see Rules.
	Disable []string
	// Fused makes each vertex of a batch-first region one operation of this library, but for those that
	// scale a source by a constant or subtract its mean. Otherwise regions of Gorgonia's operations come
	// back as such, and run on Gorgonia's machines. At a zero vector, where a composed activation is
	// 0/0 = NaN, the operation is 0.
	Fused bool
}

// Rewrite returns a new graph in which the roots have the same values. The old graph is not
// changed, and shares no memory with the new one.
//
// Whatever is not understood is a boundary: its inputs keep their values, and so do its
// outputs. A weight that anything outside the regions reads stays as it is; a value that
// anything outside reads keeps its coordinates. Gradient nodes are such readers: a root that
// is a gradient keeps the weights that it needs. Gradients that no root needs are
// dropped; differentiate the new graph.
//
// The certificate comes from running both graphs, on the values that the inputs hold and random
// ones where they hold none. A region whose outputs, or a graph whose roots, would
// differ by more than rounding is left alone, with the reason in the report.
//
// Errors: *GraphError for the roots, *InputError for the lists, *UnknownRuleError,
// *CompressError for the options, *BuildError where Gorgonia refuses a node.
func (r Rewriter) Rewrite(roots ...*gorgonia.Node) (*Result, error) {
	p := &plan{keep: make(map[string]string)}
	for {
		res, again, err := r.attempt(roots, p)
		if err != nil || !again {
			return res, err
		}
	}
}

// plan is what attempts at a rewriting learnt.
type plan struct {
	keep  map[string]string // vertices that stay, with the reason
	off   []string          // rules that are off beside Rewriter.Disable
	none  string            // why no region is compressed, or ""
	round int
}

// attempt rewrites once; again says that it put more into the plan and wants to be called
// again.
func (r Rewriter) attempt(roots gorgonia.Nodes, p *plan) (res *Result, again bool, err error) {
	defer caught(&err)
	r.Disable = append(append([]string(nil), r.Disable...), p.off...)
	l, w, err := r.lift(roots)
	if err != nil {
		return nil, false, err
	}
	red := newReduction(l)
	switch {
	case r.off("compress") || p.none != "":
		red.unchanged(w)
	default:
		if err := red.compress(w, r.Options, p.keep); err != nil {
			return nil, false, err
		}
	}
	b, err := red.build(r.Fused)
	if err != nil {
		return nil, false, err
	}
	res = r.result(b, roots, w, p)
	if r.worthless(b, res, p) {
		return nil, true, nil
	}
	c := &comparison{b: b, roots: roots, old: l.a}
	if err := c.run(); err != nil {
		return nil, false, err
	}
	res.Certificate = c.certificate(red)
	if red.c != nil && !red.c.Certificate.Exact {
		return res, false, nil // what changed is in the certificate
	}
	if again = c.retreat(p.keep); !again && len(red.from) == 0 && c.worst() > c.limit() && l.a.applied["fixed"] > 0 {
		p.off, again = append(p.off, "fixed"), true
	}
	return res, again, nil
}

// worthless says that numbers or operations do not fall where something shrank, or that one of them
// grew, and puts what stays into the plan.
func (r Rewriter) worthless(b *builder, res *Result, p *plan) bool {
	whole := bill{res.Report.Before, res.Report.After}
	if b.r.c != nil {
		if p.round++; b.decline(res, p.keep, p.round) {
			return true
		}
		if !whole.saves() {
			p.none = fmt.Sprintf("is left alone: the graph would have %v, and both must fall", whole)
			return true
		}
		return false
	}
	grew := whole.after.Numbers() > whole.before.Numbers() || whole.after.Operations > whole.before.Operations
	if grew && b.r.l.a.applied["fixed"] > 0 {
		p.off = append(p.off, "fixed")
		return true
	}
	return false
}

// caught turns a panic of Gorgonia's, for a node of a kind that it does not expect, into an error.
func caught(err *error) {
	if p := recover(); p != nil {
		*err = &GraphError{"", fmt.Sprintf("Gorgonia panicked: %v", p)}
	}
}

// lift finds the quivers.
func (r Rewriter) lift(roots gorgonia.Nodes) (l *lifter, w *quiver.Rep, err error) {
	defer caught(&err)
	a, err := r.expressions(roots)
	if err != nil {
		return nil, nil, err
	}
	l = lift(scan(a))
	if w, err = l.network(); err != nil {
		return nil, nil, &CompressError{err}
	}
	return l, w, nil
}
