package batch

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/internal/fault"
	"github.com/quivernet/quivernet/internal/model"
	"github.com/quivernet/quivernet/internal/vec"
	"github.com/quivernet/quivernet/quiver"
)

// CheckWeights refuses weights that are not of the program's quiver.
func CheckWeights(m *model.Model, w *quiver.Rep) error {
	if w == nil {
		return &fault.RepError{Reason: "nil weights; make some with quiver.Random"}
	}
	if q := w.Quiver(); q != m.Quiver && q.Layout() != m.Quiver.Layout() {
		err := w.Fits(quiver.Zero(m.Quiver))
		return &fault.RepError{Reason: "the program was compiled for another quiver; compile one for w.Quiver()", Err: err}
	}
	for _, i := range m.Structured {
		if in := m.Quiver.Fixed(i); w.Fixed(i) != in {
			return &fault.RepError{Reason: fmt.Sprintf("arrow %q was compiled as the fixed %v and these weights have another matrix there; compile a program for a quiver that declares it (quiver.Derive)", m.Arrows[i].Name, in)}
		}
	}
	return nil
}

// FiniteWeights refuses weights that are not finite; those of single precision are looked at where
// they are converted.
func FiniteWeights(m *model.Model, w *quiver.Rep) error {
	if m.Dtype == tensor.Float64 && vec.FirstBad(w.Data()) >= 0 {
		return &fault.RepError{Reason: "the weights are not finite", Err: w.CheckFinite()}
	}
	return nil
}

// Samples returns the number of samples.
func Samples(m *model.Model, w *quiver.Rep, xs []*mat.Dense) (int, error) {
	if err := CheckWeights(m, w); err != nil {
		return 0, err
	}
	if len(xs) != len(m.Inputs) {
		return 0, &fault.DataError{What: "inputs", Reason: fmt.Sprintf("%d matrices, want %d: one per input %v", len(xs), len(m.Inputs), m.Quiver.Inputs())}
	}
	n, from := -1, ""
	for i, v := range m.Inputs {
		if xs[i] == nil {
			return 0, &fault.DataError{What: fmt.Sprintf("input %q", m.Vertices[v].Name), Reason: "the matrix is nil; use &mat.Dense{} for an empty batch"}
		}
		if m.Vertices[v].Dim == 0 {
			continue
		}
		r, _ := xs[i].Dims()
		if n >= 0 && r != n {
			return 0, &fault.DataError{What: fmt.Sprintf("input %q", m.Vertices[v].Name), Reason: fmt.Sprintf("%d rows where input %q has %d; every input needs one row per sample", r, from, n)}
		}
		n, from = r, m.Vertices[v].Name
	}
	if n < 0 {
		n = 1
	}
	for i, v := range m.Inputs {
		if err := Fits("input", m.Vertices[v], xs[i], n); err != nil {
			return 0, err
		}
	}
	return n, nil
}

// Fits refuses a matrix that is not n samples of a vertex; what says whose it is.
func Fits(what string, v quiver.Vertex, m *mat.Dense, n int) error {
	if m == nil {
		return &fault.DataError{What: fmt.Sprintf("%s %q", what, v.Name), Reason: "the matrix is nil"}
	}
	if r, c := m.Dims(); (r != n || c != v.Dim) && !(r*c == 0 && n*v.Dim == 0) {
		return &fault.DataError{What: fmt.Sprintf("%s %q", what, v.Name), Reason: fmt.Sprintf("matrix is %d×%d, want %d×%d (samples × dim %s)", r, c, n, v.Dim, v.Name)}
	}
	return nil
}

