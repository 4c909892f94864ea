package vec

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"unsafe"

	"github.com/quivernet/quivernet/internal/cpu"
)

// perLevel runs the benchmark at each level: compare within one run.
func perLevel(b *testing.B, name string, f func()) {
	best := level
	defer func() { level = best }()
	for l := cpu.Go; l <= best; l++ {
		b.Run(fmt.Sprintf("%s/%v", name, l), func(b *testing.B) {
			level = l
			for b.Loop() {
				f()
			}
		})
	}
}

func BenchmarkNarrow64(b *testing.B) {
	for _, d := range []int{2, 6} {
		benchmarkBlocks[float64](b, d, 128)
	}
}
func BenchmarkWide64(b *testing.B) {
	for _, d := range []int{64, 512} {
		benchmarkBlocks[float64](b, d, 128)
	}
}
func BenchmarkWide32(b *testing.B) {
	for _, d := range []int{16, 64, 512} {
		benchmarkBlocks[float32](b, d, 128)
	}
}

// benchmarkBlocks covers a layer's calls on d×n blocks.
func benchmarkBlocks[T Float](b *testing.B, d, n int) {
	rng := rand.New(rand.NewPCG(1, 2))
	x, g, y, t := aligned[T](rng, d*n), aligned[T](rng, d*n), aligned[T](rng, d*n), make([]T, d*n)
	for j := range n {
		t[j] = 1
	}
	l, l1, r, bias := make([]T, n), make([]T, n), make([]T, n), make([]T, d)
	for _, p := range []struct {
		name string
		Profile
	}{{"sigmoid", Profile{Kind: Sigmoid}}, {"tanh", Profile{Kind: Tanh}}, {"steprelu", Profile{Kind: StepReLU}}} {
		perLevel(b, fmt.Sprintf("d=%d/radial(%s)", d, p.name), func() { Radial(&p.Profile, y, l, l1, x, d, n, n) })
	}
	perLevel(b, fmt.Sprintf("d=%d/radialvjp", d), func() { RadialVJP(y, g, x, l, l1, d, n, n) })
	perLevel(b, fmt.Sprintf("d=%d/norms", d), func() { Norms(r, x, d, n, n) })
	perLevel(b, fmt.Sprintf("d=%d/scalerows", d), func() { ScaleRows(y, x, l, d, n, n) })
	perLevel(b, fmt.Sprintf("d=%d/rowdots", d), func() { RowDots(r, x, g, d, n, n) })
	perLevel(b, fmt.Sprintf("d=%d/combine", d), func() { Combine(y, g, x, l, l1, d, n, n) })
	perLevel(b, fmt.Sprintf("d=%d/fillrows", d), func() { FillRows(y, bias, d, n, n) })
	perLevel(b, fmt.Sprintf("d=%d/rowsums", d), func() { RowSums(bias, x, d, n, n) })
	perLevel(b, fmt.Sprintf("d=%d/squarederror", d), func() { SquaredError(y, x, g, 0.5, n-7, d, n, n) })
	perLevel(b, fmt.Sprintf("d=%d/softmaxce", d), func() { SoftmaxCE(y, x, t, 0.5, n-7, d, n, n) })
	perLevel(b, fmt.Sprintf("d=%d/relu", d), func() { Pointwise(MapReLU, 0, y, x) })
	perLevel(b, fmt.Sprintf("d=%d/reluvjp", d), func() { PointwiseVJP(MapReLU, 0, y, g, x, nil) })
	perLevel(b, fmt.Sprintf("d=%d/tanh", d), func() { Pointwise(MapTanh, 0, y, x) })
	perLevel(b, fmt.Sprintf("d=%d/sigmoid", d), func() { Pointwise(MapSigmoid, 0, y, x) })
	perLevel(b, fmt.Sprintf("d=%d/exp", d), func() { Exp(y, x) })
	perLevel(b, fmt.Sprintf("d=%d/firstbad", d), func() { FirstBad(x) })
}

// aligned returns n random numbers that begin at a cache line.
func aligned[T Float](rng *rand.Rand, n int) []T {
	all := make([]T, n+16)
	for uintptr(unsafe.Pointer(&all[0]))%64 != 0 {
		all = all[1:]
	}
	x := all[:n:n]
	for i := range x {
		x[i] = T(rng.NormFloat64())
	}
	return x
}
