package graph_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

func deep(n int, skip int) *quiver.Quiver {
	ps := []quiver.Part{quiver.Input("x", 4), quiver.Bias("one")}
	names := []string{"x"}
	for i := 1; i <= n; i++ {
		h := fmt.Sprintf("h%d", i)
		ps = append(ps, quiver.Hidden(h, 2+(i*7)%13, layers.Radial(layers.Tanh)), quiver.Connect("one", h))
		for k := max(0, len(names)-skip); k < len(names); k++ {
			ps = append(ps, quiver.Connect(names[k], h))
		}
		names = append(names, h)
	}
	ps = append(ps, quiver.Output("y", 3, nil), quiver.Connect(names[n], "y"), quiver.Connect("one", "y"))
	q, err := quiver.New(ps...)
	if err != nil {
		panic(err)
	}
	return q
}

func TestTmp(t *testing.T) {
	for _, n := range []int{2, 10, 50} {
		p, err := graph.Compile(deep(n, 3*n/2), graph.Loss("y", graph.MSE, 0.5), graph.Loss("y", halfSquares(1), 1))
		if err != nil {
			t.Fatal(err)
		}
		x, err := p.Gradient("x->h1")
		if err != nil {
			t.Fatal(err)
		}
		if n == 2 {
			fmt.Println(x)
		}
		os.WriteFile(fmt.Sprintf("/tmp/vp/g%d.txt", n), []byte(x.String()), 0o644)
		os.WriteFile(fmt.Sprintf("/tmp/vp/g%d.tex", n), []byte("\\documentclass{article}\\usepackage{amsmath}\\begin{document}\nText before.\n"+x.LaTeX()+"Text after.\n\\end{document}\n"), 0o644)
		os.WriteFile(fmt.Sprintf("/tmp/vp/g%d.dot", n), []byte(x.DOT()), 0o644)
	}
}
