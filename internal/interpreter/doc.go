// Package interpreter runs an expression node by node, as it is written: for what is looked at, for programs that are not fused, and for
// second derivatives. What is trained runs as stages, see package tape; the numbers are the same up to rounding.
//
// A Plan is a list of steps that computes the wanted nodes and nothing else. It is made once and safe for concurrent use: each run borrows
// an arena, which holds a buffer for each value. An Evaluation is a plan with an arena of its own, for one goroutine.
//
//	plan.go       Plan and its steps
//	arena.go      the buffers of a run
//	feed.go       the weights and samples that go into them
//	chunk.go      what a chunk of a batch computes: outputs, loss and gradient
//	gather.go     gradients into a slab; class indices as vectors
//	evaluate.go   Evaluation: chosen nodes on given numbers
//	shaken.go     an evaluation in which every result is off by a rounding
package interpreter
