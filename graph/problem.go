package graph

import (
	"slices"
	"sync"
	"sync/atomic"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/op"
	"github.com/quivernet/quivernet/quiver"
)

// Problem returns the loss on fixed data, as an optim.Objective.
//
// The data are checked at the first call and kept in the form in which the program
// computes with them, so that a step costs less than Program.LossGrad. The matrices must not
// change while the problem is in use.
func (p *Program) Problem(xs, ys []*mat.Dense) *Problem {
	o := &Problem{p: p}
	o.b.xs, o.b.ys, o.b.kept = slices.Clone(xs), slices.Clone(ys), new(kept)
	return o
}

// Problem is the loss of a Program on fixed data. It is safe for concurrent use.
type Problem struct {
	p     *Program
	mu    sync.Mutex
	ready atomic.Bool // the data are checked, and b does not change any more
	b     batch
}

// LossGrad is Program.LossGrad on the problem's data.
func (o *Problem) LossGrad(grad, w *quiver.Rep) (float64, error) {
	if err := o.made(); err != nil {
		return 0, err
	}
	if err := o.check(w); err != nil {
		return 0, err
	}
	return o.p.lossGrad(grad, w, &o.b)
}

// Loss is Program.Loss on the problem's data.
func (o *Problem) Loss(w *quiver.Rep) (float64, error) {
	if err := o.made(); err != nil {
		return 0, err
	}
	if err := o.check(w); err != nil {
		return 0, err
	}
	return o.p.loss(w, &o.b)
}

// check checks the data once, the weights each time.
func (o *Problem) check(w *quiver.Rep) error {
	if o.ready.Load() {
		if err := o.p.model.checkRep(w); err != nil {
			return err
		}
		return o.p.model.checkFinite(w)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	b := batch{kept: o.b.kept}
	if err := o.p.load(&b, w, o.b.xs, o.b.ys); err != nil {
		return err
	}
	if !o.ready.Load() {
		o.b = b
		o.ready.Store(true)
	}
	return nil
}

// kept is the data of a problem, chunk by chunk, as the tapes of one purpose want it.
type kept struct {
	mu     sync.Mutex
	chunks [2][]any // of keptChunk[T], by purpose
}

type keptChunk[T op.Float] struct {
	of   *kept
	lo   int // its first sample
	t    *tape[T]
	data [][]T // by data feed; nil where it is to be copied at each call
}

// kept returns the data of chunk c, whose samples begin at lo, of a problem; nil for data
// that may change.
func (r *runner[T]) kept(m *memory[T], b *batch, u *unit[T], c, lo int) *keptChunk[T] {
	k := b.kept
	if k == nil {
		return nil
	}
	if h := m.kept; h != nil && h.of == k && h.lo == lo { // bound since the last call
		return h
	}
	purpose := 0
	if len(u.tape.grads) > 0 {
		purpose = 1
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	for len(k.chunks[purpose]) <= c {
		k.chunks[purpose] = append(k.chunks[purpose], (*keptChunk[T])(nil))
	}
	if have := k.chunks[purpose][c].(*keptChunk[T]); have != nil && have.t == u.tape {
		return have
	}
	t := u.tape
	made := &keptChunk[T]{of: k, lo: lo, t: t, data: make([][]T, len(t.data))}
	for i, d := range t.data {
		if l := t.slots[d.slot]; !l.private {
			made.data[i] = aligned[T](l.size)
			if d.kind == leafInput {
				t.place(made.data[i], d.lane, b.xs[d.index], lo)
			} else {
				t.placeTarget(made.data[i], d, r.p, b.ys[d.index], lo)
			}
		}
	}
	k.chunks[purpose][c] = made
	return made
}
