package data

import (
	"fmt"
	"iter"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"
)

// SizeError reports two things that should hold equally many samples.
type SizeError struct {
	What    string
	N       int
	Other   string
	Samples int
}

func (e *SizeError) Error() string {
	return fmt.Sprintf("data: %s: %d samples, but %s: %d; every matrix needs one row per sample", e.What, e.N, e.Other, e.Samples)
}

// BatchError reports a batch size below 1.
type BatchError struct{ Size int }

func (e *BatchError) Error() string {
	return fmt.Sprintf("data: batch size %d; want 1 or more", e.Size)
}

// Batches cuts the samples in the rows of xs and ys, which all have equally many, into batches of
// the given size; the last one may be smaller. Each range over the result is one
// epoch: it yields every sample once, in an order drawn from src, or in their own order where
// src is nil. The same source gives the same batches; a second epoch draws on.
//
// The matrices yielded are written again for the next batch: copy what you keep. The
// result must not be ranged over by two goroutines at once. &mat.Dense{}, an
// input of dimension 0, is passed on as it is; where all are, there are no
// batches. Errors: SizeError, BatchError, ArgumentError for a nil matrix.
func Batches(xs, ys []*mat.Dense, size int, src rand.Source) (iter.Seq2[[]*mat.Dense, []*mat.Dense], error) {
	if size < 1 {
		return nil, &BatchError{size}
	}
	n, first := 0, ""
	for i, m := range append(append([]*mat.Dense(nil), xs...), ys...) {
		what := fmt.Sprintf("xs[%d]", i)
		if i >= len(xs) {
			what = fmt.Sprintf("ys[%d]", i-len(xs))
		}
		if m == nil {
			return nil, &ArgumentError{"Batches", what + " is nil", "a matrix with a row per sample, &mat.Dense{} for an input of dimension 0"}
		}
		if m.IsEmpty() {
			continue
		}
		r, _ := m.Dims()
		if first == "" {
			n, first = r, what
		}
		if r != n {
			return nil, &SizeError{what, r, first, n}
		}
	}
	size = min(size, max(n, 1))
	var rng *rand.Rand
	if src != nil {
		if isNil(src) {
			return nil, &ArgumentError{"Batches", fmt.Sprintf("the source is a nil %T", src), "a source, or nil itself for the samples' own order"}
		}
		rng = rand.New(src)
	}
	order := make([]int, n)
	bx, by := newBuffers(xs, size), newBuffers(ys, size)
	return func(yield func(x, y []*mat.Dense) bool) {
		for i := range order {
			order[i] = i
		}
		if rng != nil {
			rng.Shuffle(n, func(i, j int) { order[i], order[j] = order[j], order[i] })
		}
		for at := 0; at < n; at += size {
			rows := order[at:min(at+size, n)]
			if !yield(bx.rows(rows), by.rows(rows)) {
				return
			}
		}
	}, nil
}

// buffers are matrices to copy batches of rows into.
type buffers struct {
	from, full []*mat.Dense
}

func newBuffers(from []*mat.Dense, size int) *buffers {
	b := &buffers{from: append([]*mat.Dense(nil), from...), full: make([]*mat.Dense, len(from))}
	for i, m := range from {
		if !m.IsEmpty() {
			_, c := m.Dims()
			b.full[i] = mat.NewDense(size, c, nil)
		}
	}
	return b
}

func (b *buffers) rows(rows []int) []*mat.Dense {
	out := make([]*mat.Dense, len(b.from))
	for i, m := range b.from {
		if m.IsEmpty() {
			out[i] = m
			continue
		}
		_, c := m.Dims()
		out[i] = b.full[i].Slice(0, len(rows), 0, c).(*mat.Dense)
		for k, r := range rows {
			copy(out[i].RawRowView(k), m.RawRowView(r))
		}
	}
	return out
}
