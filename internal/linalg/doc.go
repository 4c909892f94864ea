// Package linalg is dense linear algebra for changes of basis: matrices that may have sides of length 0, orthogonal
// factors that are never multiplied out, and spans and numerical ranks that are decided row by row.
//
// The laws:
//
//   - The sums of [Mul] are made in one order: it has the same bits on every processor. [FastMul] and [Product]
//     run on the fastest kernels, and their bits depend on the processor, but never on GOMAXPROCS.
//   - A [Factor] changes the matrix that it is given, in place. Nothing else changes its arguments; a result
//     may share the memory of an argument where its comment says so.
//   - A sign that is free is +1, that of a zero too: a matrix of any rank has an orthogonal factor.
//   - "Rounding" is measured beside the absolute values of what was added up, entry by entry ([Below]), so that
//     the units of rows and of columns cancel.
//
// In reading order:
//
//	matrix.go      Matrix: a row-major matrix without gaps, and its products
//	product.go     products of gonum's matrices, where nil is the identity and a side may be empty
//	factor.go      Factor: an invertible matrix that acts from the left and from the right; permutations, products, inverses
//	reflectors.go  Reflectors: an orthogonal matrix as a product of Householder reflections; a random one
//	qr.go          QR: the thin decomposition, and the completion of an orthonormal basis
//	pivots.go      Pivots: QR with column pivoting, whose tails give the numerical rank
//	level.go       Below: whether a matrix is rounding beside another, entry by entry
//	span.go        Span: an orthonormal basis of the columns of a matrix, up to rounding
//	norm.go        upper bounds of norms
package linalg
