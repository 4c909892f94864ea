// Package local answers whether the values of a network on a sample determine its parameters near the
// given ones, up to rescaling, and if not, shows the directions that the sample does not see (arXiv
// 2206.07424).
//
// Near θ the network is smooth, f = αΦ with constant path activations α. The laws:
//
//   - Identifiable and NotIdentifiable are theorems given the ranks; the rank at generic weights is
//     right with probability 1 − 10⁻¹⁵. An ambiguous numerical rank gives Undetermined;
//   - hidden directions are verified on the sample only, by a step and Newton's method back;
//   - vertices must be linear on each side of 0, with the identity at the outputs, else the error is an
//     identify.ActivationError; errors are those of packages identify and quiver;
//   - no function changes its arguments, and the same arguments give the same bits.
//
// In reading order:
//
//	local.go     Identifiability: the verdict, with its ranks
//	jacobian.go  rank and kernel of the rows at samples, in balanced coordinates
//	hidden.go    HiddenDirection: what the sample does not see
//	follow.go    Follow: a walk along a hidden symmetry
package local
