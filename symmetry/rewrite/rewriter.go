package rewrite

import (
	"errors"
	"fmt"

	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/ir"
	"github.com/quivernet/quivernet/internal/rebuild"
	"github.com/quivernet/quivernet/internal/regions"
	"github.com/quivernet/quivernet/internal/shrink"
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
	// scale a source by a constant or subtract its mean, those with a trained number inside (an ε, a temperature, a factor of
	// a weight), those with a weight whose squares are summed, and those that share a weight with one of these. Otherwise regions of Gorgonia's operations come
	// back as such, and run on Gorgonia's machines. Where the graph would have more operations than the one given, or more
	// numbers but for columns of ones, nothing is fused, and a note says so. At a zero vector, where a composed activation is
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
// A part of the graph whose numbers, fixed ones included, or whose operations would not fall stays as it was.
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
	keep     map[string]string // vertices that stay, with the reason
	declined []string          // those of them that were not worth it
	off      []string          // rules that are off beside Rewriter.Disable
	none     string            // why no region is compressed, or ""
	was      *baseline         // with what the next attempt is compared
	round    int               // attempts since then
	passes   int               // how often was was replaced
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
	red := shrink.New(l)
	switch {
	case r.off("compress") || p.none != "":
		red.Unchanged(w)
	default:
		if err := red.Compress(w, r.Options, p.keep); err != nil {
			return nil, false, &CompressError{err}
		}
	}
	for t := range red.Spans {
		if t.PerSample {
			p.none = "is left alone: symmetry.Data gives a span to the samples of a bias with a row for each, which has no meaning"
			return nil, true, nil
		}
	}
	b, err := built(red, false)
	if err != nil {
		return nil, false, err
	}
	if b.BreaksDecay() {
		p.off, p.was = append(p.off, "decay"), nil
		return nil, true, nil
	}
	res = r.result(b, roots, w, p)
	now, again, err := r.worthless(b, w, res, p)
	if again || err != nil {
		return nil, again, err
	}
	if r.Fused {
		if b, res, err = r.fuse(b, res, roots, w, p); err != nil {
			return nil, false, err
		}
	}
	if p.was != nil && p.was.res != nil && (red.Compression == nil || p.none != "") {
		return p.was.res, false, nil
	}
	c := &comparison{b: b, roots: roots, old: l.Graph}
	if err := c.run(); err != nil {
		return nil, false, err
	}
	res.Certificate = c.certificate(red)
	if red.Compression == nil || res.Certificate.Exact {
		if c.retreat(p.keep) {
			return nil, true, nil
		}
		if len(red.Spans) == 0 && c.worst() > c.limit() && l.Graph.Applied["fixed"] > 0 {
			p.off, p.was = append(p.off, "fixed"), nil
			return nil, true, nil
		}
	} // else what changed is in the certificate
	return p.settle(res, now)
}

// settle takes a rewriting that is worth it, and asks for another attempt where something that was declined may be
// worth it now.
func (p *plan) settle(res *Result, now *baseline) (*Result, bool, error) {
	best := res
	if p.was != nil && p.was.res != nil && !(costs{p.was.res.Report.After, res.Report.After}).saves() {
		return p.was.res, false, nil
	}
	if len(p.declined) == 0 || len(res.Report.Changes) == 0 || p.passes >= 4 {
		return best, false, nil
	}
	for _, name := range p.declined {
		delete(p.keep, name)
	}
	now.res = res
	p.declined, p.was, p.round = nil, now, 0
	p.passes++
	return nil, true, nil
}

// worthless says that numbers or operations do not fall where something shrank, or that one of them
// grew, and puts what stays into the plan.
func (r Rewriter) worthless(b *rebuild.Builder, w *quiver.Rep, res *Result, p *plan) (now *baseline, again bool, err error) {
	whole := costs{res.Report.Before, res.Report.After}
	if b.Reduction.Compression != nil {
		if p.was == nil {
			if p.was, err = given(b.Reduction.Regions, w); err != nil {
				return nil, false, err
			}
		}
		now = baselineOf(b, res)
		if p.round++; decline(b.Reduction, now, p) {
			return nil, true, nil
		}
		if !whole.saves() {
			p.none = fmt.Sprintf("is left alone: the graph would have %v, and both must fall", whole)
			return nil, p.was.res == nil, nil
		}
		return now, false, nil
	}
	grew := whole.after.Numbers() > whole.before.Numbers() || whole.after.Operations > whole.before.Operations
	if grew && b.Reduction.Regions.Graph.Applied["fixed"] > 0 {
		p.off, p.was = append(p.off, "fixed"), nil
		return nil, true, nil
	}
	return nil, false, nil
}

// fuse makes the vertices of b operations of this library, unless that would have more numbers or operations than the graph that was
// given: a column of ones, which stands for the samples, is not counted.
func (r Rewriter) fuse(b *rebuild.Builder, res *Result, roots gorgonia.Nodes, w *quiver.Rep, p *plan) (*rebuild.Builder, *Result, error) {
	fused, err := built(b.Reduction, true)
	if err != nil {
		return nil, nil, err
	}
	out := r.result(fused, roots, w, p)
	before, after := res.Report.Before, out.Report.After
	after.Fixed -= fused.Ones()
	if after.Numbers() > before.Numbers() || after.Operations > before.Operations {
		res.Report.Notes = append(res.Report.Notes, fmt.Sprintf("the vertices are not fused: the graph would have %v.", costs{before, after}))
		return b, res, nil
	}
	return fused, out, nil
}

// built makes the new graph.
func built(red *shrink.Reduction, fused bool) (*rebuild.Builder, error) {
	b, err := rebuild.Build(red, fused)
	if e, ok := errors.AsType[*rebuild.NodeError](err); ok {
		return nil, &BuildError{e.Node, e.Err}
	}
	return b, err
}

// caught turns a panic of Gorgonia's, for a node of a kind that it does not expect, into an error.
func caught(err *error) {
	if p := recover(); p != nil {
		*err = &GraphError{"", fmt.Sprintf("Gorgonia panicked: %v", p)}
	}
}

// lift finds the quivers.
func (r Rewriter) lift(roots gorgonia.Nodes) (l *regions.Regions, w *quiver.Rep, err error) {
	defer caught(&err)
	if err := check(roots); err != nil {
		return nil, nil, err
	}
	if err := r.lists(roots[0].Graph()); err != nil {
		return nil, nil, err
	}
	simple, parts := r.rules()
	a := ir.Read(roots, ir.Settings{Weights: r.Weights, Data: r.Data, Fixed: r.Fixed, KeepDead: r.off("dead"), Rules: simple})
	l = regions.Find(a, parts)
	if w, err = l.Network(); err != nil {
		return nil, nil, &CompressError{err}
	}
	return l, w, nil
}
