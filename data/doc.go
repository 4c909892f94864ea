// Package data holds readers and generators of data sets: handwritten digits that
// are embedded in the package, MNIST in its IDX format, and the regression data of
// the experiments of arXiv 2107.02550.
//
// The laws of the package:
//
//   - Matrices are samples × features: a row is a sample.
//   - Pixels are scaled to 0..1. Labels are 0..Classes−1.
//   - Every function returns memory of its own: change it freely.
//   - Splits are fixed: the same rows on every machine and in every version.
//   - Random numbers come from a rand.Source that the caller gives.
//   - What a file says is an error of type *IDXError, never a panic, and no file makes ReadIDX
//     take more than six times its contents, which are counted after gzip and limited by
//     MaxIDX or the option Limit.
//   - Sets whose parts do not belong together, and arguments that are nil or out of range, are typed
//     errors, or panics with those where a function returns no error.
//
// # Files
//
//	file           what you find there
//	set.go         Set and Split: labelled samples
//	check.go       NewSet and Check: whether the parts of a set belong together
//	batches.go     Batches, shuffled once an epoch
//	digits.go      Digits, embedded in the package
//	idx.go         ReadIDX, files of strangers
//	mnist.go       LoadMNIST and data sets in its form
//	regression.go  the regression data of the published experiments
package data
