package graph

import (
	"github.com/quivernet/quivernet/internal/op"
	"github.com/quivernet/quivernet/internal/tape"
)

// work is the memory of one call: a loss and a gradient per chunk.
type work[T op.Float] struct {
	units    []*unit[T]
	losses   []float64
	errs     []error
	slabs    [][]T
	straight [1][]T      // the caller's gradient instead
	sums     [][]float64 // a block of each chunk's gradient
	src      tape.Source[T]

	// Of the first chunk, what the last call used: the next one is mostly of the same kind.
	last   key
	first  *unit[T]
	memory *tape.Memory[T] // of first's tape
}

func (r *runner[T]) work(chunks int) *work[T] {
	w := r.borrow()
	for len(w.units) < chunks {
		w.units, w.losses, w.errs = append(w.units, nil), append(w.losses, 0), append(w.errs, nil)
	}
	return w
}

// slabsFor returns memory for a gradient of each chunk.
func (w *work[T]) slabsFor(chunks, size int) [][]T {
	for size > 0 && len(w.slabs) < chunks {
		w.slabs = append(w.slabs, make([]T, size))
	}
	return w.slabs
}

// maxSets bounds how many idle works a runner keeps.
const maxSets = 16

// borrow returns an idle work; the one that was given back last waits apart from the
// others, where no lock is needed.
func (r *runner[T]) borrow() *work[T] {
	if w := r.idle.Swap(nil); w != nil {
		return w
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if n := len(r.sets); n > 0 {
		w := r.sets[n-1]
		r.sets = r.sets[:n-1]
		return w
	}
	return &work[T]{}
}

func (r *runner[T]) giveBack(w *work[T]) {
	w.src.Forget()
	if r.idle.CompareAndSwap(nil, w) {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.sets) < maxSets {
		r.sets = append(r.sets, w)
	}
}

// memoryOf returns memory for a chunk's tape.
func (w *work[T]) memoryOf(c int) *tape.Memory[T] {
	if c == 0 {
		return w.memory
	}
	return w.units[c].tape.Borrow()
}

func (w *work[T]) release(c int, m *tape.Memory[T]) {
	if c > 0 {
		m.GiveBack()
	}
}
