// Package blas multiplies matrices on plain slices with kernels of its own.
//
// Its kernels are Go assembly for AVX-512 and for AVX2 with FMA, chosen at run time by the processor's flags, and
// plain Go everywhere else and under the build tag purego. The module in gen generates the assembly.
//
// # Law
//
// Each entry of a result is a sum in an order that depends on the length of that sum alone,
// never on the other rows and columns or on the entry's place. A sample's value has the same bits alone, in a
// batch, and at any place of it. (A general gemm blocks its sums by the size of the whole product and
// breaks that promise.) Gemm, Affine and GemmT add from first to last, with AVX2 and AVX-512 to the same bits; Dots
// adds in vector lanes. Plain Go, and a registered library, round otherwise.
//
// # Forms
//
// For a layer z = W·x + b on samples that lie along the rows of x, W of size r×c, row-major:
//
//	forward   z = W·x + b    Affine(r, n, c, W, c, 1, x, ldx, b, z, ldz)
//	backward  g = Wᵀ·δ       Gemm(c, n, r, W, 1, c, δ, ldδ, false, g, ldg)
//	gradient  G = δ·xᵀ       Dots(r, c, n, δ, ldδ, x, ldx, false, G, c) if r is below about 48, else GemmT
//
// Rows do best that begin at multiples of 64 bytes and whose distance is no multiple of 1,024 bytes: rows at such a
// distance share a few sets of the first-level cache. Sixteen numbers more are enough.
//
// A product that outgrows the caches is computed in blocks. A registered library gets those of the size from
// which it is faster, which the command crossover measures; with AVX2 and AVX-512 that is next to none.
//
// In reading order:
//
//	shape.go          ShapeError: what is wrong with an operand
//	gemm.go           Gemm
//	affine.go         Affine, a layer
//	dots.go           Dots and GemmT, with both factors stored by rows
//	products.go       NT, NN and TN, of matrices without gaps
//	transpose.go      Transpose
//	convert.go        Widen and Narrow, between precisions
//	level.go          which kernels run
//	plain.go          the kernels in plain Go
//	kernels_amd64.go  the kernels in assembly, and when a product goes in blocks
//	kernels_other.go  where there are none
//	pack.go           blocks
//	hook.go           Library: a library that is registered
//	handover.go       which products it gets
//	generate.go       how the assembly is generated
package blas

// Float is the precision of a product.
type Float interface{ float32 | float64 }
