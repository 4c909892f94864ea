package rewrite

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
)

// reduction is a compression in terms of the graph.
type reduction struct {
	l     *lifter
	c     *symmetry.Compression // nil where nothing shrinks
	dim   map[*vertex]int
	mats  map[*term]*mat.Dense // the reduced matrices; nil for an arrow that was merged into another
	act   map[*vertex]quiver.Activation
	why   map[string]string     // why a vertex did not shrink
	reads map[*vertex]int       // how many terms read a vertex
	units *symmetry.Compression // what removed units before c, or nil
	from  map[*term]*span       // what a term reads instead of its source, with symmetry.Data
}

func newReduction(l *lifter) *reduction {
	return &reduction{
		l: l, dim: make(map[*vertex]int), mats: make(map[*term]*mat.Dense), act: make(map[*vertex]quiver.Activation),
		why: make(map[string]string), from: make(map[*term]*span),
	}
}

// least returns the width from which a change is none: a width of 0 becomes 1, and
// vectors of length 1 are scalars to Gorgonia.
func (r *reduction) least(v *vertex, reduced int) int {
	if r.padded(v, reduced) >= v.dim {
		return reduced
	}
	return v.dim
}

func (r *reduction) padded(v *vertex, reduced int) int {
	if v.lay == vector {
		return min(max(reduced, 2), v.dim)
	}
	return min(max(reduced, 1), v.dim)
}

// unchanged takes the network as it is.
func (r *reduction) unchanged(w *quiver.Rep) {
	for _, v := range r.l.vertices {
		r.dim[v], r.act[v] = v.dim, v.act
		for _, t := range v.terms {
			m, _ := w.Lookup(t.arrow)
			r.mats[t] = m
		}
	}
	r.c = nil
}

// read takes dimensions, activations and matrices from the compression, with zeros where a width was
// padded.
func (r *reduction) read() {
	small := r.c.Reduced.Quiver()
	for _, v := range r.l.vertices {
		i, _ := small.VertexIndex(v.name)
		s := small.Vertices()[i]
		r.dim[v], r.act[v] = r.padded(v, s.Dim), s.Act
	}
	r.readSpans()
	for _, v := range r.l.vertices {
		for _, t := range v.terms {
			if m, ok := r.c.Reduced.Lookup(t.arrow); ok {
				r.mats[t] = enlarged(m, r.dim[v], r.cols(t))
			}
		}
	}
}

// cols returns the dimension of what a term reads.
func (r *reduction) cols(t *term) int {
	switch s := r.from[t]; {
	case s != nil:
		return s.k
	case t.source == nil:
		return 1
	}
	return r.dim[t.source]
}

// enlarged returns m with zeros below and to the right.
func enlarged(m *mat.Dense, rows, cols int) *mat.Dense {
	p := mat.NewDense(rows, cols, nil)
	if !m.IsEmpty() {
		r, c := m.Dims()
		p.Slice(0, r, 0, c).(*mat.Dense).Copy(m)
	}
	return p
}

// shrunk says whether the value of a vertex has other coordinates now.
func (r *reduction) shrunk(v *vertex) bool { return v != nil && r.dim[v] != v.dim }

// copies says whether the term's matrix still is the inclusion that it was, up to rounding.
func (r *reduction) copies(v *vertex, t *term) bool {
	m := r.mats[t]
	if m == nil || t.dense != nil {
		return false
	}
	want := t.fixed
	rows, cols := m.Dims()
	if rows != want.Rows || cols != want.Cols {
		if want.Rows != want.Cols || want.K != want.Rows || rows != cols {
			return false
		}
		want = quiver.Eye(rows)
	}
	for i := range rows {
		for j := range cols {
			if math.Abs(m.At(i, j)/t.outer-want.At(i, j)) > 1e-14 {
				return false
			}
		}
	}
	return true
}

// leaf is a weight with other numbers, or of another shape.
type leaf struct {
	shape []int
	x     []float64
}

// leaves returns the weights that change, by the input that holds them.
func (r *reduction) leaves() map[*expr]*leaf {
	type group struct {
		v     *vertex
		terms []*term
	}
	first := make(map[*expr]group) // the terms of one use: uses of a weight are tied
	for _, v := range r.l.vertices {
		for _, t := range v.terms {
			if t.w == nil || t.w.role != weight {
				continue
			}
			g, seen := first[t.w]
			if !seen || g.v == v && g.terms[0].at == t.at {
				g.v = v
				g.terms = append(g.terms, t)
				first[t.w] = g
			}
		}
	}
	out := make(map[*expr]*leaf)
	for w, g := range first {
		rows, cols := r.dim[g.v], 0
		gone := true
		for _, t := range g.terms {
			gone = gone && r.mats[t] == nil
			cols += r.cols(t)
		}
		if gone {
			continue
		}
		if t := g.terms[0]; t.diag {
			if n := r.full(t, g.v); n != nil {
				out[w] = n
			}
			continue
		}
		n := &leaf{x: make([]float64, rows*cols)}
		at := 0
		for _, t := range g.terms {
			if m := r.mats[t]; m != nil {
				t.store(n.x, m, rows, cols, at)
			}
			at += r.cols(t)
		}
		switch {
		case g.terms[0].source == nil:
			n.shape = slices.Clone(w.shape)
			for i, s := range n.shape {
				if s == w.shape.TotalSize() {
					n.shape[i] = rows
					break
				}
			}
		case g.terms[0].over:
			n.shape = []int{cols, rows}
		default:
			n.shape = []int{rows, cols}
		}
		if old, _ := numbers(w.value); !slices.Equal(n.shape, []int(w.shape)) || !near(old, n.x, g.terms[0].outer) {
			out[w] = n
		}
	}
	return out
}

// full returns the matrix that a diagonal became, in the order in which the layout multiplies it, or nil
// where it is the diagonal that it was.
func (r *reduction) full(t *term, v *vertex) *leaf {
	m := r.mats[t]
	rows, cols := m.Dims()
	was, err := t.matrix(v, t.value())
	if err == nil && mat.EqualApprox(m, was, 0) {
		return nil
	}
	n := &leaf{shape: []int{rows, cols}}
	turned := v.lay.batch() == 0 // x·M, of which the arrow's matrix is the transpose
	if turned {
		n.shape = []int{cols, rows}
	}
	for i := range n.shape[0] {
		for j := range n.shape[1] {
			y := 0.0
			if turned {
				y = m.At(j, i)
			} else {
				y = m.At(i, j)
			}
			n.x = append(n.x, y/t.outer)
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

// describe names a vertex for a person.
func (v *vertex) describe() string { return fmt.Sprintf("node %q", v.at.name()) }
