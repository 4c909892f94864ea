package recovery

import (
	"fmt"
	"math"
	"math/big"
	"strings"

	"github.com/quivernet/quivernet/internal/exact"
	"github.com/quivernet/quivernet/internal/pieces"
	"github.com/quivernet/quivernet/quiver"
)

// facet is a segment on which a unit of a deeper layer is 0.
type facet struct {
	v, unit int
	ends    interval // along the line: in x, or in y on a vertical line
}

// straight decides P.d: collects, in the interior of Ω_{ℓ−1}, the segments on which units of
// the layers behind ℓ are 0, sorts them by line, and looks for a line that they cover.
func (p *planeCheck) straight(layer int, inner polygon, c *Condition) {
	if inner == nil {
		return
	}
	l := p.l
	lines := make(map[string][]facet)
	forms := make(map[string]form)
	var order []string
	cells, _ := arrange(p.rat, p.start(layer-1, inner), l.at[layer:layer+1])
	for k := layer + 1; k < l.depth(); k++ {
		for _, x := range cells {
			for u, z := range formsAt(p.rat, x, l.at[k]) {
				if z.isZero() {
					c.refute(u, fmt.Sprintf("%s[%d] is 0 on an open set, around %v", l.name(k), u, pointText(x.poly.centre(), l.width(layer-1))))
					continue
				}
				if z.flat() {
					continue
				}
				ends, n := chord(x.poly, z)
				if n < 2 {
					continue
				}
				key, f := z.line()
				if _, ok := forms[key]; !ok {
					order = append(order, key)
					forms[key] = f
				}
				lines[key] = append(lines[key], facet{l.at[k], u, ends})
			}
		}
		var next []*cell
		for _, x := range cells {
			parts, _ := arrange(p.rat, x, l.at[k:k+1])
			next = append(next, parts...)
		}
		cells = next
	}
	for _, key := range order {
		f := forms[key]
		if below, above := inner.split(f); below == nil || above == nil {
			continue
		}
		whole, _ := chord(inner, f)
		if covered(whole, lines[key]) {
			first := lines[key][0]
			c.refute(first.unit, fmt.Sprintf("the section %s is made of kinks of %s[%d]", f.text(l.width(layer-1)), l.net.Vertices[first.v].Name, first.unit))
		}
	}
}

// line returns a key for the line of a form, and the form scaled to first coefficient 1.
func (f form) line() (string, form) {
	s := f.a
	if s.IsZero() {
		s = f.b
	}
	f = form{f.a.Quo(s), f.b.Quo(s), f.c.Quo(s)}
	return f.a.String() + " " + f.b.String() + " " + f.c.String(), f
}

// text prints the equation of a line: "x+4/3·y+8/3=0".
func (f form) text(dim int) string {
	names := []string{"u0", "u1"}
	var b strings.Builder
	for i, c := range []exact.Rational{f.a, f.b} {
		if c.IsZero() || i >= dim {
			continue
		}
		if c.Sign() > 0 && b.Len() > 0 {
			b.WriteByte('+')
		}
		if s := c.String(); s != "1" {
			b.WriteString(s + "·")
		}
		b.WriteString(names[i])
	}
	if f.c.Sign() > 0 {
		b.WriteByte('+')
	}
	if !f.c.IsZero() {
		b.WriteString(f.c.String())
	}
	return b.String() + "=0"
}

// chord returns the part of a polygon on the line f = 0 and the number of its ends: 2 for
// a segment, 1 for a corner, 0.
func chord(p polygon, f form) (s interval, n int) {
	along := func(q point) exact.Rational {
		if f.b.IsZero() {
			return q.y
		}
		return q.x
	}
	first := true
	for k, v := range p {
		w := p[(k+1)%len(p)]
		x, y := f.at(v), f.at(w)
		switch {
		case x.IsZero():
			s.take(along(v), first)
		case x.Sign()*y.Sign() < 0:
			s.take(along(crossing(v, w, x, y)), first)
		default:
			continue
		}
		first = false
	}
	switch {
	case first:
		return s, 0
	case s.lo.Cmp(s.hi) == 0:
		return s, 1
	}
	return s, 2
}

// covered reports whether segments cover an interval.
func covered(whole interval, fs []facet) bool {
	at := whole.lo
	for {
		if at.Cmp(whole.hi) >= 0 {
			return true
		}
		best := at
		for _, f := range fs {
			if f.ends.lo.Cmp(at) <= 0 && f.ends.hi.Cmp(best) > 0 {
				best = f.ends.hi
			}
		}
		if best.Cmp(at) == 0 {
			return false
		}
		at = best
	}
}

// mostForms bounds the lines that largeBox looks at.
const mostForms = 700

// largeBox returns a box around the origin that contains every crossing of two lines,
// and a point of every line, on which some unit can be 0 with some pattern of the
// units before it. Beyond it nothing happens: each kink goes straight to infinity.
func (l *layered) largeBox() (quiver.Box, error) {
	rat := pieces.OverRationals(l.net)
	cells := []*cell{inputCell(l.net, nil)}
	seen := make(map[string]form)
	var order []string
	for k := 1; k < l.depth(); k++ {
		var next []*cell
		for _, c := range cells {
			z := formsAt(rat, c, l.at[k])
			for _, f := range z {
				if f.flat() {
					continue
				}
				if key, g := f.line(); seen[key] == (form{}) {
					seen[key] = g
					order = append(order, key)
				}
			}
			for mask := range 1 << len(z) {
				d := &cell{nil, append([][]form(nil), c.z...), append([][]form(nil), c.x...)}
				d.x[l.at[k]] = make([]form, len(z))
				for i, f := range z {
					if d.x[l.at[k]][i] = f; mask>>i&1 == 0 {
						d.x[l.at[k]][i] = constForm(0)
					}
				}
				next = append(next, d)
			}
		}
		cells = next
		if len(cells) > 1<<14 || len(order) > mostForms {
			return quiver.Box{}, &pieces.LimitError{What: "condition P on all of ℝⁿ: number of lines", Count: big.NewInt(int64(max(len(order), len(cells)))), Limit: mostForms, Advice: "give a box"}
		}
	}
	far := 1.0
	see := func(x exact.Rational) { far = max(far, math.Abs(x.Float64())) }
	for i, a := range order {
		f := seen[a]
		n := f.a.Mul(f.a).Add(f.b.Mul(f.b))
		see(f.a.Mul(f.c).Quo(n))
		see(f.b.Mul(f.c).Quo(n))
		for _, b := range order[:i] {
			g := seen[b]
			if det := f.a.Mul(g.b).Sub(f.b.Mul(g.a)); !det.IsZero() {
				see(f.b.Mul(g.c).Sub(f.c.Mul(g.b)).Quo(det))
				see(f.c.Mul(g.a).Sub(f.a.Mul(g.c)).Quo(det))
			}
		}
	}
	return quiver.Cube(l.net.InDim, math.Ldexp(1, int(math.Ceil(math.Log2(far)))+2)), nil
}
