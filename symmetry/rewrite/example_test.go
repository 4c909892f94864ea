package rewrite_test

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/symmetry/rewrite"
)

// A network written with plain Gorgonia, whose hidden layer is wider than what reaches it.
func Example() {
	g := gorgonia.NewGraph()
	matrix := func(name string, r, c int) *gorgonia.Node {
		return gorgonia.NewMatrix(g, tensor.Float64, gorgonia.WithName(name), gorgonia.WithShape(r, c), gorgonia.WithInit(gorgonia.GlorotN(1)))
	}
	x := gorgonia.NewMatrix(g, tensor.Float64, gorgonia.WithName("x"), gorgonia.WithShape(8, 2))
	z := gorgonia.Must(gorgonia.BroadcastAdd(gorgonia.Must(gorgonia.Mul(x, matrix("w0", 2, 64))), matrix("b0", 1, 64), nil, []byte{0}))
	n := gorgonia.Must(gorgonia.Norm(z, 1, 2))
	h := gorgonia.Must(gorgonia.BroadcastHadamardProd(z, gorgonia.Must(gorgonia.HadamardDiv(gorgonia.Must(gorgonia.Tanh(n)), n)), nil, []byte{1}))
	y := gorgonia.Must(gorgonia.Mul(h, matrix("w1", 64, 3)))

	res, err := rewrite.Rewriter{Data: gorgonia.Nodes{x}}.Rewrite(y)
	if err != nil {
		panic(err)
	}
	for _, c := range res.Report.Changes {
		fmt.Printf("%s: %d→%d, %s\n", c.Node, c.From, c.To, c.Reason)
	}
	for _, w := range res.Weights {
		fmt.Println(w.Name(), w.Shape())
	}
	fmt.Println(res.Report.Before.Parameters, "→", res.Report.After.Parameters, res.Certificate.Gap < 1e-12)
	// Output:
	// ⊙#16: 64→3, 3 directions reach it (one 1, x 2)
	// w0 (2, 3)
	// b0 (1, 3)
	// w1 (3, 3)
	// 384 → 18 true
}
