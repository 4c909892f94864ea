package tape

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/internal/blas"
	"github.com/quivernet/quivernet/internal/foreign"
	"github.com/quivernet/quivernet/internal/model"
	"github.com/quivernet/quivernet/internal/op"
)

// operation runs one node of the expression as it is, on values by rows: an
// operation of this library that no rule fuses, or one of Gorgonia's.
type operation[T op.Float] struct {
	t     *Tape[T]
	node  *gorgonia.Node
	own   *op.Op
	in    []int
	sizes [][2]int
	out   int
	run64 func(*op.Op, op.Mat[T], []op.Mat[T], []float64) error
}

func (f *fuser[T]) emitOperation(n *gorgonia.Node) error {
	s := &operation[T]{t: f.t, node: n}
	s.own, _ = n.Op().(*op.Op)
	switch r := any(s).(type) {
	case *operation[float64]:
		r.run64 = (*op.Op).Run64
	case *operation[float32]:
		r.run64 = (*op.Op).Run32
	}
	for _, c := range op.Children(n) {
		j, err := f.rowsOf(c)
		if err != nil {
			return err
		}
		if s.own == nil {
			f.hold(j)
		}
		s.in = append(s.in, j)
		s.sizes = append(s.sizes, model.SizeOf(c))
	}
	s.out = f.slot(n, false)
	f.row[n] = s.out
	if s.own == nil {
		f.hold(s.out)
	} else {
		f.t.wide = max(f.t.wide, s.own.ScratchLen(s.sizes))
	}
	f.add(s)
	return nil
}

// hold gives a slot memory of its own, on which a tensor can stay.
func (f *fuser[T]) hold(j int) {
	f.t.slots[j].private = true
	f.t.slots[j].bound = false
}

func (s *operation[T]) run(m *Memory[T]) error {
	if s.own == nil {
		return s.foreign(m)
	}
	m.mats = m.mats[:0]
	for i, j := range s.in {
		m.mats = append(m.mats, op.Mat[T]{R: s.sizes[i][0], C: s.sizes[i][1], Data: m.slot[j]})
	}
	l := s.t.slots[s.out]
	return s.run64(s.own, op.Mat[T]{R: l.rows, C: l.cols, Data: m.slot[s.out]}, m.mats, m.side)
}

// foreign runs an operation of Gorgonia on tensors that share the slots' memory.
func (s *operation[T]) foreign(m *Memory[T]) error {
	m.args = m.args[:0]
	children := op.Children(s.node)
	for i, j := range s.in {
		if foreign.TakesNumber(children[i]) {
			m.args = append(m.args, foreign.Number(m.slot[j][0]))
			continue
		}
		if m.values[j] == nil {
			if len(children[i].Shape()) == 0 {
				return fmt.Errorf("input %s holds no value; a custom loss must not add inputs", children[i].Name())
			}
			m.values[j] = tensor.New(tensor.WithShape(children[i].Shape()...), tensor.WithBacking(m.slot[j]))
		}
		m.args = append(m.args, m.values[j])
	}
	v, err := s.node.Op().Do(m.args...)
	if err != nil {
		return err
	}
	v = foreign.Shaped[T](s.node, v)
	m.values[s.out] = v
	return foreign.Store(m.slot[s.out], v, false)
}

func (s *operation[T]) about() about {
	a := about{kind: "operation", owner: "loss", nodes: gorgonia.Nodes{s.node}, reads: s.in, makes: []result{{s.out, s.node}}, own: s.own,
		text: fmt.Sprintf("%s = %v", s.node.Name(), s.node.Op())}
	if s.own != nil {
		a.owner = s.own.Owner()
	}
	for _, z := range append(s.sizes, [2]int{s.t.slots[s.out].rows, s.t.slots[s.out].cols}) {
		a.moved += z[0] * z[1]
	}
	a.flops = a.moved
	return a
}

// turn copies a value from rows to lanes, or back. Lanes without a sample become zero.
type turn[T op.Float] struct {
	node     *gorgonia.Node
	from, to int
	lane     bool
}

func (s *turn[T]) run(m *Memory[T]) error {
	t := m.t
	l := t.slots[s.to]
	from, to := m.slot[s.from], m.slot[s.to]
	switch {
	case !t.slots[s.from].lane && !l.lane:
		copy(to, from)
	case l.lane:
		blas.Transpose(l.rows, l.cols, from, l.cols, to, t.ld)
		for c := range l.cols {
			clear(to[c*t.ld+t.n : c*t.ld+t.lanes])
		}
	default:
		blas.Transpose(l.cols, l.rows, from, t.ld, to, l.cols)
	}
	return nil
}

func (s *turn[T]) about() about {
	z := model.SizeOf(s.node)
	owner := s.node.Name()
	if o, ok := s.node.Op().(*op.Op); ok {
		owner = o.Owner()
	}
	to := "rows"
	if s.lane {
		to = "lanes"
	}
	return about{kind: "copy", owner: owner, nodes: gorgonia.Nodes{s.node}, text: s.node.Name() + " by " + to,
		moved: 2 * z[0] * z[1], reads: []int{s.from}, makes: []result{{s.to, s.node}}}
}
