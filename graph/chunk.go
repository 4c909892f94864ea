package graph

import (
	"sync"
	"sync/atomic"

	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/op"
	"github.com/quivernet/quivernet/quiver"
)

// chunkRows is the least number of samples in a chunk, and maxChunks the largest number of
// chunks. Both decide bits: the gradient is a sum of chunks.
const (
	chunkRows = 128
	maxChunks = 16
)

// chunks returns how many chunks a batch of n samples is cut into: it depends on n alone.
func (p *Program) chunks(n int) int {
	if p.coupled {
		return 1
	}
	return min(max(n/chunkRows, 1), maxChunks)
}

// work is the memory of one call: a loss and a gradient per chunk.
type work[T op.Float] struct {
	plans  []*plan[T]
	losses []float64
	errs   []error
	slabs  [][]float64
}

func (r *runner[T]) work(chunks, size int) *work[T] {
	w := r.borrow()
	for len(w.plans) < chunks {
		w.plans, w.losses, w.errs = append(w.plans, nil), append(w.losses, 0), append(w.errs, nil)
	}
	for size > 0 && len(w.slabs) < chunks {
		w.slabs = append(w.slabs, make([]float64, size))
	}
	return w
}

func (r *runner[T]) borrow() *work[T] {
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
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.sets) < maxFree {
		r.sets = append(r.sets, w)
	}
}

// alone says that the chunks run one after the other: then no closure is made, and
// nothing allocated.
func (r *runner[T]) alone(chunks int) bool { return chunks == 1 || r.p.workers == 1 }

// each calls do for every chunk, on up to workers goroutines.
func (r *runner[T]) each(n, chunks int, do func(c, lo int)) {
	at := func(c int) int { return c * n / chunks }
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(r.p.workers, chunks) {
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
		p, err := r.plan(k, widths)
		if err != nil {
			return err
		}
		w.plans[c], w.errs[c] = p, nil
	}
	return nil
}

func (r *runner[T]) forward(dst []*mat.Dense, rep *quiver.Rep, xs []*mat.Dense, n int) error {
	chunks := min(max(n/chunkRows, 1), maxChunks)
	w := r.work(chunks, 0)
	defer r.giveBack(w)
	if err := r.prepare(w, n, chunks, key{purpose: outputsOnly}, nil); err != nil {
		return err
	}
	if r.alone(chunks) {
		for c := range chunks {
			if err := r.forwardChunk(w.plans[c], dst, rep, xs, c*n/chunks); err != nil {
				return err
			}
		}
		return nil
	}
	r.each(n, chunks, func(c, lo int) { w.errs[c] = r.forwardChunk(w.plans[c], dst, rep, xs, lo) })
	return first(w.errs[:chunks])
}

func (r *runner[T]) forwardChunk(p *plan[T], dst []*mat.Dense, rep *quiver.Rep, xs []*mat.Dense, lo int) error {
	a := p.borrow()
	defer p.giveBack(a)
	r.feed(a, rep, xs, lo)
	if err := p.execute(a); err != nil {
		return err
	}
	for i, v := range r.p.outputs {
		if p.e.vertex[v] == nil {
			continue
		}
		d, y := r.p.vertices[v].Dim, a.value(p.e.vertex[v])
		for s := range p.e.rows {
			row := dst[i].RawRowView(lo + s)
			for j, x := range y[s*d : (s+1)*d] {
				row[j] = float64(x)
			}
		}
	}
	return nil
}

// lossGrad runs the chunks and adds them up in a fixed tree. Without grad it computes
// the loss alone.
func (r *runner[T]) lossGrad(grad, rep *quiver.Rep, b *batch) (float64, error) {
	k, size := key{purpose: lossOnly}, 0
	if grad != nil {
		k.purpose, size = lossAndGrad, len(grad.Data())
	}
	return r.sweep(k, size, grad, rep, nil, b)
}

func (r *runner[T]) hessian(dst, rep, v *quiver.Rep, b *batch) error {
	_, err := r.sweep(key{purpose: hessianVector}, len(dst.Data()), dst, rep, v, b)
	return err
}

