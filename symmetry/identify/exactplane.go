package identify

import (
	"fmt"

	"github.com/quivernet/quivernet/quiver"
)

// ExactDimensionOn returns the functional dimension on a bounded box of a piecewise
// linear quiver with one or two input coordinates, in rational arithmetic: the box is
// cut into the cells of constant activation pattern, and three affinely independent
// inner points of each (two for one coordinate) are decisive, since J is affine in a cell
// (arXiv 2209.04036). Patterns is the number of cells.
//
// The result is a proof wherever the report says so; see ExactRank. Errors:
// ActivationError, ParameterError for more than two input coordinates, BoxError,
// NotSmoothError where a unit is 0 on a cell, quiver.NonFiniteError.
func ExactDimensionOn(w *quiver.Rep, box Box) (*DimensionReport, error) {
	net, err := compile(w)
	if err != nil {
		return nil, err
	}
	if err := net.linearPieces("exact dimension"); err != nil {
		return nil, err
	}
	if net.inDim != 1 && net.inDim != 2 {
		return nil, &ParameterError{"number of input coordinates", float64(net.inDim), "1 or 2; use Dimension for more"}
	}
	if err := box.check(net.inDim, false); err != nil {
		return nil, err
	}
	cells, flat := arrange(rationalNet(net), net.inputCell(box.rectangle()), net.computed())
	if len(flat) > 0 {
		f := flat[0]
		return nil, &NotSmoothError{net.vs[f.v].name, f.unit, fmt.Sprintf("around %v", near2(f.poly.centre(), net.inDim))}
	}
	var points [][]frac
	for _, c := range cells {
		points = append(points, c.poly.decisive(net.inDim)...)
	}
	r, err := net.exactDimension(points)
	if err != nil {
		return nil, err
	}
	r.Patterns = len(cells)
	r.Proved += fmt.Sprintf(" on the box %v.", box)
	return r, nil
}

// computed returns the positions of the vertices that are neither inputs nor biases.
func (net *network) computed() []int {
	var at []int
	for i := range net.vs {
		if !net.vs[i].isSource() {
			at = append(at, i)
		}
	}
	return at
}

// decisive returns three affinely independent inner points of a polygon; two on a
// horizontal line for a strip, which is one-dimensional.
func (p polygon) decisive(dim int) [][]frac {
	c, half := p.centre(), fracInt(2)
	mid := func(a, b point) point { return point{a.x.add(b.x).quo(half), a.y.add(b.y).quo(half)} }
	if dim == 1 {
		far := p[0]
		if far.x.cmp(c.x) == 0 {
			far = p[1]
		}
		return [][]frac{{c.x}, {mid(c, far).x}}
	}
	var out [][]frac
	for _, v := range p[:3] {
		m := mid(c, v)
		out = append(out, []frac{m.x, m.y})
	}
	return out
}

// near2 prints a point with a few digits.
func near2(p point, dim int) string {
	if dim == 1 {
		return fmt.Sprintf("%.4g", p.x.float())
	}
	return fmt.Sprintf("(%.4g, %.4g)", p.x.float(), p.y.float())
}
