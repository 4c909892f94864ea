package graph_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// BenchmarkStep times loss and gradient: the large network of arXiv 2107.02550's timing experiment, its
// reduced form, and a wide pointwise classifier. Compare lines of one run only.
func BenchmarkStep(b *testing.B) {
	radial := layers.Radial(layers.Sigmoid)
	for _, c := range []struct {
		name  string
		act   quiver.Activation
		dims  []int
		batch int
		loss  graph.LossFunc
		opts  []graph.Option
	}{
		{"large/121", radial, []int{2, 16, 64, 128, 16, 2}, 121, graph.MSE, nil},
		{"reduced/121", radial, []int{2, 3, 4, 5, 6, 2}, 121, graph.MSE, nil},
		{"large/1024", radial, []int{2, 16, 64, 128, 16, 2}, 1024, graph.MSE, nil},
		{"reduced/1024", radial, []int{2, 3, 4, 5, 6, 2}, 1024, graph.MSE, nil},
		{"tanh/121", layers.Pointwise(layers.Tanh), []int{2, 16, 64, 128, 16, 2}, 121, graph.MSE, nil},
		{"sigmoid/121/float32", layers.Pointwise(layers.Sigmoid), []int{2, 16, 64, 128, 16, 2}, 121, graph.MSE, []graph.Option{graph.Float32}},
		{"784/128/tanh", layers.Pointwise(layers.Tanh), []int{784, 512, 512, 10}, 128, graph.SoftmaxCE, nil},
		{"784/128/float32", layers.Pointwise(layers.ReLU), []int{784, 512, 512, 10}, 128, graph.SoftmaxCE, []graph.Option{graph.Float32}},
	} {
		b.Run(c.name, func(b *testing.B) {
			q, err := layers.MLP(c.act, c.dims...)
			if err != nil {
				b.Fatal(err)
			}
			w := quiver.Random(q, nil, rand.NewPCG(1, 2))
			p, err := graph.Compile(q, append(c.opts, graph.Loss("y", c.loss, 1))...)
			if err != nil {
				b.Fatal(err)
			}
			xs, ys, g := list(normal(c.batch, c.dims[0], 1)), list(normal(c.batch, c.dims[len(c.dims)-1], 2)), w.Like()
			if c.loss.String() == "softmaxce" {
				ys = list(mat.NewDense(c.batch, 1, nil))
			}
			if _, err := p.LossGrad(g, w, xs, ys); err != nil { // builds the graph
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := p.LossGrad(g, w, xs, ys); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkCompileChain compiles chains of vertices, first step included. Twice as many take about twice as long;
// compare lines of one run only.
func BenchmarkCompileChain(b *testing.B) {
	for _, n := range []int{5_000, 10_000, 20_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			dims := make([]int, n+1)
			for i := range dims {
				dims[i] = 2
			}
			x, y := list(normal(3, 2, 5)), list(normal(3, 2, 6))
			for b.Loop() {
				q, err := layers.MLP(layers.Radial(layers.Arctan), dims...)
				if err != nil {
					b.Fatal(err)
				}
				p, err := graph.Compile(q, graph.Loss("y", graph.MSE, 1), graph.Precompile(3))
				if err != nil {
					b.Fatal(err)
				}
				w := quiver.Random(q, quiver.Constant(0.9), nil)
				if _, err := p.LossGrad(w.Like(), w, x, y); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkCompileFanIn compiles quivers in which many arrows meet. Twice as many take about twice as long; compare lines of one
// run only.
func BenchmarkCompileFanIn(b *testing.B) {
	for _, c := range []struct {
		name  string
		parts func(n int) []quiver.Part
	}{{"parallel", parallel}, {"fan", fan}, {"skips", skips}} {
		for _, n := range []int{1000, 2000, 4000, 8000} {
			b.Run(fmt.Sprintf("%s/%d", c.name, n), func(b *testing.B) {
				for b.Loop() {
					q, err := quiver.New(c.parts(n)...)
					if err != nil {
						b.Fatal(err)
					}
					if _, err := graph.Compile(q, graph.Loss("y", graph.MSE, 1)); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
