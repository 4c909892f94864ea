package rewrite

import (
	"fmt"
	"slices"
)

// foldNorms takes batch normalisations that do not train into the gain and the shift behind them, or into the
// weight and the bias before them.
func (a *arena) foldNorms() {
	users := a.users()
	for _, e := range a.exprs {
		alpha, beta, ok := inference(e.op)
		if !ok || e.same != nil || !e.root && len(users[e]) == 0 || len(e.in) != 1 || len(e.shape) != 2 || e.shape[1] != len(alpha) || !isFloat(e.dt) {
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
		x, y := mustNumbers(gain.value), mustNumbers(shift.value)
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
		gain.value, shift.value = tensorOf(gain.dt, gain.shape, x), tensorOf(shift.dt, shift.shape, y)
		for _, n := range f.moved {
			n.moved = true
		}
		z := e.in[0]
		for _, u := range users[e] {
			for i, c := range u.in {
				if c == e {
					u.in[i] = z
				}
			}
			if !slices.Contains(users[z], u) {
				users[z] = append(users[z], u)
			}
		}
		e.same, e.rule = z, "batch norm"
		a.notes = append(a.notes, fmt.Sprintf("batch normalisation %q does not train and is taken into %q and %q; to keep it, set it to training before.", e.name(), gain.name(), shift.name()))
	}
}

// folding looks for weights that can take a normalisation over.
type folding struct {
	users map[*expr][]*expr
	d     int
	ahead bool
	moved []*expr // what has another value then
}

// readers returns how many of the users of e read it as a value, and the last of them.
func (f *folding) readers(e *expr) (n int, last *expr) {
	for _, u := range f.users[e] {
		if u.kind.name != "size" {
			n, last = n+1, u
		}
	}
	return n, last
}

// weight returns the weight with d numbers in each row that an operand is, or repeats over the samples, if nothing
// else reads it.
func (f *folding) weight(e *expr) *expr {
	for {
		if n, _ := f.readers(e); n != 1 || e.root {
			return nil
		}
		f.moved = append(f.moved, e)
		switch {
		case e.kind.is("repeat", 0), e.kind.name == "reshape" && e.shape[len(e.shape)-1] == f.d:
			e = e.in[0]
		case e.role == weight && usable(e) && len(e.shape) > 0 && e.shape.TotalSize()%f.d == 0 && slices.Contains(e.shape, f.d):
			if last := e.shape[len(e.shape)-1]; last != f.d && e.shape.TotalSize() != f.d {
				return nil
			}
			return e
		default:
			return nil
		}
	}
}

// other returns the operand of a binary operation that is not x.
func other(e, x *expr) *expr {
	switch {
	case len(e.in) != 2 || e.in[0] == e.in[1]:
		return nil
	case e.in[0] == x:
		return e.in[1]
	}
	return e.in[0]
}

// behind reads γ∘e + β.
func (f *folding) behind(e *expr) (gain, shift *expr) {
	n, g := f.readers(e)
	if n != 1 || e.root || g.root || g.kind.name != "⊙" || !sameType(g, e) {
		return nil, nil
	}
	m, s := f.readers(g)
	if m != 1 || s.kind.name != "+" || !sameType(s, e) {
		return nil, nil
	}
	c, b := other(g, e), other(s, g)
	if c == nil || b == nil {
		return nil, nil
	}
	f.moved = []*expr{e, g}
	gain, shift = f.weight(c), f.weight(b)
	if gain == nil || shift == nil || gain == shift || gain.shape.TotalSize() > shift.shape.TotalSize() {
		return nil, nil
	}
	return gain, shift
}

// before reads e = normalisation of x·W + b.
func (f *folding) before(e *expr) (w, b *expr) {
	s := e.in[0]
	if n, _ := f.readers(s); n != 1 || s.root || s.kind.name != "+" {
		return nil, nil
	}
	for i, z := range s.in {
		if n, _ := f.readers(z); n != 1 || z.root || z.kind.name != "matmul" || z.kind.transA || z.kind.transB || !sameType(z, s) {
			continue
		}
		f.moved = []*expr{s, z}
		w, b = f.weight(z.in[1]), f.weight(s.in[1-i])
		if w != nil && b != nil && w != b && len(w.shape) == 2 && z.in[1] == w {
			f.ahead = true
			return w, b
		}
	}
	return nil, nil
}
