package joining

import (
	"fmt"
	"math"
	"slices"

	"github.com/quivernet/quivernet/internal/linalg"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// Spans remembers how inputs were replaced by what their data span.
type Spans struct {
	source   *quiver.Rep
	spans    []dataSpan
	parts    []newArrow
	Vertices []string // the new vertices
}

// dataSpan is the space of the rows (1, x), or x, of one input.
type dataSpan struct {
	input  int // in declared order
	name   string
	vertex string // the new one
	bias   string // its bias, or ""
	j      *mat.Dense
	size   []float64 // by coordinate of (1, x) or x: how far the data go
}

// newArrow is one new arrow: what it was made of.
type newArrow struct {
	arrow, input, bias string // of the new quiver; of the old one, bias may be empty
	span               int
}

// DataError says why data cannot be those of a network's inputs.
type DataError struct{ Reason string }

func (e *DataError) Error() string { return e.Reason }

// SpanData rewrites w for data, one matrix per input in declared order or nil, or returns nil where no
// input spans less than its space. Matrices of other shapes are a *DataError.
func SpanData(w *quiver.Rep, xs []*mat.Dense) (*quiver.Rep, *Spans, error) {
	q := w.Quiver()
	names := q.Inputs()
	if len(xs) != len(names) {
		return nil, nil, &DataError{fmt.Sprintf("%d matrices, want one per input (%v); give nil for an input without data", len(xs), names)}
	}
	b := &dataBuilder{w: w, q: q, vs: q.Vertices(), as: q.Arrows(), j: &Spans{source: w}, gone: map[string]bool{}, owner: map[string]bool{}}
	for _, a := range b.as {
		if a.TiedTo != "" {
			b.owner[a.TiedTo] = true
		}
	}
	for i, name := range names {
		v, _ := q.VertexIndex(name)
		if xs[i] == nil || b.vs[v].Dim == 0 {
			continue
		}
		if r, c := xs[i].Dims(); c != b.vs[v].Dim || r == 0 {
			return nil, nil, &DataError{fmt.Sprintf("input %q: data are %d×%d, want samples × %d", name, r, c, b.vs[v].Dim)}
		}
		for _, x := range xs[i].RawMatrix().Data {
			if math.IsNaN(x) || math.IsInf(x, 0) {
				return nil, nil, &quiver.NonFiniteError{Where: fmt.Sprintf("data of input %q", name), Value: x}
			}
		}
		b.input(i, v, xs[i])
	}
	if len(b.j.parts) == 0 {
		return nil, nil, nil
	}
	out, err := b.build()
	return out, b.j, err
}

type dataBuilder struct {
	w     *quiver.Rep
	q     *quiver.Quiver
	vs    []quiver.Vertex
	as    []quiver.Arrow
	j     *Spans
	gone  map[string]bool
	owner map[string]bool // arrows that others are tied to
	extra []quiver.Part
	sets  []func(*quiver.Rep) error
}

// input replaces what it can of the arrows that leave input v.
func (b *dataBuilder) input(i, v int, x *mat.Dense) {
	spans := map[string]int{} // by bias vertex, "" for the input alone; -1: nothing to gain
	for _, k := range b.q.Out(v) {
		a := b.as[k]
		if a.Fixed || a.TiedTo != "" || b.owner[a.Name] || a.Rows == 0 {
			continue
		}
		bias, from := b.bias(a)
		if _, ok := spans[from]; !ok {
			spans[from] = b.span(i, v, x, from)
		}
		if spans[from] < 0 && from != "" {
			bias, from = -1, ""
			if _, ok := spans[from]; !ok {
				spans[from] = b.span(i, v, x, from)
			}
		}
		if spans[from] >= 0 {
			b.replace(k, bias, spans[from])
		}
	}
}

// bias returns the one trainable, untied bias arrow beside a, and its source.
func (b *dataBuilder) bias(a quiver.Arrow) (int, string) {
	for _, k := range b.q.In(a.Target) {
		c := b.as[k]
		if b.vs[c.Source].Kind == quiver.KindBias && !c.Fixed && c.TiedTo == "" && !b.owner[c.Name] && !b.gone[c.Name] {
			return k, c.From
		}
	}
	return -1, ""
}

// span adds a vertex for the span of the data, and returns its index, or -1 where it would
// be the whole space.
func (b *dataBuilder) span(i, v int, x *mat.Dense, bias string) int {
	j, size := b.basis(v, x, bias)
	n, _ := x.T().Dims()
	if bias != "" {
		n++
	}
	if linalg.Width(j) >= n {
		return -1
	}
	name := b.vs[v].Name + ".span"
	if bias != "" {
		name = b.vs[v].Name + ".joint"
	}
	for {
		if _, taken := b.q.VertexIndex(name); !taken && !slices.Contains(b.j.Vertices, name) {
			break
		}
		name += "_"
	}
	s := dataSpan{input: i, name: b.vs[v].Name, vertex: name, bias: bias, j: j, size: size}
	b.j.spans, b.j.Vertices = append(b.j.spans, s), append(b.j.Vertices, name)
	b.extra = append(b.extra, quiver.Hidden(name, linalg.Width(j), quiver.Identity))
	fix := func(from string, lo, hi int) {
		var f mat.Matrix = &mat.Dense{}
		if !j.IsEmpty() {
			f = mat.DenseCopyOf(j.Slice(lo, hi, 0, linalg.Width(j)).T())
		}
		b.extra = append(b.extra, quiver.Connect(from, name, quiver.Frozen(f)))
	}
	at := 0
	if bias != "" {
		fix(bias, 0, 1)
		at = 1
	}
	fix(b.vs[v].Name, at, n)
	return len(b.j.spans) - 1
}

// replace puts an arrow from the span in the place of arrow k and, if there is one, a
// bias arrow.
func (b *dataBuilder) replace(k, bias, span int) {
	a, s := b.as[k], b.j.spans[span]
	b.gone[a.Name] = true
	full := b.w.Arrow(a.Name)
	p := newArrow{input: a.Name, span: span, arrow: fmt.Sprintf("%s->%s", s.vertex, a.To)}
	if bias >= 0 {
		b.gone[b.as[bias].Name] = true
		p.bias = b.as[bias].Name
		full = linalg.Beside(a.Rows, b.w.Arrow(p.bias), full)
	}
	m := linalg.Product(nil, false, full, s.j)
	if s.j.IsEmpty() {
		m = &mat.Dense{}
	}
	var opts []quiver.ArrowOption
	for _, other := range b.j.parts {
		if other.arrow == p.arrow { // parallel arrows
			p.arrow = fmt.Sprintf("%s.%s.%d", s.vertex, a.To, len(b.j.parts))
			opts = append(opts, quiver.Named(p.arrow))
			break
		}
	}
	if !m.IsEmpty() {
		b.sets = append(b.sets, func(w *quiver.Rep) error { return w.Set(p.arrow, m) })
	}
	b.extra = append(b.extra, quiver.Connect(s.vertex, a.To, opts...))
	b.j.parts = append(b.j.parts, p)
}

func (b *dataBuilder) build() (*quiver.Rep, error) {
	q, err := quiver.New(append(withoutArrows(b.w, b.gone, nil), b.extra...)...)
	if err != nil {
		return nil, err
	}
	out := quiver.Zero(q)
	for _, set := range b.sets {
		if err := set(out); err != nil {
			return nil, err
		}
	}
	return out, carry(out, b.w)
}

// carry copies the trainable arrows and the activation parameters that two networks have
// in common by name.
func carry(dst, src *quiver.Rep) error {
	for i, a := range src.Quiver().Arrows() {
		if _, ok := dst.Quiver().ArrowIndex(a.Name); !ok || a.Fixed || a.TiedTo != "" || a.Rows*a.Cols == 0 {
			continue
		}
		if err := dst.Set(a.Name, src.Matrix(i)); err != nil {
			return err
		}
	}
	for i, v := range src.Quiver().Vertices() {
		if _, ok := dst.Quiver().VertexIndex(v.Name); ok {
			copy(dst.Params(v.Name), src.ParamsAt(i))
		}
	}
	return nil
}

// Split returns the original's arrows for a representation of the joined quiver:
// [b W] + (A − [b W]J)Jᵀ.
func (j *Spans) Split(r *quiver.Rep) (*quiver.Rep, error) {
	out := j.source.Clone()
	if err := carry(out, r); err != nil {
		return nil, err
	}
	for _, p := range j.parts {
		s := j.spans[p.span]
		i, _ := out.Quiver().ArrowIndex(p.input)
		a := out.Quiver().Arrows()[i]
		if s.j.IsEmpty() {
			continue
		}
		full := mat.DenseCopyOf(out.Arrow(p.input))
		if p.bias != "" {
			full = linalg.Beside(a.Rows, out.Arrow(p.bias), full)
		}
		d := linalg.Product(nil, false, full, s.j)
		d.Sub(r.Arrow(p.arrow), d)
		full.Add(full, linalg.Product(nil, false, d, mat.DenseCopyOf(s.j.T())))
		at := 0
		if p.bias != "" {
			at = 1
			if err := out.Set(p.bias, full.Slice(0, a.Rows, 0, 1)); err != nil {
				return nil, err
			}
		}
		if err := out.Set(p.input, full.Slice(0, a.Rows, at, at+a.Cols)); err != nil {
			return nil, err
		}
	}
	fixed := make(map[string]mat.Matrix) // those that a reduction changed
	for i, a := range out.Quiver().Arrows() {
		if a.Fixed && a.Rows*a.Cols > 0 && !mat.Equal(r.Arrow(a.Name), out.Matrix(i)) {
			fixed[a.Name] = r.Arrow(a.Name)
		}
	}
	return WithFixed(out, fixed)
}
