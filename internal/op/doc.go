// Package op holds the Gorgonia operations of quivers: the n-ary vertex, its backward
// operations as nodes of their own, losses, and a small algebra that is closed
// under differentiation.
//
// Its laws:
//
//   - A value is a matrix with one sample per row, and a scalar is 1×1; what a user's loss makes may have any number of axes (shaped.go).
//   - Every operation has a symbolic derivative (SymDiff) made of operations of this package, so that gradients of gradients exist;
//     where an activation cannot be differentiated often enough the error is an [OrderError].
//   - An operation runs on plain slices without allocating (Run64, Run32), and on Gorgonia's own machines (Do).
//   - Nodes that look alike, which Gorgonia would merge, stay apart: see [Apply].
//
// Gorgonia's own operations are the business of package builtin, which hands [Backprop] the rules for them.
//
// In reading order:
//
//	op.go          Op, what a kind of operation adds to it, and how it runs
//	kind.go        the kinds of operations
//	apply.go       nodes: inputs, Apply, Children
//	copy.go        an operation read, and applied again in another graph
//	build.go       graphs built in linear time
//	operand.go     types unified in linear time
//	translate.go   the errors under the names of package graph
//	vertex.go      the vertex: ρ(Σ xWᵀ)
//	product.go     what an arrow sends back, and the gradient at its matrix
//	act.go         the derivative of an activation at rows
//	second.go      its second derivative
//	rows.go        rows in double precision; norms
//	backprop.go    the reverse sweep through a graph
//	algebra.go     linear combinations, products by rows, entries and scalars, jets
//	elementary.go  functions of entries and of norms
//	jets.go        scalar functions with all their derivatives
//	matmul.go      plain products and transposes
//	parts.go       columns and rows: cut, joined, spread
//	stack.go       matrices below each other, or as one row
//	shaped.go      values of any number of axes: gather, scatter, maxima
//	contract.go    sums of products over any axes
//	loss.go        squares, cross entropy, totals
//	softmax.go     softmax and cross entropy, accurately
//	binary.go      the binary cross entropy
package op
