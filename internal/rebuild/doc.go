// Package rebuild makes a new Gorgonia graph from a reduction, node by node.
//
// # Laws
//
//   - The new graph shares no memory with the old one.
//   - A node whose inputs kept their coordinates has the operation of the old one.
//   - Inputs stand in the order of the old graph. Their names are those of the old ones; names that the package makes are new.
//   - Equal fixed matrices are one input.
//
// # Files
//
//	file       what you find there
//	build.go   Builder and Build: which way a node is made
//	plain.go   operations as they were, on what their inputs became
//	sums.go    sums, products, concatenations and slices in new coordinates
//	gain.go    gains and decays in new coordinates
//	span.go    products that read the span of data
//	fuse.go    vertices as one operation of this library
//	inputs.go  inputs, constants and fixed matrices
package rebuild
