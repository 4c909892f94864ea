package tape

import (
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/batch"
	"github.com/quivernet/quivernet/internal/foreign"
	"github.com/quivernet/quivernet/internal/model"
	"github.com/quivernet/quivernet/internal/op"
	"github.com/quivernet/quivernet/internal/vec"
	"github.com/quivernet/quivernet/quiver"
)

// inlet says where the numbers of an input of the expression come from.
type inlet struct {
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
func (l inlet) bindable() bool { return l.kind <= leafParams }

// constant says that the numbers are the same at each call with a batch of the same size.
func (l inlet) constant() bool { return l.kind >= leafShare || l.kind == leafOnes }

// feed puts a leaf into a slot before the stages run.
type feed struct {
	inlet
	slot int
	lane bool
}

// leavesOf lists the inputs of an expression.
func leavesOf(e *model.Expression) map[*gorgonia.Node]inlet {
	at := make(map[*gorgonia.Node]inlet)
	put := func(n *gorgonia.Node, k leafKind, i int) {
		if n != nil {
			at[n] = inlet{k, i, n}
		}
	}
	for i, a := range e.Model.Arrows {
		switch {
		case a.Fixed:
			put(e.Weight[i], leafFixed, i)
		case a.TiedTo == "":
			put(e.Weight[i], leafWeight, i)
		}
	}
	for v, vertex := range e.Model.Vertices {
		put(e.Params[v], leafParams, v)
		if vertex.Kind == quiver.KindBias {
			put(e.Vertex[v], leafOnes, v)
		}
	}
	for i, v := range e.Model.Inputs {
		put(e.Vertex[v], leafInput, i)
	}
	for i := range e.Target {
		put(e.Target[i], leafTarget, i)
		put(e.Share[i], leafShare, i)
	}
	put(e.Unit, leafUnit, 0)
	put(e.Ones, leafOnes, -1)
	return at
}

// Source holds, for one call, what all its chunks share: the weights in the precision of the
// program, and the data.
type Source[T op.Float] struct {
	weights [][]T // by arrow; fixed ones too
	params  [][]T // by vertex
	b       *batch.Batch
	buffers [][]T        // memory for conversions: arrows, then vertices
	fixed   []mat.Matrix // by arrow: what weights holds, a matrix that never changes
	Bad     bool         // a converted number is not finite
	key     *T           // the same key, the same memory in weights and params; nil where that is not known
}

// Load takes the weights of a call: double precision as it is, single precision converted
// once.
func (s *Source[T]) Load(m *model.Model, w *quiver.Rep, b *batch.Batch) {
	if s.buffers == nil {
		s.weights, s.params = make([][]T, len(m.Arrows)), make([][]T, len(m.Vertices))
		s.buffers = make([][]T, len(m.Arrows)+len(m.Vertices))
		s.fixed = make([]mat.Matrix, len(m.Arrows))
	}
	s.b, s.Bad = b, false
	if same, ok := any(w.Data()).([]T); ok && len(same) > 0 && len(m.Fixed) == 0 {
		if s.key == &same[0] {
			return
		}
		s.key = &same[0]
	}
	for _, i := range m.Trained {
		s.weights[i] = s.convert(i, w.Block(i))
	}
	for _, i := range m.Fixed {
		if x := w.Fixed(i); s.fixed[i] != x {
			s.weights[i] = s.matrix(i, x)
			if s.fixed[i] = x; s.Bad { // look again the next time
				s.fixed[i] = nil
			}
		}
	}
	for _, v := range m.Parametric {
		s.params[v] = s.convert(len(m.Arrows)+v, w.ParamsAt(v))
	}
	if _, single := any(s.key).(*float32); single && len(m.Trained) > 0 && len(m.Fixed) == 0 {
		s.key = &s.weights[m.Trained[0]][0]
	}
}

// Forget drops the data of the call.
func (s *Source[T]) Forget() { s.b = nil }

// matrix returns a fixed matrix by rows. Those that are compiled in are not among them.
func (s *Source[T]) matrix(i int, m mat.Matrix) []T {
	if r, c := m.Dims(); r == 0 || c == 0 {
		return nil
	}
	return s.convert(i, mat.DenseCopyOf(m).RawMatrix().Data)
}

func (s *Source[T]) buffer(i, n int) []T {
	if len(s.buffers[i]) != n {
		s.buffers[i] = make([]T, n)
	}
	return s.buffers[i]
}

func (s *Source[T]) convert(i int, x []float64) []T {
	if same, ok := any(x).([]T); ok {
		return same
	}
	to := s.buffer(i, len(x))
	const block = 4096 // stays in the processor's nearest cache between the two passes
	for lo := 0; lo < len(x); lo += block {
		hi := min(lo+block, len(x))
		convert(to[lo:hi], x[lo:hi])
		s.Bad = s.Bad || vec.FirstBad(to[lo:hi]) >= 0
	}
	return to
}

// fill puts samples lo … lo+n of the data, and the shared weights, into the memory; kept
// holds data that is in place already.
func (t *Tape[T]) fill(m *Memory[T], s *Source[T], lo int, kept *keptChunk[T]) error {
	if m.weights != s.key || s.key == nil {
		m.weights = s.key
		for _, d := range t.shared {
			if d.kind == leafParams {
				m.slot[d.slot] = s.params[d.index]
			} else {
				m.slot[d.slot] = s.weights[d.index]
			}
		}
	}
	again := kept != nil && m.kept == kept
	m.kept = kept
	t.fillData(m, s, lo, kept, again)
	return t.fillRest(m, s)
}

// fillData puts the samples into the memory, or binds it to those that are kept; again says that
// it is bound to them since the last call.
func (t *Tape[T]) fillData(m *Memory[T], s *Source[T], lo int, kept *keptChunk[T], again bool) {
	for i := range t.data {
		d := &t.data[i]
		if kept != nil && kept.data[i] != nil {
			if !again {
				m.slot[d.slot] = kept.data[i]
			}
			continue
		}
		m.slot[d.slot] = m.own(d.slot)
		switch {
		case d.kind == leafInput:
			t.place(m.slot[d.slot], d.lane, s.b.Inputs[d.index], lo)
		default:
			t.placeTarget(m.slot[d.slot], *d, s.b.Targets[d.index], lo)
		}
	}
}

// fillRest fills the leaves that have memory of their own.
func (t *Tape[T]) fillRest(m *Memory[T], s *Source[T]) error {
	again := m.batch == s.b.N
	m.batch = s.b.N
	for i := range t.feeds {
		d := &t.feeds[i]
		switch d.kind {
		case leafWeight, leafFixed:
			copy(m.slot[d.slot], s.weights[d.index])
		case leafParams:
			copy(m.slot[d.slot], s.params[d.index])
		case leafShare:
			if again {
				continue
			}
			l := &t.e.Model.Losses[d.index]
			m.slot[d.slot][0] = T(l.Weight * l.Loss.Share(s.b.N, t.e.Model.LossWidths[d.index]))
		case leafUnit, leafOnes:
			if !again {
				for k := range m.slot[d.slot] {
					m.slot[d.slot][k] = 1
				}
			}
		case leafConstant:
			if m.values[d.slot] == nil {
				m.values[d.slot] = d.node.Value()
				if err := foreign.Store(m.slot[d.slot], d.node.Value(), true); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// sortFeeds sets apart the feeds that bind what the chunks of a call share, and the data.
func (t *Tape[T]) sortFeeds() {
	rest := t.feeds[:0:0]
	for _, d := range t.feeds {
		switch private := t.slots[d.slot].private; {
		case d.bindable() && !private:
			t.shared = append(t.shared, d)
		case d.kind == leafInput || d.kind == leafTarget:
			t.data = append(t.data, d)
		default:
			rest = append(rest, d)
		}
	}
	t.feeds = rest
}

// placeTarget copies the targets of a loss; class indices become vectors.
func (t *Tape[T]) placeTarget(to []T, d feed, y *mat.Dense, lo int) {
	if dim := t.e.Model.LossWidths[d.index]; t.e.Model.Losses[d.index].Loss.Labels {
		if _, c := y.Dims(); c != dim || dim == 1 {
			t.oneHot(to, d.lane, y, lo, dim)
			return
		}
	}
	t.place(to, d.lane, y, lo)
}

// place copies samples into a slot: by rows, or feature-major with copies of the last one
// in the lanes that are left.
func (t *Tape[T]) place(to []T, lane bool, x *mat.Dense, lo int) {
	raw := x.RawMatrix()
	from := raw.Data[lo*raw.Stride:]
	if !lane {
		for i := range t.n {
			convert(to[i*raw.Cols:(i+1)*raw.Cols], from[i*raw.Stride:i*raw.Stride+raw.Cols])
		}
		return
	}
	if same, ok := any(to).([]float64); ok && raw.Cols > 4 {
		vec.Pack(same, from, t.n, raw.Cols, raw.Stride, t.lanes, t.ld)
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
func (t *Tape[T]) oneHot(to []T, lane bool, y *mat.Dense, lo, dim int) {
	clear(to)
	for i := range t.n {
		if k := min(int(y.At(lo+i, 0)), dim-1); lane {
			to[k*t.ld+i] = 1
		} else {
			to[i*dim+k] = 1
		}
	}
}
