package rewrite

import (
	"github.com/quivernet/quivernet/internal/inspect"
	"github.com/quivernet/quivernet/internal/ir"
	"github.com/quivernet/quivernet/internal/op"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// span makes the node of c from that of x.
func (b *builder) span(s *span) (*gorgonia.Node, error) {
	if n := b.spans[s]; n != nil {
		return n, nil
	}
	x, err := b.emit(s.input.at)
	if err != nil {
		return nil, err
	}
	v := &vertex{name: s.name, lay: s.input.lay, at: s.input.at}
	n, err := b.times(x, &term{source: s.input}, v, s.x)
	if err == nil && s.one != nil {
		n, err = b.shifted(n, s, v.at.Dtype)
	}
	b.spans[s] = n
	return n, err
}

// shifted adds the bias part to each sample.
func (b *builder) shifted(n *gorgonia.Node, s *span, dt tensor.Dtype) (*gorgonia.Node, error) {
	name := biasVertex + "→" + s.name
	switch s.input.lay {
	case rows:
		f, err := b.matrix(name, dt, s.one.T())
		if err != nil {
			return nil, err
		}
		return gorgonia.BroadcastAdd(n, f, nil, []byte{0})
	case columns:
		f, err := b.matrix(name, dt, s.one)
		if err != nil {
			return nil, err
		}
		return gorgonia.BroadcastAdd(n, f, nil, []byte{1})
	}
	f, err := b.variable(b.name(name), n, []int{s.k})
	if err != nil {
		return nil, err
	}
	b.fixed = append(b.fixed, f)
	if err := gorgonia.Let(f, inspect.NewValue(dt, []int{s.k}, s.one.RawMatrix().Data)); err != nil {
		return nil, err
	}
	return gorgonia.Add(n, f)
}

// spanned rebuilds a product that reads the span of an input's data instead of the input.
func (b *builder) spanned(e *ir.Node, p *product) (*gorgonia.Node, error) {
	parts := []*ir.Node{p.x}
	if b.r.l.transparent(p.x) {
		parts = p.x.In
	}
	var xs gorgonia.Nodes
	for i, c := range parts {
		var x *gorgonia.Node
		var err error
		if s := b.r.from[b.r.l.term(e, i)]; s != nil {
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
		if x, err = op.Apply(p.x.Op, xs...); err != nil {
			return nil, err
		}
	}
	in := make(gorgonia.Nodes, 2)
	for i, c := range e.In {
		if in[i] = x; c != p.x {
			var err error
			if in[i], err = b.emit(c); err != nil {
				return nil, err
			}
		}
	}
	return op.Apply(e.Op, in...)
}
