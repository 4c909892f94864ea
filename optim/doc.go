// Package optim holds optimizers on representations of quivers, and projection.
//
//	m := &optim.Momentum{Rate: 0.05}
//	r, err := optim.Minimize(ctx, prog.Problem(xs, ys), w, m, &optim.Settings{Steps: 500})
//
//	// Train the large network inside the subspace of its symmetries:
//	p := optim.Projected(&optim.Adam{}, subspace)
//
// # Laws
//
//   - A method's zero value works, with the usual constants of the field; a constant of 0
//     means its default. A constant that is negative, NaN or infinite is a *SettingError at the
//     first step; the makers of schedules panic with it.
//   - Step changes w and its own memory, nothing else; gradients are not changed. A step that
//     returns an error has changed nothing.
//   - Fixed arrows have no place in a gradient; no method can change them. Tied arrows have
//     one matrix and are trained once.
//   - Methods and their wrappers do not allocate after their first step (but LBFGS while it
//     collects its pairs, and Muon for the goroutines of products of more than 128×128).
//   - The same bits come out whatever GOMAXPROCS is.
//   - A NaN or an infinity in a gradient is an error that names the arrow. Minimize ends there with
//     the last finite weights.
//   - No memory becomes infinite: a finite gradient so large that its square or a velocity
//     would overflow is an *OverflowError that names arrow and step, before anything changes. (PyTorch
//     keeps v = +Inf there, and the entry never moves again.) Steps whose lengths are ruled
//     by lengths, Clip and Muon, take every finite gradient that does not overflow a velocity.
//   - That the weights stay finite is for the next evaluation to see; Minimize looks after each step.
//   - L-BFGS sees no scale, neither of the loss nor of the weights; see there.
//   - A restored method goes on with the same bits. Restore refuses what no run leaves behind.
//   - A gradient must not lie in the memory of the weights, nor may an argument be nil: *AliasError,
//     *NilError. A method of a nil pointer panics with *NilError.
//
// The package has no options: methods are structs whose fields are their settings, and wrappers and
// schedules are functions that are called.
//
// # Which equalities hold
//
// E1: training g·w is g times training w, for orthogonal changes of basis g at the hidden
// vertices. E2: projected training of the rotated network is training of the
// reduced one, so that after each step the large network is ι(reduced) + U (arXiv 2107.02550,
// Theorem 8, for gradient descent; derived here for the others). U is the free part, which has no
// influence on the function. In the table, E2 is with Projected and
// symmetry.Subspace in the rotated frame, by kind of decay; "dense" is projection without
// turning the weights, by a projector that mixes the entries of each matrix; "joined" one
// that mixes several arrows of equal rates and decays.
//
//	method                   E1   E2:none  decoupled  in gradient  dense    joined
//	SGD                      yes  yes      yes        yes          yes      yes
//	Momentum                 yes  yes      yes        yes          yes      yes
//	Nesterov                 yes  yes      yes        yes          yes      yes
//	LBFGS                    yes  yes      –          refused      yes      yes
//	Muon                     yes  yes      yes        refused      yes      refused
//	SignSGD                  no   yes      yes        yes          refused  refused
//	Lion                     no   yes      yes        –            refused  refused
//	Adagrad                  no   yes      yes        yes          refused  refused
//	RMSProp                  no   yes      yes        yes          refused  refused
//	Adam                     no   yes      –          yes          refused  refused
//	AdamW                    no   –        yes        –            refused  refused
//	Clip of SGD              yes  yes      yes        yes          yes      yes
//	Clip of Adam             no   yes      –          yes          refused  refused
//	ClipEntries of Momentum  no   yes      yes        yes          refused  refused
//	lengths of weights       yes  refused  –          –            refused  refused
//	exact polar factor       yes  refused  –          –            refused  refused
//
// Each cell is measured by the tests of this package.
// A "yes" holds to 1e-10 (relative, on weights) over 100 steps on small networks, over 30 where products of
// gradients enter the step, over 10 for LBFGS, whose line search amplifies rounding; a "no" and what is refused
// differ by more than 1e-4. Over thousands of steps gradient descent itself can amplify rounding without
// limit. Any schedule, and any rate and decay per arrow, keeps E1 and E2 as long as both sides have the
// same (E1 and E2 speak of each arrow by itself); joined arrows need equal ones.
//
// What becomes of U: without decay it keeps every bit. Under decoupled decay, and
// under decay in the gradient with SGD, it is (1−ηλ)ᵏU after k steps. Under decay in the gradient with
// Momentum, Adam and the like it follows a rule of its own. For Muon and LBFGS a decay
// in the gradient enters products in which U shows, and E2 fails: hence refused.
//
// The decision is made from Traits, which a method declares, and from Coordinate, Joined and
// Container, which a projector may. A method without Traits is refused.
//
// In reading order:
//
//	method.go      Method, and what every step begins with: checks, rate, segments of the slab
//	record.go      what is known of a method: settings with defaults and domains, traits, what it keeps
//	catalogue.go   the list of all methods
//	sgd.go         SGD, Momentum, Nesterov
//	entrywise.go   SignSGD, Adagrad, RMSProp
//	adam.go        Adam, AdamW
//	lion.go        Lion
//	muon.go        Muon
//	lbfgs.go       LBFGS: the line search, and Searcher
//	secants.go     its pairs, and their state
//	overflow.go    gradients too large for what a method keeps
//	state.go       Snapshot and Restore
//	schedule.go    factors on the rate by step
//	group.go       rates and decays arrow by arrow
//	traits.go      what the theorems on projected training ask of a method
//	projector.go   what they ask of a projector, and the pairs that are refused
//	projected.go   Projected
//	clip.go        Clip, ClipEntries
//	minimize.go    Minimize
//	settings.go    its Settings and Result
//	domain.go      the values that a setting may have
//	arguments.go   nil and aliased arguments
package optim
