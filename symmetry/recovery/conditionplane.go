package recovery

import (
	"fmt"

	"github.com/quivernet/quivernet/internal/exact"
	"github.com/quivernet/quivernet/internal/pieces"
	"github.com/quivernet/quivernet/quiver"
)

// planeCheck decides condition P with one or two inputs. All sets are polygons in the
// rational plane; a one-dimensional space is the strip of its interval times [0, 1].
type planeCheck struct {
	l   *layered
	rat *pieces.Exact[exact.Rational]
	box quiver.Box
}

// run fills in P.b, P.c and P.d of every layer.
func (p *planeCheck) run(r *PReport) {
	l := p.l
	cells := []*cell{inputCell(l.net, rectangle(p.box))}
	inner := rectangle(p.box) // the interior of Ω_{ℓ−1}, nil where it is empty
	for k := 1; k < l.depth(); k++ {
		c := &r.Layers[k-1].Conditions
		c[1].Status, c[2].Status, c[3].Status = Certified, Certified, Certified
		p.switches(k, inner, &c[1])
		var next []*cell
		for _, x := range cells {
			parts, _ := arrange(p.rat, x, l.at[k:k+1])
			next = append(next, parts...)
		}
		cells = next
		p.visible(k, cells, &c[2])
		if k < l.depth()-1 {
			p.straight(k, inner, &c[3])
		}
		inner = p.interior(k, inner, cells)
	}
}

// start returns a polygon in the space of a layer as a cell on which the values of that
// layer are the coordinates.
func (p *planeCheck) start(layer int, poly polygon) *cell {
	n := len(p.l.net.Vertices)
	c := inputCell(p.l.net, poly)
	c.z, c.x = make([][]form, n), append(make([][]form, 0, n), c.x...)
	axes := []form{{exact.Int(1), exact.Int(0), exact.Int(0)}, {exact.Int(0), exact.Int(1), exact.Int(0)}}
	c.x[p.l.at[layer]] = axes[:p.l.width(layer)]
	return c
}

// interior returns the interior of Ω_ℓ from that of Ω_{ℓ−1} and the cells of the input up
// to layer ℓ. In the plane, values with a unit off lie on the axes, so the interior
// is the image of what is on in both units; on the line it is the interval between the
// least and the largest value.
func (p *planeCheck) interior(layer int, inner polygon, cells []*cell) polygon {
	at := p.l.at[layer]
	if p.l.width(layer) == 1 {
		var lo, hi *exact.Rational
		for _, c := range cells {
			for _, v := range c.poly {
				y := c.x[at][0].at(v)
				if lo == nil || y.Cmp(*lo) < 0 {
					lo = &y
				}
				if hi == nil || y.Cmp(*hi) > 0 {
					hi = &y
				}
			}
		}
		if lo.Cmp(*hi) == 0 {
			return nil
		}
		zero, one := exact.Int(0), exact.Int(1)
		return polygon{{*lo, zero}, {*hi, zero}, {*hi, one}, {*lo, one}}
	}
	if inner == nil {
		return nil
	}
	z := formsAt(p.rat, p.start(layer-1, inner), at)
	det := z[0].a.Mul(z[1].b).Sub(z[0].b.Mul(z[1].a))
	if det.IsZero() {
		return nil
	}
	var image polygon
	for _, v := range inner {
		image = append(image, point{z[0].at(v), z[1].at(v)})
	}
	for _, axis := range []form{{exact.Int(1), exact.Int(0), exact.Int(0)}, {exact.Int(0), exact.Int(1), exact.Int(0)}} {
		if _, image = image.split(axis); image == nil {
			return nil
		}
	}
	return image
}

// switches decides P.b: on an open convex set an affine function has a zero if and
// only if it has both signs or is 0.
func (p *planeCheck) switches(layer int, inner polygon, c *Condition) {
	if inner == nil {
		c.refute(-1, fmt.Sprintf("the image of Ω in the layer before %s has no interior", p.l.name(layer)))
		return
	}
	for i, z := range formsAt(p.rat, p.start(layer-1, inner), p.l.at[layer]) {
		below, above := inner.split(z)
		switch {
		case below != nil && above != nil || z.isZero():
		case above != nil:
			c.refute(i, fmt.Sprintf("%s[%d] is on throughout the interior", p.l.name(layer), i))
		default:
			c.refute(i, fmt.Sprintf("%s[%d] is off throughout the interior", p.l.name(layer), i))
		}
	}
}

