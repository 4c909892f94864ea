package inputs

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// farScales are the exponents of the units in which far inputs are drawn; after them come farMixed
// rows with an exponent of its own for each coordinate.
var farScales = []int{-60, -30, -10, 10, 30, 60}

const farMixed = 10

// Far returns inputs of other sizes than the normal ones, the same at each call: where a bias
// is large beside the rest of its row, normal inputs see nothing but the bias.
func Far(q *quiver.Quiver) []*mat.Dense {
	rng := rand.New(rand.NewPCG(Seed, 4))
	dims := q.Dims()
	var xs []*mat.Dense
	for _, name := range q.Inputs() {
		if dims[name] == 0 {
			xs = append(xs, &mat.Dense{})
			continue
		}
		x := mat.NewDense(len(farScales)+farMixed, dims[name], nil)
		for s := range len(farScales) + farMixed {
			for j := range dims[name] {
				k := rng.IntN(121) - 60
				if s < len(farScales) {
					k = farScales[s]
				}
				x.Set(s, j, math.Ldexp(rng.NormFloat64(), k))
			}
		}
		xs = append(xs, x)
	}
	return xs
}
