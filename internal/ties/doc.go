// Package ties says which vertices of a quiver tied arrows bind together, and what such a class can do.
//
// The law: arrows that share a matrix share the basis at their sources and the basis at their targets, so the vertices
// of one class have one change of basis.
//
//	ties.go  Classes: the vertices of each class; Groups: the group that its activations have in common
package ties
