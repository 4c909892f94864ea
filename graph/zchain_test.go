package graph_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

func TestChainTime(t *testing.T) {
	if os.Getenv("STEPS") == "" {
		t.Skip()
	}
	for _, n := range []int{10000, 20000} {
		dims := make([]int, n+1)
		for i := range dims {
			dims[i] = 2
		}
		t0 := time.Now()
		q, err := layers.MLP(layers.Radial(layers.Arctan), dims...)
		if err != nil {
			t.Fatal(err)
		}
		t1 := time.Now()
		w := quiver.Random(q, quiver.Constant(0.9), nil)
		p, err := graph.Compile(q, graph.Loss("y", graph.MSE, 1))
		if err != nil {
			t.Fatal(err)
		}
		t2 := time.Now()
		g := w.Like()
		p.LossGrad(g, w, list(normal(3, 2, 5)), list(normal(3, 2, 5)))
		t3 := time.Now()
		p.LossGrad(g, w, list(normal(3, 2, 5)), list(normal(3, 2, 5)))
		fmt.Println(n, t1.Sub(t0), t2.Sub(t1), t3.Sub(t2), time.Since(t3))
	}
}
