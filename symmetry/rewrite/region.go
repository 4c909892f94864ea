package rewrite

import (
	"github.com/quivernet/quivernet/internal/ir"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/op"
)

// sum rebuilds a + b in the sum of v.
func (b *builder) sum(e *ir.Node, v *vertex) (*gorgonia.Node, error) {
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
	b.altered[e] = b.r.shrunk(v) || b.loose[v] && !v.total(e)
	switch len(in) {
	case 0:
		return nil, nil
	case 1:
		if last, err := b.operandOfSum(e, 1, e.In[1], v); err == nil && last == in[0] && sign(e, 1) < 0 {
			minus := b.number(e.Dtype, -1)
			return b.checked(func() (*gorgonia.Node, error) { return gorgonia.HadamardProd(last, minus) }, last, minus)
		}
		return in[0], nil
	}
	return op.Apply(e.Op, in...)
}

// scale rebuilds c·x in the sum of v.
func (b *builder) scale(e *ir.Node, v *vertex) (*gorgonia.Node, error) {
	x := b.r.l.scaled(e)
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
	b.altered[e] = b.r.shrunk(v) || b.loose[v] && !v.total(e)
	return op.Apply(e.Op, in...)
}

func (b *builder) operandOfSum(e *ir.Node, i int, x *ir.Node, v *vertex) (*gorgonia.Node, error) {
	t := b.r.l.term(e, i)
	switch {
	case t == nil: // a sum or product inside
		return b.emit(x)
	case b.r.mats[t] == nil:
		return nil, nil
	case t.w != nil:
		return b.emit(x)
	}
	if b.r.copies(v, t) {
		return b.emit(x)
	}
	return b.carried(t, v, t.inner(b.r.mats[t]))
}

// product rebuilds x·W in the sum of v.
func (b *builder) product(e *ir.Node, v *vertex) (*gorgonia.Node, error) {
	l := b.r.l
	p := l.product(e)
	var m mat.Matrix
	gone, spanned := true, false
	cols := 0
	for i := 0; l.term(e, i) != nil; i++ {
		t := l.term(e, i)
		gone = gone && b.r.mats[t] == nil
		cols += b.r.cols(t)
		spanned = spanned || b.r.from[t] != nil
	}
	if gone {
		return nil, nil
	}
	changed := false
	if p.w.Role == ir.Fixed {
		d, at := mat.NewDense(b.r.dim[v], cols, nil), 0
		for i := 0; l.term(e, i) != nil; i++ {
			t := l.term(e, i)
			k := b.r.cols(t)
			old, err := t.matrix(v, t.value())
			if err != nil {
				return nil, err
			}
			if w := b.r.mats[t]; w != nil {
				in := d.Slice(0, b.r.dim[v], at, at+k).(*mat.Dense)
				in.Scale(p.factor, t.inner(w))
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
		x, err := b.emit(p.x)
		if err != nil {
			return nil, err
		}
		n, err = b.times(x, l.term(e, 0), v, m)
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
	b.altered[e] = b.r.shrunk(v) || b.loose[v] && !v.total(e)
	return n, nil
}

// times multiplies the features of x by a fixed matrix, d_t×d_s.
func (b *builder) times(x *gorgonia.Node, t *term, v *vertex, m mat.Matrix) (*gorgonia.Node, error) {
	left := v.lay != rows
	if !left {
		m = m.T()
	}
	f, err := b.matrix(t.path(v), v.at.Dtype, m)
	if err != nil {
		return nil, err
	}
	if left {
		return b.checked(func() (*gorgonia.Node, error) { return gorgonia.Mul(f, x) }, f, x)
	}
	return b.checked(func() (*gorgonia.Node, error) { return gorgonia.Mul(x, f) }, x, f)
}

// carried multiplies the source of a term by a fixed matrix. Where the source itself is only another
// value times a fixed matrix, and nothing else reads it, the two matrices become one.
func (b *builder) carried(t *term, v *vertex, m *mat.Dense) (*gorgonia.Node, error) {
	t, m = b.r.through(t, m)
	x, err := b.emit(t.source.at)
	if err != nil {
		return nil, err
	}
	return b.times(x, t, v, m)
}

// copies rebuilds a concatenation, a slice or a centring: as it was where nothing changed, else as
// a sum of products with fixed matrices.
func (b *builder) copies(v *vertex) (*gorgonia.Node, error) {
	plain := true
	for _, t := range v.terms {
		plain = plain && b.r.mats[t] != nil && mat.Equal(b.r.mats[t], t.inclusion())
	}
	if plain {
		n, err := b.plain(v.at)
		b.altered[v.at] = false
		return n, err
	}
	var sum *gorgonia.Node
	for _, t := range v.terms {
		if b.r.mats[t] == nil {
			continue
		}
		x, err := b.carried(t, v, b.r.mats[t])
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
	b.altered[v.at] = b.r.shrunk(v)
	return sum, nil
}
