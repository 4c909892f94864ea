package identify_test

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry/identify"
)

// The clipped line min(max(x, 0), 1) = ReLU(x) − ReLU(x−1) has no hidden continuous
// symmetry, yet another network has the same function.
func Example() {
	q, err := layers.MLP(layers.Pointwise(layers.ReLU), 1, 2, 1)
	if err != nil {
		panic(err)
	}
	w := quiver.Zero(q)
	copy(w.Data(), []float64{1, 1, 0, -1, 1, -1, 0})

	d, err := identify.ExactDimension(w)
	if err != nil {
		panic(err)
	}
	fmt.Print(d)

	s, err := identify.Shallow(w, identify.Box{Lo: []float64{-1}, Hi: []float64{2}})
	if err != nil {
		panic(err)
	}
	fmt.Println(s.Reason, s.Other.Data())
	// Output:
	// functional dimension 5 of 5 (exact; 7 parameters − 2 rescalings)
	//   samples    6, 3 activation patterns
	//   breaks     0, 1
	//   ≤ 5        rescaling: parameters − independent rescalings, attained
	//   Exact (proved modulo a prime; no more than parameters − rescalings): the functional dimension on all of ℝ.
	// condition (iv) fails: proved, with another network. [-1 -1 0 1 1 -1 1]
}

func ExampleLocalIdentifiability() {
	q, err := layers.MLP(layers.Pointwise(layers.ReLU), 1, 1, 1)
	if err != nil {
		panic(err)
	}
	w := quiver.Zero(q)
	copy(w.Data(), []float64{1, 0, 1, 0}) // f(x) = ReLU(x)
	for _, x := range [][]float64{{1, 2}, {-1, 1, 2}} {
		r, err := identify.LocalIdentifiability(w, []*mat.Dense{mat.NewDense(len(x), 1, x)}, identify.LocalOptions{})
		if err != nil {
			panic(err)
		}
		fmt.Println(x, r.Verdict, r.RankJ, "of", r.Target)
	}
	// Output:
	// [1 2] not identifiable 2 of 3
	// [-1 1 2] identifiable 3 of 3
}
