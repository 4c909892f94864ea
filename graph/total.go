package graph

import (
	"github.com/quivernet/quivernet/internal/batch"
	"github.com/quivernet/quivernet/internal/tape"
	"github.com/quivernet/quivernet/internal/vec"
	"github.com/quivernet/quivernet/quiver"
)

// total adds the chunks' gradients up in double precision, in a tree that depends on their
// number alone, and returns the index of the first sum that is not finite, or -1. It goes
// through them in blocks that stay in the processor's nearest cache.
func (w *work[T]) total(dst []float64, slabs [][]T) (bad int) {
	const block = 512
	same, ok := any(slabs[0]).([]float64)
	inPlace := ok && len(slabs) == 1 && len(dst) > 0 && &same[0] == &dst[0]
	for len(slabs) > 1 && len(w.sums) < len(slabs) {
		w.sums = append(w.sums, make([]float64, block))
	}
	sums := w.sums
	bad = -1
	for lo := 0; lo < len(dst); lo += block {
		hi := min(lo+block, len(dst))
		i := -1
		switch {
		case len(slabs) == 1:
			if i = vec.FirstBad(slabs[0][lo:hi]); !inPlace {
				tape.Widen(dst[lo:hi], slabs[0][lo:hi])
			}
		default:
			for c, s := range slabs {
				tape.Widen(sums[c][:hi-lo], s[lo:hi])
			}
			for stride := 1; stride < len(slabs); stride *= 2 {
				for c := 0; c+stride < len(slabs); c += 2 * stride {
					vec.Add(sums[c][:hi-lo], sums[c+stride][:hi-lo])
				}
			}
			copy(dst[lo:hi], sums[0])
			i = vec.FirstBad(dst[lo:hi])
		}
		if i >= 0 && bad < 0 {
			bad = lo + i
		}
	}
	return bad
}

// trace runs the chunks again, one after the other, and names the first value that is not
// finite.
func (r *runner[T]) trace(w *work[T], slabs [][]T, chunks, bad int, dst *quiver.Rep, b *batch.Batch) error {
	for c := range chunks {
		if t := w.units[c].tape; t != nil {
			var slab []T
			if dst != nil { // the memory may be another than that of the sweep
				slab = slabs[c]
			}
			m := w.memoryOf(c)
			err := t.Trace(m, &w.src, slab, c*b.N/chunks)
			if w.release(c, m); err != nil {
				return err
			}
		}
	}
	if bad < 0 {
		return &NonFiniteError{Where: "the loss", Row: 0, Col: 0, Value: w.losses[0]}
	}
	return &NonFiniteError{Where: "the sum of the gradients of the chunks", Row: 0, Col: bad, Value: dst.Data()[bad]}
}
