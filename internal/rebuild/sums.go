package rebuild

import (
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/ir"
	"github.com/quivernet/quivernet/internal/op"
	"github.com/quivernet/quivernet/internal/regions"
)

// sum rebuilds a + b in the sum of v.
func (b *Builder) sum(e *ir.Node, v *regions.Vertex) (*gorgonia.Node, error) {
	var in gorgonia.Nodes
	for i, x := range e.In {
		n, err := b.operandOfSum(e, i, x, v)
		if err != nil {
			return nil, err
		}
		if n != nil {
			in = append(in, n)
		}
	}
	b.altered[e] = b.Reduction.IsSmaller(v) || b.merged[v] && !v.IsSum(e)
	switch len(in) {
	case 0:
		return nil, nil
	case 1:
		if last, err := b.operandOfSum(e, 1, e.In[1], v); err == nil && last == in[0] && regions.Sign(e, 1) < 0 {
			minus := b.number(e.Dtype, -1)
			return b.checked(func() (*gorgonia.Node, error) { return gorgonia.HadamardProd(last, minus) }, last, minus)
		}
		return in[0], nil
	}
	return op.Apply(e.Op, in...)
}

// scale rebuilds c·x in the sum of v.
func (b *Builder) scale(e *ir.Node, v *regions.Vertex) (*gorgonia.Node, error) {
	x := b.Reduction.Regions.Scaling(e).X
	n, err := b.operandOfSum(e, 0, x, v)
	if n == nil || err != nil {
		return nil, err
	}
	in := make(gorgonia.Nodes, len(e.In))
	for i, c := range e.In {
		if in[i] = n; c != x {
			if in[i], err = b.emit(c); err != nil {
				return nil, err
			}
		}
	}
	b.altered[e] = b.Reduction.IsSmaller(v) || b.merged[v] && !v.IsSum(e)
	return op.Apply(e.Op, in...)
}

func (b *Builder) operandOfSum(e *ir.Node, i int, x *ir.Node, v *regions.Vertex) (*gorgonia.Node, error) {
	t := b.Reduction.Regions.Arrow(e, i)
	switch {
	case t == nil: // a sum or product inside
		return b.emit(x)
	case b.Reduction.Matrices[t] == nil:
		return nil, nil
	case t.Weight != nil:
		return b.emit(x)
	}
	if b.Reduction.IsCopy(v, t) {
		return b.emit(x)
	}
	return b.carried(t, v, t.Inner(b.Reduction.Matrices[t]))
}

// product rebuilds x·W in the sum of v.
func (b *Builder) product(e *ir.Node, v *regions.Vertex) (*gorgonia.Node, error) {
	l := b.Reduction.Regions
	p := l.Product(e)
	var m mat.Matrix
	gone, spanned := true, false
	cols := 0
	for i := 0; l.Arrow(e, i) != nil; i++ {
		t := l.Arrow(e, i)
		gone = gone && b.Reduction.Matrices[t] == nil
		cols += b.Reduction.Cols(t)
		spanned = spanned || b.Reduction.Spans[t] != nil
	}
	if gone {
		return nil, nil
	}
	changed := false
	if p.Weight.Role == ir.Fixed {
		d, at := mat.NewDense(b.Reduction.Dim[v], cols, nil), 0
		for i := 0; l.Arrow(e, i) != nil; i++ {
			t := l.Arrow(e, i)
			k := b.Reduction.Cols(t)
			old, err := t.Matrix(v, t.Numbers())
			if err != nil {
				return nil, err
			}
			if w := b.Reduction.Matrices[t]; w != nil {
				in := d.Slice(0, b.Reduction.Dim[v], at, at+k).(*mat.Dense)
				in.Scale(p.Factor, t.Inner(w))
				changed = changed || !mat.Equal(old, w)
			} else {
				changed = true
			}
			at += k
		}
		m = d
	}
	var n *gorgonia.Node
	var err error
	if changed {
		x, err := b.emit(p.X)
		if err != nil {
			return nil, err
		}
		n, err = b.times(x, l.Arrow(e, 0), v, m)
		if err != nil {
			return nil, err
		}
	} else if spanned {
		if n, err = b.spanned(e, p); err != nil {
			return nil, err
		}
	} else if n, err = b.plain(e); err != nil {
		return nil, err
	}
	b.altered[e] = b.Reduction.IsSmaller(v) || b.merged[v] && !v.IsSum(e)
	return n, nil
}

// times multiplies the features of x by a fixed matrix, d_t×d_s.
func (b *Builder) times(x *gorgonia.Node, t *regions.Arrow, v *regions.Vertex, m mat.Matrix) (*gorgonia.Node, error) {
	left := v.Layout != regions.Rows
	if !left {
		m = m.T()
	}
	f, err := b.matrix(t.Path(v), v.Node.Dtype, m)
	if err != nil {
		return nil, err
	}
	if left {
		return b.checked(func() (*gorgonia.Node, error) { return gorgonia.Mul(f, x) }, f, x)
	}
	return b.checked(func() (*gorgonia.Node, error) { return gorgonia.Mul(x, f) }, x, f)
}

// carried multiplies the source of an arrow by a fixed matrix. Where the source itself is only another
// value times a fixed matrix, and nothing else reads it, the two matrices become one.
func (b *Builder) carried(t *regions.Arrow, v *regions.Vertex, m *mat.Dense) (*gorgonia.Node, error) {
	t, m = b.Reduction.Through(t, m)
	x, err := b.emit(t.Source.Node)
	if err != nil {
		return nil, err
	}
	return b.times(x, t, v, m)
}

// copies rebuilds a concatenation, a slice or a centring: as it was where nothing changed, else as
// a sum of products with fixed matrices.
func (b *Builder) copies(v *regions.Vertex) (*gorgonia.Node, error) {
	plain := true
	for _, t := range v.Arrows {
		plain = plain && b.Reduction.Matrices[t] != nil && mat.Equal(b.Reduction.Matrices[t], t.Constant())
	}
	if plain {
		n, err := b.plain(v.Node)
		b.altered[v.Node] = false
		return n, err
	}
	var sum *gorgonia.Node
	for _, t := range v.Arrows {
		if b.Reduction.Matrices[t] == nil {
			continue
		}
		x, err := b.carried(t, v, b.Reduction.Matrices[t])
		if err != nil {
			return nil, err
		}
		if sum == nil {
			sum = x
			continue
		}
		y := sum
		if sum, err = b.checked(func() (*gorgonia.Node, error) { return gorgonia.Add(y, x) }, y, x); err != nil {
			return nil, err
		}
	}
	b.altered[v.Node] = b.Reduction.IsSmaller(v)
	return sum, nil
}
