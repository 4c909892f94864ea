package graph

import (
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/batch"
	"github.com/quivernet/quivernet/internal/model"
	"github.com/quivernet/quivernet/internal/op"
	"github.com/quivernet/quivernet/quiver"
)

// evaluation runs chosen nodes of an expression. It serves what is looked at, not what is
// trained: one goroutine, no cache.
type evaluation[T op.Float] struct {
	e    *model.Expression
	plan *plan[T]
	a    *arena[T]
}

func evaluate[T op.Float](e *model.Expression, wanted gorgonia.Nodes) (*evaluation[T], error) {
	pl, err := newPlan[T](e, wanted)
	if err != nil {
		return nil, err
	}
	return &evaluation[T]{e, pl, pl.borrow()}, nil
}

// set copies numbers into an input, where the plan uses it.
func (v *evaluation[T]) set(n *gorgonia.Node, data []float64) {
	if n == nil {
		return
	}
	for i, x := range data[:len(v.a.buffer(n))] {
		v.a.buffer(n)[i] = T(x)
	}
}

// buffer returns the memory of an input, to be filled; nil where the plan does not use it.
func (v *evaluation[T]) buffer(n *gorgonia.Node) []T { return v.a.buffer(n) }

// weights sets the matrices and parameters.
func (v *evaluation[T]) weights(w *quiver.Rep) {
	for i, a := range v.e.Model.Arrows {
		switch n := v.e.Weight[i]; {
		case n == nil || a.TiedTo != "":
		case a.Fixed:
			copyMatrix(v.a.buffer(n), w.Fixed(i), a.Cols)
		default:
			v.set(n, w.Block(i))
		}
	}
	for i, n := range v.e.Params {
		if n != nil {
			v.set(n, w.ParamsAt(i))
		}
	}
}

// inputs sets the inputs: row i of the graph is the sample at(i). Biases are ones.
func (v *evaluation[T]) inputs(xs []*mat.Dense, at func(i int) int) {
	for i, vertex := range v.e.Model.Vertices {
		if n := v.e.Vertex[i]; vertex.Kind == quiver.KindBias && n != nil {
			fillOnes(v.a.buffer(n))
		}
	}
	fillOnes(v.a.buffer(v.e.Ones))
	for i, at0 := range v.e.Model.Inputs {
		if n := v.e.Vertex[at0]; n != nil {
			v.rows(n, xs[i], at)
		}
	}
}

func (v *evaluation[T]) rows(n *gorgonia.Node, m *mat.Dense, at func(i int) int) {
	b := v.a.buffer(n)
	if b == nil {
		return
	}
	for i := range v.e.Rows {
		for j, x := range m.RawRowView(at(i)) {
			b[i*m.RawMatrix().Cols+j] = T(x)
		}
	}
}

// targets sets what the loss of a batch of samples needs.
func (v *evaluation[T]) targets(b *batch.Batch) {
	for i, l := range v.e.Model.Losses {
		d := v.e.Model.Vertices[v.e.Model.LossAt[i]].Dim
		if _, cols := b.Targets[i].Dims(); v.e.Target[i] == nil {
		} else if l.Loss.Labels && (cols != d || d == 1) {
			oneHot(v.a.buffer(v.e.Target[i]), b.Targets[i], 0, b.N, d)
		} else {
			v.rows(v.e.Target[i], b.Targets[i], same)
		}
		v.set(v.e.Share[i], []float64{l.Weight * l.Loss.Share(b.N, d)})
	}
	v.set(v.e.Unit, []float64{1})
}

func same(i int) int { return i }

func (v *evaluation[T]) run() error { return v.plan.execute(v.a) }

// value returns what a node holds after run, row-major.
func (v *evaluation[T]) value(n *gorgonia.Node) []T { return v.a.value(n) }

// matrix returns a copy of it.
func (v *evaluation[T]) matrix(n *gorgonia.Node) *mat.Dense {
	s := model.SizeOf(n)
	m := mat.NewDense(s[0], s[1], nil)
	for i, x := range v.value(n) {
		m.RawMatrix().Data[i] = float64(x)
	}
	return m
}
