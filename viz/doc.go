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
//
// # Files
//
//	file        what you find there
//	svg.go      Drawing, SVG and Save: from a text to a picture
//	part.go     Part and its options: what of a drawing is shown
//	quiver.go   the scene of a quiver, and Reduction, two of them side by side
//	scene.go    the scene of a Graphviz text: nodes, edges and marks
//	layout.go   places and curves, by Graphviz
//	arcs.go     the layout of a quiver with nearly all arrows that there can be
//	fold.go     a deep quiver in strips
//	draw.go     boxes, vertices and edges as SVG
//	key.go      what colours and marks mean, below a picture
//	style.go    colours, and the width of a text
//	foreign.go  texts that Graphviz draws whole
//	errors.go   the errors
package viz
