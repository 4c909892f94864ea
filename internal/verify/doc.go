// Package verify compares a compiled program with its definition: the reference evaluator, finite differences, and what activations
// claim of themselves. Package graph documents what users see of it.
//
// A disagreement is a failed check of the report, never an error. Kinks and units give no false alarm: samples on a kink are left out, and
// what rounding does to the network at hand is measured and allowed for.
//
//	verify.go       Run, and what its steps share
//	report.go       the report: Verification, Check, Status
//	reference.go    the network, evaluated by its definition, with its gradient
//	difference.go   finite differences, with what they are worth
//	scale.go        the scale of data, and what rounding does to the network
//	values.go       outputs and gradients of the program
//	symmetry.go     the symmetries of the gradient
//	hessian.go      second derivatives
//	act.go          an activation: its derivatives
//	claims.go       what it claims: radial, pointwise, second derivatives
//	lipschitz.go    its Lipschitz constants
//	loss.go         a loss: its value and its gradient
//	op.go           its operations, each alone
//	shake.go        what rounding does to it
package verify
