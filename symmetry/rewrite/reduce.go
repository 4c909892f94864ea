package rewrite

import (
	"math"

	"github.com/quivernet/quivernet/internal/ir"

	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
	"gonum.org/v1/gonum/mat"
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

// through goes back over vertices that are one value times a fixed matrix.
func (r *reduction) through(t *term, m *mat.Dense) (*term, *mat.Dense) {
	for {
		u := t.source
		if u == nil || u.kind != quiver.KindHidden || u.acts != nil || len(u.terms) != 1 || r.readers()[u] != 1 {
			return t, m
		}
		s := u.terms[0]
		if s.source == nil || s.w != nil && s.w.Role != ir.Fixed || r.mats[s] == nil || r.l.own(u.at) {
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
func (r *reduction) readers() map[*vertex]int {
	if r.reads == nil {
		r.reads = make(map[*vertex]int)
		for _, v := range r.l.vertices {
			for _, t := range v.terms {
				r.reads[t.source]++
			}
		}
	}
	return r.reads
}
