package tape

import (
	"fmt"
	"sync"
	"unsafe"

	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/fault"
	"github.com/quivernet/quivernet/internal/model"
	"github.com/quivernet/quivernet/internal/op"
	"github.com/quivernet/quivernet/internal/vec"
)

// Tape is an expression rewritten for speed: a list of stages, each of which computes one
// or several nodes in one pass. fuse makes it.
//
// Values with one sample per row lie feature-major: feature i of sample s stands at
// [i·ld+s], so that samples lie across vector lanes and each loop is a straight
// one, however narrow a vertex is. The samples n are filled up to N lanes: in values of
// vertices with copies of the last sample, in gradients with zeros. Matrices, parameters
// and what Gorgonia's own operations read and write stand by rows.
type Tape[T op.Float] struct {
	e      *model.Expression
	n      int // samples
	lanes  int // N: n filled up to full vectors
	ld     int
	slots  []slot
	stages []stage[T]
	feeds  []feed
	shared []feed // bound to what all chunks of a call share
	data   []feed // samples
	arena  int    // numbers in the shared memory of all slots
	wide   int    // float64 numbers that a stage needs on the side
	where  map[*gorgonia.Node]int
	grads  []int // slots by segment of the slab, −1 where the gradient is zero
	sizes  []int // of the segments
	zeros  bool  // some gradient is zero
	clock  *clock
	abouts []about // with a clock

	mu   sync.Mutex
	free []*Memory[T]
}

// stage computes some nodes.
type stage[T op.Float] interface {
	run(m *Memory[T]) error
	about() about
}

// about describes a stage to people.
type about struct {
	kind  string         // "forward", "backward", "gradient", "loss", "gather", "copy", "number", "operation"
	owner string         // vertex or arrow
	nodes gorgonia.Nodes // what it computes, the last one is its result
	text  string         // the formula of what it does
	flops int            // floating-point operations, a multiplication and an addition being two
	moved int            // numbers read and written
	reads []int          // slots
	makes []result
	own   *op.Op // the operation it runs as it is, if any
}

// result is a slot that a stage fills, and the node whose value it is; nil for what only
// other stages read.
type result struct {
	slot int
	node *gorgonia.Node
}

// slot is a place for numbers: part of the arena while it is alive, or bound at each call.
type slot struct {
	size        int
	rows, cols  int  // what it holds, as in the expression
	lane        bool // feature-major
	bound       bool // memory of the caller or of the call
	private     bool // own memory: an operation of Gorgonia keeps tensors on it
	at          int  // place in the arena
	first, last int  // stages between which it is alive
}

// padded returns the lanes for n samples and the distance of features. A distance that is
// a multiple of a large power of two would put all features into the same few sets of the
// processor's cache.
func padded(n int) (lanes, ld int) {
	lanes = (n + vec.Lanes - 1) / vec.Lanes * vec.Lanes
	if ld = lanes; lanes%64 == 0 {
		ld += vec.Lanes
	}
	return lanes, ld
}

// Memory is what one run of a tape works on. One goroutine uses it at a time.
type Memory[T op.Float] struct {
	t        *Tape[T]
	slot     [][]T
	arena    []T
	privates [][]T
	side     []float64
	spare    []float64        // for samples that need care
	hard     [][]int32        // by stage: the samples that need care
	values   []gorgonia.Value // by slot, for operations of Gorgonia
	args     []gorgonia.Value
	mats     []op.Mat[T]

	// What the slots are bound to since an earlier call, so that the next call with the same
	// weights, gradient or kept data need not bind them again.
	weights *T
	grad    *T
	kept    *keptChunk[T]
	batch   int
}

func (t *Tape[T]) newMemory() *Memory[T] {
	m := &Memory[T]{t: t, slot: make([][]T, len(t.slots)), arena: aligned[T](t.arena), side: make([]float64, t.wide),
		hard: make([][]int32, len(t.stages)), values: make([]gorgonia.Value, len(t.slots))}
	m.privates = make([][]T, len(t.slots))
	for i, s := range t.slots {
		if s.private {
			m.privates[i] = make([]T, s.size)
		}
		if !s.bound {
			m.slot[i] = m.own(i)
		}
	}
	return m
}

