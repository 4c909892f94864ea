package interpreter

import (
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/op"
	"github.com/quivernet/quivernet/quiver"
)

// feed gives the weights and rows lo … lo+rows of the inputs.
func (a *arena[T]) feed(w *quiver.Rep, xs []*mat.Dense, lo int) {
	e, m := a.p.e, a.p.e.Model
	for i, arrow := range m.Arrows {
		switch {
		case e.Weight[i] == nil || arrow.TiedTo != "":
		case arrow.Fixed:
			copyMatrix(a.buffer(e.Weight[i]), w.Fixed(i), arrow.Cols)
		default:
			give(a, e.Weight[i], w.Block(i))
		}
	}
	for v, n := range m.NumParams {
		if n > 0 && e.Params[v] != nil {
			give(a, e.Params[v], w.ParamsAt(v))
		}
	}
	for v, vertex := range m.Vertices {
		if vertex.Kind == quiver.KindBias {
			fillOnes(a.buffer(e.Vertex[v]))
		}
	}
	fillOnes(a.buffer(e.Ones))
	for i, v := range m.Inputs {
		if e.Vertex[v] != nil {
			giveRows(a, e.Vertex[v], xs[i], lo, e.Rows)
		}
	}
}

// give binds double-precision memory where the precision is double, and converts it else.
func give[T op.Float](a *arena[T], n *gorgonia.Node, data []float64) {
	if same, ok := any(data).([]T); ok {
		a.bind(n, same)
		return
	}
	for i := range a.buffer(n) {
		a.buffer(n)[i] = T(data[i])
	}
}

func giveRows[T op.Float](a *arena[T], n *gorgonia.Node, m *mat.Dense, lo, rows int) {
	raw := m.RawMatrix()
	if raw.Stride == raw.Cols {
		give(a, n, raw.Data[lo*raw.Cols:(lo+rows)*raw.Cols])
		return
	}
	b := a.buffer(n)
	for i := 0; i < rows && b != nil; i++ {
		for j, x := range m.RawRowView(lo + i) {
			b[i*raw.Cols+j] = T(x)
		}
	}
}

func copyMatrix[T op.Float](dst []T, m mat.Matrix, cols int) {
	for i := range dst {
		dst[i] = T(m.At(i/cols, i%cols))
	}
}

func fillOnes[T op.Float](dst []T) {
	for i := range dst {
		dst[i] = 1
	}
}
