// Package vec computes on feature-major blocks: a block of d×n numbers holds feature i
// of sample s at x[i*ld+s], so that the samples lie across the lanes of vector registers
// and every loop is a straight one, however few features there are.
//
// Each sample is computed by the same sequence of operations, whatever its place and
// however many others there are: its value has the same bits alone and in a batch.
package vec

// Float is the precision of a block.
type Float interface{ float32 | float64 }

// Lanes is the number that n and ld are multiples of.
const Lanes = 16
