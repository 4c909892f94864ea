// Package deviation says how far a reduced network is from the original: it measures the distance, tells what
// rounding explains of it, proves a bound, and tests what activations say of themselves.
//
// # Laws
//
//   - Nothing is changed, and results are deterministic.
//   - What rounding explains is computed from the weights and the inputs: a multiple of the running error
//     bound of the original, row by row.
//   - A bound is never below the error; it is +Inf rather than a guess.
//   - A claim is called false only where its error is above 1e-7 and is no matter of rounding nearby.
//
// # Files
//
//	file          what you find there
//	measure.go    Measure: two networks on some inputs, and what rounding explains
//	step.go       Step: a change of bases, and the vertex at which its two networks part
//	bound.go      Step.Bound: a bound on given inputs
//	ball.go       Step.Ball: a bound on all inputs up to a length
//	enclosed.go   EnclosedGap: a bound by interval arithmetic
//	claim.go      Step.Examine and CheckGroup: claims of activations
package deviation
