package shrink

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/ir"
	"github.com/quivernet/quivernet/internal/regions"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
)

// Reduction is a compression in terms of the graph: for each vertex and arrow of the regions what it becomes.
type Reduction struct {
	Regions     *regions.Regions
	Compression *symmetry.Compression         // nil where nothing shrinks
	Dim         map[*regions.Vertex]int       // the new widths
	Matrices    map[*regions.Arrow]*mat.Dense // the reduced matrices; nil for an arrow that was merged into another
	Activations map[*regions.Vertex]quiver.Activation
	Why         map[string]string        // why a vertex did not shrink
	reads       map[*regions.Vertex]int  // how many arrows read a vertex
	Units       *symmetry.Compression    // what removed units before Compression did the rest, or nil
	Spans       map[*regions.Arrow]*Span // what an arrow reads instead of its source, with symmetry.Data
}

// New returns a reduction that still has to be filled, by Compress or Unchanged.
func New(l *regions.Regions) *Reduction {
	return &Reduction{
		Regions: l, Dim: make(map[*regions.Vertex]int), Matrices: make(map[*regions.Arrow]*mat.Dense), Activations: make(map[*regions.Vertex]quiver.Activation),
		Why: make(map[string]string), Spans: make(map[*regions.Arrow]*Span),
	}
}

// least returns the width from which a change is none: a width of 0 becomes 1, and
// vectors of length 1 are scalars to Gorgonia.
func (r *Reduction) least(v *regions.Vertex, reduced int) int {
	if r.padded(v, reduced) >= v.Dim {
		return reduced
	}
	return v.Dim
}

func (r *Reduction) padded(v *regions.Vertex, reduced int) int {
	if v.Layout == regions.Vector {
		return min(max(reduced, 2), v.Dim)
	}
	return min(max(reduced, 1), v.Dim)
}

// Unchanged takes the network as it is.
func (r *Reduction) Unchanged(w *quiver.Rep) {
	for _, v := range r.Regions.Vertices {
		r.Dim[v], r.Activations[v] = v.Dim, v.Activation
		for _, t := range v.Arrows {
			m, _ := w.Lookup(t.Name)
			r.Matrices[t] = m
		}
	}
	r.Compression = nil
}

// read takes dimensions, activations and matrices from the compression, with zeros where a width was
// padded.
func (r *Reduction) read() {
	small := r.Compression.Reduced.Quiver()
	for _, v := range r.Regions.Vertices {
		i, _ := small.VertexIndex(v.Name)
		s := small.Vertices()[i]
		r.Dim[v], r.Activations[v] = r.padded(v, s.Dim), s.Act
	}
	r.readSpans()
	for _, v := range r.Regions.Vertices {
		for _, t := range v.Arrows {
			if m, ok := r.Compression.Reduced.Lookup(t.Name); ok {
				r.Matrices[t] = enlarged(m, r.Dim[v], r.Cols(t))
			}
		}
	}
}

// Cols returns the dimension of what an arrow reads.
func (r *Reduction) Cols(t *regions.Arrow) int {
	switch s := r.Spans[t]; {
	case s != nil:
		return s.Dim
	case t.Source == nil:
		return 1
	}
	return r.Dim[t.Source]
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

// IsSmaller says whether the value of a vertex has other coordinates now.
func (r *Reduction) IsSmaller(v *regions.Vertex) bool { return v != nil && r.Dim[v] != v.Dim }

// IsCopy says whether the arrow's matrix still is the inclusion that it was, up to rounding.
func (r *Reduction) IsCopy(v *regions.Vertex, t *regions.Arrow) bool {
	m := r.Matrices[t]
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

// Through goes back over vertices that are one value times a fixed matrix.
func (r *Reduction) Through(t *regions.Arrow, m *mat.Dense) (*regions.Arrow, *mat.Dense) {
	for {
		u := t.Source
		if u == nil || u.Kind != quiver.KindHidden || u.Spelled != nil || len(u.Arrows) != 1 || r.readers()[u] != 1 {
			return t, m
		}
		s := u.Arrows[0]
		if s.Source == nil || s.Weight != nil && s.Weight.Role != ir.Fixed || r.Matrices[s] == nil || r.Regions.IsOperation(u.Node) {
			return t, m
		}
		i, j, k := r.Cols(s), r.Dim[u], m.RawMatrix().Rows
		if i*k > j*(i+k) {
			return t, m
		}
		var p mat.Dense
		p.Mul(m, r.Matrices[s])
		t, m = s, &p
	}
}

// readers counts the terms that read each vertex.
func (r *Reduction) readers() map[*regions.Vertex]int {
	if r.reads == nil {
		r.reads = make(map[*regions.Vertex]int)
		for _, v := range r.Regions.Vertices {
			for _, t := range v.Arrows {
				r.reads[t.Source]++
			}
		}
	}
	return r.reads
}
