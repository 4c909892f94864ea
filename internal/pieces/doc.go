// Package pieces lays a network out for passes, and knows it piece by piece: values and derivatives at
// a sample, the segments of a line, the regions of a box and the paths on which it is linear, in
// floating point and in arithmetic that rounds nothing.
//
// A network is any acyclic quiver; what holds only for vertices that are linear on each side of 0
// asks for it by CheckLinear. The laws:
//
//   - samples are rows of length InDim, all inputs in declared order; the columns of a derivative are
//     those of the slab, Rep.Data;
//   - a vertex is known by its place in Vertices, which is a topological order;
//   - a pre-activation of exactly 0 counts as below the kink. Where a unit lies on a kink the network
//     has no derivative, and Boundary, Smooth and Sample say so;
//   - the exact passes never round: they take weights and samples for the rational numbers that they
//     are, or, modulo a prime, for residues of these;
//   - errors are those that package symmetry/identify exports under the same names.
//
// In reading order:
//
//	network.go      Network, Vertex, Arrow: a representation laid out
//	units.go        Rescalable: networks whose hidden units can be rescaled one by one
//	slopes.go       which activations are linear on each side of 0, homogeneous, or bent, and where
//	samples.go      Samples and Batch: between matrices and rows
//	forward.go      State, Forward; samples on a kink
//	backward.go     Sweep: the rows of the Jacobian
//	exact.go        Exact: both passes over the rationals or modulo a prime
//	segments.go     Segment: a line cut where units switch, in floating point
//	breakpoints.go  Breakpoints: the real line cut, exactly
//	regions.go      Region: a box or all of ℝⁿ cut, exactly
//	paths.go        Path: paths through units, counted and enumerated
//	gram.go         Gram: inner products of path activations without enumerating paths
//	vector.go       sums, norms and distances that give the same bits everywhere
//	errors.go       what can be wrong with activations and samples
package pieces
