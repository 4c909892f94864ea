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
package quivertest
