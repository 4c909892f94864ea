// Package quivertest tests what is built on quivers: a generator of random networks of
// every shape that matters, calibrated so that a mistake shows, and a contract suite for
// activations.
//
// # Why calibrated
//
// A random network with arbitrary weights may be constant or linear where it is
// looked at; then every test of equality passes. Calibrate centres and scales the
// pre-activations layer by layer, and Sensitivity measures what is left to chance:
// whether a small change of the weights moves the output, and whether the
// non-linearity of each single vertex matters.
//
// In reading order:
//
//	instance.go     Generate and Calibrate: a random network with inputs; Gap compares outputs
//	kinds.go        the shapes that Generate knows, each with its name
//	sensitive.go    Sensitivity: would this network notice a mistake?
//	contract.go     Activation: the contract suite
//	derivatives.go  its part for jets, parameters and second derivatives
package quivertest
