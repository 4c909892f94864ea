package rewrite

import (
	"math"

	"github.com/quivernet/quivernet/internal/regions"

	"github.com/quivernet/quivernet/internal/ir"

	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
	"gonum.org/v1/gonum/mat"
)

// reduction is a compression in terms of the graph.
type reduction struct {
	l     *regions.Regions
	c     *symmetry.Compression // nil where nothing shrinks
	dim   map[*regions.Vertex]int
	mats  map[*regions.Arrow]*mat.Dense // the reduced matrices; nil for an arrow that was merged into another
	act   map[*regions.Vertex]quiver.Activation
	why   map[string]string        // why a vertex did not shrink
	reads map[*regions.Vertex]int  // how many terms read a vertex
	units *symmetry.Compression    // what removed units before c, or nil
	from  map[*regions.Arrow]*span // what a term reads instead of its source, with symmetry.Data
}

func newReduction(l *regions.Regions) *reduction {
	return &reduction{
		l: l, dim: make(map[*regions.Vertex]int), mats: make(map[*regions.Arrow]*mat.Dense), act: make(map[*regions.Vertex]quiver.Activation),
		why: make(map[string]string), from: make(map[*regions.Arrow]*span),
	}
}

// least returns the width from which a change is none: a width of 0 becomes 1, and
// vectors of length 1 are scalars to Gorgonia.
func (r *reduction) least(v *regions.Vertex, reduced int) int {
	if r.padded(v, reduced) >= v.Dim {
		return reduced
	}
	return v.Dim
}

func (r *reduction) padded(v *regions.Vertex, reduced int) int {
	if v.Layout == regions.Vector {
		return min(max(reduced, 2), v.Dim)
	}
	return min(max(reduced, 1), v.Dim)
}

// unchanged takes the network as it is.
func (r *reduction) unchanged(w *quiver.Rep) {
	for _, v := range r.l.Vertices {
		r.dim[v], r.act[v] = v.Dim, v.Activation
		for _, t := range v.Arrows {
			m, _ := w.Lookup(t.Name)
			r.mats[t] = m
		}
	}
	r.c = nil
}

// read takes dimensions, activations and matrices from the compression, with zeros where a width was
// padded.
func (r *reduction) read() {
	small := r.c.Reduced.Quiver()
	for _, v := range r.l.Vertices {
		i, _ := small.VertexIndex(v.Name)
		s := small.Vertices()[i]
		r.dim[v], r.act[v] = r.padded(v, s.Dim), s.Act
	}
	r.readSpans()
	for _, v := range r.l.Vertices {
		for _, t := range v.Arrows {
			if m, ok := r.c.Reduced.Lookup(t.Name); ok {
				r.mats[t] = enlarged(m, r.dim[v], r.cols(t))
			}
		}
	}
}

// cols returns the dimension of what a term reads.
func (r *reduction) cols(t *regions.Arrow) int {
	switch s := r.from[t]; {
	case s != nil:
		return s.k
	case t.Source == nil:
		return 1
	}
	return r.dim[t.Source]
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
func (r *reduction) shrunk(v *regions.Vertex) bool { return v != nil && r.dim[v] != v.Dim }

// copies says whether the term's matrix still is the inclusion that it was, up to rounding.
func (r *reduction) copies(v *regions.Vertex, t *regions.Arrow) bool {
	m := r.mats[t]
	if m == nil || t.Dense != nil {
		return false
	}
	want := t.Inclusion
	rows, cols := m.Dims()
	if rows != want.Rows || cols != want.Cols {
		if want.Rows != want.Cols || want.K != want.Rows || rows != cols {
			return false
		}
		want = quiver.Eye(rows)
	}
	for i := range rows {
		for j := range cols {
			if math.Abs(m.At(i, j)/t.Factor-want.At(i, j)) > 1e-14 {
				return false
			}
		}
	}
	return true
}

// through goes back over vertices that are one value times a fixed matrix.
func (r *reduction) through(t *regions.Arrow, m *mat.Dense) (*regions.Arrow, *mat.Dense) {
	for {
		u := t.Source
		if u == nil || u.Kind != quiver.KindHidden || u.Spelled != nil || len(u.Arrows) != 1 || r.readers()[u] != 1 {
			return t, m
		}
		s := u.Arrows[0]
		if s.Source == nil || s.Weight != nil && s.Weight.Role != ir.Fixed || r.mats[s] == nil || r.l.IsOperation(u.Node) {
			return t, m
		}
		i, j, k := r.cols(s), r.dim[u], m.RawMatrix().Rows
		if i*k > j*(i+k) {
			return t, m
		}
		var p mat.Dense
		p.Mul(m, r.mats[s])
		t, m = s, &p
	}
}

// readers counts the terms that read each vertex.
func (r *reduction) readers() map[*regions.Vertex]int {
	if r.reads == nil {
		r.reads = make(map[*regions.Vertex]int)
		for _, v := range r.l.Vertices {
			for _, t := range v.Arrows {
				r.reads[t.Source]++
			}
		}
	}
	return r.reads
}
