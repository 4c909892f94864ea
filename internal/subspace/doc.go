// Package subspace chooses, at each hidden vertex of a network, a subspace that contains what reaches the vertex and that its
// activation keeps: what Compress cuts a network down to.
//
// The laws:
//
//   - With A_v = [W_a B_s(a)] the matrices that reach v in the coordinates of their sources, the subspace of v contains
//     the columns of A_v, or what a [Rule] leaves of them; vertices that ties bind together share one.
//   - A cut is rounding by what becomes of it at the next vertices, entry by entry, and not by its own size (cut.go); only
//     then does the [Frame] call itself exact.
//   - Nothing is cut that the activation does not restrict to. A rule that asks for more gives a *[Refusal], a Closure that
//     is not one a *[FalseClosure].
//   - Bases are orthonormal up to rounding; nil is the whole space and an empty matrix the zero space.
//
// In reading order:
//
//	choose.go    Frame: the choice at all vertices; Chooser: how it is made
//	stack.go     A_v: what reaches a vertex
//	rule.go      ByColumns, ByRank: which directions a vertex keeps
//	truncate.go  ByError: leading singular directions, of matrices or of data
//	echelon.go   ByEchelon: the basis in which A_v is in echelon form
//	cut.go       what may be cut as rounding
//	pathsum.go   sums over paths through linear vertices
//	observe.go   what of a linear vertex is seen downstream
//	refusal.go   activations that keep more than a rule asks, or claim what is not true
package subspace
