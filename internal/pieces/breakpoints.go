package pieces

import (
	"fmt"

	"github.com/quivernet/quivernet/internal/exact"
	"github.com/quivernet/quivernet/quiver"
)

// lineForm is a + b·t.
type lineForm struct{ a, b exact.Rational }

// Breakpoints returns, in order, where units of a network with one input coordinate
// switch.
func (net *Network) Breakpoints() ([]exact.Rational, error) {
	rat := OverRationals(net)
	type piece struct {
		lo, hi *exact.Rational // nil: unbounded
		x, z   [][]lineForm
	}
	zero, one := exact.Int(0), exact.Int(1)
	first := &piece{x: make([][]lineForm, len(net.Vertices)), z: make([][]lineForm, len(net.Vertices))}
	for i := range net.Vertices {
		v := &net.Vertices[i]
		switch {
		case v.Kind == quiver.KindInput && v.Dim == 1:
			first.x[i] = []lineForm{{zero, one}}
		case v.Kind == quiver.KindBias:
			first.x[i] = []lineForm{{one, zero}}
		}
	}
	inside := func(p *piece) exact.Rational {
		switch {
		case p.lo == nil && p.hi == nil:
			return zero
		case p.lo == nil:
			return p.hi.Sub(one)
		case p.hi == nil:
			return p.lo.Add(one)
		}
		return p.lo.Add(*p.hi).Quo(exact.Int(2))
	}
	pieces := []*piece{first}
	for i := range net.Vertices {
		v := &net.Vertices[i]
		if v.IsSource() {
			continue
		}
		var next []*piece
		for _, p := range pieces {
			z := make([]lineForm, v.Dim)
			var cuts []exact.Rational
			for r := range z {
				z[r] = lineForm{zero, zero}
				for k := range v.In {
					in := &v.In[k]
					for c, m := range rat.W[i][k][r*in.Cols : (r+1)*in.Cols] {
						if f := p.x[in.Source][c]; !m.IsZero() {
							z[r] = lineForm{z[r].a.Add(m.Mul(f.a)), z[r].b.Add(m.Mul(f.b))}
						}
					}
				}
				if v.Slopes.Straight() || !net.Watched[i][r] {
					continue
				}
				if z[r].b.IsZero() {
					side := func(v, unit int) int { f := p.z[v][unit]; return f.a.Add(f.b.Mul(inside(p))).Sign() }
					if z[r].a.IsZero() && !net.Still(i, r, side) {
						return nil, &NotSmoothError{v.Name, r, intervalText(p.lo, p.hi)}
					}
					continue
				}
				t := z[r].a.Neg().Quo(z[r].b)
				if (p.lo == nil || t.Cmp(*p.lo) > 0) && (p.hi == nil || t.Cmp(*p.hi) < 0) {
					cuts = insertFrac(cuts, t)
				}
			}
			lo := p.lo
			for k := 0; k <= len(cuts); k++ {
				hi := p.hi
				if k < len(cuts) {
					hi = &cuts[k]
				}
				part := &piece{lo, hi, append([][]lineForm(nil), p.x...), append([][]lineForm(nil), p.z...)}
				part.z[i], part.x[i] = z, make([]lineForm, v.Dim)
				for r, f := range z {
					s := rat.Slope(i, f.a.Add(f.b.Mul(inside(part))).Sign() > 0)
					part.x[i][r] = lineForm{f.a.Mul(s), f.b.Mul(s)}
				}
				next = append(next, part)
				lo = hi
			}
		}
		pieces = next
	}
	var cuts []exact.Rational
	for _, p := range pieces[1:] {
		cuts = append(cuts, *p.lo)
	}
	return cuts, nil
}

func intervalText(lo, hi *exact.Rational) string {
	l, h := "(−∞", "∞)"
	if lo != nil {
		l = "[" + lo.String()
	}
	if hi != nil {
		h = hi.String() + "]"
	}
	return fmt.Sprintf("in %s, %s", l, h)
}

// insertFrac puts t into a sorted slice, once.
func insertFrac(ts []exact.Rational, t exact.Rational) []exact.Rational {
	k := 0
	for k < len(ts) && ts[k].Cmp(t) < 0 {
		k++
	}
	if k < len(ts) && ts[k].Cmp(t) == 0 {
		return ts
	}
	ts = append(ts, t)
	copy(ts[k+1:], ts[k:])
	ts[k] = t
	return ts
}
