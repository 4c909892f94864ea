// Package units reduces the hidden vertices whose activation works coordinate by coordinate, unit by unit, without loss:
// it removes what nothing observes, folds constants, merges twins, and replaces units that work as lines.
//
// The laws:
//
//   - A unit goes only if its claim holds: by its weights up to their own rounding, or by bounds that are proved, for every
//     input or for the inputs of a set. Searches only propose; what decides is evaluated with all rounding counted
//     against the unit.
//   - Whatever was claimed, a [Stage] computes what the claims are wrong by, from the networks before and after it, and
//     [Stage.Bounds] is never below the error.
//   - What counts as rounding is decided by what becomes of it at the outputs ([Sight]); where it may show, units go by
//     exact arithmetic only, or stay.
//   - A search spends a fixed number of products, so that its result is the same on every machine. Networks given are
//     not changed.
//
// In reading order:
//
//	reduce.go     Reduction: rounds of removals until nothing more is found
//	change.go     Change, Fate: what became of a unit
//	network.go    a network whose units, arrows and vertices are being removed or added
//	pointwise.go  what is known of an activation that works entry by entry
//	fold.go       units that nothing observes, and constants
//	twin.go       units with proportional rows
//	linear.go     units that work as lines: arrows past the vertex, or a linear vertex
//	flow.go       what each source brings to a vertex
//	bounds.go     bounds of all values on a set of inputs
//	enclosed.go   Enclosed: bounds of the outputs on samples
//	search.go     what is looked at on a box before anything is proved
//	relax.go      the linear program of the relaxed network, by its dual
//	split.go      cases on the two sides of a bend
//	care.go       with what care a vertex is treated
//	sight.go      Sight: whether a difference shows at an output
//	snapshot.go   Snapshot: a network at one moment, and bounds of its values on a ball
//	stage.go      Stage: one step, its claims, and what they are wrong by
//	form.go       affine forms in double-double arithmetic
//	precise.go    an evaluation in numbers of twice the length
package units
