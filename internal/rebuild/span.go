package rebuild

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/internal/inspect"
	"github.com/quivernet/quivernet/internal/ir"
	"github.com/quivernet/quivernet/internal/op"
	"github.com/quivernet/quivernet/internal/regions"
	"github.com/quivernet/quivernet/internal/shrink"
)

// span makes the node of c from that of x.
func (b *Builder) span(s *shrink.Span) (*gorgonia.Node, error) {
	if n := b.spans[s]; n != nil {
		return n, nil
	}
	x, err := b.emit(s.Input.Node)
	if err != nil {
		return nil, err
	}
	v := &regions.Vertex{Name: s.Name, Layout: s.Input.Layout, Node: s.Input.Node}
	n, err := b.times(x, &regions.Arrow{Source: s.Input}, v, s.X)
	if err == nil && s.One != nil {
		n, err = b.shifted(n, s, v.Node.Dtype)
	}
	b.spans[s] = n
	return n, err
}

// shifted adds the bias part to each sample.
func (b *Builder) shifted(n *gorgonia.Node, s *shrink.Span, dt tensor.Dtype) (*gorgonia.Node, error) {
	name := regions.BiasVertex + "→" + s.Name
	switch s.Input.Layout {
	case regions.Rows:
		f, err := b.matrix(name, dt, s.One.T())
		if err != nil {
			return nil, err
		}
		return gorgonia.BroadcastAdd(n, f, nil, []byte{0})
	case regions.Columns:
		f, err := b.matrix(name, dt, s.One)
		if err != nil {
			return nil, err
		}
		return gorgonia.BroadcastAdd(n, f, nil, []byte{1})
	}
	f, err := b.variable(b.name(name), n, []int{s.Dim})
	if err != nil {
		return nil, err
	}
	b.Fixed = append(b.Fixed, f)
	if err := gorgonia.Let(f, inspect.NewValue(dt, []int{s.Dim}, s.One.RawMatrix().Data)); err != nil {
		return nil, err
	}
	return gorgonia.Add(n, f)
}

// spanned rebuilds a product that reads the span of an input's data instead of the input.
func (b *Builder) spanned(e *ir.Node, p *regions.Product) (*gorgonia.Node, error) {
	parts := []*ir.Node{p.X}
	if b.Reduction.Regions.IsTransparent(p.X) {
		parts = p.X.In
	}
	var xs gorgonia.Nodes
	for i, c := range parts {
		var x *gorgonia.Node
		var err error
		if s := b.Reduction.Spans[b.Reduction.Regions.Arrow(e, i)]; s != nil {
			x, err = b.span(s)
		} else {
			x, err = b.emit(c)
		}
		if err != nil {
			return nil, err
		}
		xs = append(xs, x)
	}
	x := xs[0]
	if len(xs) > 1 {
		var err error
		if x, err = op.Apply(p.X.Op, xs...); err != nil {
			return nil, err
		}
	}
	in := make(gorgonia.Nodes, 2)
	for i, c := range e.In {
		if in[i] = x; c != p.X {
			var err error
			if in[i], err = b.emit(c); err != nil {
				return nil, err
			}
		}
	}
	return op.Apply(e.Op, in...)
}
