package graph

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/batch"
	"github.com/quivernet/quivernet/quiver"
)

// traceOutputs evaluates the outputs again and names the first value that is not finite.
func (r *runner[T]) traceOutputs(rep *quiver.Rep, xs []*mat.Dense, n int) error {
	chunks := chunksOf(n)
	w := r.work(chunks)
	defer r.giveBack(w)
	if err := r.prepare(w, n, chunks, key{purpose: outputsOnly}, nil); err != nil {
		return err
	}
	b := &batch.Batch{N: n, Inputs: xs}
	w.src.Load(r.p, rep, b)
	for c := range chunks {
		lo := c * n / chunks
		if t := w.units[c].tape; t != nil {
			m := w.memoryOf(c)
			err := t.Trace(m, &w.src, nil, lo)
			if w.release(c, m); err != nil {
				return err
			}
			continue
		}
		if err := w.units[c].plan.Trace(rep, xs, lo); err != nil {
			return err
		}
	}
	return &NonFiniteError{Where: "the outputs", Row: 0, Col: 0, Value: math.NaN()}
}
