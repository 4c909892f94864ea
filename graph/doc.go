// Package graph compiles a quiver into a Gorgonia expression graph and runs it.
//
//	prog, err := graph.Compile(q, graph.Loss("y", graph.MSE, 1))
//	ys, err := prog.Forward(w, xs)
//	loss, err := prog.LossGrad(grad, w, []*mat.Dense{xs}, []*mat.Dense{targets})
//
// Each vertex is one node, x = ρ(Σ x_a W_aᵀ); the gradients are nodes too, so they can be
// looked at (Program.Expr, Program.Gradient) and differentiated again (Program.HessianVector).
//
// # Laws
//
//   - A Program holds no weights and is safe for concurrent use; many calls at once give the bits
//     that each gives alone.
//   - Forward equals quiver.Rep.Eval and LossGrad equals quiver.Rep.VJP up to rounding.
//   - A sample's output has the same bits alone, in any batch, and at any place of it. (With a
//     library that package blas/auto has found, large products are the library's, and so is this.)
//   - The number of workers does not change a bit of any result.
//   - A batch of any size is legal; an empty one has outputs but no loss.
//   - No name that a user gives decides anything: every legal name of a vertex or an arrow compiles.
//   - LossGrad overwrites grad, and returns an error for NaN or infinities in weights, data
//     or result that names where they appear first.
//   - The expression graph is an artefact: it holds no truth and can be made again.
//
// # How it runs
//
// A program does not run the expression graph node by node. It is rewritten, once for each batch size, into a
// list of stages, each of which computes several nodes in one pass on values that lie with the samples
// across: Program.Explain lists them, with what each fuses, its buffers and its operations; Program.Profile
// says where the time goes. The option Unfused runs the graph as it is; the numbers are the same.
//
// # Looking inside
//
// Gradient, ParamGradient, VertexGradient, SecondGradient, HessianExpr, Value and LossValue return an
// Expr: a node of the expression graph that prints as formulas (forward, loss and backward one after the other, with a
// legend of the symbols), as LaTeX that breaks over pages, and for Graphviz as named values or as the quiver
// backward (package viz draws it). Expr.Show chooses a part (Only, Depth). It knows the vertex or arrow of every node (Expr.Origin), and computes
// (Expr.Eval). Expr.Expand opens activations level by level down to elementary operations,
// Expr.Simplify applies a table of rules; both keep the numbers.
//
// Jacobian and Hessian are matrices of numbers, and Verify compares all of it with the definition.
//
// Gorgonia supplies the graph, its types and its operations for custom losses. Its
// derivatives, compiler and machines are not used: nodes are made through one checked
// constructor, the reverse sweep and the executor are our own.
//
// A program that imports this package links 20 modules, Gorgonia and what it needs, and is a file of
// 23 MB (linux/amd64, Go 1.26; 16 MB with -ldflags "-s -w"; go list -m all names 154 modules). One that only
// runs a network that was trained does with quiver/store and Rep.Eval, one module and 4.7 MB. Measured with
// CGO_ENABLED=0 go build, ls -l and go version -m.
package graph