func (r *runner[T]) sweep(k key, size int, dst, rep, v *quiver.Rep, b *batch) (float64, error) {
	chunks := r.p.chunks(b.n)
	w := r.work(chunks, size)
	defer r.giveBack(w)
	var widths []int
	if r.hasCustom() {
		widths = r.p.widths(b.ys)
		k.widths = r.p.widthKey(widths)
	} else {
		widths = r.p.outWidths
	}
	if err := r.prepare(w, b.n, chunks, k, widths); err != nil {
		return 0, err
	}
	if r.alone(chunks) {
		for c := range chunks {
			r.sweepChunk(w, c, c*b.n/chunks, size > 0, rep, v, b)
		}
	} else {
		r.each(b.n, chunks, func(c, lo int) { r.sweepChunk(w, c, lo, size > 0, rep, v, b) })
	}
	if err := first(w.errs[:chunks]); err != nil {
		return 0, err
	}
	for stride := 1; stride < chunks; stride *= 2 {
		for c := 0; c+stride < chunks; c += 2 * stride {
			w.losses[c] += w.losses[c+stride]
			if size > 0 {
				for i, x := range w.slabs[c+stride] {
					w.slabs[c][i] += x
				}
			}
		}
	}
	if size > 0 {
		copy(dst.Data(), w.slabs[0])
		if i := firstBad(dst.Data()); i >= 0 {
			return 0, &NonFiniteError{"the sum of the gradients of the chunks", 0, i, dst.Data()[i]}
		}
	}
	return w.losses[0], nil
}

func (r *runner[T]) hasCustom() bool {
	for _, l := range r.p.losses {
		if l.loss.custom {
			return true
		}
	}
	return false
}

// sweepChunk computes the loss of one chunk and, into its slab, the gradient or the
// Hessian-vector product.
func (r *runner[T]) sweepChunk(w *work[T], c, lo int, slab bool, rep, v *quiver.Rep, b *batch) {
	p := w.plans[c]
	a := p.borrow()
	defer p.giveBack(a)
	e := p.e
	r.feed(a, rep, b.xs, lo)
	for i, l := range r.p.losses {
		d := r.p.vertices[r.p.lossAt[i]].Dim
		if _, cols := b.ys[i].Dims(); l.loss.labels && cols != d {
			oneHot(a.buffer(e.target[i]), b.ys[i], lo, e.rows, d)
		} else {
			giveRows(a, e.target[i], b.ys[i], lo, e.rows)
		}
		if s := a.buffer(e.share[i]); s != nil {
			s[0] = T(l.weight * l.loss.share(b.n, d))
		}
	}
	if s := a.buffer(e.unit); s != nil {
		s[0] = 1
	}
	if v != nil {
		i := 0
		for _, data := range v.Segments() {
			if e.tangent[i] != nil {
				give(a, e.tangent[i], data)
			}
			i++
		}
	}
	if w.errs[c] = p.execute(a); w.errs[c] != nil {
		return
	}
	bad := false
	if _, ok := p.at[e.loss]; ok {
		w.losses[c] = float64(a.value(e.loss)[0])
		bad = w.losses[c]*0 != 0
	}
	if slab {
		from := e.grad
		if v != nil {
			from = e.hvp
		}
		bad = gather(w.slabs[c], rep, a, from) || bad
	}
	if bad {
		if w.errs[c] = p.watch(a); w.errs[c] == nil {
			w.errs[c] = &NonFiniteError{"the loss or its gradient", 0, 0, w.losses[c]}
		}
	}
}

// gather copies the values of the nodes, one per segment, into a slab and reports
// whether any is not finite.
func gather[T op.Float](slab []float64, rep *quiver.Rep, a *arena[T], from []*gorgonia.Node) (bad bool) {
	i, at := 0, 0
	for _, data := range rep.Segments() {
		out := slab[at : at+len(data)]
		if n := from[i]; n == nil {
			clear(out)
		} else {
			for j, x := range a.value(n) {
				out[j] = float64(x)
			}
			bad = bad || firstBad(out) >= 0
		}
		at += len(data)
		i++
	}
	return bad
}

// oneHot writes class indices as rows of zeros with a one.
func oneHot[T op.Float](dst []T, y *mat.Dense, lo, rows, d int) {
	clear(dst)
	for i := range rows {
		dst[i*d+int(y.At(lo+i, 0))] = 1
	}
}

func first(errs []error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
