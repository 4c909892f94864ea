// Package scalar is the catalogue of scalar functions: one record for each, [Function], that says all that the library knows about it.
//
// Package layers gives the functions their public names, makes activations of them and parses their names; package symmetry reads
// their groups, package graph their formulas, and package vec, with the generator of its assembly, their kernels.
//
// # Laws
//
//   - What depends on which function it is stands in the record. No other package has a table or a switch over names of functions.
//   - Each fact is held against numbers by the tests of this package, for every record that there is; each fact that is taken out or
//     made a little wrong makes a test fail.
//   - At a kink or a jump, derivatives take the side that the value takes. Derivatives keep their relative accuracy where they are
//     small.
//   - [Range], [Suprema] and [RatioSupremum] never return less than there is.
//
// # Files
//
//	func.go              Func, what any function is, and Function, the record
//	symmetry.go          Symmetry: which matrices an activation lets through
//	formula.go           Formula: a function written in elementary ones
//	kernel.go            EntryKernel and RatioKernel: what package vec computes
//	registry.go          the catalogue and its families
//	linear.go            ReLU, LeakyReLU, StepReLU, Abs, Unit
//	sigmoidal.go         Tanh, Sigmoid, Softplus
//	gated.go             GELU, SiLU, Mish
//	rational.go          Arctan, Squash
//	transcendental.go    Exp, ELU, Sin
//	powers.go, rms.go    Square, Power; the function of RMSNorm
//	shift.go             h(x−s)
//	jets.go              recurrences on Taylor coefficients
//	radialjet.go         RadialJets: the derivatives of h(r)/r, and derivatives of any order
//	suprema.go, range.go bounds on an interval: of |h|, |h′| and |h(r)/r|; of h, and where it is a line
//	errors.go            ConstantError
package scalar
