package symmetry_test

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
)

// The group of an activation says what may be done to its units.
func ExampleGroupOf() {
	for _, f := range []layers.Func{layers.ReLU, layers.Tanh, layers.GELU, layers.Square} {
		fmt.Println(f, "—", symmetry.GroupOf(layers.Pointwise(f), 4))
	}
	relu := symmetry.GroupOf(layers.Pointwise(layers.ReLU), 2)
	fmt.Println(relu.Contains(mat.NewDense(2, 2, []float64{0, 5, -2, 0})))
	// Output:
	// relu — positive monomial, degree 1 (table)
	// tanh — signed permutations, odd (table)
	// gelu — permutations (table)
	// square — monomial, degree 2, even (table)
	// symmetry: not in the group (positive monomial): entry (1,0) is -2: negative scales are not in it
}

// A function of one's own is sampled.
func ExampleDetectGroup() {
	g, _ := symmetry.DetectGroup(func(t float64) float64 { return math.Pow(math.Max(t, 0), 2) }, 0)
	b, _ := g.Multiplier(3)
	fmt.Println(g, b)
	// Output: positive monomial, degree 2 (detected) 9
}

// Two ReLU units change places and scales; the function stays.
func ExampleAct() {
	q, _ := layers.MLP(layers.Pointwise(layers.ReLU), 2, 2, 1)
	w := quiver.Zero(q)
	copy(w.Arrow("x->h1").RawMatrix().Data, []float64{1, 2, -3, 1})
	copy(w.Arrow("h1->y").RawMatrix().Data, []float64{2, -1})
	g, _ := symmetry.Identity(q).With("h1", mat.NewDense(2, 2, []float64{0, 5, 2, 0}))
	v, _ := symmetry.Act(g, w)
	x := mat.NewDense(1, 2, []float64{1, 1})
	a, _ := w.Eval(x)
	b, _ := v.Eval(x)
	o, _ := symmetry.SameOrbit(w, v, 1e-9)
	fmt.Println(mat.Formatted(v.Arrow("x->h1")))
	fmt.Println(a[0].At(0, 0), b[0].At(0, 0), o.Full)
	// Output:
	// ⎡-15    5⎤
	// ⎣  2    4⎦
	// 6 6 yes
}
