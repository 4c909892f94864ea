package tape

import (
	"slices"

	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/model"
	"github.com/quivernet/quivernet/internal/op"
)

// fuser rewrites an expression into a tape. Its rules:
//
//   - a vertex, with the pre-activation that its derivative needs, is one stage: all
//     products, biases and structured copies, then the activation, which keeps what its
//     derivative can use again;
//   - the gradients that arrive at a vertex are products added up in place, and Dρᵀ
//     is applied in place;
//   - the gradient at a matrix is one product, at a bias one sum over the samples; those of tied
//     arrows are added up in place;
//   - at narrow radial vertices the layer is one kernel, the gradient that comes back through
//     one arrow another, and the gradients at matrix and bias a third;
//   - a loss of this library and its gradient are one stage;
//   - whatever else there is, a user's loss for example, runs as it is, on copies by
//     rows.
type fuser[T op.Float] struct {
	t        *Tape[T]
	e        *model.Expression
	needed   map[*gorgonia.Node]bool
	uses     map[*gorgonia.Node]int
	user     map[*gorgonia.Node]*gorgonia.Node // one that uses it
	twin     map[*gorgonia.Node]*gorgonia.Node // pre-activation → vertex
	absorbed map[*gorgonia.Node]bool
	done     map[*gorgonia.Node]bool
	lane     map[*gorgonia.Node]int // slots
	row      map[*gorgonia.Node]int
	losses   map[*gorgonia.Node]*lossPattern // by each of its nodes
	vertices map[*gorgonia.Node]*forward[T]
	leaves   map[*gorgonia.Node]inlet
	siblings map[*gorgonia.Node]siblings // by δ
	hides    map[*gorgonia.Node]hiding   // outputs
}

// Fuse makes the tape that computes the wanted nodes; grads are those of the gradient, by
// segment of the slab.
func Fuse[T op.Float](e *model.Expression, outputs, grads gorgonia.Nodes, times *Clocks) (*Tape[T], error) {
	f := &fuser[T]{e: e, t: &Tape[T]{e: e, n: e.Rows, where: make(map[*gorgonia.Node]int)},
		needed: make(map[*gorgonia.Node]bool), uses: make(map[*gorgonia.Node]int), user: make(map[*gorgonia.Node]*gorgonia.Node),
		twin: make(map[*gorgonia.Node]*gorgonia.Node), absorbed: make(map[*gorgonia.Node]bool), done: make(map[*gorgonia.Node]bool),
		lane: make(map[*gorgonia.Node]int), row: make(map[*gorgonia.Node]int), losses: make(map[*gorgonia.Node]*lossPattern),
		vertices: make(map[*gorgonia.Node]*forward[T]), leaves: leavesOf(e), siblings: make(map[*gorgonia.Node]siblings), hides: hidingLosses(e)}
	f.t.lanes, f.t.ld = padded(e.Rows)
	wanted := slices.Concat(outputs, grads)
	nodes := op.Ancestors(wanted)
	f.count(nodes, wanted)
	f.findLosses()
	for _, n := range nodes {
		if len(op.Children(n)) > 0 && !f.absorbed[n] {
			if err := f.emit(n); err != nil {
				return nil, err
			}
		}
	}
	f.keep(outputs)
	if grads != nil {
		f.t.sizes = e.Model.SegmentSizes()
	}
	f.bindGradients(grads)
	f.alive()
	f.t.arena = layout(f.t.slots, len(f.t.stages))
	f.t.sortFeeds()
	if times != nil {
		f.t.abouts = f.abouts()
		f.t.clock = times.add(e.Rows, f.t.abouts)
	}
	return f.t, nil
}

// count finds the uses of each node and what its only user takes over.
func (f *fuser[T]) count(nodes, wanted gorgonia.Nodes) {
	for _, n := range nodes {
		f.needed[n] = true
		for _, c := range op.Children(n) {
			f.uses[c]++
			f.user[c] = n
		}
		if o, ok := n.Op().(*op.Op); ok && o.Twin() != nil {
			f.twin[o.Twin()] = n
		}
	}
	for _, n := range wanted {
		if n != nil {
			f.uses[n]++
		}
	}
	for _, n := range nodes {
		o, ok := n.Op().(*op.Op)
		if ok {
			if g := f.comesThrough(n, o); g != nil {
				f.absorbed[g] = true
			}
		}
		if !ok || f.uses[n] != 1 || f.user[n] == nil {
			continue
		}
		if k := o.Kind(); (k == op.KindArrowDX || k == op.KindArrowDW) && isSum(f.user[n]) {
			f.absorbed[n] = true
		}
	}
	for _, n := range nodes {
		if f.kind(n) == op.KindArrowDW {
			f.findSiblings(n, n.Op().(*op.Op))
		}
	}
}

// isSum says that the node adds up its inputs.
func isSum(n *gorgonia.Node) bool {
	o, ok := n.Op().(*op.Op)
	return ok && o.Kind() == op.KindCombine && len(o.Coefficients()) > 1 && !slices.ContainsFunc(o.Coefficients(), func(c float64) bool { return c != 1 })
}

