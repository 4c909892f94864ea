// Package simplify has the rules that replace a node by a simpler one of the same value, and those that fold what does not train into
// weights.
//
// # Laws
//
//   - A rule gives the same value for every input, up to the rounding of constants that it computes now.
//   - At most one rule applies to a node, so that their order means nothing.
//   - A rule returns nil where it does not apply, and changes nothing then.
//
// # Files
//
//	file          what you find there
//	simplify.go   identities, reshapes, transpositions, neutral elements, slices and concatenations that do nothing
//	fixed.go      products of fixed matrices, computed now
//	batchnorm.go  FoldBatchNorms, batch normalisation that does not train
package simplify
