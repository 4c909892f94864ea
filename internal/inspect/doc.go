// Package inspect reads Gorgonia graphs: what an operation is, which nodes a node reads, and what values come out.
//
// # Laws
//
//   - Operations are told apart by their Go types and fields, never by the name that a user gave to a node. What is not known has
//     the kind "", and nothing is assumed of it.
//   - A graph is not changed, and values are copied before an operation runs on them.
//   - The same graph gives the same values: random numbers depend on the name and shape of a node alone.
//
// # Files
//
//	file          what you find there
//	kind.go       Kind, what is known of an operation; the names of nodes
//	wiring.go     Wiring, the inputs of the nodes, also where Gorgonia's table of them is stale
//	value.go      the numbers of a value, copies of values, values of numbers
//	inference.go  batch normalisation and dropout that do not train; operations that must not be run
//	evaluate.go   Evaluate, the values of the nodes one by one
//	cost.go       Operations, the multiplications and additions of a node
package inspect
