// Package vec computes on feature-major blocks: a block of d×n numbers holds feature i
// of sample j at x[i*ld+j], so that the samples lie across the lanes of vector registers
// and every loop is a straight one, however few features there are. n is a multiple of
// [Lanes]; a batch is filled up with copies of a real sample.
//
// Each sample is computed by the same sequence of operations, whatever its place and
// however many others there are: its value has the same bits alone and in a batch. The
// bits may differ between the levels of package cpu.
//
// The kernels are assembly for AVX2 and AVX-512, which gen writes; the files oracle*.go
// hold the same functions in plain Go, for other processors, for the build tag purego and
// for the tests. No function allocates, and none reads or writes outside the blocks.
// Wrong lengths are a programming error: they panic with *[ShapeError], and a kind that does not exist with
// *[ValueError]. Blocks should begin at multiples of 64 bytes, and so should their rows: elsewhere loads straddle cache
// lines, which costs up to 1.8 times as long.
package vec

//go:generate go -C gen run . ..

// Float is the precision of a block.
type Float interface{ float32 | float64 }

// Lanes is the number that n is a multiple of.
const Lanes = 16
