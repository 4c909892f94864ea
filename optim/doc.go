// Package optim holds optimizers on representations of quivers, and projection.
//
//	m := &optim.Momentum{Rate: 0.05}
//	r, err := optim.Minimize(ctx, prog.Problem(xs, ys), w, m, &optim.Settings{Steps: 500})
//
//	// Train the large network inside the subspace of its symmetries:
//	m = optim.Projected(&optim.Adam{}, subspace)
//
// # Laws
//
//   - A method's zero value works, with the usual constants of the field.
//   - Step changes w and its own memory, nothing else; gradients are not changed.
//   - Fixed arrows have no place in a gradient; no method can change them.
//   - Slab methods do not allocate after their first step.
//   - A NaN or an infinity ends Minimize with an error and the last finite weights.
//
// # Which equalities hold
//
// E1: training g·w is g times training w, for orthogonal g. E2: projected training of the rotated network equals training of the reduced one.
//
//	method                                 E1   E2
//	SGD, Momentum, Nesterov                yes  yes
//	SignSGD, Adagrad, RMSProp, Adam, AdamW no   yes, under a projector that only zeroes entries
//
// Decoupled decay, and L2 with SGD, shrinks the free part of the weights by (1−ηλ) a step; L2 with the
// others by a rule of its own. The function is not affected.
package optim
