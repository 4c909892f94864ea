package graph

import (
	"slices"
	"sync"
	"sync/atomic"

	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/batch"
	"github.com/quivernet/quivernet/internal/fault"
	"github.com/quivernet/quivernet/internal/interpreter"
	"github.com/quivernet/quivernet/internal/model"
	"github.com/quivernet/quivernet/internal/op"
	"github.com/quivernet/quivernet/internal/tape"
)

// purpose is what a plan computes.
type purpose uint8

const (
	outputsOnly purpose = iota
	lossOnly
	lossAndGrad
	hessianVector
)

// key names a plan: its rows, its purpose and, where custom losses have targets of their
// own width, those widths.
type key struct {
	rows    int
	purpose purpose
	widths  string
}

// maxPlans bounds the cache of plans; the least recently used one goes.
const maxPlans = 24

// runner runs a program in precision T.
type runner[T op.Float] struct {
	p       *model.Model
	workers int
	unfused bool
	clocks  *tape.Clocks // nil where nothing is timed
	data    sync.Pool    // *batch

	mu    sync.Mutex
	units map[key]*unit[T]
	used  map[key]uint64
	clock uint64
	sets  []*work[T] // idle
	idle  atomic.Pointer[work[T]]
}

func newRunner[T op.Float](p *model.Model, workers int, unfused bool, times *tape.Clocks) *runner[T] {
	return &runner[T]{p: p, workers: workers, unfused: unfused, clocks: times, units: make(map[key]*unit[T]), used: make(map[key]uint64),
		data: sync.Pool{New: func() any { return new(batch.Batch) }}}
}

// unit is what runs a chunk: a tape, or the plan of the unfused expression where there is
// none.
type unit[T op.Float] struct {
	e    *model.Expression
	tape *tape.Tape[T]
	plan *interpreter.Plan[T]
}

// unit returns the unit for k, made at first use.
func (r *runner[T]) unit(k key, widths []int) (*unit[T], error) {
	if u := r.have(k); u != nil {
		return u, nil
	}
	made, err := r.make(k, widths) // without the lock: a custom loss is the user's code
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.clock++
	u, ok := r.units[k]
	if ok { // made by another call in the meantime
		return u, nil
	}
	u = made
	if len(r.units) >= maxPlans {
		oldest, at := k, r.clock+1
		for q, t := range r.used {
			if t < at {
				oldest, at = q, t
			}
		}
		delete(r.units, oldest)
		delete(r.used, oldest)
	}
	r.units[k], r.used[k] = u, r.clock
	return u, nil
}

// have returns the unit for k if there is one.
func (r *runner[T]) have(k key) *unit[T] {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.clock++
	u, ok := r.units[k]
	if ok {
		r.used[k] = r.clock
	}
	return u
}

// precompile makes the units that a batch of n samples needs.
func (r *runner[T]) precompile(n int) error {
	purposes := []purpose{outputsOnly}
	if len(r.p.Losses) > 0 {
		purposes = append(purposes, lossAndGrad)
	}
	for _, what := range purposes {
		chunks := chunksFor(r.p, n)
		if what == outputsOnly {
			chunks = chunksOf(n)
		}
		for c := range chunks {
			k := key{rows: (c+1)*n/chunks - c*n/chunks, purpose: what}
			if _, err := r.unit(k, r.p.TargetWidths(nil)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *runner[T]) make(k key, widths []int) (*unit[T], error) {
	u, err := r.build(k, widths)
	return u, fault.Typed(err)
}

func (r *runner[T]) build(k key, widths []int) (*unit[T], error) {
	e, err := r.p.Build(k.rows)
	if err != nil {
		return nil, err
	}
	u := &unit[T]{e: e}
	var outputs, grads gorgonia.Nodes
	if k.purpose != outputsOnly {
		if err := e.AddLoss(widths); err != nil {
			return nil, err
		}
		outputs = append(outputs, e.Loss)
	}
	switch k.purpose {
	case outputsOnly:
		for _, v := range r.p.Outputs {
			if e.Vertex[v] != nil {
				outputs = append(outputs, e.Vertex[v])
			}
		}
	case lossAndGrad:
		grads = e.Gradient
	case hessianVector:
		if err := e.AddHessian(); err != nil {
			return nil, err
		}
		grads = e.HVP
	}
	if r.unfused || k.purpose == hessianVector {
		u.plan, err = interpreter.NewPlan[T](e, slices.Concat(outputs, grads))
		return u, err
	}
	u.tape, err = tape.Fuse[T](e, outputs, grads, r.clocks)
	return u, err
}

func (r *runner[T]) expression(rows int, widths []int) (*model.Expression, error) {
	k := key{rows: rows, purpose: outputsOnly}
	if len(r.p.Losses) > 0 {
		k.purpose = lossAndGrad
		k.widths = r.p.WidthKey(widths)
	}
	u, err := r.unit(k, widths)
	if err != nil {
		return nil, err
	}
	return u.e, nil
}
