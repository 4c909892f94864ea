// Package composed has the activations that somebody wrote with elementwise operations of Gorgonia's: radial ones with any
// formula, and the logistic functions with Gorgonia's own asymptotes.
//
// # Laws
//
//   - Values are those of the operations that were composed, up to rounding; derivatives of every order follow from the formula.
//   - A Radial gives 0 at the zero vector, and the limit of λ where there is one.
//
// # Files
//
//	file          what you find there
//	radial.go     Radial, the activation v ↦ λ(|v|²)·v
//	formula.go    Formula, the scalar function λ, with its Taylor coefficients
//	functions.go  Functions, Gorgonia's elementwise functions with their derivatives
//	clipped.go    Clipped, the logistic functions as Gorgonia computes them
package composed
