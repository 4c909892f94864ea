// Package enclose bounds what functions and sums can be on intervals, for the numbers of mathematics: every end is rounded
// outward, so that no value of exact arithmetic lies outside.
//
// The laws:
//
//   - An enclosure holds for finite and infinite ends and for numbers of every size, denormal ones included. Where
//     nothing is known it is infinite; it is never a NaN.
//   - What is a line, a constant or a sum without rounding is enclosed exactly, and a sum does not change its sign by
//     rounding: an end within its error of 0, where many activations bend, is computed exactly.
//   - A [Scalar] of the catalogue is bounded by its extrema, another one by its Lipschitz constant. [Lines] are
//     below and above the function on its interval for every slope that they allow.
//   - Bounds of sizes are made with [Up] and [Times], where nothing times infinity is nothing.
//
// In reading order:
//
//	sum.go     Flow, Sum, Product: bounds of W·x on a box, W itself known up to an error
//	scalar.go  Scalar: bounds, lines and bends of a function of one number
//	lines.go   Lines: the convex relaxation of the units of a vertex by a chord and a line that turns
//	vector.go  Vector: bounds of an activation of many numbers; Length
//	up.go      Up, Times: arithmetic of upper bounds; Trained: whether constants still hold
package enclose
