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
//   - What a file says is an error of type *IDXError, never a panic, and no
//     file makes a reader take more memory than a small multiple of what it holds.
package data
