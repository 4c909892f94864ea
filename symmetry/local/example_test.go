package local_test

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry/local"
)

func ExampleIdentifiability() {
	q, err := layers.MLP(layers.Pointwise(layers.ReLU), 1, 1, 1)
	if err != nil {
		panic(err)
	}
	w := quiver.Zero(q)
	copy(w.Data(), []float64{1, 0, 1, 0}) // f(x) = ReLU(x)
	for _, x := range [][]float64{{1, 2}, {-1, 1, 2}} {
		r, err := local.Identifiability(w, []*mat.Dense{mat.NewDense(len(x), 1, x)}, local.Options{})
		if err != nil {
			panic(err)
		}
		fmt.Println(x, r.Verdict, r.RankJ, "of", r.Target)
	}
	// Output:
	// [1 2] not identifiable 2 of 3
	// [-1 1 2] identifiable 3 of 3
}
