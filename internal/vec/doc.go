// Package vec computes on feature-major blocks: a block of d×n numbers holds feature i
// of sample j at x[i*ld+j], so that the samples lie across the lanes of vector registers
// and every loop is a straight one, however few features there are. n is a multiple of
// [Lanes]; a batch is filled up with copies of a real sample.
//
// Each sample is computed by the same sequence of operations, whatever its place and
// however many others there are: its value has the same bits alone and in a batch. The
// bits may differ between the levels of package cpu.
//
// Which functions have kernels, what these are called and what they compute say the records of package scalar: the generator reads them, and
// so does plain Go.
//
// The kernels are assembly for AVX2 and AVX-512, which gen writes; the files oracle*.go
// hold the same functions in plain Go, for other processors, for the build tag purego and
// for the tests. No function allocates, and none reads or writes outside the blocks.
// Wrong lengths are a programming error: they panic with *[ShapeError], and a kind that does not exist with
// *[ValueError]. Blocks should begin at multiples of 64 bytes, and so should their rows: elsewhere loads straddle cache
// lines, which costs up to 1.8 times as long.
//
// # Files
//
//	point.go, radial.go        functions entry by entry; radial activations
//	kinds.go, records.go       the names of their kernels; the records of the functions
//	blocks.go, elem.go, slab.go, pack.go           norms and sums of blocks, entries, slabs, layouts
//	loss.go, narrow.go         losses; layers of few features
//	oracle*.go                 all of it in plain Go
//	dispatch*.go, check.go     which kernel serves a call; what is refused
//	gen                        the generator; activations.go holds the instructions of the functions
package vec

//go:generate go -C gen run . ..

// Float is the precision of a block.
type Float interface{ float32 | float64 }

// Lanes is the number that n is a multiple of.
const Lanes = 16
