// Command quickstart is the program of the README.
package main

import (
	"fmt"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
)

func main() {
	act := layers.Radial(layers.Tanh) // v ↦ tanh|v|/|v|·v
	q, err := quiver.New(
		quiver.Input("x", 2), quiver.Bias("one"),
		quiver.Hidden("h1", 64, act), quiver.Hidden("h2", 64, act), quiver.Output("y", 1, nil),
		quiver.Connect("x", "h1"), quiver.Connect("one", "h1"),
		quiver.Connect("h1", "h2"), quiver.Connect("one", "h2"), quiver.Connect("x", "h2"), // a skip
		quiver.Connect("h2", "y"), quiver.Connect("one", "y"),
	)
	if err != nil {
		panic(err)
	}
	w := quiver.Random(q, nil, rand.NewPCG(1, 2))
	c, err := symmetry.Compress(w)
	if err != nil {
		panic(err)
	}
	fmt.Print(c)
	x := mat.NewDense(1, 2, []float64{0.3, -0.7})
	large, _ := w.Eval(x)
	small, _ := c.Reduced.Eval(x)
	fmt.Printf("F(0.3,-0.7) = %.12f with %d numbers, %.12f with %d\n",
		large[0].At(0, 0), q.NumParams(), small[0].At(0, 0), c.Reduced.Quiver().NumParams())
}