// aligned returns n numbers that begin at a cache line: vector kernels are up to twice as
// fast on them.
func aligned[T op.Float](n int) []T {
	const line = 64
	var x T
	size := unsafe.Sizeof(x)
	all := make([]T, n+line/int(size))
	skip := (line - uintptr(unsafe.Pointer(unsafe.SliceData(all)))%line) % line / size
	return all[skip : int(skip)+n : int(skip)+n]
}

// own returns the memory of a slot that is not bound.
func (m *Memory[T]) own(i int) []T {
	s := &m.t.slots[i]
	if s.private {
		return m.privates[i]
	}
	return m.arena[s.at : s.at+s.size : s.at+s.size]
}

// maxIdle bounds how many idle memories a tape keeps.
const maxIdle = 16

// Borrow returns memory for a run.
func (t *Tape[T]) Borrow() *Memory[T] {
	t.mu.Lock()
	defer t.mu.Unlock()
	if n := len(t.free); n > 0 {
		m := t.free[n-1]
		t.free = t.free[:n-1]
		return m
	}
	return t.newMemory()
}

// GiveBack lets later runs have the memory.
func (m *Memory[T]) GiveBack() {
	t := m.t
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.free) < maxIdle {
		t.free = append(t.free, m)
	}
}

// Idle returns how many memories wait for a run.
func (t *Tape[T]) Idle() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.free)
}

// execute runs all stages. An error or a panic carries the vertex or arrow.
func (t *Tape[T]) execute(m *Memory[T]) (err error) {
	current := 0
	defer func() {
		if r := recover(); r != nil {
			err = t.opError(current, fmt.Errorf("%v", r))
		}
	}()
	if t.clock != nil {
		return t.timed(m, &current)
	}
	for i := range t.stages {
		current = i
		if err := t.stages[i].run(m); err != nil {
			return t.opError(i, err)
		}
	}
	return nil
}

func (t *Tape[T]) opError(i int, err error) error {
	if bad, ok := err.(*fault.NonFiniteError); ok {
		return bad
	}
	a := t.stages[i].about()
	n := a.nodes[len(a.nodes)-1]
	if a.kind == "operation" {
		a.owner = t.e.OwnerOf(n)
	}
	return &fault.OpError{Owner: a.owner, Node: n.Name(), Err: err}
}

// watch runs the stages again and returns the first value that is not finite.
func (t *Tape[T]) watch(m *Memory[T]) (err error) {
	for i, s := range t.stages {
		if v, ok := s.(*forward[T]); ok {
			if err := v.sumOverflows(m); err != nil {
				return err
			}
		}
		if err := s.run(m); err != nil {
			return t.opError(i, err)
		}
		for _, v := range s.about().makes {
			if v.node == nil {
				continue
			}
			if r, c, x := t.firstBad(m, v.slot); r >= 0 {
				where := fmt.Sprintf("%s of the loss", v.node.Name())
				if o, ok := v.node.Op().(*op.Op); ok {
					where = fmt.Sprintf("vertex or arrow %q, value %s", o.Owner(), o)
				}
				return &fault.NonFiniteError{Where: where, Row: r, Col: c, Value: x}
			}
		}
	}
	return nil
}

// firstBad returns where a slot has its first number that is not finite, by rows; -1 where
// all are.
func (t *Tape[T]) firstBad(m *Memory[T], slot int) (r, c int, x float64) {
	l, data := t.slots[slot], m.slot[slot]
	for r := range l.rows {
		for c := range l.cols {
			i := r*l.cols + c
			if l.lane {
				i = c*t.ld + r
			}
			if v := data[i]; v*0 != 0 {
				return r, c, float64(v)
			}
		}
	}
	return -1, 0, 0
}
