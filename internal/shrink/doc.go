// Package shrink compresses the quivers of a graph with package symmetry, as far as the graph can express the result.
//
// # Laws
//
//   - What does not shrink is kept in its coordinates, not turned: a rotation alone gains nothing.
//   - No arrow and no vertex appears that the graph does not have, but for those of symmetry.Data; what would need one is kept, with the
//     reason.
//   - No option leaves more numbers than none.
//
// # Files
//
//	file        what you find there
//	reduce.go   Reduction, a compression in terms of the graph
//	weights.go  Weights, the inputs with other numbers or of another shape
//	shrink.go   Compress: what is kept, and units of elementwise vertices
//	spare.go    whether an elementwise vertex may have units to remove
//	sliced.go   sums of which only slices are read
//	span.go     Span, the vertices of symmetry.Data
//	probe.go    whether an option is symmetry.Pointwise
package shrink
