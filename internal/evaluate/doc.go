// Package evaluate computes the values of a network on many inputs, for measurements: equal to Rep.Eval up to
// rounding, with fast products and memory that is used again.
//
// The laws:
//
//   - Values lie with the samples side by side: those of a vertex are dim × samples, row by row.
//
//   - What Rep.Eval refuses is left to Rep.Eval, so that its errors come from one place.
//
//   - The numbers of [Values] may be read until [Values.Release].
//
//     evaluate.go  Outputs: what a network gives; Values: what each vertex has on the way
package evaluate
