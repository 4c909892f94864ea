// Package viz draws: quivers, expressions and their gradients as graphs.
//
//	err := viz.Save("gradient.svg", expr) // a *graph.Expr or a *quiver.Quiver
//
// Graphviz runs inside the program, compiled to WebAssembly: nothing needs to be
// installed, and there is no cgo. It keeps its compiled code in the directory go-graphviz
// of the system's directory for temporary files; the first program that imports this package on
// a machine starts about a second later than those after it.
package viz
