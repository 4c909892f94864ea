package simplify

import (
	"fmt"
	"slices"

	"github.com/quivernet/quivernet/internal/inspect"
	"github.com/quivernet/quivernet/internal/ir"
)

// FoldBatchNorms takes batch normalisations that do not train into the gain and the shift behind them, or into the
// weight and the bias before them.
func FoldBatchNorms(a *ir.Graph) {
	users := a.Users()
	for _, e := range a.Nodes {
		alpha, beta, ok := inspect.BatchNorm(e.Op)
		if !ok || e.Same != nil || !e.Root && len(users[e]) == 0 || len(e.In) != 1 || len(e.Shape) != 2 || e.Shape[1] != len(alpha) || !inspect.IsFloat(e.Dtype) {
			continue
		}
		f := &folding{users: users, d: len(alpha)}
		gain, shift := f.behind(e)
		if gain == nil {
			gain, shift = f.before(e)
		}
		if gain == nil {
			continue
		}
		x, y := inspect.MustNumbers(gain.Value), inspect.MustNumbers(shift.Value)
		for i := range y { // before: y·α + β; behind: y + x·β, with as many rows as y has
			if f.ahead {
				y[i] = y[i]*alpha[i%f.d] + beta[i%f.d]
			} else {
				y[i] += x[i%len(x)] * beta[i%f.d]
			}
		}
		for i := range x {
			x[i] *= alpha[i%f.d]
		}
		gain.Value, shift.Value = inspect.NewValue(gain.Dtype, gain.Shape, x), inspect.NewValue(shift.Dtype, shift.Shape, y)
		for _, n := range f.moved {
			n.Moved = true
		}
		z := e.In[0]
		for _, u := range users[e] {
			for i, c := range u.In {
				if c == e {
					u.In[i] = z
				}
			}
			if !slices.Contains(users[z], u) {
				users[z] = append(users[z], u)
			}
		}
		e.Same, e.Rule = z, "batch norm"
		a.Notes = append(a.Notes, fmt.Sprintf("batch normalisation %q does not train and is taken into %q and %q; to keep it, set it to training before.", e.Name(), gain.Name(), shift.Name()))
	}
}

// folding looks for weights that can take a normalisation over.
type folding struct {
	users map[*ir.Node][]*ir.Node
	d     int
	ahead bool
	moved []*ir.Node // what has another value then
}

// readers returns how many of the users of e read it as a value, and the last of them.
func (f *folding) readers(e *ir.Node) (n int, last *ir.Node) {
	for _, u := range f.users[e] {
		if u.Kind.Name != "size" {
			n, last = n+1, u
		}
	}
	return n, last
}

// weight returns the weight with d numbers in each row that an operand is, or repeats over the samples, if nothing
// else reads it.
func (f *folding) weight(e *ir.Node) *ir.Node {
	for {
		if n, _ := f.readers(e); n != 1 || e.Root {
			return nil
		}
		f.moved = append(f.moved, e)
		switch {
		case e.Kind.Is("repeat", 0), e.Kind.Name == "reshape" && e.Shape[len(e.Shape)-1] == f.d:
			e = e.In[0]
		case e.Role == ir.Weight && ir.IsUsable(e) && len(e.Shape) > 0 && e.Shape.TotalSize()%f.d == 0 && slices.Contains(e.Shape, f.d):
			if last := e.Shape[len(e.Shape)-1]; last != f.d && e.Shape.TotalSize() != f.d {
				return nil
			}
			return e
		default:
			return nil
		}
	}
}

// other returns the operand of a binary operation that is not x.
func other(e, x *ir.Node) *ir.Node {
	switch {
	case len(e.In) != 2 || e.In[0] == e.In[1]:
		return nil
	case e.In[0] == x:
		return e.In[1]
	}
	return e.In[0]
}

// behind reads γ∘e + β.
func (f *folding) behind(e *ir.Node) (gain, shift *ir.Node) {
	n, g := f.readers(e)
	if n != 1 || e.Root || g.Root || g.Kind.Name != "⊙" || !ir.SameType(g, e) {
		return nil, nil
	}
	m, s := f.readers(g)
	if m != 1 || s.Kind.Name != "+" || !ir.SameType(s, e) {
		return nil, nil
	}
	c, b := other(g, e), other(s, g)
	if c == nil || b == nil {
		return nil, nil
	}
	f.moved = []*ir.Node{e, g}
	gain, shift = f.weight(c), f.weight(b)
	if gain == nil || shift == nil || gain == shift || gain.Shape.TotalSize() > shift.Shape.TotalSize() {
		return nil, nil
	}
	return gain, shift
}

// before reads e = normalisation of x·W + b.
func (f *folding) before(e *ir.Node) (w, b *ir.Node) {
	s := e.In[0]
	if n, _ := f.readers(s); n != 1 || s.Root || s.Kind.Name != "+" {
		return nil, nil
	}
	for i, z := range s.In {
		if n, _ := f.readers(z); n != 1 || z.Root || z.Kind.Name != "matmul" || z.Kind.TransA || z.Kind.TransB || !ir.SameType(z, s) {
			continue
		}
		f.moved = []*ir.Node{s, z}
		w, b = f.weight(z.In[1]), f.weight(s.In[1-i])
		if w != nil && b != nil && w != b && len(w.Shape) == 2 && z.In[1] == w {
			f.ahead = true
			return w, b
		}
	}
	return nil, nil
}
