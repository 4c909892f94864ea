package quiver

import (
	"fmt"
	"iter"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// Rep is a representation of a quiver: a matrix on each arrow, dim(target) ×
// dim(source), and the parameters of the activations that have some. All trainable
// numbers stand in one slab; the fixed matrices are shared and never change.
//
// Whatever has the shape of the weights is a Rep: gradients, momenta, masks.
// Reading from several goroutines is safe, writing is not.
type Rep struct {
	q     *Quiver
	data  []float64
	fixed []mat.Matrix // by arrow; shared between Reps, never written
}

// Zero returns the representation with all trainable numbers zero, activation
// parameters included, and the quiver's fixed matrices.
//
// It panics with *InputError for a nil quiver and where the slab is beyond the memory of any machine.
func Zero(q *Quiver) *Rep {
	q.must()
	if err := q.bearable(); err != nil {
		panic(err)
	}
	return &Rep{q: q, data: make([]float64, q.size), fixed: q.fixed}
}

// bearable returns an error where the slab is beyond the memory of any machine.
func (q *Quiver) bearable() error {
	if q.size > 1<<44 {
		return &InputError{fmt.Sprintf("%d parameters are beyond the memory of any machine; look at the dimensions", q.size)}
	}
	return nil
}

// Like returns a zero Rep with the same quiver and the same fixed matrices.
func (w *Rep) Like() *Rep {
	w.must()
	return &Rep{q: w.q, data: make([]float64, len(w.data)), fixed: w.fixed}
}

// Clone returns a copy. The fixed matrices, which never change, are shared.
func (w *Rep) Clone() *Rep {
	w.must()
	return &Rep{q: w.q, data: slices.Clone(w.data), fixed: w.fixed}
}

// Quiver returns the quiver.
func (w *Rep) Quiver() *Quiver {
	w.must()
	return w.q
}

// Data returns the slab itself, of length NumParams: arrows by topological position
// of their target, each row-major, tied ones once, then activation parameters.
func (w *Rep) Data() []float64 {
	w.must()
	return w.data
}

// Block returns the part of the slab that holds arrow i, row-major Rows×Cols, or
// nil for a fixed arrow.
func (w *Rep) Block(i int) []float64 {
	w.must()
	mustIndex("arrow", i, len(w.q.arrows))
	if w.q.block[i] < 0 {
		return nil
	}
	o, a := w.q.block[i], &w.q.arrows[i]
	return w.data[o : o+a.Rows*a.Cols : o+a.Rows*a.Cols]
}

// Fixed returns the matrix of a fixed arrow, nil for a trainable one. It is an Inclusion or a
// matrix that cannot be written; WithFixed puts another in its place.
func (w *Rep) Fixed(i int) mat.Matrix {
	w.must()
	mustIndex("arrow", i, len(w.fixed))
	return w.fixed[i]
}

// Matrix returns the matrix of arrow i: a view into the slab, or the fixed
// matrix as it is; &mat.Dense{} when a side is 0.
func (w *Rep) Matrix(i int) mat.Matrix {
	w.must()
	mustIndex("arrow", i, len(w.q.arrows))
	a := &w.q.arrows[i]
	switch {
	case a.Rows == 0 || a.Cols == 0:
		return &mat.Dense{}
	case a.Fixed:
		return w.fixed[i]
	}
	return mat.NewDense(a.Rows, a.Cols, w.Block(i))
}

// Lookup returns the matrix of the named arrow as Arrow does, or false.
func (w *Rep) Lookup(name string) (*mat.Dense, bool) {
	w.must()
	i, ok := w.q.arrowAt[name]
	if !ok {
		return nil, false
	}
	if w.q.arrows[i].Fixed {
		return dense(w.fixed[i]), true
	}
	return w.Matrix(i).(*mat.Dense), true
}

// Arrow returns the matrix of the named arrow, dim(to) × dim(from): a view, so
// that writing to it changes w; a copy where the arrow is fixed; &mat.Dense{} when
// a side is 0. It panics with *UnknownArrowError; Lookup does not.
func (w *Rep) Arrow(name string) *mat.Dense {
	m, ok := w.Lookup(name)
	if !ok {
		panic(&UnknownArrowError{name, w.q.arrowNames()})
	}
	return m
}

// Params returns the parameters of the activation at a vertex, a view; nil where
// there are none. It panics with *UnknownVertexError.
func (w *Rep) Params(vertex string) []float64 {
	w.must()
	v, ok := w.q.vertexAt[vertex]
	if !ok {
		panic(&UnknownVertexError{Vertex: vertex, Known: w.q.vertexNames()})
	}
	return w.ParamsAt(v)
}

// ParamsAt is Params for the vertex at position v.
func (w *Rep) ParamsAt(v int) []float64 {
	w.must()
	mustIndex("vertex", v, len(w.q.vertices))
	n := w.q.nparam[v]
	if n == 0 {
		return nil
	}
	o := w.q.param[v]
	return w.data[o : o+n : o+n]
}

// All yields the trainable arrows in slab order, tied ones once under the name of
// the owner, each as a view.
func (w *Rep) All() iter.Seq2[string, *mat.Dense] {
	w.must()
	return func(yield func(string, *mat.Dense) bool) {
		for i, a := range w.q.arrows {
			if !a.Fixed && a.TiedTo == "" && !yield(a.Name, w.Matrix(i).(*mat.Dense)) {
				return
			}
		}
	}
}

// Segment describes a stretch of the slab: the matrix of an arrow (tied ones under
// the owner's name) or, where Arrow is empty, the parameters of a vertex.
type Segment struct {
	Arrow      string
	Vertex     string
	Rows, Cols int // parameters: 1×p
}

// Segments yields the whole slab, stretch by stretch, in order.
func (w *Rep) Segments() iter.Seq2[Segment, []float64] {
	w.must()
	return func(yield func(Segment, []float64) bool) {
		for i, a := range w.q.arrows {
			if !a.Fixed && a.TiedTo == "" && !yield(Segment{Arrow: a.Name, Rows: a.Rows, Cols: a.Cols}, w.Block(i)) {
				return
			}
		}
		for i, v := range w.q.vertices {
			if n := w.q.nparam[i]; n > 0 && !yield(Segment{Vertex: v.Name, Rows: 1, Cols: n}, w.ParamsAt(i)) {
				return
			}
		}
	}
}

// Set copies m into the matrix of a trainable arrow and of those tied to it. It
// returns an UnknownArrowError, a ShapeError, or a FixedError for a fixed arrow.
func (w *Rep) Set(arrow string, m mat.Matrix) error {
	if err := made(w); err != nil {
		return err
	}
	i, ok := w.q.arrowAt[arrow]
	if !ok {
		return &UnknownArrowError{arrow, w.q.arrowNames()}
	}
	a := w.q.arrows[i]
	if a.Fixed {
		return &FixedError{arrow, true}
	}
	if isNil(m) {
		return &ShapeError{Where: fmt.Sprintf("arrow %q", arrow), WantRows: a.Rows, WantCols: a.Cols, Why: "the matrix is nil"}
	}
	r, c := m.Dims()
	if (r != a.Rows || c != a.Cols) && !(r*c == 0 && a.Rows*a.Cols == 0) {
		return &ShapeError{fmt.Sprintf("arrow %q", arrow), r, c, a.Rows, a.Cols, fmt.Sprintf("dim %s × dim %s", a.To, a.From)}
	}
	w.Matrix(i).(*mat.Dense).Copy(m)
	return nil
}

// WithFixed returns a copy of w whose named fixed arrows have other matrices. The
// matrices are copied. Errors: UnknownArrowError, FixedError for an arrow
// that is not fixed, ShapeError, NonFiniteError.
func (w *Rep) WithFixed(m map[string]mat.Matrix) (*Rep, error) {
	if err := made(w); err != nil {
		return nil, err
	}
	r := w.Clone()
	r.fixed = slices.Clone(w.fixed)
	for _, name := range sortedKeys(m) {
		i, ok := w.q.arrowAt[name]
		if !ok {
			return nil, &UnknownArrowError{name, w.q.arrowNames()}
		}
		a := w.q.arrows[i]
		if !a.Fixed {
			return nil, &FixedError{name, false}
		}
		if err := checkFixed(a, m[name]); err != nil {
			return nil, err
		}
		r.fixed[i] = immutable(m[name])
	}
	return r, nil
}

// Fits returns a LayoutError unless g's slab corresponds to w's, and an InputError where one of them
// is nil.
func (w *Rep) Fits(g *Rep) error {
	if err := made(w, g); err != nil {
		return err
	}
	if w.q == g.q || w.q.layout == g.q.layout {
		return nil
	}
	return &LayoutError{w.q, g.q}
}

func (w *Rep) mustFit(g *Rep) {
	if err := w.Fits(g); err != nil {
		panic(err)
	}
}

// AddScaled adds a·g to w. It panics with *LayoutError.
func (w *Rep) AddScaled(a float64, g *Rep) {
	w.mustFit(g)
	floats.AddScaled(w.data, a, g.data)
}

// Scale multiplies all trainable numbers by a.
func (w *Rep) Scale(a float64) {
	w.must()
	floats.Scale(a, w.data)
}

// CopyFrom copies g's trainable numbers into w. It panics with *LayoutError.
func (w *Rep) CopyFrom(g *Rep) {
	w.mustFit(g)
	copy(w.data, g.data)
}

// Dot returns the inner product ⟨w, g⟩ of the trainable numbers, tied ones
// counted once. It panics with *LayoutError.
func (w *Rep) Dot(g *Rep) float64 {
	w.mustFit(g)
	return floats.Dot(w.data, g.data)
}

// Norm returns the Euclidean norm of the trainable numbers.
func (w *Rep) Norm() float64 {
	w.must()
	return floats.Norm(w.data, 2)
}

// CheckFinite returns a NonFiniteError for the first NaN or infinity, if any.
func (w *Rep) CheckFinite() error {
	if err := made(w); err != nil {
		return err
	}
	if finite(w.data) {
		return nil
	}
	for s, d := range w.Segments() {
		for k, v := range d {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				where := fmt.Sprintf("arrow %q", s.Arrow)
				if s.Arrow == "" {
					where = fmt.Sprintf("parameters of vertex %q", s.Vertex)
				}
				return &NonFiniteError{where, k / s.Cols, k % s.Cols, v}
			}
		}
	}
	return nil
}

// finite says whether no number is NaN or infinite: 0·x is 0 for all others.
func finite(x []float64) bool {
	var a, b, c, d float64
	for ; len(x) >= 4; x = x[4:] {
		a += x[0] * 0
		b += x[1] * 0
		c += x[2] * 0
		d += x[3] * 0
	}
	for _, v := range x {
		a += v * 0
	}
	return a+b+c+d == 0
}
