package layers_test

import (
	"errors"
	"fmt"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

func ExampleRadial() {
	act := layers.Radial(layers.Shift(layers.ReLU, 1)) // v ↦ max(0, |v|−1)·v/|v|
	y := make([]float64, 2)
	act.Apply(y, []float64{3, 4})
	fmt.Println(act, y)
	act.Apply(y, []float64{0.3, 0.4})
	fmt.Println(act, y)
	// Output:
	// radial(shift(relu,1)) [2.4000000000000004 3.2]
	// radial(shift(relu,1)) [0 0]
}

func ExampleParse() {
	act, err := layers.Parse("rmsnorm(64,1e-05)")
	fmt.Println(act, err)
	_, err = layers.Parse("radial(tahn)")
	var unknown *layers.UnknownActivationError
	if errors.As(err, &unknown) {
		fmt.Printf("%q is not known; did you mean %s?\n", unknown.Text, unknown.Near)
	}
	// Output:
	// rmsnorm(64,1e-05) <nil>
	// "tahn" is not known; did you mean tanh?
}

func ExampleMLP() {
	q, err := layers.MLP(layers.Radial(layers.Tanh), 2, 16, 16, 1)
	if err != nil {
		panic(err)
	}
	w := quiver.Random(q, nil, rand.NewPCG(1, 2))
	ys, err := w.Eval(mat.NewDense(3, 2, []float64{0, 0, 1, 0, 0, 1})) // three samples
	if err != nil {
		panic(err)
	}
	rows, cols := ys[0].Dims()
	fmt.Println(q.Hidden(), q.NumParams(), rows, cols)
	// Output: [h1 h2] 337 3 1
}

// Blocks are composed by appending parts.
func ExampleResidualBlock() {
	act := layers.Radial(layers.Squash)
	parts := []quiver.Part{quiver.Input("x", 8), quiver.Bias(layers.BiasName), quiver.Output("y", 1, nil)}
	parts = append(parts, layers.ResidualBlock("b1", "x", 8, 32, act)...)
	parts = append(parts, layers.LayerNorm("n", "b1", 8, 1e-5, false)...)
	parts = append(parts, layers.Affine("n", "y")...)
	q, err := quiver.New(parts...)
	if err != nil {
		panic(err)
	}
	for _, a := range q.Arrows() {
		fmt.Println(a.Name, a.Rows, a.Cols, a.Fixed)
	}
	// Output:
	// x->b1.u 32 8 false
	// one->b1.u 32 1 false
	// x->b1 8 8 true
	// b1.u->b1 8 32 false
	// b1->n 8 8 true
	// n->y 1 8 false
	// one->y 1 1 false
}

// A rescaling that is no function of the norm keeps every line, but it must be restricted
// when its vertex gets smaller.
func ExampleRescaling() {
	act := layers.Rescaling("onenorm", layers.OneNorm{}) // v/(1+‖v‖₁)
	b := mat.NewDense(2, 1, []float64{0.6, 0.8})
	small, ok := act.Restrict(b)
	y := make([]float64, 1)
	small.Apply(y, []float64{5}) // on the line of (0.6, 0.8), where ‖v‖₁ = 7
	fmt.Println(ok, y)
	act.Apply(y, []float64{5}) // the old formula on the small space is another function
	fmt.Println(y)
	// Output:
	// true [0.625]
	// [0.8333333333333333]
}
