// Package identify answers "do these weights determine this function, and does this
// function determine these weights?" for networks with pointwise activations, above
// all those that are linear on each side of zero: ReLU, leaky ReLU, absolute value.
//
//   - [Jacobian], [EachRow], [BatchDimension], [Dimension], [ExactDimension],
//     [ExactDimensionOn], [ExactRank], [Rational]: how many directions of the parameters change the
//     function (functional dimension, arXiv 2209.04036 and 2306.06179).
//   - [PathEmbedding], [PathActivations], [PathGram], [PathActivationRank],
//     [FromPathEmbedding], [PathNorm], [Lipschitz], [PathMetric], [PathSaliency],
//     [PruneByPaths]: coordinates that rescalings do not change (arXiv 2107.09370, 2310.01225,
//     2405.15006).
//   - [Shallow], [CheckP], [RecoverShallow]: does the function determine the parameters
//     globally (arXiv 2107.09370, 2112.12982)?
//   - [LocalIdentifiability], [Follow]: do its values on a sample determine them
//     locally, and if not, which directions are hidden (arXiv 2206.07424)?
//   - [NormalizeOutgoing], [NormalizeIncoming], [EqualModRescaling],
//     [EqualModPermutation]: representatives of orbits and their comparison.
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
// another activation is taken to be smooth. Paths, norms, exact dimensions, local
// identifiability: any acyclic quiver whose activations are linear on each side of 0,
// with skips, parallel, fixed and tied arrows, several inputs and outputs; others are an
// [ActivationError]. Such an activation is recognised by the interface
// [PiecewiseLinear] or by its values at 196 points between 2⁻²⁴ and 2²⁵ in modulus; one
// that bends elsewhere is mistaken. Shallow: chains with one hidden layer, of ReLU, leaky
// ReLU and their like. CheckP: chains with ReLU, since with other slopes the image of a
// layer is not convex and a kink can be invisible though both sides are not. RecoverShallow:
// ReLU. Anything else is a [ChainError] or an [ActivationError].
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
//   - [BatchDimension], [Dimension]: lower bounds of the functional dimension, up to
//     rounding; Saturated is an observation. Where the maximum is reached, no
//     continuous hidden symmetry exists; discrete ones may. The printed bounds are theorems;
//     those by paths and by symmetry rest on ranks of their own, and are left out where
//     these are ambiguous.
//   - [ExactDimension], [ExactDimensionOn]: the dimension itself, on ℝ, on the box or on ℝⁿ, for
//     few inputs; proved as far as the rank is.
//   - [LocalIdentifiability]: Identifiable and NotIdentifiable are theorems given the
//     ranks; the third rank, at generic weights, is right with probability 1 − 10⁻¹⁵. Hidden
//     directions are verified on the sample only.
//   - [Shallow]: Identifiable, NotIdentifiable and each condition are proved, in rational
//     arithmetic, for a bounded box; NotIdentifiable comes with another network, in float64.
//   - [CheckP]: with one or two inputs every answer is proved. Above, Certified and Refuted
//     are proved too, by interval bounds or at rational points, but much stays Unknown, with
//     the number of tries.
//   - [RecoverShallow]: checked at 200 fresh points, not proved.
//   - [PathNorm], [PathMetric], [Lipschitz]: theorems, up to rounding of some 1e-15 of the norms.
//   - [FromPathEmbedding]: the embedding of the result is compared with the one given.
//
// # What could not be checked against the papers
//
// Only openings of the papers were at hand. Derived and tested by ourselves rather
// than quoted: the bounds by patterns, paths and symmetries; rank DΦ = D − H away from
// degenerate parameters; that Φ and the signs determine the orbit; the statement and
// proof behind Shallow; the wording of P.a–P.d (which passes the consistency check that a
// certified network has full functional dimension); the verdict by the rank at generic
// weights. The notion of "ordinary" parameters of 2209.04036 is not used.
package identify
