package graph

import (
	"math"
	"sync"
	"sync/atomic"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/batch"
	"github.com/quivernet/quivernet/internal/model"
	"github.com/quivernet/quivernet/internal/vec"
	"github.com/quivernet/quivernet/quiver"
)

// chunkRows is the least number of samples in a chunk, and maxChunks the largest number of
// chunks. Both decide bits: the gradient is a sum of chunks.
const (
	chunkRows = 256
	maxChunks = 16
)

// chunks returns how many chunks a batch of n samples is cut into: it depends on n alone.
func chunksFor(p *model.Model, n int) int {
	if p.Coupled {
		return 1
	}
	return chunksOf(n)
}

// chunksOf is chunks for what does not couple the samples.
func chunksOf(n int) int { return min(max(n/chunkRows, 1), maxChunks) }

// alone says that the chunks run one after the other: then no closure is made, and
// nothing allocated.
func (r *runner[T]) alone(chunks int) bool { return chunks == 1 || r.workers == 1 }

// each calls do for every chunk, on up to workers goroutines.
func (r *runner[T]) each(n, chunks int, do func(c, lo int)) {
	at := func(c int) int { return c * n / chunks }
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(r.workers, chunks) {
		wg.Go(func() {
			for {
				c := int(next.Add(1)) - 1
				if c >= chunks {
					return
				}
				do(c, at(c))
			}
		})
	}
	wg.Wait()
}

// prepare finds the plan of each chunk.
func (r *runner[T]) prepare(w *work[T], n, chunks int, k key, widths []int) error {
	for c := range chunks {
		k.rows = (c+1)*n/chunks - c*n/chunks
		if c == 0 && w.first != nil && w.last == k {
			w.units[0], w.errs[0] = w.first, nil
			continue
		}
		u, err := r.unit(k, widths)
		if err != nil {
			return err
		}
		w.units[c], w.errs[c] = u, nil
		if c == 0 {
			if w.memory != nil {
				w.memory.GiveBack()
			}
			w.last, w.first, w.memory = k, u, nil
			if u.tape != nil {
				w.memory = u.tape.Borrow()
			}
		}
	}
	return nil
}

func (r *runner[T]) forward(dst []*mat.Dense, rep *quiver.Rep, xs []*mat.Dense, n int) error {
	chunks := chunksOf(n)
	w := r.work(chunks)
	defer r.giveBack(w)
	if err := r.prepare(w, n, chunks, key{purpose: outputsOnly}, nil); err != nil {
		return err
	}
	b := r.data.Get().(*batch.Batch)
	defer r.release(b)
	b.N, b.Inputs = n, xs
	if w.units[0].tape != nil {
		if w.src.Load(r.p, rep, b); w.src.Bad && rep.CheckFinite() == nil {
			return &NonFiniteError{Where: "the weights in single precision", Row: 0, Col: 0, Value: math.Inf(1)} // see Program.attributed
		}
	}
	if r.alone(chunks) {
		for c := range chunks {
			if err := r.forwardChunk(w, c, dst, rep, xs, c*n/chunks); err != nil {
				return err
			}
		}
		return nil
	}
	r.each(n, chunks, func(c, lo int) { w.errs[c] = r.forwardChunk(w, c, dst, rep, xs, lo) })
	return first(w.errs[:chunks])
}

// release forgets the caller's data.
func (r *runner[T]) release(b *batch.Batch) {
	*b = batch.Batch{}
	r.data.Put(b)
}

func (r *runner[T]) forwardChunk(w *work[T], c int, dst []*mat.Dense, rep *quiver.Rep, xs []*mat.Dense, lo int) error {
	if t := w.units[c].tape; t != nil {
		m := w.memoryOf(c)
		defer w.release(c, m)
		return t.Outputs(m, &w.src, dst, lo)
	}
	return w.units[c].plan.Outputs(rep, xs, dst, lo)
}

// lossGrad runs the chunks and adds them up in a fixed tree. Without grad it computes
// the loss alone.
func (r *runner[T]) lossGrad(grad, rep *quiver.Rep, b *batch.Batch) (float64, error) {
	k, size := key{purpose: lossOnly}, 0
	if grad != nil {
		k.purpose, size = lossAndGrad, len(grad.Data())
	}
	return r.sweep(k, size, grad, rep, nil, b)
}

func (r *runner[T]) hessian(dst, rep, v *quiver.Rep, b *batch.Batch) error {
	_, err := r.sweep(key{purpose: hessianVector}, len(dst.Data()), dst, rep, v, b)
	return err
}

func (r *runner[T]) sweep(k key, size int, dst, rep, v *quiver.Rep, b *batch.Batch) (float64, error) {
	chunks := chunksFor(r.p, b.N)
	w := r.work(chunks)
	defer r.giveBack(w)
	widths := r.p.LossWidths
	if r.p.Custom {
		widths = r.p.TargetWidths(b.Targets)
		k.widths = r.p.WidthKey(widths)
	}
	if err := r.prepare(w, b.N, chunks, k, widths); err != nil {
		return 0, err
	}
	if w.units[0].tape != nil {
		w.src.Load(r.p, rep, b)
	} else {
		w.src.Bad = vec.FirstBad(rep.Data()) >= 0
	}
	if w.src.Bad {
		if err := rep.CheckFinite(); err != nil {
			return 0, &RepError{Reason: "the weights are not finite", Err: err}
		}
		return 0, &NonFiniteError{Where: "the weights in single precision", Row: 0, Col: 0, Value: math.Inf(1)} // see Program.attributed
	}
	var slabs [][]T
	if straight, ok := any(dataOf(dst)).([]T); ok && size > 0 && chunks == 1 {
		w.straight[0] = straight
		slabs = w.straight[:] // the gradient goes where it is wanted at once
	} else {
		slabs = w.slabsFor(chunks, size)
	}
	if r.alone(chunks) {
		for c := range chunks {
			r.sweepChunk(w, slabs, c, c*b.N/chunks, size > 0, rep, v, b)
		}
	} else {
		r.each(b.N, chunks, func(c, lo int) { r.sweepChunk(w, slabs, c, lo, size > 0, rep, v, b) })
	}
	if err := first(w.errs[:chunks]); err != nil {
		return 0, err
	}
	for stride := 1; stride < chunks; stride *= 2 {
		for c := 0; c+stride < chunks; c += 2 * stride {
			w.losses[c] += w.losses[c+stride]
		}
	}
	bad := -1
	if size > 0 {
		bad = w.total(dst.Data(), slabs[:chunks])
	}
	if l := w.losses[0]; bad >= 0 || l*0 != 0 {
		return 0, r.trace(w, slabs, chunks, bad, dst, b)
	}
	return w.losses[0], nil
}

func dataOf(r *quiver.Rep) []float64 {
	if r == nil {
		return nil
	}
	return r.Data()
}

// sweepChunk computes the loss of one chunk and, into its slab, the gradient or the
// Hessian-vector product.
func (r *runner[T]) sweepChunk(w *work[T], slabs [][]T, c, lo int, slab bool, rep, v *quiver.Rep, b *batch.Batch) {
	var to []T
	if slab {
		to = slabs[c]
	}
	if t := w.units[c].tape; t != nil {
		m := w.memoryOf(c)
		w.losses[c], w.errs[c] = t.Gradient(m, &w.src, to, lo, c)
		w.release(c, m)
		return
	}
	w.losses[c], w.errs[c] = w.units[c].plan.Gradient(to, rep, v, b, lo)
}

func first(errs []error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
