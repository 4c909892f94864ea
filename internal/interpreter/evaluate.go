package interpreter

import (
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/batch"
	"github.com/quivernet/quivernet/internal/model"
	"github.com/quivernet/quivernet/internal/op"
	"github.com/quivernet/quivernet/quiver"
)

// Evaluation runs chosen nodes of an expression. It serves what is looked at, not what is
// trained: one goroutine, no cache.
type Evaluation[T op.Float] struct {
	Expression *model.Expression
	plan       *Plan[T]
	a          *arena[T]
}

// Evaluate makes ready to run the wanted nodes of an expression.
func Evaluate[T op.Float](e *model.Expression, wanted gorgonia.Nodes) (*Evaluation[T], error) {
	pl, err := NewPlan[T](e, wanted)
	if err != nil {
		return nil, err
	}
	return &Evaluation[T]{e, pl, pl.borrow()}, nil
}

// Set copies numbers into an input, where the plan uses it.
func (v *Evaluation[T]) Set(n *gorgonia.Node, data []float64) {
	if n == nil {
		return
	}
	for i, x := range data[:len(v.a.buffer(n))] {
		v.a.buffer(n)[i] = T(x)
	}
}

// Buffer returns the memory of an input, to be filled; nil where the plan does not use it.
func (v *Evaluation[T]) Buffer(n *gorgonia.Node) []T { return v.a.buffer(n) }

// Weights sets the matrices and parameters.
func (v *Evaluation[T]) Weights(w *quiver.Rep) {
	for i, a := range v.Expression.Model.Arrows {
		switch n := v.Expression.Weight[i]; {
		case n == nil || a.TiedTo != "":
		case a.Fixed:
			copyMatrix(v.a.buffer(n), w.Fixed(i), a.Cols)
		default:
			v.Set(n, w.Block(i))
		}
	}
	for i, n := range v.Expression.Params {
		if n != nil {
			v.Set(n, w.ParamsAt(i))
		}
	}
}

// Inputs sets the inputs: row i of the graph is the sample at(i). Biases are ones.
func (v *Evaluation[T]) Inputs(xs []*mat.Dense, at func(i int) int) {
	for i, vertex := range v.Expression.Model.Vertices {
		if n := v.Expression.Vertex[i]; vertex.Kind == quiver.KindBias && n != nil {
			fillOnes(v.a.buffer(n))
		}
	}
	fillOnes(v.a.buffer(v.Expression.Ones))
	for i, at0 := range v.Expression.Model.Inputs {
		if n := v.Expression.Vertex[at0]; n != nil {
			v.rows(n, xs[i], at)
		}
	}
}

func (v *Evaluation[T]) rows(n *gorgonia.Node, m *mat.Dense, at func(i int) int) {
	b := v.a.buffer(n)
	if b == nil {
		return
	}
	for i := range v.Expression.Rows {
		for j, x := range m.RawRowView(at(i)) {
			b[i*m.RawMatrix().Cols+j] = T(x)
		}
	}
}

// Targets sets what the loss of a batch of samples needs.
func (v *Evaluation[T]) Targets(b *batch.Batch) {
	for i, l := range v.Expression.Model.Losses {
		d := v.Expression.Model.Vertices[v.Expression.Model.LossAt[i]].Dim
		if _, cols := b.Targets[i].Dims(); v.Expression.Target[i] == nil {
		} else if l.Loss.Labels && (cols != d || d == 1) {
			OneHot(v.a.buffer(v.Expression.Target[i]), b.Targets[i], 0, b.N, d)
		} else {
			v.rows(v.Expression.Target[i], b.Targets[i], InOrder)
		}
		v.Set(v.Expression.Share[i], []float64{l.Weight * l.Loss.Share(b.N, d)})
	}
	v.Set(v.Expression.Unit, []float64{1})
}

// InOrder is the order of samples in which row i of the graph is sample i.
func InOrder(i int) int { return i }

// Run computes the wanted nodes.
func (v *Evaluation[T]) Run() error { return v.plan.execute(v.a) }

// Value returns what a node holds after run, row-major.
func (v *Evaluation[T]) Value(n *gorgonia.Node) []T { return v.a.value(n) }

// Matrix returns a copy of it.
func (v *Evaluation[T]) Matrix(n *gorgonia.Node) *mat.Dense {
	s := model.SizeOf(n)
	m := mat.NewDense(s[0], s[1], nil)
	for i, x := range v.Value(n) {
		m.RawMatrix().Data[i] = float64(x)
	}
	return m
}
