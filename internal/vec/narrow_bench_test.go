package vec

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/quivernet/quivernet/internal/blas"
)

func BenchmarkLayers64(b *testing.B) { benchmarkLayers[float64](b) }
func BenchmarkLayers32(b *testing.B) { benchmarkLayers[float32](b) }

// benchmarkLayers sets each fused function beside the functions that it replaces, and beside the one of them that takes
// longest.
func benchmarkLayers[T Float](b *testing.B) {
	const n = 128
	rng := rand.New(rand.NewPCG(1, 2))
	for _, s := range [][2]int{{3, 2}, {4, 3}, {5, 4}, {6, 5}, {2, 6}, {8, 8}} {
		r, c := s[0], s[1]
		w, bias := aligned[T](rng, r*c), aligned[T](rng, r)
		x, z, y, e := aligned[T](rng, c*n), aligned[T](rng, r*n), aligned[T](rng, r*n), aligned[T](rng, r*n)
		g, d := aligned[T](rng, c*n), aligned[T](rng, c*n)
		l, l1 := aligned[T](rng, n), aligned[T](rng, n)
		at := fmt.Sprintf("%d×%d/", r, c)
		product := func() {
			FillRows(z, bias, r, n, n)
			blas.Gemm(r, n, c, w, c, 1, x, n, true, z, n)
		}
		for _, p := range []Profile{{Kind: Sigmoid}, {Kind: Tanh}} {
			at := at + map[Kind]string{Sigmoid: "sigmoid", Tanh: "tanh"}[p.Kind]
			perLevel(b, at+"/fused", func() { RadialLayer(&p, z, y, l, l1, w, bias, x, r, c, n, n) })
			perLevel(b, at+"/parts", func() { product(); Radial(&p, y, l, l1, z, r, n, n) })
			perLevel(b, at+"/radial", func() { Radial(&p, y, l, l1, z, r, n, n) })
		}
		perLevel(b, at+"layer/fused", func() { Layer(z, w, bias, x, r, c, n, n) })
		perLevel(b, at+"layer/parts", product)
		perLevel(b, at+"back/fused", func() { RadialBack(d, w, e, x, l, l1, r, c, n, n) })
		perLevel(b, at+"back/parts", func() {
			blas.Gemm(c, n, r, w, 1, c, e, n, false, g, n)
			RadialVJP(d, g, x, l, l1, c, n, n)
		})
		perLevel(b, at+"back/vjp", func() { RadialVJP(d, g, x, l, l1, c, n, n) })
		gw, gb := aligned[T](rng, r*c), aligned[T](rng, r)
		perLevel(b, at+"grad/fused", func() { LayerGrad(gw, gb, e, x, r, c, n, n) })
		perLevel(b, at+"grad/parts", func() {
			blas.GemmT(r, c, n, e, n, x, n, false, gw, c)
			RowSums(gb, e, r, n, n)
		})
	}
}
