package data

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// Bump returns the regression data of the first two experiments of arXiv 2107.02550: the
// 121 points x_i = −3 + i/20 of [−3, 3], 121×1, and y = e^{−x²}, 121×1.
func Bump() (x, y *mat.Dense) {
	x, y = mat.NewDense(121, 1, nil), mat.NewDense(121, 1, nil)
	for i := range 121 {
		t := -3 + float64(i)/20
		x.Set(i, 0, t)
		y.Set(i, 0, math.Exp(-t*t))
	}
	return x, y
}

// Grid returns the n² points of the square grid on [−3, 3]², n²×2, the second
// coordinate running fastest, and target applied to each coordinate, n²×2. The
// points of an axis are −3 + 6i/(n−1); n = 1 gives the origin and n ≤ 0 nothing. It
// panics with *ArgumentError for n > 16384, or where target is nil.
//
// The timing experiment of arXiv 2107.02550 is n = 121, and n = 11 its smaller form
// with 121 points. The paper and the authors' program differ in the target:
// Gauss in one, Sigmoid in the other.
func Grid(n int, target func(float64) float64) (x, y *mat.Dense) {
	if target == nil {
		panic(&ArgumentError{"Grid", "target is nil", "a function, such as data.Gauss"})
	}
	if n > 1<<14 {
		panic(&ArgumentError{"Grid", fmt.Sprintf("%d points an axis", n), "16384 at most"})
	}
	if n <= 0 {
		return &mat.Dense{}, &mat.Dense{}
	}
	axis := func(i int) float64 {
		if n == 1 {
			return 0
		}
		return -3 + 6*float64(i)/float64(n-1)
	}
	x, y = mat.NewDense(n*n, 2, nil), mat.NewDense(n*n, 2, nil)
	for i := range n {
		for j := range n {
			s, t := axis(i), axis(j)
			x.SetRow(i*n+j, []float64{s, t})
			y.SetRow(i*n+j, []float64{target(s), target(t)})
		}
	}
	return x, y
}

// Gauss returns e^{−t²}.
func Gauss(t float64) float64 { return math.Exp(-t * t) }

// Sigmoid returns 1/(1+e^{−t}), without overflow on either side.
func Sigmoid(t float64) float64 {
	if t < 0 {
		e := math.Exp(t)
		return e / (1 + e)
	}
	return 1 / (1 + math.Exp(-t))
}
