package symmetry_test

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
)

// clipped is a ReLU network with a unit of each kind that can go.
func clipped() *quiver.Rep {
	q, err := layers.MLP(layers.Pointwise(layers.ReLU), 2, 6, 1)
	if err != nil {
		panic(err)
	}
	w := quiver.Zero(q)
	w.Arrow("x->h1").Copy(mat.NewDense(6, 2, []float64{
		1, -1,
		-1, 1,
		3, -3, // three times unit 0
		0, 0, // a constant
		1, 1, // nobody looks at it
		-1, -1, // on for |x| + |y| < 5
	}))
	w.Arrow("one->h1").Copy(mat.NewDense(6, 1, []float64{0, 1, 0, 2, 0, 5}))
	w.Arrow("h1->y").Copy(mat.NewDense(1, 6, []float64{1, 1, -0.5, 1, 0, 1}))
	return w
}

func ExamplePointwise() {
	c, err := symmetry.Compress(clipped(), symmetry.Pointwise())
	if err != nil {
		panic(err)
	}
	for _, u := range c.Units {
		fmt.Println(u.Vertex, u)
	}
	fmt.Println(c.Reduced.Quiver().NumParams(), "of", clipped().Quiver().NumParams(), "numbers")
	// Output:
	// h1 unit 4 unobserved
	// h1 unit 3 = 2
	// h1 unit 2 = 3·unit 0
	// 13 of 25 numbers
}

func ExampleBox() {
	c, err := symmetry.Compress(clipped(), symmetry.Box(-1, 1))
	if err != nil {
		panic(err)
	}
	for _, w := range c.Widths {
		fmt.Printf("%s %d→%d: %s\n", w.Vertex, w.From, w.To, w.Reason)
	}
	last := c.Units[len(c.Units)-1]
	fmt.Printf("%s, on %s\n", last, last.On)
	fmt.Println(c.Certificate.On)
	// Output:
	// h1 6→2: 1 unobserved, 1 constant, 1 twin, 1 linear
	// unit 5 linear, on the box [-1, 1]
	// holds on the box [-1, 1], measured on 64 points of it
}
