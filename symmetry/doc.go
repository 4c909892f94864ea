// Package symmetry uses the symmetries of a network's parameters.
//
// An activation that only rescales a vector by a function of its norm commutes with
// rotations; a pointwise one lets permutations of its units through, with the signs and scales of
// its group ([GroupOf]). So a change of basis at each hidden vertex, g_t W_a φ(g_s)⁻¹ on each arrow,
// leaves the network's function alone ([Act], [RandomElement]); and the directions of a
// hidden vertex that nothing can reach can be cut off ([Compress]): the reduced network
// computes the same function with fewer numbers (arXiv 2107.02550, Theorem 6; for any
// acyclic quiver and any rescaling activation arXiv 2207.12773; groups of pointwise activations
// arXiv 2205.14258).
//
//	c, err := symmetry.Compress(w)
//	fmt.Print(c)                  // h1 64→3, h2 64→6, parameters 4545→52, max gap 1.3e-15
//	small := c.Reduced
//	large, err := c.Lift(small)   // back in the original quiver, same function
//	t, err := c.Rotated()         // the original in adapted coordinates
//	p, err := c.Subspace()        // projected training of t equals training of small
//
// # Laws
//
//   - Without options nothing is lost: for every input, Reduced, Rotated and Lift(Reduced) have the
//     outputs of the original, up to rounding. The Certificate carries the measured gap, relative to the
//     size of the output, what rounding explains of it, and a proved bound.
//   - Rounding is amplified by the network's own conditioning, max(|h′|, |h/r|) per vertex; where an
//     activation jumps (h(0) ≠ 0 at the origin, StepReLU on its sphere) a sample on the jump may
//     land on either side.
//   - Arguments are not changed; results are deterministic and do not depend on GOMAXPROCS.
//   - Compressing twice changes no width further.
//   - Project is linear, symmetric and idempotent, and Subspace's zeroes entries exactly.
//   - Gradient descent on Rotated, projected to Subspace at each step, has the losses of gradient
//     descent on Reduced (Theorem 8 of arXiv 2107.02550). Training the original without projection is another matter: then no
//     equality holds. The free part U of the weights, which Reduced does not have, does not move by
//     a bit where all activations commute with rotations, and by no more than rounding elsewhere.
//
// # The law of certificates
//
// What a [Certificate] says is computed, not assumed:
//
//  1. Exact implies Gap ≤ Rounding. Gap is measured; Rounding is twice a running error bound of the
//     evaluation of the original on the inputs of the measurement, coordinate by coordinate, computed
//     from its weights and these inputs: d_v = Σ|W_a|e_s + γΣ|W_a|(|x_s| + e_s) with γ = 4ε(8 + n_v + Σ
//     columns), carried through activations by their Lipschitz constants, by their derivatives where
//     they have none (an estimate of first order). It holds row by row, not for the largest rows alone.
//     What is called exact for every input is compared at other sizes of the inputs too, up to 2⁶⁰ and
//     down to 2⁻⁶⁰, together and coordinate by coordinate, within the running error there times the
//     largest width.
//  2. Bound is never below the error, for each input of which it speaks: BoundOn for the inputs given,
//     BoundBall for all of a ball. It is +Inf rather than a guess.
//  3. A cut is called rounding by what becomes of it at the next vertices: |W|·|E| is rounding beside
//     |W|·|A_v| for all matrices W behind v, E what the cut leaves out. The units of inputs, of
//     coordinates and of outputs do not enter; a small row that a later matrix undoes is kept.
//  4. A cut that would break this is not made, and the report names the vertex; or the call
//     fails: *[OptionError] where an option cannot be honoured, *[ClaimError] where an activation says
//     of itself what a measurement contradicts, *[GapError] where no cut is left to take back.
//  5. Where nothing could be measured, since no output is finite, nothing is exact.
//
// "For every input" is exact arithmetic for the weights that were found: those of the reduced
// network are rounded themselves, by the backward error of a factorization, about n·s·ε of each row and
// column. What an activation claims is tested at some points, not proved.
//
// # Options and what they promise
//
// Equal on which inputs, and is projected training of Rotated training of Reduced? The first
// row is the theorem; the others are derived here and tested.
//
//	option           function                         projected = reduced
//	none, Keep       equal, all inputs                yes
//	Rank(0)          equal, all inputs                yes
//	Observe          equal, all inputs                yes
//	PathSum          equal, all inputs                no: Subspace returns an error
//	MergeParallel    equal, all inputs                yes, in the merged quiver
//	Data             equal, on the span of the data   yes, with the merged arrows
//	Pointwise        equal, all inputs                no, where units went: Subspace returns an error
//	Box, Boxes       equal, on the box                no, where units went
//	Samples          equal, on these rows             no, where units went
//	Rank(tol)        as Rank(0) if only rounding was cut, else as Tolerance
//	Tolerance        Certificate.Gap and .Bound       no: Subspace returns an error
//	Widths           Certificate.Gap and .Bound       no: Subspace returns an error
//
// Pointwise, Box and Samples reduce pointwise vertices unit by unit, which the others cannot. They are options
// since merged and folded units train otherwise; one set of inputs at a time. Rank, Tolerance and Widths
// each decide the widths and exclude each other; Weigh goes with the last two; all others combine.
// Tolerance and Widths are requests: a vertex whose activation keeps no subspace of the width that they
// come to is an *OptionError that names it. Rank cuts where activations allow it.
//
// # Groups
//
// The group of an activation σ on ℝⁿ is { A : σ(Ax) = φ(A)σ(x) }. [GroupOf] has it by table for the
// catalogue, asks activations that declare one ([Symmetric]), and samples others ([DetectGroup]).
// [Group.Contains] names the entry that offends, [Group.Phi] is φ, [Group.Random] draws. What is
// proved: for a pointwise σ that is continuous (measurable will do), not constant and not affine, that
// A is monomial and φ acts entry by entry (derived: Pexider's equation), and each row of the
// table. What is sampled: DetectGroup, and whether an activation commutes with rotations, on one
// random line. What could not be checked against the full text of arXiv 2205.14258: its Table 1, and
// whether it treats softmax, LayerNorm and radial activations.
//
// Structured layers take elements on channels as A ⊗ I ([Monomial.Spread]); arrows with structure
// of their own (convolutions) come in as fixed matrices so far, which Act turns like all others.
//
// # Comparing networks
//
// [Equivalent] measures on inputs. [SameOrbit] decides whether two networks are the same up to
// rotations, permutations, signs and scales, [Canonical] gives a form that all of them share,
// [Fingerprint] a short text that depends on the function alone, [Aligned] the element that brings one
// near another, with a lower bound; package symmetry/stitch compares their features. [Widen] is the
// inverse of compression.
//
// # In reading order
//
//	groups.go                        the names of package group
//	element.go, act.go               Element, Act: changes of basis, and how they act
//	compress.go, rounds.go           Compress: the door; rounds of units and subspaces
//	option.go, honour.go             options, and when they cannot be honoured
//	pointwise.go                     Pointwise, Box, Boxes, Samples, Within: units, for which inputs
//	data.go                          Data and OffData: inputs in the span of data
//	certificate.go                   what is measured
//	bound.go                         proved bounds
//	report.go, units.go              the text that a person reads
//	subspace.go, original.go, lift.go               training and the way back
//	canonical.go, orbit.go, align.go, fingerprint.go   comparing networks
//	widen.go, contract.go            the same function in another quiver
//	guard.go                         arguments that are nil
package symmetry