// interval is an interval of the other coordinate on an axis y_i = 0.
type interval struct{ lo, hi exact.Rational }

func (s *interval) take(x exact.Rational, first bool) {
	if first || x.Cmp(s.lo) < 0 {
		s.lo = x
	}
	if first || x.Cmp(s.hi) > 0 {
		s.hi = x
	}
}

// visible decides P.c: where the switch of unit i lies on the axis y_i = 0 of the layer's
// space, and which cells D with a zero column i meet it there.
func (p *planeCheck) visible(layer int, cells []*cell, c *Condition) {
	l, at := p.l, p.l.at[layer]
	width := l.width(layer)
	value := func(x *cell, unit int, v point) exact.Rational { return x.x[at][unit].at(v) }
	domain := p.around(layer, cells)
	behind, _ := arrange(p.rat, p.start(layer, domain), l.at[layer+1:])
	for i := range width {
		var seen []interval
		for _, x := range cells {
			var s interval
			first := true
			for _, v := range x.poly {
				if x.z[at][i].at(v).IsZero() {
					other := exact.Int(0)
					if width == 2 {
						other = value(x, 1-i, v)
					}
					s.take(other, first)
					first = false
				}
			}
			if !first {
				seen = append(seen, s)
			}
		}
		for _, d := range behind {
			if !zeroColumn(d.x[l.at[l.depth()]], i) {
				continue
			}
			s, ok := axis(d.poly, i, width)
			if !ok {
				continue
			}
			for _, t := range seen {
				if t.hi.Cmp(s.lo) >= 0 && t.lo.Cmp(s.hi) <= 0 {
					y := s.lo
					if t.lo.Cmp(y) > 0 {
						y = t.lo
					}
					where := fmt.Sprintf("%s[%d] switches", l.name(layer), i)
					if width == 2 {
						where += fmt.Sprintf(" where %s[%d] = %v", l.name(layer), 1-i, y)
					}
					c.refute(i, where+", and no output depends on it there")
				}
			}
		}
	}
}

// around returns a rectangle that contains all values of a layer in its interior.
func (p *planeCheck) around(layer int, cells []*cell) polygon {
	at, one := p.l.at[layer], exact.Int(1)
	var sides [2]interval
	for u := range p.l.width(layer) {
		first := true
		for _, x := range cells {
			for _, v := range x.poly {
				sides[u].take(x.x[at][u].at(v), first)
				first = false
			}
		}
		sides[u] = interval{sides[u].lo.Sub(one), sides[u].hi.Add(one)}
	}
	if p.l.width(layer) == 1 {
		sides[1] = interval{exact.Int(0), one}
	}
	return polygon{{sides[0].lo, sides[1].lo}, {sides[0].hi, sides[1].lo}, {sides[0].hi, sides[1].hi}, {sides[0].lo, sides[1].hi}}
}

// zeroColumn reports whether no output form depends on coordinate i.
func zeroColumn(outs []form, i int) bool {
	for _, f := range outs {
		if i == 0 && !f.a.IsZero() || i == 1 && !f.b.IsZero() {
			return false
		}
	}
	return true
}

// axis returns the part of a polygon on y_i = 0, in the other coordinate.
func axis(d polygon, i, width int) (s interval, ok bool) {
	f := form{exact.Int(1), exact.Int(0), exact.Int(0)}
	if i == 1 {
		f = form{exact.Int(0), exact.Int(1), exact.Int(0)}
	}
	for k, v := range d {
		w := d[(k+1)%len(d)]
		x, y := f.at(v), f.at(w)
		var q point
		switch {
		case x.IsZero():
			q = v
		case x.Sign()*y.Sign() < 0:
			q = crossing(v, w, x, y)
		default:
			continue
		}
		other := exact.Int(0)
		if width == 2 {
			if other = q.y; i == 1 {
				other = q.x
			}
		}
		s.take(other, !ok)
		ok = true
	}
	return s, ok
}
