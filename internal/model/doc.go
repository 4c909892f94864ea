// Package model holds what a program is compiled from, and its expression graphs: what everybody above reads.
//
// A Model is a quiver with losses at its outputs, in a precision; it holds no weights and never changes. An Expression is the Gorgonia
// graph of a model for one number of samples: it can be made again at any time and holds no truth. Neither computes a number.
//
// Lists go by position: of the vertex or arrow in the quiver, of the input, output or loss in its declared order, and of the segment of the
// slab that holds all trainable numbers: the matrices of the arrows that own one, then the parameters of the vertices that have some.
//
//	model.go        Model: the quiver and its positions
//	loss.go         Loss, the record of a loss, and Term, a loss at an output
//	library.go      the records of the library, each with its definition in plain Go
//	lossstage.go    Stage: how a loss and its gradient are computed in one go
//	customloss.go   the loss that a user gives
//	layout.go       where the slab holds what
//	expression.go   Expression: the forward graph
//	lossgraph.go    the losses in it, their gradients and second derivatives
//	owner.go        the vertex or arrow that a node belongs to
package model
