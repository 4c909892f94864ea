package main

import (
	"slices"
	"unsafe"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/blas"
	"github.com/quivernet/quivernet/internal/vec"
)

// handwritten is the yardstick: the step as one writes it by hand for these networks alone. Buffers are
// made once; products and row operations are the library's own kernels, on feature-major
// blocks (the samples lie across); for single precision the master weights are double. It has no
// graph, no plan and no check of the data, and knows its two activations.
type handwritten[T blas.Float] struct {
	*instance
	n      int       // samples
	start  []float64 // W0, b0, W1, b1, …
	master []float64
	w, g   []T // w is master where T is float64
	blocks []sampleBlock[T]
	layers []layerBuffers[T]
	radial vec.Profile
	value  float64 // the loss of the last step, before its update
}

// sampleBlock is the data of samples that go through the network at once, features × width. The width is
// filled up with copies of a sample.
type sampleBlock[T blas.Float] struct {
	x, t           []T
	samples, width int
	ld             int // the distance of rows
}

// layerBuffers holds the views and buffers of a layer with c inputs and r outputs.
type layerBuffers[T blas.Float] struct {
	r, c         int
	w, b, gw, gb []T
	z, y, delta  []T // r×width, rows at distance ld
	l, l1        []T // λ and λ′/r by sample
	sums         []T // of one block, for b
}

// atOnce is the most samples that go through the network at once, so that the buffers of a block stay in
// the second-level cache: the fastest of 64, 128, 256 and 1024 for each network.
func (in *instance) atOnce() int {
	if in.act != "relu" && slices.Max(in.dims) > 64 {
		return 64
	}
	return 128
}

func newHand(in *instance) stepper {
	if in.float32 {
		return makeHand[float32](in)
	}
	return makeHand[float64](in)
}

func makeHand[T blas.Float](in *instance) *handwritten[T] {
	h := &handwritten[T]{instance: in, radial: vec.Profile{Kind: vec.Sigmoid}}
	h.n, _ = in.x.Dims()
	for i := range in.ws {
		h.start = append(append(h.start, in.ws[i].RawMatrix().Data...), in.bs[i].RawMatrix().Data...)
	}
	h.master = make([]float64, len(h.start))
	h.w, h.g = make([]T, len(h.start)), make([]T, len(h.start))
	if same, ok := any(h.master).([]T); ok {
		h.w = same
	}
	t := in.y
	if in.loss == "softmaxce" {
		t = in.oneHot()
	}
	atOnce := in.atOnce()
	for lo := 0; lo < h.n; lo += atOnce {
		b := sampleBlock[T]{samples: min(atOnce, h.n-lo)}
		b.width = (b.samples + vec.Lanes - 1) / vec.Lanes * vec.Lanes
		if b.ld = b.width; b.ld*int(unsafe.Sizeof(T(0)))%1024 == 0 { // such rows share few sets of the first-level cache
			b.ld += vec.Lanes
		}
		b.x, b.t = samplesAcross[T](in.x, lo, b), samplesAcross[T](t, lo, b)
		h.blocks = append(h.blocks, b)
	}
	at := 0
	for i, w := range in.ws {
		var l layerBuffers[T]
		l.r, l.c = w.Dims()
		end := at + l.r*l.c
		l.w, l.gw = h.w[at:end], h.g[at:end]
		l.b, l.gb = h.w[end:end+l.r], h.g[end:end+l.r]
		at = end + l.r
		width, size := h.blocks[0].width, l.r*h.blocks[0].ld
		l.z, l.delta = make([]T, size), make([]T, size)
		if i < len(in.ws)-1 {
			l.y = make([]T, size)
		}
		l.l, l.l1, l.sums = make([]T, width), make([]T, width), make([]T, l.r)
		h.layers = append(h.layers, l)
	}
	copy(h.master, h.start)
	return h
}

// samplesAcross returns the transpose of the rows of m from lo on.
func samplesAcross[T blas.Float](m *mat.Dense, lo int, b sampleBlock[T]) []T {
	_, d := m.Dims()
	x := make([]T, d*b.ld)
	for i := range d {
		for j := range b.width {
			x[i*b.ld+j] = T(m.At(lo+min(j, b.samples-1), i))
		}
	}
	return x
}

func (h *handwritten[T]) reset() error {
	copy(h.master, h.start)
	return nil
}

func (h *handwritten[T]) run(steps int) error {
	for range steps {
		h.sweep(true)
		vec.Axpy(-h.rate, h.g, h.master)
	}
	return nil
}

func (h *handwritten[T]) loss() (float64, error) {
	h.sweep(false)
	return h.value, nil
}

// sweep computes the loss and, if asked, its gradient, block by block.
func (h *handwritten[T]) sweep(grad bool) {
	if w, ok := any(h.w).([]float32); ok {
		blas.Narrow(w, h.master)
	}
	h.value = 0
	for i := range h.blocks {
		b := &h.blocks[i]
		h.forward(b)
		if h.criterion(b); grad {
			h.backward(b, i > 0)
		}
	}
}

func (h *handwritten[T]) forward(b *sampleBlock[T]) {
	x, n, ld := b.x, b.width, b.ld
	for i := range h.layers {
		l := &h.layers[i]
		blas.Affine(l.r, n, l.c, l.w, l.c, 1, x, ld, l.b, l.z, ld)
		switch {
		case l.y == nil:
		case h.act == "relu":
			vec.Pointwise(vec.MapReLU, 0, l.y[:l.r*ld], l.z[:l.r*ld])
		default:
			vec.Radial(&h.radial, l.y, l.l[:n], l.l1[:n], l.z, l.r, n, ld)
		}
		x = l.y
	}
}

// criterion adds the loss of the block's samples and stores its gradient in the last delta.
func (h *handwritten[T]) criterion(b *sampleBlock[T]) {
	l := &h.layers[len(h.layers)-1]
	if h.instance.loss == "softmaxce" {
		share := 1 / float64(h.n)
		h.value += share * vec.SoftmaxCE(l.delta, l.z, b.t, share, b.samples, l.r, b.width, b.ld)
		return
	}
	share := 1 / float64(h.n*l.r)
	h.value += share * vec.SquaredError(l.delta, l.z, b.t, share, b.samples, l.r, b.width, b.ld)
}

// backward stores the gradient of the block, or adds it.
func (h *handwritten[T]) backward(b *sampleBlock[T], add bool) {
	n, ld := b.width, b.ld
	for i := len(h.layers) - 1; i >= 0; i-- {
		l := &h.layers[i]
		x := b.x
		if i > 0 {
			x = h.layers[i-1].y
		}
		rowsTimesRows(l.r, l.c, n, l.delta, ld, x, ld, add, l.gw, l.c)
		if add {
			vec.RowSums(l.sums, l.delta, l.r, n, ld)
			vec.Add(l.gb, l.sums)
		} else {
			vec.RowSums(l.gb, l.delta, l.r, n, ld)
		}
		if i == 0 {
			return
		}
		p := &h.layers[i-1]
		blas.Gemm(l.c, n, l.r, l.w, 1, l.c, l.delta, ld, false, p.delta, ld)
		if h.act == "relu" {
			vec.PointwiseVJP(vec.MapReLU, 0, p.delta[:p.r*ld], p.delta[:p.r*ld], p.z[:p.r*ld], p.y[:p.r*ld])
		} else {
			vec.RadialVJP(p.delta, p.delta, p.z, p.l[:n], p.l1[:n], p.r, n, ld)
		}
	}
}
