// Package tape runs an expression as a list of stages, each of which computes several of its nodes in one pass.
//
// Fuse makes a Tape from an expression, once for each number of rows and purpose; what it fuses, its comment says. Values with one sample
// per row lie feature-major, so that the samples lie across vector lanes, and share one arena: a buffer is taken again as soon as nobody
// reads it. A tape is safe for concurrent use: each run borrows a Memory. A Source holds what all chunks of a call share.
//
// The laws: a tape computes the numbers of the expression up to rounding; a sample's numbers do not depend on the others of the chunk;
// no run allocates; a pre-activation that is infinite never becomes a finite number (overflow.go).
//
//	tape.go         Tape, its stages, slots and memory, and the run
//	fuse.go         the fuser: which nodes become which stage
//	feed.go         the weights and samples that go in
//	sweep.go        a run: outputs, loss and gradient, the search for a number that is not finite
//	forward.go      the stage of a vertex
//	backward.go     the stages of the gradients that come back
//	actrule.go      how an activation is computed: the choice, and the slow rules
//	kernelrule.go   pointwise activations that package vec knows
//	radialrule.go   radial activations
//	narrow.go       narrow layers in one kernel
//	lossstage.go    a loss and its gradient
//	number.go       sums and products of single numbers
//	operation.go    what no rule fuses; copies between rows and lanes
//	overflow.go     infinities on the way
//	memory.go       where in the arena each slot lies
//	convert.go      between precisions
//	kept.go         the data of a problem, in the form of a tape
//	describe.go     the stages for people
//	clock.go        their times
//	denormal.go     denormal numbers, which make them slow
package tape
