package graph

import (
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/op"
	"github.com/quivernet/quivernet/internal/vec"
	"github.com/quivernet/quivernet/quiver"
)

// leaf says where the numbers of an input of the expression come from.
type leaf struct {
	kind  leafKind
	index int // arrow, vertex, input or loss
	node  *gorgonia.Node
}

type leafKind uint8

const (
	leafWeight   leafKind = iota // by arrow
	leafFixed                    // by arrow
	leafParams                   // by vertex
	leafInput                    // by input
	leafOnes                     // a bias vertex
	leafTarget                   // by loss
	leafShare                    // by loss
	leafUnit                     // the seed of the sweep
	leafConstant                 // a constant of a user's loss
)

// bindable says that the numbers are shared by all chunks of a call.
func (l leaf) bindable() bool { return l.kind <= leafParams }

// feed puts a leaf into a slot before the stages run.
type feed struct {
	leaf
	slot int
	lane bool
}

// leavesOf lists the inputs of an expression.
func leavesOf(p *Program, e *expression) map[*gorgonia.Node]leaf {
	at := make(map[*gorgonia.Node]leaf)
	put := func(n *gorgonia.Node, k leafKind, i int) {
		if n != nil {
			at[n] = leaf{k, i, n}
		}
	}
	for i, a := range p.arrows {
		switch {
		case a.Fixed:
			put(e.weight[i], leafFixed, i)
		case a.TiedTo == "":
			put(e.weight[i], leafWeight, i)
		}
	}
	for v, vertex := range p.vertices {
		put(e.param[v], leafParams, v)
		if vertex.Kind == quiver.KindBias {
			put(e.vertex[v], leafOnes, v)
		}
	}
	for i, v := range p.inputs {
		put(e.vertex[v], leafInput, i)
	}
	for i := range e.target {
		put(e.target[i], leafTarget, i)
		put(e.share[i], leafShare, i)
	}
	put(e.unit, leafUnit, 0)
	for _, n := range e.g.ByName(onesName) {
		put(n, leafOnes, -1)
	}
	return at
}

// source holds, for one call, what all its chunks share: the weights in the precision of the
// program, and the data.
type source[T op.Float] struct {
	weights [][]T // by arrow; fixed ones too
	params  [][]T // by vertex
	b       *batch
	buffers [][]T // memory for conversions: arrows, then vertices
	bad     bool  // a converted number is not finite
}

// load takes the weights of a call: double precision as it is, single precision converted
// once.
func (s *source[T]) load(p *Program, w *quiver.Rep, b *batch) {
	if s.buffers == nil {
		s.weights, s.params = make([][]T, len(p.arrows)), make([][]T, len(p.vertices))
		s.buffers = make([][]T, len(p.arrows)+len(p.vertices))
	}
	s.b = b
	for i, a := range p.arrows {
		switch {
		case a.Rows*a.Cols == 0:
		case !a.Fixed:
			s.weights[i] = s.convert(i, w.Block(i))
		default:
			s.weights[i] = s.fixed(i, a.Rows, a.Cols, w.Fixed(i))
		}
	}
	for v, n := range p.params {
		if n > 0 {
			s.params[v] = s.convert(len(p.arrows)+v, w.ParamsAt(v))
		}
	}
}

// fixed returns a fixed matrix by rows; a structured one is compiled in, not read.
func (s *source[T]) fixed(i, rows, cols int, m mat.Matrix) []T {
	if _, ok := m.(quiver.Inclusion); ok {
		return nil
	}
	if d, ok := m.(*mat.Dense); ok && d.RawMatrix().Stride == cols {
		return s.convert(i, d.RawMatrix().Data)
	}
	copyMatrix(s.buffer(i, rows*cols), m, cols)
	return s.buffers[i]
}

func (s *source[T]) buffer(i, n int) []T {
	if len(s.buffers[i]) != n {
		s.buffers[i] = make([]T, n)
	}
	return s.buffers[i]
}

func (s *source[T]) convert(i int, x []float64) []T {
	if same, ok := any(x).([]T); ok {
		return same
	}
	to := s.buffer(i, len(x))
	const block = 4096 // stays in the processor's nearest cache between the two passes
	for lo := 0; lo < len(x); lo += block {
		hi := min(lo+block, len(x))
		convert(to[lo:hi], x[lo:hi])
		s.bad = s.bad || vec.FirstBad(to[lo:hi]) >= 0
	}
	return to
}

// forget drops the caller's memory.
func (s *source[T]) forget() {
	clear(s.weights)
	clear(s.params)
	s.b, s.bad = nil, false
}

// fill puts samples lo … lo+n of the data, and the shared weights, into the memory.
func (t *tape[T]) fill(m *memory[T], p *Program, s *source[T], lo int) error {
	for _, d := range t.feeds {
		switch d.kind {
		case leafWeight, leafFixed:
			if t.slots[d.slot].private {
				copy(m.slot[d.slot], s.weights[d.index])
			} else {
				m.slot[d.slot] = s.weights[d.index]
			}
		case leafParams:
			if t.slots[d.slot].private {
				copy(m.slot[d.slot], s.params[d.index])
			} else {
				m.slot[d.slot] = s.params[d.index]
			}
		case leafInput:
			t.place(m, d, s.b.xs[d.index], lo)
		case leafTarget:
			y, dim := s.b.ys[d.index], p.vertices[p.lossAt[d.index]].Dim
			if _, c := y.Dims(); p.losses[d.index].loss.labels && c != dim {
				t.oneHot(m, d, y, lo, dim)
			} else {
				t.place(m, d, y, lo)
			}
		case leafShare:
			l := p.losses[d.index]
			m.slot[d.slot][0] = T(l.weight * l.loss.share(s.b.n, p.vertices[p.lossAt[d.index]].Dim))
		case leafUnit, leafOnes:
			fillOnes(m.slot[d.slot])
		case leafConstant:
			if m.values[d.slot] == nil {
				m.values[d.slot] = d.node.Value()
				if err := store(m.slot[d.slot], d.node.Value(), true); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// place copies samples into a slot: by rows, or feature-major with copies of the last one
// in the lanes that are left.
func (t *tape[T]) place(m *memory[T], d feed, x *mat.Dense, lo int) {
	to, raw := m.slot[d.slot], x.RawMatrix()
	from := raw.Data[lo*raw.Stride:]
	if !d.lane {
		for i := range t.n {
			convert(to[i*raw.Cols:(i+1)*raw.Cols], from[i*raw.Stride:i*raw.Stride+raw.Cols])
		}
		return
	}
	convertTransposed(t.n, raw.Cols, from, raw.Stride, to, t.ld)
	for c := range raw.Cols {
		row := to[c*t.ld : c*t.ld+t.lanes]
		for i := t.n; i < t.lanes; i++ {
			row[i] = row[t.n-1]
		}
	}
}

// oneHot writes class indices as vectors of zeros with a one.
func (t *tape[T]) oneHot(m *memory[T], d feed, y *mat.Dense, lo, dim int) {
	to := m.slot[d.slot]
	clear(to)
	for i := range t.n {
		if k := int(y.At(lo+i, 0)); d.lane {
			to[k*t.ld+i] = 1
		} else {
			to[i*dim+k] = 1
		}
	}
}
