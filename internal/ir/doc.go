// Package ir is the intermediate representation of a Gorgonia graph that is being rewritten: nodes with the purpose of each input, without what
// no root needs, after simplification.
//
// # Laws
//
//   - Nodes stand in topological order, and the ID of a node is its place in it.
//   - A node that a rule replaced has Same set, and nothing reads it but a repetition that needs the reshape before it.
//   - The Gorgonia graph is not changed, and no operation is run but by a rule.
//
// # Files
//
//	file      what you find there
//	node.go   Node and Role, what a node is and what an input is for
//	graph.go  Graph, Rule and Read, which makes the representation and applies the rules
//	link.go   who reads what, and what is needed; gradients among the nodes
package ir
