// Package rewrite takes any Gorgonia graph, finds the quivers in it, compresses them without
// changing the graph's values, and gives back a smaller graph.
//
//	res, err := rewrite.Rewriter{Weights: gorgonia.Nodes{w0, b0, w1}, Data: gorgonia.Nodes{x}}.Rewrite(cost, y)
//	fmt.Print(res)                                 // what shrank, what did not, and why
//	grads, err := gorgonia.Grad(res.Roots[0], res.Weights...)
//
// # What is recognised
//
// Products of features with a weight, x·W, x·Wᵀ, W·x and W·v, batch-first, one sample per
// column, or single vectors; sums of them; biases in the forms in which people add them (a
// broadcast over the samples, a vector to a vector, ones·b); differences, constant multiples, concatenations and
// slices of features; the subtraction of a mean over the features (layer normalisation);
// elementwise activations of the catalogue of package layers; radial activations composed
// of elementwise operations, v ↦ λ(|v|)·v with any λ, among them RMSNorm in all its spellings;
// vertices and sums of this library. Everything else is a boundary: its inputs are outputs of
// the quiver, its result is an input.
//
// Which activations allow a reduction: radial ones and none at all (deep linear chains), by what
// reaches a vertex (arXiv 2107.02550, Theorem 6; arXiv 2207.12773); elementwise ones only as far as
// symmetry.Compress finds dead coordinates and the like.
//
// # Laws
//
//   - The old graph is not changed and shares no memory with the new one.
//   - Every root has the same value, up to rounding, for all inputs; the Certificate measures it by
//     running both graphs. Where an option of symmetry cuts what is not zero it says by how much.
//     With Fused, a value that was NaN may become one: an activation composed with a quotient is 0/0 at
//     a zero vector, and 0 as an operation of this library.
//   - Gradient descent on the new weights is projected gradient descent on the old ones
//     (arXiv 2107.02550, Theorem 8), where symmetry promises that of its options.
//   - Conservative: a weight that is read elsewhere, a value that is read elsewhere, an input whose purpose
//     cannot be told are left alone, and the report says so.
//   - Rewriting twice changes nothing more.
//   - The result is deterministic.
//
// Operations are taken over into the new graph as they are; those with a state of their own
// (batch norm, dropout) share it with the old graph, as they do in Gorgonia's own Clone, and are
// not run for the certificate. Gorgonia's graphs fill caches when they are read, so one graph is to be
// rewritten by one goroutine at a time.
package rewrite
