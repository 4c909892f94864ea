package rewrite

import (
	"slices"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/internal/inspect"
	"github.com/quivernet/quivernet/internal/ir"
	"github.com/quivernet/quivernet/internal/regions"
	"github.com/quivernet/quivernet/quiver"
)

// Lifted is the quiver that was found in a graph, with the way between the graph's
// weights and the quiver's arrows.
type Lifted struct {
	l   *regions.Regions
	rep *quiver.Rep
}

// Lift finds the quiver regions of what the roots need, without changing anything: each value that
// carries features is a vertex, with the node's name where it has one; each use of a weight is
// an arrow, with the weight's name. All regions together are one quiver, which need not be
// connected. A bias with a row for each sample reads an input of its own, "sample", that says which sample it is: one
// number of it is 1. The product of two weights passes a vertex that no node has. Where a batch normalisation was folded the
// numbers are the folded ones. Errors as for Rewrite.
func (r Rewriter) Lift(roots ...*gorgonia.Node) (*Lifted, error) {
	l, w, err := r.lift(roots)
	if err != nil {
		return nil, err
	}
	return &Lifted{l, w}, nil
}

// empty says that nothing was lifted: the zero value.
func (f *Lifted) empty() bool { return f == nil || f.l == nil || f.rep == nil }

// errEmpty is what the methods of the zero value return.
var errEmpty = &ValueError{"", "an empty Lifted; Rewriter.Lift and Rewriter.Rewrite make one"}

// Rep returns the quiver with the numbers that the weights held when it was lifted; nil for the zero value.
func (f *Lifted) Rep() *quiver.Rep {
	if f.empty() {
		return nil
	}
	return f.rep.Clone()
}

// Node returns the node whose value a vertex is, nil for a bias or an unknown name.
func (f *Lifted) Node(name string) *gorgonia.Node {
	if f.empty() {
		return nil
	}
	for _, v := range f.l.Vertices {
		if v.Name == name {
			return v.Node.Old
		}
	}
	return nil
}

// Weights returns the inputs that hold the matrices of trainable arrows, in the order of
// the graph.
func (f *Lifted) Weights() gorgonia.Nodes {
	if f.empty() {
		return nil
	}
	var ns gorgonia.Nodes
	for _, e := range f.l.Graph.Nodes {
		if e.Role == ir.Weight && slices.ContainsFunc(f.l.Vertices, func(v *regions.Vertex) bool {
			return v.Params == e || slices.ContainsFunc(v.Arrows, func(t *regions.Arrow) bool { return t.Weight == e })
		}) {
			ns = append(ns, e.Old)
		}
	}
	return ns
}

// Collect makes a representation of the quiver from values of the weights' nodes: the
// weights themselves, or their gradients. A *ValueError reports a missing value or one of
// another size.
func (f *Lifted) Collect(value func(weight *gorgonia.Node) gorgonia.Value) (*quiver.Rep, error) {
	if f.empty() {
		return nil, errEmpty
	}
	if value == nil {
		return nil, &ValueError{"", "nil instead of a function that gives the values"}
	}
	out := f.rep.Like()
	return out, f.each(out, func(e *ir.Node, rows, cols int, ts []*regions.Arrow, v *regions.Vertex) error {
		x, err := values(e, value(e.Old))
		if err != nil {
			return err
		}
		for _, t := range ts {
			m, err := t.Matrix(v, x)
			if err != nil {
				return err
			}
			if err := out.Set(t.Name, m); err != nil {
				return err
			}
		}
		return nil
	}, func(e *ir.Node, params []float64) error {
		x, err := values(e, value(e.Old))
		copy(params, x)
		return err
	})
}

// Scatter writes a representation of the quiver into values of the weights' nodes, in
// place. Errors as for Collect, and a *quiver.LayoutError.
func (f *Lifted) Scatter(w *quiver.Rep, value func(weight *gorgonia.Node) gorgonia.Value) error {
	if f.empty() {
		return errEmpty
	}
	if w.Fits(w) != nil || value == nil {
		return &ValueError{"", "nil instead of a representation or of a function that gives the values"}
	}
	if err := f.rep.Fits(w); err != nil {
		return err
	}
	return f.each(w, func(e *ir.Node, rows, cols int, ts []*regions.Arrow, v *regions.Vertex) error {
		x, err := values(e, value(e.Old))
		if err != nil {
			return err
		}
		for _, t := range ts {
			t.Store(x, w.Arrow(t.Name), rows, cols, t.Lo)
		}
		return overwrite(e, value(e.Old), x)
	}, func(e *ir.Node, params []float64) error { return overwrite(e, value(e.Old), params) })
}

// each calls arrow for each trainable weight with the arrows of its first use, and param for
// parameters of activations.
func (f *Lifted) each(w *quiver.Rep, arrow func(e *ir.Node, rows, cols int, ts []*regions.Arrow, v *regions.Vertex) error, param func(e *ir.Node, params []float64) error) error {
	seen := make(map[*ir.Node]bool)
	for _, v := range f.l.Vertices {
		for i, t := range v.Arrows {
			if t.Weight == nil || t.Weight.Role != ir.Weight || seen[t.Weight] {
				continue
			}
			seen[t.Weight] = true
			var ts []*regions.Arrow
			for _, u := range v.Arrows[i:] {
				if u.Weight == t.Weight && u.Node == t.Node {
					ts = append(ts, u)
				}
			}
			if err := arrow(t.Weight, v.Dim, t.Weight.Shape.TotalSize()/v.Dim, ts, v); err != nil {
				return err
			}
		}
		if v.Params != nil {
			if err := param(v.Params, w.Params(v.Name)); err != nil {
				return err
			}
		}
	}
	return nil
}

func values(e *ir.Node, v gorgonia.Value) ([]float64, error) {
	if v == nil {
		return nil, &ValueError{e.Name(), "no value for it"}
	}
	x, ok := inspect.Numbers(v)
	if !ok || len(x) != e.Shape.TotalSize() {
		return nil, &ValueError{e.Name(), "the value does not have the node's shape"}
	}
	return x, nil
}

func overwrite(e *ir.Node, v gorgonia.Value, x []float64) error {
	if t, ok := v.(*tensor.Dense); ok && t.RequiresIterator() {
		return &ValueError{e.Name(), "the value is a view or transposed and does not lie in order; materialise it first"}
	}
	switch d := v.Data().(type) {
	case []float64:
		if len(d) == len(x) {
			copy(d, x)
			return nil
		}
	case []float32:
		if len(d) == len(x) {
			for i := range d {
				d[i] = float32(x[i])
			}
			return nil
		}
	}
	return &ValueError{e.Name(), "the value cannot be overwritten: it does not have the node's shape"}
}
