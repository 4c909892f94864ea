// Package batch checks the data of a call against the model: shapes, targets, numbers that are not finite, and memory that is shared.
// Each refusal names the input, output or weight and says what to do next.
//
//	batch.go    Batch: the data that is checked, and Kept, what an executor keeps of it
//	check.go    weights, inputs and targets that do not fit
//	finite.go   numbers that are not finite, or not in single precision
//	window.go   results that share memory with what is read
package batch
