package model

import (
	"fmt"

	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/internal/fault"
	"github.com/quivernet/quivernet/quiver"
)

// Model is a quiver with losses at its outputs, in a precision: what a program is compiled from, with the positions that everything that
// reads it would look up again. It holds no weights and never changes.
type Model struct {
	Quiver    *quiver.Quiver
	Vertices  []quiver.Vertex
	Arrows    []quiver.Arrow
	NumParams []int // number of parameters by vertex

	named      map[string]bool // the names of the vertices and arrows
	Trained    []int           // arrows with numbers of their own or of an owner's
	Fixed      []int           // arrows with a fixed matrix that holds numbers
	Structured []int           // those of them that are compiled in
	Parametric []int           // vertices with parameters

	Inputs     []int // vertex positions in declared order
	Outputs    []int
	Losses     []Term
	LossAt     []int // vertex positions
	LossWidths []int // dimensions of the outputs with losses
	Coupled    bool
	Custom     bool // some loss is the user's
	Dtype      tensor.Dtype
}

// New looks up the positions. It returns a LossError for a loss at a vertex that is no output or has dimension 0, and
// for one that cannot be.
func New(q *quiver.Quiver, losses []Term, dtype tensor.Dtype) (*Model, error) {
	m := &Model{Quiver: q, Vertices: q.Vertices(), Arrows: q.Arrows(), Losses: losses, Dtype: dtype, named: make(map[string]bool)}
	for _, v := range m.Vertices {
		m.named[v.Name] = true
		n := 0
		if par, ok := v.Act.(quiver.Parametric); ok {
			n = par.NumParams(v.Dim)
		}
		m.NumParams = append(m.NumParams, n)
		if n > 0 {
			m.Parametric = append(m.Parametric, len(m.NumParams)-1)
		}
	}
	for i, a := range m.Arrows {
		m.named[a.Name] = true
		switch {
		case a.Rows*a.Cols == 0:
		case !a.Fixed:
			m.Trained = append(m.Trained, i)
		default:
			if _, ok := q.Fixed(i).(quiver.Inclusion); ok {
				m.Structured = append(m.Structured, i)
			} else {
				m.Fixed = append(m.Fixed, i)
			}
		}
	}
	for _, name := range q.Inputs() {
		i, _ := q.VertexIndex(name)
		m.Inputs = append(m.Inputs, i)
	}
	for _, name := range q.Outputs() {
		i, _ := q.VertexIndex(name)
		m.Outputs = append(m.Outputs, i)
	}
	for _, l := range losses {
		i, ok := q.VertexIndex(l.Output)
		if !ok || m.Vertices[i].Kind != quiver.KindOutput {
			return nil, &fault.LossError{Output: l.Output, Reason: fmt.Sprintf("not an output; the outputs are %v", q.Outputs())}
		}
		if m.Vertices[i].Dim == 0 {
			return nil, &fault.LossError{Output: l.Output, Reason: "the output has dimension 0"}
		}
		if err := l.check(); err != nil {
			return nil, err
		}
		m.LossAt = append(m.LossAt, i)
		m.LossWidths = append(m.LossWidths, m.Vertices[i].Dim)
		m.Coupled = m.Coupled || l.Loss.Coupled
		m.Custom = m.Custom || l.Loss.Custom
	}
	return m, nil
}
