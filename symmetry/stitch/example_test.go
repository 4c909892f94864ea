package stitch_test

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/symmetry/stitch"
)

// Features of ReLU units that changed places and scales are the same features.
func Example() {
	h := mat.NewDense(4, 2, []float64{1, 0, 0, 2, 3, 1, 1, 4})
	k := mat.NewDense(4, 2, []float64{0, 2, 6, 0, 3, 6, 12, 2}) // the columns 3·h₂ and 2·h₁
	f, g := stitch.Flat(h), stitch.Flat(k)
	d, _ := stitch.GProcrustes(stitch.PositiveMonomial, f, g)
	o, _ := stitch.OrthogonalProcrustes(f, g)
	m, _ := stitch.Fit(stitch.PositiveMonomial, h, k)
	fmt.Printf("up to the ReLU group %.4f, up to rotations %.4f\n", d.D, o.D)
	fmt.Println(d.Perm, m.M.RawMatrix().Data)
	// Output:
	// up to the ReLU group 0.0000, up to rotations 0.0784
	// [1 0] [0 3 2 0]
}
