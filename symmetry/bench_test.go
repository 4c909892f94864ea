package symmetry_test

import (
	"testing"

	"github.com/quivernet/quivernet/layers"
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

// BenchmarkPointwise times the reduction of units on networks in which there is little to find, and
// the search on a box.
func BenchmarkPointwise(b *testing.B) {
	for _, c := range []struct {
		name string
		dims []int
		opt  symmetry.Option
	}{
		{"16-512-512-4", []int{16, 512, 512, 4}, symmetry.Pointwise()},
		{"2-20000-3", []int{2, 20000, 3}, symmetry.Pointwise()},
		{"784-1024-1024-10", []int{784, 1024, 1024, 10}, symmetry.Pointwise()},
		{"64-100-100-10 on a box", []int{64, 100, 100, 10}, symmetry.Box(0, 1)},
	} {
		b.Run(c.name, func(b *testing.B) {
			w := random(mlp(b, layers.Pointwise(layers.ReLU), c.dims...), 1)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := symmetry.Compress(w, c.opt); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
