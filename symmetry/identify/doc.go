// Package identify measures how far the weights of a network are determined by its function: the rank
// of its Jacobian, which is the number of directions of the parameters that change a value, what bounds
// that rank, and the normal forms under rescaling.
//
// The questions beside this one have packages of their own: symmetry/paths for the coordinates that
// rescalings do not change, symmetry/local for what a sample determines nearby, symmetry/recovery for
// what a function determines globally.
//
// # Conventions
//
// Columns of J and coordinates of parameters are those of the slab, Rep.Data; rows are by
// sample, then by output in declared order. A unit is one coordinate of a vertex. Rescaling a
// unit multiplies its incoming weights by λ > 0 and divides its outgoing ones; H units of
// a chain with D parameters leave at most D − H visible directions, and fixed and
// tied arrows leave fewer rescalings, which are counted. A sample at which some unit that
// matters is at its kink has no derivative: by default that is a [BoundaryError]. No
// function changes its arguments. Results are the same whatever GOMAXPROCS is.
//
// # Which networks
//
// Jacobians and batch or sampled dimensions: any acyclic quiver, any activations. Kinks
// are known for activations of package layers and for those linear on each side of 0;
// another activation is taken to be smooth. Exact ranks and dimensions: any acyclic quiver whose
// activations are linear on each side of 0, with skips, parallel, fixed and tied arrows, several inputs
// and outputs; others are an [ActivationError]. Such an activation is recognised by the interface
// [PiecewiseLinear] or by its values at 196 points between 2⁻²⁴ and 2²⁵ in modulus; one
// that bends elsewhere is mistaken.
//
// # What is proved, what is only sampled
//
//   - Numerical ranks rest on rounding: a gap of at least 1000 between kept and dropped
//     singular values is asked for, else the report says ambiguous. Typical gaps are 10⁸
//     and more.
//   - [ExactRank] and its users compute in rationals. "At least r" is a proof (a minor is not
//     0 modulo a prime). "Equal to r" is a proof where the report says proved: an upper
//     bound is met, or fraction-free elimination was carried out, or all larger minors are 0
//     modulo so many primes that Hadamard's bound leaves nothing but 0.
//   - [BatchDimension], [Dimension]: lower bounds of the functional dimension (arXiv 2209.04036 and
//     2306.06179), up to rounding; Saturated is an observation. Where the maximum is reached, no
//     continuous hidden symmetry exists; discrete ones may. The printed bounds are theorems;
//     those by paths and by symmetry rest on ranks of their own, and are left out where
//     these are ambiguous.
//   - [ExactDimension], [ExactDimensionOn]: the dimension itself, on ℝ, on the box or on ℝⁿ, for
//     few inputs; proved as far as the rank is.
//
// The bounds by patterns, paths and symmetries, and rank DΦ = D − H away from degenerate parameters, are
// derived and tested here rather than quoted: only openings of the papers were at hand. The notion of
// "ordinary" parameters of 2209.04036 is not used.
//
// # Files
//
//	jacobian.go    Options, Jacobian, EachRow
//	rank.go        RankReport, Reducer: numerical ranks
//	exact.go       ExactRank: the rank in rational arithmetic
//	rational.go    Rational: weights that are no float64
//	dimension.go   DimensionReport, BatchDimension
//	search.go      Dimension: random samples until the rank stops growing
//	collect.go     what a report needs of samples that come one by one
//	exactline.go   ExactDimension: one input
//	exactbox.go    ExactDimensionOn: a box, or all of ℝⁿ
//	bound.go       Bound: directions that J cannot see
//	alpharank.go   PathActivationRank: the rank of the path activations, which bounds that of J
//	normalize.go   NormalizeOutgoing, NormalizeIncoming, Degenerate
//	chart.go       FreeCoordinates: a parameterisation of the orbits
//	equal.go       EqualModRescaling, EqualModPermutation
//	box.go         Box, Number
//	verdict.go     Verdict
//	errors.go      what can be wrong
package identify
