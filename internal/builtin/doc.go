// Package builtin knows Gorgonia's own operations, as users' losses are made of them: which one a node is, its derivative, and its
// function to full accuracy.
//
// Its laws:
//
//   - Gorgonia's derivatives are not used where this package knows the operation: several are wrong (log₂, 1/√x, a maximum at a tie,
//     powers), and others have the wrong shape for one sample or for vectors.
//   - An operation whose derivative nobody knows to be right is refused by name, and so is one that computes another function than
//     its rule takes it for, which is tried on random numbers.
//   - Operations are told apart by the Go types of their values, which nobody can choose, never by what they print.
//   - Gradients are made of operations of package op, and can be differentiated again.
//
// In reading order:
//
//	backprop.go   Backprop through these operations and those of package op
//	rules.go      which operation it is, and the rule for its derivative
//	entrywise.go  functions and arithmetic of entries
//	linear.go     products, and what only moves numbers
//	reduce.go     sums, maxima, softmax
//	accurate.go   softplus and sigmoid to full accuracy
package builtin