// emit adds the stage that computes n, and before it what that needs.
func (f *fuser[T]) emit(n *gorgonia.Node) error {
	if f.done[n] {
		return nil
	}
	f.done[n] = true
	if l := f.losses[n]; l != nil {
		return f.emitLoss(l)
	}
	o, ok := n.Op().(*op.Op)
	if !ok {
		return f.emitOperation(n)
	}
	switch o.Kind() {
	case op.KindVertex:
		return f.emitVertex(n, o)
	case op.KindSum: // the gradient at a loss's output reads the output, so that whoever needs z needs the vertex too
		return f.emit(f.twin[n])
	case op.KindActVJP:
		return f.emitBackward(n, o)
	case op.KindArrowDX:
		return f.emitGather(n, gorgonia.Nodes{n})
	case op.KindArrowDW:
		return f.emitProduct(n, gorgonia.Nodes{n})
	case op.KindCombine:
		if in := o.Children(); isSum(n) {
			switch {
			case slices.ContainsFunc(in, func(c *gorgonia.Node) bool { return f.kind(c) == op.KindArrowDX }):
				return f.emitGather(n, in)
			case !slices.ContainsFunc(in, func(c *gorgonia.Node) bool { return f.kind(c) != op.KindArrowDW || !f.absorbed[c] }):
				return f.emitProduct(n, in)
			}
		}
	}
	if f.emitNumber(n, o) {
		return nil
	}
	return f.emitOperation(n)
}

// kind returns the kind of an operation of ours, or 0, as for no node.
func (f *fuser[T]) kind(n *gorgonia.Node) op.Kind {
	if n == nil {
		return 0
	}
	if o, ok := n.Op().(*op.Op); ok {
		return o.Kind()
	}
	return 0
}

// slot adds a slot for a value of the size of n.
func (f *fuser[T]) slot(n *gorgonia.Node, lane bool) int {
	s := model.SizeOf(n)
	l := slot{rows: s[0], cols: s[1], lane: lane, size: s[0] * s[1], first: -1, last: -1}
	if lane {
		l.size = s[1] * f.t.ld
	}
	f.t.slots = append(f.t.slots, l)
	return len(f.t.slots) - 1
}

// extra adds a slot for k numbers per lane.
func (f *fuser[T]) extra(k int) int {
	f.t.slots = append(f.t.slots, slot{rows: k, cols: f.t.lanes, size: k * f.t.lanes, first: -1, last: -1})
	return len(f.t.slots) - 1
}

func (f *fuser[T]) add(s stage[T]) { f.t.stages = append(f.t.stages, s) }

// lanesOf returns the slot that holds a node feature-major.
func (f *fuser[T]) lanesOf(n *gorgonia.Node) (int, error) {
	if s, ok := f.lane[n]; ok {
		return s, nil
	}
	if l, ok := f.leaves[n]; ok {
		s := f.slot(n, true)
		f.lane[n] = s
		f.t.slots[s].private = l.constant()
		f.t.feeds = append(f.t.feeds, feed{l, s, true})
		return s, nil
	}
	if err := f.emit(n); err != nil {
		return 0, err
	}
	if s, ok := f.lane[n]; ok {
		return s, nil
	}
	s := f.slot(n, true)
	f.lane[n] = s
	f.add(&turn[T]{n, f.row[n], s, true})
	return s, nil
}

// rowsOf returns the slot that holds a node by rows.
func (f *fuser[T]) rowsOf(n *gorgonia.Node) (int, error) {
	if s, ok := f.row[n]; ok {
		return s, nil
	}
	if l, ok := f.leaves[n]; ok {
		s := f.slot(n, false)
		f.row[n] = s
		f.t.slots[s].bound = l.bindable()
		f.t.slots[s].private = l.constant()
		f.t.feeds = append(f.t.feeds, feed{l, s, false})
		return s, nil
	}
	if len(op.Children(n)) == 0 { // a constant of the user's
		s := f.slot(n, false)
		f.row[n] = s
		f.t.slots[s].private = true
		f.t.feeds = append(f.t.feeds, feed{inlet{kind: leafConstant, node: n}, s, false})
		return s, nil
	}
	if err := f.emit(n); err != nil {
		return 0, err
	}
	if s, ok := f.row[n]; ok {
		return s, nil
	}
	s := f.slot(n, false)
	f.row[n] = s
	f.add(&turn[T]{n, f.lane[n], s, false})
	return s, nil
}

// keep makes the outputs outlive the run.
func (f *fuser[T]) keep(outputs gorgonia.Nodes) {
	for _, n := range outputs {
		s, ok := f.lane[n]
		if !ok {
			s = f.row[n]
		}
		f.t.where[n] = s
		f.t.slots[s].last = len(f.t.stages)
	}
}

// bindGradients makes the stages write the gradients where the caller wants them.
func (f *fuser[T]) bindGradients(grads gorgonia.Nodes) {
	for _, n := range grads {
		if n == nil {
			f.t.grads = append(f.t.grads, -1)
			f.t.zeros = true
			continue
		}
		s := f.row[n] // of one matrix or parameter alone: a product over the samples, or a sum of such
		f.t.slots[s].bound = true
		f.t.grads = append(f.t.grads, s)
	}
}

func (f *fuser[T]) abouts() []about {
	as := make([]about, len(f.t.stages))
	for i, s := range f.t.stages {
		as[i] = s.about()
	}
	return as
}

// alive finds out between which stages each slot is in use.
func (f *fuser[T]) alive() {
	for i, a := range f.abouts() {
		for _, v := range a.makes {
			l := &f.t.slots[v.slot]
			if l.last = max(l.last, i); l.first < 0 {
				l.first = i
			}
		}
		for _, j := range a.reads {
			l := &f.t.slots[j]
			l.last = max(l.last, i)
		}
	}
	for _, d := range f.t.feeds {
		f.t.slots[d.slot].first = -1
	}
}
