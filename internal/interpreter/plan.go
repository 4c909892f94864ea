package interpreter

import (
	"fmt"
	"sync"

	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/fault"
	"github.com/quivernet/quivernet/internal/model"
	"github.com/quivernet/quivernet/internal/op"
	"github.com/quivernet/quivernet/internal/vec"
)

// Plan is a list of steps that computes the wanted nodes of an expression, and nothing
// that they do not need. It is made once per batch size and purpose.
type Plan[T op.Float] struct {
	e       *model.Expression
	run     func(*op.Op, op.Mat[T], []op.Mat[T], []float64) error
	from    func(*op.Op, op.Mat[T], op.Mat[T], []op.Mat[T], []float64)
	nodes   gorgonia.Nodes
	at      map[*gorgonia.Node]int // position in nodes, which is the number of the buffer
	steps   []step
	scratch int
	leaf    []bool // inputs and constants
	foreign []bool // read or written by an operation that is not ours

	mu   sync.Mutex
	free []*arena[T]
}

// step computes one node.
type step struct {
	node int
	own  *op.Op      // nil for an operation of Gorgonia
	op   gorgonia.Op // then this
	in   []int
	twin int // the buffer of z, where the vertex is computed from it; else -1
}

// NewPlan lists the steps that compute the wanted nodes. A node whose sum z is computed anyway is made of it.
func NewPlan[T op.Float](e *model.Expression, wanted gorgonia.Nodes) (*Plan[T], error) {
	p := &Plan[T]{e: e, nodes: op.Ancestors(wanted), at: make(map[*gorgonia.Node]int)}
	switch r := any(p).(type) {
	case *Plan[float64]:
		r.run, r.from = (*op.Op).Run64, (*op.Op).FromSum64
	case *Plan[float32]:
		r.run, r.from = (*op.Op).Run32, (*op.Op).FromSum32
	}
	for i, n := range p.nodes {
		p.at[n] = i
	}
	p.leaf, p.foreign = make([]bool, len(p.nodes)), make([]bool, len(p.nodes))
	done := make([]bool, len(p.nodes))
	var add func(i int) error
	add = func(i int) error {
		if done[i] {
			return nil
		}
		done[i] = true
		n := p.nodes[i]
		children := op.Children(n)
		if len(children) == 0 {
			p.leaf[i] = true
			return nil
		}
		s := step{node: i, op: n.Op(), twin: -1}
		s.own, _ = n.Op().(*op.Op)
		sizes := make([][2]int, len(children))
		for j, c := range children {
			s.in = append(s.in, p.at[c])
			sizes[j] = model.SizeOf(c)
			if s.own == nil {
				p.foreign[p.at[c]] = true
			}
		}
		if s.own == nil {
			p.foreign[i] = true
		} else {
			p.scratch = max(p.scratch, s.own.ScratchLen(sizes))
			if z, ok := p.at[s.own.Twin()]; ok && s.own.Twin() != nil {
				if err := add(z); err != nil { // its inputs are ours, which stand before
					return err
				}
				s.twin = z
			}
		}
		p.steps = append(p.steps, s)
		return nil
	}
	for i := range p.nodes {
		if err := add(i); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// Computed returns the nodes that the steps compute, in their order.
func (p *Plan[T]) Computed() gorgonia.Nodes {
	ns := make(gorgonia.Nodes, len(p.steps))
	for i, s := range p.steps {
		ns[i] = p.nodes[s.node]
	}
	return ns
}

// maxFree bounds how many idle arenas a plan keeps.
const maxFree = 16

func (p *Plan[T]) borrow() *arena[T] {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := len(p.free); n > 0 {
		a := p.free[n-1]
		p.free = p.free[:n-1]
		return a
	}
	return newArena(p)
}

func (p *Plan[T]) giveBack(a *arena[T]) {
	a.forget()
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.free) < maxFree {
		p.free = append(p.free, a)
	}
}

// execute runs all steps. An error or a panic of an operation carries its owner.
func (p *Plan[T]) execute(a *arena[T]) (err error) {
	current := 0
	defer func() {
		if r := recover(); r != nil {
			err = p.opError(current, fmt.Errorf("%v", r))
		}
	}()
	for i := range p.steps {
		current = i
		if err := p.executeStep(a, i); err != nil {
			return p.opError(i, err)
		}
	}
	return nil
}

func (p *Plan[T]) executeStep(a *arena[T], i int) error {
	s := &p.steps[i]
	switch {
	case s.own == nil:
		return a.foreign(s)
	case s.twin >= 0:
		p.from(s.own, a.mats[s.node], a.mats[s.twin], a.ins[i], a.scratch)
		return nil
	}
	return p.run(s.own, a.mats[s.node], a.ins[i], a.scratch)
}

func (p *Plan[T]) opError(i int, err error) error {
	s := p.steps[i]
	n := p.nodes[s.node]
	owner := "loss"
	if s.own != nil {
		owner = s.own.Owner()
	}
	return &fault.OpError{Owner: owner, Node: n.Name(), Err: err}
}

// watch runs the steps again and returns the first value that is not finite.
func (p *Plan[T]) watch(a *arena[T]) error {
	for i, s := range p.steps {
		if err := p.executeStep(a, i); err != nil {
			return p.opError(i, err)
		}
		m := a.mats[s.node]
		if k := vec.FirstBad(m.Data); k >= 0 {
			where := fmt.Sprintf("%s of the loss", p.nodes[s.node].Name())
			if s.own != nil {
				where = fmt.Sprintf("vertex or arrow %q, value %s", s.own.Owner(), s.own)
			}
			return &fault.NonFiniteError{Where: where, Row: k / m.C, Col: k % m.C, Value: float64(m.Data[k])}
		}
	}
	return nil
}
