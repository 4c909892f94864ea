package rebuild

import (
	"slices"

	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/ir"
	"github.com/quivernet/quivernet/internal/op"
	"github.com/quivernet/quivernet/internal/regions"
)

// operand returns what e reads for c. A size is taken from what its reader sees.
func (b *Builder) operand(e, c *ir.Node) (*gorgonia.Node, error) {
	if c.Kind.Name != "size" {
		n, err := b.seen(e, c)
		if n == b.out[c] {
			b.altered[e] = b.altered[e] || b.altered[c]
		} else {
			b.altered[e] = b.altered[e] || b.Reduction.IsSmaller(b.Reduction.Regions.ActivationOf(e))
		}
		return n, err
	}
	axis := c.Kind.Axes[0]
	of := b.sized(c.In[0], axis)
	if of == nil {
		return b.number(c.Dtype, float64(c.In[0].Shape[axis])), nil
	}
	x, err := b.seen(e, of)
	if err != nil {
		return nil, err
	}
	if s := x.Shape(); len(s) == len(c.In[0].Shape) && s[axis] != c.In[0].Shape[axis] && e.Kind.Name != "repeat" {
		return b.number(c.Dtype, float64(c.In[0].Shape[axis])), nil // the width that was meant stays
	}
	b.out[c], err = b.checked(func() (*gorgonia.Node, error) { return gorgonia.SizeOf(axis, x) }, x)
	b.done[c] = true
	return b.out[c], err
}

// sized returns a value with the size of c along an axis: c itself, unless it is inside a
// vertex that becomes one operation or loses terms. Then the number of samples is that of a
// source, and the number of features a constant, for which it returns nil.
func (b *Builder) sized(c *ir.Node, axis int) *ir.Node {
	l := b.Reduction.Regions
	v := l.SumOf(c)
	if v == nil {
		v = l.ActivationOf(c)
	}
	batch := v != nil && axis == v.Layout.Batch()
	if v == nil || v.Node == c || !b.whole(v) && !(b.merged[v] && batch) {
		return c
	}
	if batch && len(c.Shape) == 2 {
		for _, t := range v.Arrows {
			if t.Source != nil && t.Source.Node.ID < c.ID {
				return b.sized(t.Source.Node, axis)
			}
		}
	}
	return nil
}

// seen returns what e sees of c: inside an activation of a value that other vertices read, too, the
// value in the activation's own coordinates.
func (b *Builder) seen(e, c *ir.Node) (*gorgonia.Node, error) {
	v := b.Reduction.Regions.ActivationOf(e)
	if v == nil || v.Spelled.Base != c || v.Arrows[0].Operand != regions.OnBase || b.Reduction.IsCopy(v, v.Arrows[0]) {
		return b.emit(c)
	}
	if b.bases[v] == nil {
		x, err := b.carried(v.Arrows[0], v, b.Reduction.Matrices[v.Arrows[0]])
		if err != nil {
			return nil, err
		}
		b.bases[v] = x
	}
	return b.bases[v], nil
}

// apply makes a node of e's operation. Gorgonia's elementwise operations and products know
// the number of axes and the precision of their inputs and nothing of the sizes, so they can be used
// again; reductions and reshapes know sizes and are made afresh where those change.
func (b *Builder) apply(e *ir.Node, in gorgonia.Nodes) (*gorgonia.Node, error) {
	same := true
	for i, c := range e.In {
		same = same && slices.Equal([]int(in[i].Shape()), []int(c.Shape))
	}
	if c := b.chain[e]; c != nil {
		b.altered[e] = true
		if e.Kind.Name == "reshape" {
			shape := slices.Clone(e.Shape)
			for i, s := range shape {
				if s == e.Shape.TotalSize() {
					shape[i] = len(c.Numbers)
					break
				}
			}
			return b.checked(func() (*gorgonia.Node, error) { return gorgonia.Reshape(in[0], shape) }, in[0])
		}
	}
	switch {
	case e.Kind.Own != nil:
		return e.Kind.Own.Copy(e.Kind.Own.Label(), in)
	case e.Kind.Name == "sum" && !same:
		return b.checked(func() (*gorgonia.Node, error) { return gorgonia.Sum(in[0], e.Kind.Axes...) }, in[0])
	case e.Kind.Name == "size":
		return b.checked(func() (*gorgonia.Node, error) { return gorgonia.SizeOf(e.Kind.Axes[0], in[0]) }, in[0])
	}
	return op.Apply(e.Op, in...)
}
