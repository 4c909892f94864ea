package graph

import (
	"fmt"

	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/quiver"
)

// model is a quiver with losses at its outputs, in a precision: what a program is compiled from, with the positions that everything that
// reads it would look up again. It holds no weights and never changes.
type model struct {
	q        *quiver.Quiver
	vertices []quiver.Vertex
	arrows   []quiver.Arrow
	params   []int // number of parameters by vertex

	named      map[string]bool // the names of the vertices and arrows
	trained    []int           // arrows with numbers of their own or of an owner's
	fixed      []int           // arrows with a fixed matrix that holds numbers
	structured []int           // those of them that are compiled in
	parametric []int           // vertices with parameters

	inputs    []int // vertex positions in declared order
	outputs   []int
	losses    []lossTerm
	lossAt    []int // vertex positions
	outWidths []int // dimensions of the outputs with losses
	coupled   bool
	custom    bool // some loss is the user's
	dtype     tensor.Dtype
}

// newModel looks up the positions. It returns a LossError for a loss at a vertex that is no output or has dimension 0, and
// for one that cannot be.
func newModel(q *quiver.Quiver, losses []lossTerm, dtype tensor.Dtype) (*model, error) {
	m := &model{q: q, vertices: q.Vertices(), arrows: q.Arrows(), losses: losses, dtype: dtype, named: make(map[string]bool)}
	for _, v := range m.vertices {
		m.named[v.Name] = true
		n := 0
		if par, ok := v.Act.(quiver.Parametric); ok {
			n = par.NumParams(v.Dim)
		}
		m.params = append(m.params, n)
		if n > 0 {
			m.parametric = append(m.parametric, len(m.params)-1)
		}
	}
	for i, a := range m.arrows {
		m.named[a.Name] = true
		switch {
		case a.Rows*a.Cols == 0:
		case !a.Fixed:
			m.trained = append(m.trained, i)
		default:
			if _, ok := q.Fixed(i).(quiver.Inclusion); ok {
				m.structured = append(m.structured, i)
			} else {
				m.fixed = append(m.fixed, i)
			}
		}
	}
	for _, name := range q.Inputs() {
		i, _ := q.VertexIndex(name)
		m.inputs = append(m.inputs, i)
	}
	for _, name := range q.Outputs() {
		i, _ := q.VertexIndex(name)
		m.outputs = append(m.outputs, i)
	}
	for _, l := range losses {
		i, ok := q.VertexIndex(l.output)
		if !ok || m.vertices[i].Kind != quiver.KindOutput {
			return nil, &LossError{Output: l.output, Reason: fmt.Sprintf("not an output; the outputs are %v", q.Outputs())}
		}
		if m.vertices[i].Dim == 0 {
			return nil, &LossError{Output: l.output, Reason: "the output has dimension 0"}
		}
		if err := l.check(); err != nil {
			return nil, err
		}
		m.lossAt = append(m.lossAt, i)
		m.outWidths = append(m.outWidths, m.vertices[i].Dim)
		m.coupled = m.coupled || l.loss.coupled
		m.custom = m.custom || l.loss.custom
	}
	return m, nil
}
