package symmetry_test

import (
	"testing"

	"github.com/quivernet/quivernet/symmetry"
)

// BenchmarkCompress times the compression of a wide, a deep and a very wide network.
func BenchmarkCompress(b *testing.B) {
	for _, c := range []struct {
		name string
		dims []int
	}{{"2-16-64-128-16-2", []int{2, 16, 64, 128, 16, 2}}, {"16-512-512-4", []int{16, 512, 512, 4}}, {"2-20000-3", []int{2, 20000, 3}}} {
		b.Run(c.name, func(b *testing.B) {
			w := random(mlp(b, tanh, c.dims...), 1)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := symmetry.Compress(w); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
