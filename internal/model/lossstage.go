package model

import (
	"github.com/quivernet/quivernet/internal/formula"
	"github.com/quivernet/quivernet/internal/op"
)

// Stage is how a program computes a loss and its gradient at the output in one go, where it finds the operations that
// the loss is built of: the sum over a block of samples, and c times its derivative.
type Stage struct {
	Text string // the formula, as the description of a program prints it
	Work int    // floating-point operations for each number of the output

	// Residual says that the sum is ⟨r, r⟩ with the residual r = y − t. Elsewhere Sum is the kind of the operation of y and t
	// that is the sum, and Difference that of the operation which is its derivative in y.
	Residual        bool
	Sum, Difference op.Kind

	// Symbol is how formulas call the operation Sum, Words explains it, and Slope writes the operation Difference. A residual needs none of them.
	Symbol, Words string
	Slope         func(y, t *formula.Formula) *formula.Formula

	// Float64 and Float32 are kernels. A loss without them, the sum over its coordinates of Each, runs Each over the block in double precision.
	Float64 Kernel[float64]
	Float32 Kernel[float32]
	Each    func(y, t float64) (loss, slope float64)
}

// Kernel returns the sum of a loss over m samples, and stores c times its derivative into delta. All lie feature-major, d features in
// n lanes of rows of length ld; delta is 0 in lanes without a sample.
type Kernel[T op.Float] func(delta, y, t []T, c float64, m, d, n, ld int) float64

// KernelOf returns the kernel of a stage for numbers of a type: the one that it names, or Each over the block.
func KernelOf[T op.Float](s *Stage) Kernel[T] {
	for _, k := range []any{s.Float64, s.Float32} {
		if k, ok := k.(Kernel[T]); ok && k != nil {
			return k
		}
	}
	return func(delta, y, t []T, c float64, m, d, n, ld int) (sum float64) {
		for i := range d {
			row, to, at := y[i*ld:i*ld+n], t[i*ld:i*ld+n], delta[i*ld:i*ld+n]
			for j := range m {
				l, s := s.Each(float64(row[j]), float64(to[j]))
				sum += l
				at[j] = T(c * s)
			}
			clear(at[m:])
		}
		return sum
	}
}
