// Package rescale finds the rescalings of a network: the directions of its parameters that change no
// value, because activations are positively homogeneous.
//
// A factor e^{t_u} for each unit u multiplies the unit's incoming weights, and where the activation is
// homogeneous of degree p, e^{−p·t_u} its outgoing ones. A fixed entry from u to v allows only
// t_v = p·t_u, tied arrows only equal factors, and t = 0 at inputs, biases, outputs and at units of any
// other activation. What remains is a linear space of vectors t.
//
// The laws: the dimension depends on the architecture alone; J·Tangentᵀ = 0 away from kinks, up to
// rounding; the factors of Balance are powers of two, so that scaling by them rounds nothing.
//
// In reading order:
//
//	space.go    Space: a basis, its dimension, the tangent of the orbit
//	ratios.go   classes of unknowns under equations t_i = c·t_j
//	balance.go  Balance: the scales at which ranks do not depend on the place on the orbit
package rescale
