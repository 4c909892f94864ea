package graph_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
	"os"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/optim"
	"github.com/quivernet/quivernet/quiver"
)

func TestStepTimes(t *testing.T) {
	if os.Getenv("STEPS") == "" {
		t.Skip()
	}
	radial := layers.Radial(layers.Sigmoid)
	for _, c := range []struct {
		name  string
		act   quiver.Activation
		dims  []int
		batch int
		loss  graph.LossFunc
		opts  []graph.Option
		reps int
	}{
		{"reduced/121", radial, []int{2, 3, 4, 5, 6, 2}, 121, graph.MSE, nil, 20000},
		{"full/121", radial, []int{2, 16, 64, 128, 16, 2}, 121, graph.MSE, nil, 1000},
		{"full/1024", radial, []int{2, 16, 64, 128, 16, 2}, 1024, graph.MSE, nil, 200},
		{"784/128/float32", layers.Pointwise(layers.ReLU), []int{784, 512, 512, 10}, 128, graph.SoftmaxCE, []graph.Option{graph.Float32}, 100},
	} {
		q, _ := layers.MLP(c.act, c.dims...)
		w := quiver.Random(q, nil, rand.NewPCG(1, 2))
		opts := append(c.opts, graph.Loss("y", c.loss, 1), graph.Precompile(c.batch))
		p, err := graph.Compile(q, opts...)
		if err != nil {
			t.Fatal(err)
		}
		xs, ys, g := list(normal(c.batch, c.dims[0], 1)), list(normal(c.batch, c.dims[len(c.dims)-1], 2)), w.Like()
		if c.loss.String() == "softmaxce" {
			ys = list(mat.NewDense(c.batch, 1, nil))
		}
		m := &optim.SGD{Rate: 1e-6}
		best, bestSGD := time.Hour, time.Hour
		for range c.reps {
			t0 := time.Now()
			if _, err := p.LossGrad(g, w, xs, ys); err != nil {
				t.Fatal(err)
			}
			t1 := time.Now()
			if err := m.Step(w, g); err != nil {
				t.Fatal(err)
			}
			t2 := time.Now()
			best = min(best, t1.Sub(t0))
			bestSGD = min(bestSGD, t2.Sub(t1))
		}
		fmt.Printf("%-18s lossgrad %8.2fµs sgd %8.2fµs\n", c.name, float64(best.Nanoseconds())/1e3, float64(bestSGD.Nanoseconds())/1e3)
		if os.Getenv("STEPS") == "2" {
			p, _ := graph.Compile(q, append(opts, graph.Timed)...)
			for range c.reps {
				p.LossGrad(g, w, xs, ys)
			}
			fmt.Print(p.Profile())
		}
	}
}