// Load checks all that a loss needs.
func (b *Batch) Load(m *model.Model, w *quiver.Rep, xs, ys []*mat.Dense) error {
	if len(m.Losses) == 0 {
		return &fault.LossError{Output: "", Reason: "the program has no loss; compile with graph.Loss(output, graph.MSE, 1)"}
	}
	n, err := Samples(m, w, xs)
	if err != nil {
		return err
	}
	if n == 0 {
		return &fault.DataError{What: "batch", Reason: "no samples; the loss of an empty batch is not defined"}
	}
	if len(ys) != len(m.Losses) {
		return &fault.DataError{What: "targets", Reason: fmt.Sprintf("%d matrices, want %d: one per loss, in the order of the Loss options", len(ys), len(m.Losses))}
	}
	for i, l := range m.Losses {
		if err := checkTarget(m, i, l, ys[i], n); err != nil {
			return err
		}
	}
	if err := FiniteWeights(m, w); err != nil {
		return err
	}
	for i, v := range m.Inputs {
		if err := Finite("input", m.Vertices[v].Name, xs[i]); err != nil {
			return err
		}
	}
	b.N, b.Inputs, b.Targets = n, xs, ys
	return nil
}

// checkTarget refuses targets that are not those of loss i for n samples.
func checkTarget(m *model.Model, i int, l model.Term, y *mat.Dense, n int) error {
	d := m.Vertices[m.LossAt[i]].Dim
	what := func() string { return fmt.Sprintf("targets of output %q", l.Output) }
	if y == nil || y.IsEmpty() {
		return &fault.DataError{What: what(), Reason: fmt.Sprintf("the matrix is empty, want %d×%d", n, d)}
	}
	r, c := y.Dims()
	switch {
	case r == n && c == 1 && d == 1 && l.Loss.Labels:
		for j := range n {
			if k := y.At(j, 0); k != 0 && k != 1 {
				return &fault.DataError{What: what(), Reason: fmt.Sprintf("row %d is %v, want class 0 or probability 1", j, k)}
			}
		}
	case l.Loss.Columns != nil && (r != n || c != *l.Loss.Columns):
		return &fault.DataError{What: what(), Reason: fmt.Sprintf("matrix is %d×%d, want %d×%d (samples × columns that graph.Targets names)", r, c, n, *l.Loss.Columns)}
	case r == n && (c == d || l.Loss.Custom):
	case r == n && c == 1 && l.Loss.Labels:
		for j := range n {
			if k := y.At(j, 0); k != math.Trunc(k) || k < 0 || k >= float64(d) {
				return &fault.DataError{What: what(), Reason: fmt.Sprintf("row %d has class %v, want a whole number from 0 to %d", j, k, d-1)}
			}
		}
	case l.Loss.Labels:
		return &fault.DataError{What: what(), Reason: fmt.Sprintf("matrix is %d×%d, want %d×%d (one distribution per sample) or %d×1 (one class index)", r, c, n, d, n)}
	default:
		return &fault.DataError{What: what(), Reason: fmt.Sprintf("matrix is %d×%d, want %d×%d (samples × dim %s)", r, c, n, d, l.Output)}
	}
	if l.Loss.Labels && c == d && d > 1 {
		for j := range n {
			var s float64
			for k, v := range y.RawRowView(j) {
				if !(v >= 0) {
					return &fault.DataError{What: what(), Reason: fmt.Sprintf("row %d, class %d has probability %v, want one from 0 to 1", j, k, v)}
				}
				s += v
			}
			if math.Abs(s-1) > 1e-6 {
				return &fault.DataError{What: what(), Reason: fmt.Sprintf("row %d sums to %v, want 1", j, s)}
			}
		}
	}
	if l.Loss.Probabilities {
		if err := checkProbabilities(what(), y); err != nil {
			return err
		}
	}
	return Finite("targets of output", l.Output, y)
}

// checkProbabilities refuses targets outside [0, 1].
func checkProbabilities(what string, y *mat.Dense) error {
	r, _ := y.Dims()
	for i := range r {
		for j, t := range y.RawRowView(i) {
			if t < 0 || t > 1 {
				return &fault.DataError{What: what, Reason: fmt.Sprintf("row %d, coordinate %d is %v, want a probability from 0 to 1", i, j, t)}
			}
		}
	}
	return nil
}
