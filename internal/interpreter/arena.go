package interpreter

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/internal/foreign"
	"github.com/quivernet/quivernet/internal/model"
	"github.com/quivernet/quivernet/internal/op"
)

// arena holds one buffer per value of a plan, and the views that its steps use. One
// goroutine uses it at a time.
type arena[T op.Float] struct {
	p       *Plan[T]
	mats    []op.Mat[T]
	ins     [][]op.Mat[T]    // by step
	uses    [][]*op.Mat[T]   // by node: the views that read it
	own     [][]T            // by node: the buffer that belongs to the arena
	values  []gorgonia.Value // by node, where an operation of Gorgonia needs it
	args    []gorgonia.Value
	scratch []float64
	bound   []int // nodes that point to memory of the caller
}

func newArena[T op.Float](p *Plan[T]) *arena[T] {
	n := len(p.nodes)
	a := &arena[T]{p: p, mats: make([]op.Mat[T], n), uses: make([][]*op.Mat[T], n), own: make([][]T, n), values: make([]gorgonia.Value, n), scratch: make([]float64, p.scratch)}
	for i, node := range p.nodes {
		s := model.SizeOf(node)
		a.own[i] = make([]T, s[0]*s[1])
		a.mats[i] = op.Mat[T]{R: s[0], C: s[1], Data: a.own[i]}
		if !p.foreign[i] {
			continue
		}
		if p.leaf[i] && node.Value() != nil { // a constant of the user's
			a.values[i] = node.Value()
			foreign.Store(a.own[i], node.Value(), true)
		} else if len(node.Shape()) > 0 {
			a.values[i] = tensor.New(tensor.WithShape(node.Shape()...), tensor.WithBacking(a.own[i]))
		}
	}
	for _, s := range p.steps {
		in := make([]op.Mat[T], len(s.in))
		for j, k := range s.in {
			in[j] = a.mats[k]
			a.uses[k] = append(a.uses[k], &in[j])
		}
		a.ins = append(a.ins, in)
	}
	return a
}

// bind makes a leaf read the caller's memory, or copies it where Gorgonia's own
// operations read it too.
func (a *arena[T]) bind(n *gorgonia.Node, data []T) {
	i, ok := a.p.at[n]
	if !ok || n == nil {
		return
	}
	if a.p.foreign[i] {
		copy(a.own[i], data)
		return
	}
	a.mats[i].Data = data
	for _, m := range a.uses[i] {
		m.Data = data
	}
	a.bound = append(a.bound, i)
}

// forget drops what bind took from the caller.
func (a *arena[T]) forget() {
	for _, i := range a.bound {
		a.mats[i].Data = a.own[i]
		for _, m := range a.uses[i] {
			m.Data = a.own[i]
		}
	}
	a.bound = a.bound[:0]
}

// buffer returns the arena's own memory of a leaf, to be filled; nil where the plan
// does not use the node.
func (a *arena[T]) buffer(n *gorgonia.Node) []T {
	if i, ok := a.p.at[n]; ok && n != nil {
		return a.own[i]
	}
	return nil
}

// value returns what a node holds after a run.
func (a *arena[T]) value(n *gorgonia.Node) []T { return a.mats[a.p.at[n]].Data }

// foreign runs an operation of Gorgonia on tensors that share the buffers.
func (a *arena[T]) foreign(s *step) error {
	a.args = a.args[:0]
	for _, i := range s.in {
		if foreign.TakesNumber(a.p.nodes[i]) {
			a.args = append(a.args, foreign.Number(a.mats[i].Data[0]))
			continue
		}
		if a.values[i] == nil {
			return fmt.Errorf("input %s holds no value; a custom loss must not add inputs", a.p.nodes[i].Name())
		}
		a.args = append(a.args, a.values[i])
	}
	v, err := s.op.Do(a.args...)
	if err != nil {
		return err
	}
	v = foreign.Shaped[T](a.p.nodes[s.node], v)
	a.values[s.node] = v
	return foreign.Store(a.own[s.node], v, a.p.leaf[s.node])
}
