package recovery

import (
	"github.com/quivernet/quivernet/internal/exact"
	"github.com/quivernet/quivernet/internal/pieces"
	"github.com/quivernet/quivernet/quiver"
)

// point is a point of the rational plane.
type point struct{ x, y exact.Rational }

// form is the affine function a·x + b·y + c on the plane.
type form struct{ a, b, c exact.Rational }

func (f form) at(p point) exact.Rational { return f.a.Mul(p.x).Add(f.b.Mul(p.y)).Add(f.c) }
func (f form) flat() bool                { return f.a.IsZero() && f.b.IsZero() }
func (f form) isZero() bool              { return f.flat() && f.c.IsZero() }

func (f form) plus(m exact.Rational, g form) form {
	return form{f.a.Add(m.Mul(g.a)), f.b.Add(m.Mul(g.b)), f.c.Add(m.Mul(g.c))}
}

func constForm(c int64) form { return form{exact.Int(0), exact.Int(0), exact.Int(c)} }

// polygon is a convex polygon with its strict corners in order. Two or one corners are
// a segment or a point.
type polygon []point

// split cuts a polygon along f = 0 into the parts f ≤ 0 and f ≥ 0; a part without
// interior is nil.
func (p polygon) split(f form) (below, above polygon) {
	signs := make([]int, len(p))
	values := make([]exact.Rational, len(p))
	neg, pos := false, false
	for i, v := range p {
		values[i] = f.at(v)
		signs[i] = values[i].Sign()
		neg, pos = neg || signs[i] < 0, pos || signs[i] > 0
	}
	switch {
	case !neg:
		return nil, p
	case !pos:
		return p, nil
	}
	for i := range p {
		if signs[i] <= 0 {
			below = append(below, p[i])
		}
		if signs[i] >= 0 {
			above = append(above, p[i])
		}
		j := (i + 1) % len(p)
		if signs[i]*signs[j] < 0 && (len(p) > 2 || i == 0) {
			c := crossing(p[i], p[j], values[i], values[j])
			below, above = append(below, c), append(above, c)
		}
	}
	return below, above
}

// crossing returns the point of the segment pq where a form with values u and v at its
// ends, of opposite signs, is zero.
func crossing(p, q point, u, v exact.Rational) point {
	t := u.Quo(u.Sub(v))
	return point{p.x.Add(t.Mul(q.x.Sub(p.x))), p.y.Add(t.Mul(q.y.Sub(p.y)))}
}

// centre returns the mean of the corners, an interior point.
func (p polygon) centre() point {
	c := point{exact.Int(0), exact.Int(0)}
	for _, v := range p {
		c = point{c.x.Add(v.x), c.y.Add(v.y)}
	}
	n := exact.Int(int64(len(p)))
	return point{c.x.Quo(n), c.y.Quo(n)}
}

// cell is a convex polygon on which a piecewise linear network is affine: forms for
// the values z and x of each unit, as far as they have been computed.
type cell struct {
	poly polygon
	z, x [][]form
}

// zeroUnit is a unit that is 0 on a whole cell.
type zeroUnit struct {
	v, unit int
	poly    polygon
}

// arrange cuts a cell, on which x is known for some vertices, along the kinks of the
// given vertices, which must be in topological order with all they depend on known.
// flat lists the units that are 0 on a whole cell and are not still.
func arrange(rat *pieces.Exact[exact.Rational], start *cell, vertices []int) (cells []*cell, flat []zeroUnit) {
	net := rat.Network
	cells = []*cell{start}
	for _, i := range vertices {
		var next []*cell
		for _, c := range cells {
			z := formsAt(rat, c, i)
			parts := []polygon{c.poly}
			for r, f := range z {
				if net.Vertices[i].Slopes.Straight() || !net.Watched[i][r] {
					continue
				}
				if f.isZero() {
					mid := c.poly.centre()
					side := func(v, unit int) int {
						if c.z[v] == nil {
							return 1 // a coordinate of the cell
						}
						return c.z[v][unit].at(mid).Sign()
					}
					if !net.Still(i, r, side) {
						flat = append(flat, zeroUnit{i, r, c.poly})
					}
					continue
				}
				var cut []polygon
				for _, p := range parts {
					below, above := p.split(f)
					for _, q := range []polygon{below, above} {
						if q != nil {
							cut = append(cut, q)
						}
					}
				}
				parts = cut
			}
			for _, p := range parts {
				d := &cell{p, append([][]form(nil), c.z...), append([][]form(nil), c.x...)}
				d.z[i], d.x[i] = z, make([]form, len(z))
				mid := p.centre()
				for r, f := range z {
					s := rat.Slope(i, f.at(mid).Sign() > 0)
					d.x[i][r] = form{f.a.Mul(s), f.b.Mul(s), f.c.Mul(s)}
				}
				next = append(next, d)
			}
		}
		cells = next
	}
	return cells, flat
}

// forms returns the forms of z at vertex i on a cell.
func formsAt(rat *pieces.Exact[exact.Rational], c *cell, i int) []form {
	v := &rat.Network.Vertices[i]
	z := make([]form, v.Dim)
	for r := range z {
		z[r] = constForm(0)
		for k := range v.In {
			in := &v.In[k]
			for col, m := range rat.W[i][k][r*in.Cols : (r+1)*in.Cols] {
				if !m.IsZero() {
					z[r] = z[r].plus(m, c.x[in.Source][col])
				}
			}
		}
	}
	return z
}

// inputCell returns a polygon as a cell of the input plane: the inputs are its
// coordinates, the biases 1. A network with one input coordinate sees only x.
func inputCell(net *pieces.Network, p polygon) *cell {
	c := &cell{p, make([][]form, len(net.Vertices)), make([][]form, len(net.Vertices))}
	axes := []form{{exact.Int(1), exact.Int(0), exact.Int(0)}, {exact.Int(0), exact.Int(1), exact.Int(0)}}
	for i := range net.Vertices {
		v := &net.Vertices[i]
		switch v.Kind {
		case quiver.KindInput:
			c.x[i] = axes[v.Col : v.Col+v.Dim]
		case quiver.KindBias:
			c.x[i] = []form{constForm(1)}
		}
	}
	return c
}

// rectangle returns the polygon of a box in the plane; in one dimension, of the strip
// [lo, hi]×[0, 1].
func rectangle(b quiver.Box) polygon {
	lo, hi := point{exact.Float(b.Lo[0]), exact.Int(0)}, point{exact.Float(b.Hi[0]), exact.Int(1)}
	if len(b.Lo) == 2 {
		lo.y, hi.y = exact.Float(b.Lo[1]), exact.Float(b.Hi[1])
	}
	return polygon{lo, {hi.x, lo.y}, hi, {lo.x, hi.y}}
}

// pointText prints a point with a few digits.
func pointText(p point, dim int) string { return exact.Text([]exact.Rational{p.x, p.y}[:dim]) }
