// Package viz draws: quivers, their reductions, expressions and their gradients.
//
//	err := viz.Save("gradient.svg", expr) // a *graph.Expr or a *quiver.Quiver
//	err = viz.Save("reduction.svg", viz.Reduction(q, c.Reduced.Quiver()))
//	part, err := viz.Part(expr, viz.Only("h3"), viz.Depth(1)) // what h3 is, and what stands in it
//
// # What is drawn
//
// A quiver: its vertices in layers, each as long as its dimension, biases as marks at what they reach, fixed arrows dashed, and
// names of arrows where they say more than their ends. A gradient in a small quiver: one box a named value with its formula inside,
// forward on one side and backward on the other. A gradient in a larger one: the quiver backward, with δ at
// the vertices where the gradient passes and its arrows reversed. Boxes and Backward choose one of the two, Part draws a part. Deep
// quivers are folded into strips; quivers with nearly all arrows that there can be are a column with arcs beside it.
//
// # Laws
//
//   - Every edge of the graph has its line in the picture, else there is no picture but a *MissingError.
//   - Names are drawn as they are, whatever Graphviz or XML would read in them.
//   - The same drawing gives the same bytes. Pictures are light or dark as the reader's system is, without script or font files.
//
// Graphviz runs inside the program, compiled to WebAssembly, and finds the places of boxes and the curves of lines: nothing needs to be
// installed, and there is no cgo. It keeps its compiled code in the directory go-graphviz
// of the system's directory for temporary files; the first program that imports this package on
// a machine starts about a second later than those after it.
package viz
