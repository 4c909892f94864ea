package quiver_test

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// A network with a skip: y = W₂·h + S·x with h = W₁·x, all linear here.
func Example() {
	q, err := quiver.New(
		quiver.Input("x", 1), quiver.Hidden("h", 2, quiver.Identity), quiver.Output("y", 1, nil),
		quiver.Connect("x", "h"), quiver.Connect("h", "y"), quiver.Connect("x", "y"),
	)
	if err != nil {
		panic(err)
	}
	w := quiver.Zero(q)
	w.Arrow("x->h").Set(0, 0, 2) // a view: writing changes w
	w.Arrow("x->h").Set(1, 0, 3)
	w.Arrow("h->y").SetRow(0, []float64{1, 10})
	w.Arrow("x->y").Set(0, 0, 100)
	y, err := w.Eval(mat.NewDense(2, 1, []float64{1, -1}))
	if err != nil {
		panic(err)
	}
	fmt.Print(q)
	fmt.Println(y[0].At(0, 0), y[0].At(1, 0))
	_, err = quiver.New(append(q.Parts(), quiver.Connect("y", "h"))...)
	fmt.Println(err)
	// Output:
	// quiver with 3 vertices, 3 arrows, 5 parameters
	//   input x, dimension 1
	//   hidden h, dimension 2, identity
	//     x->h, 2×1
	//   output y, dimension 1, identity
	//     h->y, 1×2
	//     x->y, 1×1
	// 132 -132
	// quiver: cycle h -> y -> h; unroll recurrent quivers over time
}
