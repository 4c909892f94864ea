// Package regions finds the quivers in a graph: products with weights are arrows, sums and activations are vertices, and everything
// else is a boundary.
//
// # Laws
//
//   - A node is taken as the form that covers the most nodes of all that the rules recognise, so that the order of the rules means
//     nothing.
//   - A weight belongs to the regions only where nothing else reads it and all its uses are alike; else its products and biases are
//     refused, with the reason.
//   - A value that is read outside the regions, or is a root, is an output: its coordinates stay.
//   - The network that Network returns computes the values of the nodes, and each of its arrows says where in the graph it stands.
//
// # Files
//
//	file           what you find there
//	layout.go      Layout, which axis carries the features
//	form.go        Form, what a node was recognised as
//	scan.go        Scanner and Rule: the search over the nodes
//	product.go     x·W in all its spellings
//	bias.go        biases, one for all samples or one for each
//	sums.go        sums, constant multiples, concatenations, slices, operations of this library
//	activation.go  activations, written with one node or several
//	radial.go      radial activations, by a function of the norm
//	power.go       squares and powers, entry by entry
//	centring.go    the subtraction of a mean
//	gain.go        a number for each feature
//	decay.go       the sum of the squares of a weight
//	refuse.go      weights that are read elsewhere or in two ways
//	vertex.go      Vertex and Arrow, the quiver with its places in the graph
//	lift.go        Regions and Find: which nodes are vertices, and which belong to the sum of one
//	arrows.go      the arrows of a vertex
//	trained.go     numbers that train inside an activation or beside a weight
//	network.go     Network, the quiver with its numbers
package regions
