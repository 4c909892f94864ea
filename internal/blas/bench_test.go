package blas

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"unsafe"

	"github.com/quivernet/quivernet/internal/cpu"
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"
)

// layer is a dense layer with in inputs and out outputs on a batch.
type layer struct{ in, out, batch int }

var (
	narrow64 = []layer{{2, 3, 128}, {5, 6, 128}, {6, 2, 128}, {8, 8, 128}, {2, 3, 1024}}
	full64   = []layer{{2, 16, 128}, {16, 64, 128}, {64, 128, 128}, {128, 16, 128}, {16, 2, 128}, {16, 64, 1024}, {64, 128, 1024}, {128, 16, 1024}}
	wide32   = []layer{{784, 512, 128}, {512, 512, 128}, {512, 10, 128}}
	large64  = []layer{{1024, 1024, 1024}}
)

// BenchmarkGemm measures the three products of a layer in the feature-major layout, each
// kernel beside gonum and, where one is registered, the library.
//
//	go test ./internal/blas -run '^$' -bench Gemm
func BenchmarkGemm(b *testing.B) {
	for _, l := range narrow64 {
		forms[float64](b, l)
	}
	for _, l := range full64 {
		forms[float64](b, l)
	}
	for _, l := range wide32 {
		forms[float32](b, l)
	}
	for _, l := range large64 {
		forms[float64](b, l)
	}
}

func forms[T Float](b *testing.B, l layer) {
	rng := rand.New(rand.NewPCG(1, 2))
	ld := l.batch + 16
	w, x, xt := aligned[T](rng, l.out*l.in), aligned[T](rng, l.in*ld), aligned[T](rng, l.batch*l.in)
	z, g, dw := aligned[T](rng, l.out*ld), aligned[T](rng, l.in*ld), aligned[T](rng, l.out*l.in)
	name := fmt.Sprintf("%d-%d/%d/f%d", l.in, l.out, l.batch, size[T]()*8)
	flops := 2 * float64(l.in) * float64(l.out) * float64(l.batch)
	eachKernel[T](b, name+"/forward", flops, func(multiply multiplier[T]) {
		multiply(l.out, l.batch, l.in, w, l.in, 1, x, ld, false, z, ld)
	})
	eachKernel[T](b, name+"/backward", flops, func(multiply multiplier[T]) {
		multiply(l.in, l.batch, l.out, w, 1, l.in, z, ld, false, g, ld)
	})
	eachKernel[T](b, name+"/gradient", flops, func(multiply multiplier[T]) {
		multiply(l.out, l.in, l.batch, z, ld, 1, xt, l.in, false, dw, l.in)
	})
	eachLevelOf(b, name+"/dots", "GF/s", flops, func() {
		Dots(l.out, l.in, l.batch, z, ld, x, ld, false, dw, l.in)
	})
	eachLevelOf(b, name+"/gemmT", "GF/s", flops, func() {
		GemmT(l.out, l.in, l.batch, z, ld, x, ld, false, dw, l.in)
	})
}

// BenchmarkMove measures what moves numbers without computing, in GB/s of both sides.
func BenchmarkMove(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	const r, c = 128, 512
	x, y := aligned[float64](rng, r*(c+16)), aligned[float64](rng, c*(r+16))
	u, v := aligned[float32](rng, r*(c+16)), aligned[float32](rng, c*(r+16))
	eachLevelOf(b, "transpose/f64", "GB/s", 16*r*c, func() { Transpose(r, c, x, c+16, y, r+16) })
	eachLevelOf(b, "transpose/f32", "GB/s", 8*r*c, func() { Transpose(r, c, u, c+16, v, r+16) })
	eachLevelOf(b, "narrowtranspose", "GB/s", 12*r*c, func() { NarrowTranspose(r, c, x, c+16, v, r+16) })
	eachLevelOf(b, "narrow", "GB/s", 12*r*c, func() { Narrow(u[:r*c], x[:r*c]) })
	eachLevelOf(b, "widen", "GB/s", 12*r*c, func() { Widen(x[:r*c], u[:r*c]) })
}

type multiplier[T Float] func(m, n, k int, a []T, ars, acs int, b []T, ldb int, acc bool, c []T, ldc int)

func eachKernel[T Float](b *testing.B, name string, flops float64, f func(multiplier[T])) {
	eachLevelOf(b, name, "GF/s", flops, func() { f(Gemm[T]) })
	run(b, name+"/gonum", "GF/s", flops, func() { f(gonumGemm[T]) })
	if library != nil {
		run(b, name+"/library", "GF/s", flops, func() { f(libraryGemm[T]) })
	}
}

func eachLevelOf(b *testing.B, name, unit string, amount float64, f func()) {
	best := level
	defer func() { level = best }()
	for level = best; level >= cpu.Go; level-- {
		run(b, name+"/"+level.String(), unit, amount, f)
	}
}

func run(b *testing.B, name, unit string, amount float64, f func()) {
	b.Run(name, func(b *testing.B) {
		for b.Loop() {
			f()
		}
		b.ReportMetric(amount*float64(b.N)/float64(b.Elapsed().Nanoseconds()), unit)
	})
}

// aligned is random numbers that begin at a cache line, as those of a plan do.
func aligned[T Float](rng *rand.Rand, n int) []T {
	x := random[T](rng, n+16)
	for uintptr(unsafe.Pointer(&x[0]))%64 != 0 {
		x = x[1:]
	}
	return x[:n]
}

func size[T Float]() int {
	var x T
	if _, ok := any(x).(float64); ok {
		return 8
	}
	return 4
}

func gonumGemm[T Float](m, n, k int, a []T, ars, acs int, b []T, ldb int, acc bool, c []T, ldc int) {
	trans, lda := blas.NoTrans, ars
	if acs != 1 {
		trans, lda = blas.Trans, acs
	}
	beta := 0.0
	if acc {
		beta = 1
	}
	var lib gonum.Implementation
	switch a := any(a).(type) {
	case []float64:
		lib.Dgemm(trans, blas.NoTrans, m, n, k, 1, a, lda, any(b).([]float64), ldb, beta, any(c).([]float64), ldc)
	case []float32:
		lib.Sgemm(trans, blas.NoTrans, m, n, k, 1, a, lda, any(b).([]float32), ldb, float32(beta), any(c).([]float32), ldc)
	}
}

func libraryGemm[T Float](m, n, k int, a []T, ars, acs int, b []T, ldb int, acc bool, c []T, ldc int) {
	trans, lda := acs != 1, max(ars, acs)
	beta := 0.0
	if acc {
		beta = 1
	}
	switch a := any(a).(type) {
	case []float64:
		library.Dgemm(trans, false, m, n, k, a, lda, any(b).([]float64), ldb, beta, any(c).([]float64), ldc)
	case []float32:
		library.Sgemm(trans, false, m, n, k, a, lda, any(b).([]float32), ldb, float32(beta), any(c).([]float32), ldc)
	}
}
