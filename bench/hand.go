package main

import (
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/blas"
)

// hand is the yardstick: the step as one writes it by hand for these networks alone. Buffers are
// made once, products and row operations are the library's own kernels, everything is
// feature-major (d×ld, the samples lie across), and for single precision the master weights are double. It has
// no graph, no plan, no checks of the data, and knows its two activations.
type hand[T blas.Float] struct {
	*instance
	n      int       // samples
	block  int       // samples that go through the network at once
	start  []float64 // W0, b0, W1, b1, …
	master []float64
	w, g   []T // w is master where T is float64
	x, t   []T // data, features × ld
	ld     int
	layers []handLayer[T]
	value  float64 // the loss of the last step, before its update
}

// handLayer holds the views and buffers of a layer with c inputs and r outputs.
type handLayer[T blas.Float] struct {
	r, c         int
	w, b, gw, gb []T
	z, y, delta  []T // r×block
	l, l1        []T // λ and λ′/r by sample
	sums         []T // of a block, for b
}

// lanes is what blocks of samples are filled up to.
const lanes = 16

// blockSize is the most samples that go through at once: the buffers of a block then stay in the
// second-level cache.
const blockSize = 128

func newHand(in *instance) stepper {
	if in.float32 {
		return makeHand[float32](in)
	}
	return makeHand[float64](in)
}

func makeHand[T blas.Float](in *instance) *hand[T] {
	h := &hand[T]{instance: in}
	h.n, _ = in.x.Dims()
	h.ld = (h.n + lanes - 1) / lanes * lanes
	h.block = min(h.ld, blockSize)
	for i := range in.ws {
		h.start = append(append(h.start, in.ws[i].RawMatrix().Data...), in.bs[i].RawMatrix().Data...)
	}
	h.master = make([]float64, len(h.start))
	h.w, h.g = make([]T, len(h.start)), make([]T, len(h.start))
	if same, ok := any(h.master).([]T); ok {
		h.w = same
	}
	h.x = samplesAcross[T](in.x, h.ld)
	t := in.y
	if in.loss == "softmaxce" {
		t = in.oneHot()
	}
	h.t = samplesAcross[T](t, h.ld)
	at := 0
	for i, w := range in.ws {
		l := handLayer[T]{}
		l.r, l.c = w.Dims()
		end := at + l.r*l.c
		l.w, l.gw = h.w[at:end], h.g[at:end]
		l.b, l.gb = h.w[end:end+l.r], h.g[end:end+l.r]
		at = end + l.r
		size := l.r * h.block
		l.z, l.delta, l.y = make([]T, size), make([]T, size), nil
		if i < len(in.ws)-1 {
			l.y = make([]T, size)
		}
		l.l, l.l1, l.sums = make([]T, h.block), make([]T, h.block), make([]T, l.r)
		h.layers = append(h.layers, l)
	}
	_ = h.reset()
	return h
}

// samplesAcross returns the transpose of m, filled up with copies of the last sample.
func samplesAcross[T blas.Float](m *mat.Dense, ld int) []T {
	n, d := m.Dims()
	x := make([]T, d*ld)
	for i := range d {
		for j := range ld {
			x[i*ld+j] = T(m.At(min(j, n-1), i))
		}
	}
	return x
}

func (h *hand[T]) reset() error {
	copy(h.master, h.start)
	return nil
}

func (h *hand[T]) run(steps int) error {
	for range steps {
		h.sweep(true)
		axpy(-h.rate, h.g, h.master)
	}
	return nil
}

func (h *hand[T]) loss() (float64, error) {
	h.sweep(false)
	return h.value, nil
}

// sweep computes the loss and, if asked, its gradient, block by block.
func (h *hand[T]) sweep(grad bool) {
	if w, ok := any(h.w).([]float32); ok {
		blas.Narrow(w, h.master)
	}
	h.value = 0
	for lo := 0; lo < h.ld; lo += h.block {
		width := min(h.block, h.ld-lo)
		h.forward(lo, width)
		if h.criterion(lo, width); grad {
			h.backward(lo, width)
		}
	}
}

func (h *hand[T]) forward(lo, width int) {
	x, ldx := h.x[lo:], h.ld
	for i := range h.layers {
		l := &h.layers[i]
		fillRows(l.z, l.b, l.r, width, h.block)
		blas.Gemm(l.r, width, l.c, l.w, l.c, 1, x, ldx, true, l.z, h.block)
		switch {
		case l.y == nil:
		case h.act == "relu":
			relu(l.y, l.z, l.r, width, h.block)
		default:
			radial(l.y, l.l, l.l1, l.z, l.r, width, h.block)
		}
		x, ldx = l.y, h.block
	}
}

// criterion adds the loss of the block's samples and stores its gradient in the last delta.
func (h *hand[T]) criterion(lo, width int) {
	l := &h.layers[len(h.layers)-1]
	m := min(width, h.n-lo) // the rest are copies
	t := h.t[lo:]
	if h.instance.loss == "softmaxce" {
		h.value += softmaxCE(l.delta, l.z, t, 1/float64(h.n), m, l.r, width, h.block, h.ld) / float64(h.n)
		return
	}
	share := 1 / float64(h.n*l.r)
	h.value += squaredError(l.delta, l.z, t, share, m, l.r, width, h.block, h.ld) * share
}

func (h *hand[T]) backward(lo, width int) {
	add := lo > 0
	for i := len(h.layers) - 1; i >= 0; i-- {
		l := &h.layers[i]
		x, ldx := h.x[lo:], h.ld
		if i > 0 {
			x, ldx = h.layers[i-1].y, h.block
		}
		if l.r*l.c >= 4096 {
			blas.GemmT(l.r, l.c, width, l.delta, h.block, x, ldx, add, l.gw, l.c)
		} else {
			blas.Dots(l.r, l.c, width, l.delta, h.block, x, ldx, add, l.gw, l.c)
		}
		if rowSums(l.sums, l.delta, l.r, width, h.block); add {
			for j, s := range l.sums {
				l.gb[j] += s
			}
		} else {
			copy(l.gb, l.sums)
		}
		if i == 0 {
			return
		}
		p := &h.layers[i-1]
		blas.Gemm(l.c, width, l.r, l.w, 1, l.c, l.delta, h.block, false, p.delta, h.block)
		if h.act == "relu" {
			reluVJP(p.delta, p.z, p.r, width, h.block)
		} else {
			radialVJP(p.delta, p.z, p.l, p.l1, p.r, width, h.block)
		}
	}
}
