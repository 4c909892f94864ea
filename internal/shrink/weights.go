package shrink

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/inspect"
	"github.com/quivernet/quivernet/internal/ir"
	"github.com/quivernet/quivernet/internal/regions"
)

// Weight is a weight with other numbers, or of another shape.
type Weight struct {
	Shape   []int
	Numbers []float64
}

// Weights returns the weights that change, by the input that holds them.
func (r *Reduction) Weights() map[*ir.Node]*Weight {
	type group struct {
		v     *regions.Vertex
		terms []*regions.Arrow
	}
	first := make(map[*ir.Node]group) // the terms of one use: uses of a weight are tied
	for _, v := range r.Regions.Vertices {
		for _, t := range v.Arrows {
			if t.Weight == nil || t.Weight.Role != ir.Weight {
				continue
			}
			g, seen := first[t.Weight]
			if !seen || g.v == v && g.terms[0].Node == t.Node {
				g.v = v
				g.terms = append(g.terms, t)
				first[t.Weight] = g
			}
		}
	}
	out := make(map[*ir.Node]*Weight)
	for w, g := range first {
		rows, cols := r.Dim[g.v], 0
		gone := true
		for _, t := range g.terms {
			gone = gone && r.Matrices[t] == nil
			cols += r.Cols(t)
		}
		if gone {
			continue
		}
		if t := g.terms[0]; t.Diagonal {
			if n := r.full(t, g.v); n != nil {
				out[w] = n
			}
			continue
		}
		n := &Weight{Numbers: make([]float64, rows*cols)}
		at := 0
		for _, t := range g.terms {
			if m := r.Matrices[t]; m != nil {
				t.Store(n.Numbers, m, rows, cols, at)
			}
			at += r.Cols(t)
		}
		switch {
		case g.terms[0].Source == nil:
			n.Shape = slices.Clone(w.Shape)
			for i, s := range n.Shape {
				if s == w.Shape.TotalSize() {
					n.Shape[i] = rows
					break
				}
			}
		case g.terms[0].Transposed:
			n.Shape = []int{cols, rows}
		default:
			n.Shape = []int{rows, cols}
		}
		if old, _ := inspect.Numbers(w.Value); !slices.Equal(n.Shape, []int(w.Shape)) || !near(old, n.Numbers, g.terms[0].Factor) {
			out[w] = n
		}
	}
	return out
}

// full returns the matrix that a diagonal became, in the order in which the layout multiplies it, or nil
// where it is the diagonal that it was.
func (r *Reduction) full(t *regions.Arrow, v *regions.Vertex) *Weight {
	m := r.Matrices[t]
	rows, cols := m.Dims()
	was, err := t.Matrix(v, t.Numbers())
	if err == nil && mat.EqualApprox(m, was, 0) {
		return nil
	}
	n := &Weight{Shape: []int{rows, cols}}
	turned := v.Layout.Batch() == 0 // x·M, of which the arrow's matrix is the transpose
	if turned {
		n.Shape = []int{cols, rows}
	}
	for i := range n.Shape[0] {
		for j := range n.Shape[1] {
			y := 0.0
			if turned {
				y = m.At(j, i)
			} else {
				y = m.At(i, j)
			}
			n.Numbers = append(n.Numbers, y/t.Factor)
		}
	}
	return n
}

// near says whether two lists are equal, up to the rounding of a constant factor that was multiplied
// in and out again.
func near(a, b []float64, factor float64) bool {
	if factor == 1 || factor == -1 {
		return slices.Equal(a, b)
	}
	return slices.EqualFunc(a, b, func(x, y float64) bool { return math.Abs(x-y) <= 0x1p-51*math.Abs(x) })
}
