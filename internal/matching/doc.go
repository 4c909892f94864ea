// Package matching looks for the change of basis that brings one network to another, or near it: permutations with signs
// and scales by linear assignment, rotations by a linear system and polar factors.
//
// The laws:
//
//   - Networks are not changed. What is found are factors, one for each vertex, nil for the identity; who asks knows
//     how factors act ([Actor]).
//   - Rows are measured so that rotations elsewhere do not matter, so vertices are matched one after the other, in topological
//     order; twins, which have equal rows, in reverse order by what goes out of them.
//   - A search spends a fixed number of multiplications, so that it finds the same on every machine; it ends early where
//     the context of the [Plan] does.
//   - [Intertwiner.Lower] and [Nearness] hold a lower bound that is proved, whatever was found.
//
// In reading order:
//
//	plan.go         Plan: what each class of tied vertices may do
//	form.go         a network on its way to a normal form
//	pairing.go      Pair: units of two networks, by what comes in and what goes out
//	ordering.go     Order: the normal form of one network
//	intertwiner.go  Intertwiner: the linear system of the rotations, by conjugate gradients
//	eigenbases.go   the coordinates in which it is solved
//	procrustes.go   Align: alternating polar factors, and the lower bound
//	weightmatch.go  the same with permutations: one assignment a vertex
//	scalegrid.go    the best scale of a unit
//	norms.go        Norm, Distance: of all matrices of a network
package matching
