package quiver

import (
	"fmt"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// Arrow is an arrow of a quiver. Its matrix is Rows×Cols, which is
// dim(To) × dim(From).
type Arrow struct {
	Name, From, To string
	Source, Target int // positions of From and To in Vertices
	Rows, Cols     int
	Fixed          bool   // the matrix is not trainable and not in the slab
	TiedTo         string // the arrow whose block it shares, or ""
}

// Quiver is a finite directed acyclic graph with a dimension and an activation
// at each vertex: the architecture of a network (arXiv 2207.12773). It is
// immutable and safe for concurrent use.
//
// Vertices stand in topological order; where the arrows leave a choice, in the
// order of declaration. Arrows stand by the position of their target, then in
// the order of declaration.
type Quiver struct {
	parts    []Part
	vertices []Vertex
	arrows   []Arrow
	in, out  [][]int // arrow indices by vertex position
	vertexAt map[string]int
	arrowAt  map[string]int
	inputs   []int // vertex positions in declared order
	outputs  []int
	fixed    []mat.Matrix // initial matrices of the fixed arrows, else nil
	block    []int        // slab offset by arrow, -1 at fixed ones
	param    []int        // slab offset of the parameters by vertex
	nparam   []int        // number of parameters by vertex
	size     int          // slab length
	layout   string
}

// New makes a quiver of vertices and arrows given in any order. Its errors name the
// culprit: NameError, DuplicateError, UnknownVertexError, UnknownArrowError,
// DimError, KindError, ActivationError, TieError, ShapeError, NonFiniteError
// and CycleError, which prints the cycle.
func New(parts ...Part) (*Quiver, error) {
	n := 0
	for _, p := range parts {
		if _, ok := p.(vertexPart); ok {
			n++
		}
	}
	vs, as := make([]Vertex, 0, n), make([]arrowPart, 0, len(parts)-n)
	seen := make(map[string]int, n)
	for _, p := range parts {
		switch p := p.(type) {
		case vertexPart:
			if err := checkVertex(p.Vertex); err != nil {
				return nil, err
			}
			if _, dup := seen[p.Name]; dup {
				return nil, &DuplicateError{"vertex", p.Name}
			}
			seen[p.Name] = len(vs)
			vs = append(vs, p.Vertex)
		case arrowPart:
			if p.noOption {
				return nil, &InputError{fmt.Sprintf("arrow %q has a nil option; make options with Named, Frozen and Tied", p.name)}
			}
			as = append(as, p)
		default:
			return nil, &InputError{"a nil part; make parts with Input, Bias, Hidden, Output and Connect"}
		}
	}
	order, err := arrange(vs, as, seen)
	if err != nil {
		return nil, err
	}
	q := &Quiver{parts: slices.Clone(parts), vertices: make([]Vertex, 0, n), vertexAt: make(map[string]int, len(vs)), arrowAt: make(map[string]int, len(as))}
	for i, v := range order {
		q.vertices = append(q.vertices, vs[v])
		q.vertexAt[vs[v].Name] = i
	}
	for _, v := range vs {
		switch i := q.vertexAt[v.Name]; v.Kind {
		case KindInput:
			q.inputs = append(q.inputs, i)
		case KindOutput:
			q.outputs = append(q.outputs, i)
		}
	}
	if err := q.connect(as); err != nil {
		return nil, err
	}
	for i, p := range q.parts { // with the quiver's own matrices in place of the caller's
		if a, ok := p.(arrowPart); ok && a.frozen {
			a.fixed = q.fixed[q.arrowAt[a.name]]
			q.parts[i] = a
		}
	}
	if err := q.lay(); err != nil {
		return nil, err
	}
	q.layout = q.hash()
	return q, nil
}

// arrange checks the ends of the arrows and returns the vertices in topological
// order, as positions in vs.
func arrange(vs []Vertex, as []arrowPart, at map[string]int) ([]int, error) {
	names := func() []string {
		s := make([]string, len(vs))
		for i, v := range vs {
			s[i] = v.Name
		}
		return s
	}
	out := make([][]int, len(vs))
	target := make([]int, len(as))
	for i, a := range as {
		for _, end := range []string{a.from, a.to} {
			if _, ok := at[end]; !ok {
				return nil, &UnknownVertexError{end, a.name, names()}
			}
		}
		if v := vs[at[a.to]]; v.source() {
			return nil, &KindError{v.Name, v.Kind, a.name, "which takes no arrows; make it a hidden vertex"}
		}
		target[i] = at[a.to]
		out[at[a.from]] = append(out[at[a.from]], i)
	}
	order, ok := sorted(len(vs), out, target)
	if !ok {
		var path []string
		for _, v := range cycle(len(vs), out, target, order) {
			path = append(path, vs[v].Name)
		}
		return nil, &CycleError{path}
	}
	return order, nil
}

// connect fills in the arrows, in slab order.
func (q *Quiver) connect(as []arrowPart) error {
	at := func(a arrowPart) int { return q.vertexAt[a.to] }
	as = slices.Clone(as)
	slices.SortStableFunc(as, func(a, b arrowPart) int { return at(a) - at(b) })
	q.in, q.out = make([][]int, len(q.vertices)), make([][]int, len(q.vertices))
	q.arrows, q.fixed = make([]Arrow, 0, len(as)), make([]mat.Matrix, 0, len(as))
	for i, a := range as {
		if def := a.from + "->" + a.to; a.name != def {
			if r := checkName(a.name); r != "" {
				return &NameError{"arrow", a.name, r}
			}
		}
		if _, dup := q.arrowAt[a.name]; dup {
			return &DuplicateError{"arrow", a.name}
		}
		q.arrowAt[a.name] = i
		s, t := q.vertexAt[a.from], q.vertexAt[a.to]
		arrow := Arrow{Name: a.name, From: a.from, To: a.to, Source: s, Target: t, Rows: q.vertices[t].Dim, Cols: q.vertices[s].Dim, Fixed: a.frozen}
		if a.frozen {
			if err := checkFixed(arrow, a.fixed); err != nil {
				return err
			}
			a.fixed = immutable(a.fixed)
		}
		q.arrows = append(q.arrows, arrow)
		q.fixed = append(q.fixed, a.fixed)
		q.in[t] = append(q.in[t], i)
		q.out[s] = append(q.out[s], i)
	}
	return q.tie(as)
}

// Vertices returns the vertices in topological order.
func (q *Quiver) Vertices() []Vertex {
	q.must()
	return slices.Clone(q.vertices)
}

// Arrows returns the arrows in slab order.
func (q *Quiver) Arrows() []Arrow {
	q.must()
	return slices.Clone(q.arrows)
}

// In returns the indices in Arrows of the arrows into the vertex at position v, nil where
// there is no such vertex.
func (q *Quiver) In(v int) []int {
	q.must()
	return incident(q.in, v)
}

// Out returns the indices in Arrows of the arrows that leave the vertex at position v, nil
// where there is no such vertex.
func (q *Quiver) Out(v int) []int {
	q.must()
	return incident(q.out, v)
}

func incident(lists [][]int, v int) []int {
	if v < 0 || v >= len(lists) {
		return nil
	}
	return slices.Clone(lists[v])
}

// VertexIndex returns the position of a vertex in Vertices.
func (q *Quiver) VertexIndex(name string) (int, bool) {
	q.must()
	i, ok := q.vertexAt[name]
	return i, ok
}

// ArrowIndex returns the position of an arrow in Arrows.
func (q *Quiver) ArrowIndex(name string) (int, bool) {
	q.must()
	i, ok := q.arrowAt[name]
	return i, ok
}

// NumVertices returns the number of vertices.
func (q *Quiver) NumVertices() int {
	q.must()
	return len(q.vertices)
}

// NumArrows returns the number of arrows, fixed ones included.
func (q *Quiver) NumArrows() int {
	q.must()
	return len(q.arrows)
}

// NumParams returns the number of trainable numbers, which is the length of the slab:
// Σ dim(target)·dim(source) over the trainable arrows, tied ones once, plus the
// parameters of the activations.
func (q *Quiver) NumParams() int {
	q.must()
	return q.size
}

// Layout returns a hash of all that decides the meaning of a slab: names, kinds,
// dimensions and activations of the vertices, the arrows, what is fixed and tied.
// The values of fixed matrices are not part of it.
func (q *Quiver) Layout() string {
	q.must()
	return q.layout
}

// Fixed returns the initial matrix of a fixed arrow, nil for a trainable one. It is an
// Inclusion or a matrix that cannot be written; mat.DenseCopyOf makes one that can.
func (q *Quiver) Fixed(arrow int) mat.Matrix {
	q.must()
	mustIndex("arrow", arrow, len(q.fixed))
	return q.fixed[arrow]
}

// Dims returns the dimension of each vertex.
func (q *Quiver) Dims() map[string]int {
	q.must()
	dims := make(map[string]int, len(q.vertices))
	for _, v := range q.vertices {
		dims[v.Name] = v.Dim
	}
	return dims
}

// Inputs returns the names of the inputs in the order of declaration, which is the
// order in which Eval takes them.
func (q *Quiver) Inputs() []string {
	q.must()
	return q.names(q.inputs)
}

// Outputs returns the names of the outputs in the order of declaration, which is
// the order in which Eval returns them.
func (q *Quiver) Outputs() []string {
	q.must()
	return q.names(q.outputs)
}

// Hidden returns the names of the hidden vertices in topological order.
func (q *Quiver) Hidden() []string {
	q.must()
	var s []string
	for _, v := range q.vertices {
		if v.Kind == KindHidden {
			s = append(s, v.Name)
		}
	}
	return s
}

func (q *Quiver) names(at []int) []string {
	s := make([]string, len(at))
	for i, v := range at {
		s[i] = q.vertices[v].Name
	}
	return s
}

func (q *Quiver) arrowNames() []string {
	s := make([]string, len(q.arrows))
	for i, a := range q.arrows {
		s[i] = a.Name
	}
	return s
}
