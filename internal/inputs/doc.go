// Package inputs has sets of inputs of a network, boxes and samples, and the points of them at which networks are measured.
//
// The laws:
//
//   - A [Set] is one box, or the rows of some samples, each of which is a box of one point; infinite ends and nil
//     matrices stand for inputs that may be anything.
//   - The points of a set and the random inputs are the same at each call: they come from [Seed].
//   - Matrices are one per input in declared order, samples × dim; an input of dimension 0 has an empty one.
//
// In reading order:
//
//	domain.go     Set: a box, samples, or everything
//	sampling.go   Normal: random inputs; Few, Pick: some rows
//	farinputs.go  Far: inputs of sizes from 2⁻⁶⁰ to 2⁶⁰
package inputs
