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
// column, or single vectors; with a constant or a trained number times a weight, c·W, and the product of two, x·(A·B), which
// is a chain of two arrows. Sums of them; biases in the forms in which people add them (a
// broadcast over the samples, a vector to a vector, ones·b, a row for each sample); differences, constant multiples,
// concatenations and slices of features; the subtraction of a mean over the features (layer normalisation) in
// all its spellings; a gain γ∘x, which is an arrow with the matrix diag(γ);
// elementwise activations of the catalogue of package layers, powers x∘x and xᵏ among them; radial activations composed
// of elementwise operations, v ↦ λ(|v|)·v with any λ, among them RMSNorm in all its spellings;
// vertices and sums of this library. The squares of a weight that are summed, as weight decay does, bind nothing, with constant factors at any
// place and also of the transpose: Σ‖W‖² = Σ‖W′‖² + a constant, which the new graph adds. Batch normalisation and dropout that do not train are folded.
// Everything else is a boundary: its inputs are outputs of
// the quiver, its result is an input. That goes for matrices that are computed otherwise (masked, sliced, a function
// of a weight entry by entry), and for a weight that is used beside its transpose.
//
// Which activations allow a reduction: radial ones and none at all (deep linear chains), by what
// reaches a vertex (arXiv 2107.02550, Theorem 6; arXiv 2207.12773); elementwise ones by dead, constant and
// equal units, which are looked for where numbers show that there may be some. Give symmetry.Pointwise to look everywhere; it never
// leaves more numbers than no option.
//
// # Laws
//
//   - The old graph is not changed and shares no memory with the new one.
//   - Every root has the same value, up to rounding, for all inputs; the Certificate measures it by
//     running both graphs. Where an option of symmetry cuts what is not zero it says by how much.
//     With Fused, a value that was NaN may become one: an activation composed with a quotient is 0/0 at
//     a zero vector, and 0 as an operation of this library.
//   - Numbers, trainable and fixed ones together, and operations both fall, in each part of the graph that changes and
//     in the whole; where one of them would not, the part stays as it was, and the report has both counts. Without
//     a change neither grows, but for columns of ones with Fused.
//   - Report.Left is not empty where nothing shrank.
//   - Gradient descent on the new weights is projected gradient descent on the old ones
//     (arXiv 2107.02550, Theorem 8), where symmetry promises that of its options. It is not where units went (Result.Units),
//     and not for a gain that became a full matrix, which trains as a matrix does; Disable can switch the rule "gain" off.
//     A part of a decayed weight that is cut does not move and counts as a constant in the cost.
//   - Conservative: a weight that is read elsewhere, a value that is read elsewhere, an input whose purpose
//     cannot be told are left alone, and the report says so. No name of a node decides anything.
//   - Rewriting twice changes nothing more, but for units of elementwise layers: what went may set others free.
//   - The result is deterministic.
//
// Operations are taken over into the new graph as they are; those with a state of their own
// (batch norm, dropout) share it with the old graph, as they do in Gorgonia's own Clone, and are
// not run for the certificate, nor are operations of other packages: what they read is compared instead. Whether batch norm and
// dropout train is what SetTraining and the last machine left them at (gorgonia.EvalMode). Gorgonia's graphs fill caches when they are read, so one graph is to be
// rewritten by one goroutine at a time.
//
// # The way of a graph
//
// Rewrite goes down through these packages, each once for an attempt: internal/ir reads the graph, with the rules of internal/simplify;
// internal/regions finds the quivers in it; internal/shrink compresses them with symmetry; internal/rebuild makes the new graph. What an
// attempt finds not worth it, or wrong on the test inputs, is kept at the next.
//
// # Files
//
//	file         what you find there
//	rewriter.go  Rewriter and Rewrite: the attempts
//	rules.go     the table of rules
//	inputs.go    the checks of roots and lists
//	result.go    Result, Report and Counts
//	certify.go   Certificate, and the comparison of both graphs
//	worth.go     which parts are worth it: numbers and operations both fall
//	cost.go      what each node costs
//	reasons.go   what the report says of what stayed
//	lifted.go    Lifted, the quiver with the way between its arrows and the graph's weights
//	errors.go    the errors
package rewrite
