package quiver

import (
	"fmt"

	"gonum.org/v1/gonum/mat"
)

// samples returns the number of rows of a batch of inputs. Inputs of dimension 0
// say nothing; where no input says anything there is one sample.
func (q *Quiver) samples(xs []*mat.Dense) (int, error) {
	if len(xs) != len(q.inputs) {
		return 0, &InputError{fmt.Sprintf("%d input matrices, want %d (%v); give one per input in declared order", len(xs), len(q.inputs), q.Inputs())}
	}
	n, from := -1, ""
	for i, v := range q.inputs {
		name, dim := q.vertices[v].Name, q.vertices[v].Dim
		if xs[i] == nil {
			return 0, &InputError{fmt.Sprintf("input %q is nil; use &mat.Dense{} for an empty batch", name)}
		}
		if dim == 0 {
			continue
		}
		r, _ := xs[i].Dims()
		if n >= 0 && r != n {
			return 0, &InputError{fmt.Sprintf("input %q has %d rows and input %q has %d; every input needs one row per sample", from, n, name, r)}
		}
		n, from = r, name
	}
	if n < 0 {
		n = 1
	}
	return n, nil
}

// load copies matrices, one for each of the vertices at, into the batches of
// those vertices. what begins the text of an error. A nil matrix leaves zeros.
func (q *Quiver) load(n int, what string, at []int, ms []*mat.Dense, into [][]float64) error {
	if len(ms) != len(at) {
		return &InputError{fmt.Sprintf("%d matrices, want %d: one %s per vertex of %v", len(ms), len(at), what, q.names(at))}
	}
	for i, v := range at {
		if ms[i] == nil {
			continue
		}
		d := q.vertices[v].Dim
		r, c := ms[i].Dims()
		if (r != n || c != d) && !(r*c == 0 && n*d == 0) {
			return &ShapeError{fmt.Sprintf("%s %q", what, q.vertices[v].Name), r, c, n, d, "samples × dim " + q.vertices[v].Name}
		}
		for s := range r {
			copy(into[v][s*d:(s+1)*d], ms[i].RawRowView(s))
		}
	}
	return nil
}

// batch wraps n×d numbers; &mat.Dense{} where there are none.
func batch(n, d int, data []float64) *mat.Dense {
	if n == 0 || d == 0 {
		return &mat.Dense{}
	}
	return mat.NewDense(n, d, data)
}
