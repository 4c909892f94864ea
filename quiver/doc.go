// Package quiver holds the data model of the library: a neural network is a
// quiver, a directed acyclic graph with a dimension and an activation at each
// vertex, together with a representation, a matrix on each arrow
// (arXiv 2207.12773; for chains, arXiv 2107.02550).
//
//	q, err := quiver.New(
//		quiver.Input("x", 2), quiver.Bias("one"),
//		quiver.Hidden("h", 64, act), quiver.Output("y", 1, nil),
//		quiver.Connect("x", "h"), quiver.Connect("one", "h"),
//		quiver.Connect("h", "y"), quiver.Connect("x", "y"), // a skip
//	)
//	w := quiver.Random(q, nil, rand.NewPCG(1, 2))
//	ys, err := w.Eval(xs)
//
// # Laws
//
// These hold throughout the package and are not repeated at each method.
//
//   - A batch is a matrix with one sample per row. The matrix of an arrow is
//     dim(target) × dim(source). A vertex computes x_v = ρ_v(Σ x_{s(a)} W_aᵀ).
//   - A bias is an arrow from a source vertex of dimension 1 that carries the constant 1.
//   - A Quiver is immutable. A Rep is a value: what changes it is named AddScaled,
//     Scale, Set, CopyFrom or writes through a view (Data, Arrow, Block, Params).
//     Everything else returns something new and leaves its arguments alone.
//   - All trainable numbers of a Rep stand in one slab. Fixed matrices do not;
//     they are shared between Reps and never written.
//   - &mat.Dense{} is the only empty matrix. Dimension 0, an empty batch, and a quiver
//     without inputs (one sample) are legal.
//   - Misuse that only a programming error can cause panics with a typed value:
//     an unknown arrow name in Arrow, Reps of different layouts in AddScaled. Everything
//     else is an error that names the vertex or arrow and both sizes, and that
//     errors.As can take apart.
//   - NaN and infinities propagate through Eval and VJP; New refuses them in fixed
//     matrices, and CheckFinite finds them in weights.
//   - Random numbers come from a rand.Source that the caller gives.
//
// In reading order:
//
//	part.go         Input, Bias, Hidden, Output, Connect: what New is called with
//	quiver.go       Quiver and New
//	topo.go         the order of the vertices, and the circle where there is none
//	activation.go   Activation and the optional interfaces of an activation
//	rep.go          Rep: all trainable numbers in one slab, with views
//	lay.go          where the matrices stand in the slab, tied ones once
//	init.go         Random and the laws it draws from
//	eval.go         Eval, Features, VJP: the reference evaluator and its gradient
//	batch.go        what is fed to it
//	sum.go          sums that overflow on the way to a finite value, rounded once instead
//	fixed.go        Eye and Inclusion: fixed matrices that need no memory
//	constant.go     a fixed matrix that nobody can change
//	restriction.go  Restricted: an activation on a subspace
//	basis.go        the orthonormal basis of that subspace, shared and never changed
//	surgery.go      other activations, heads, frozen arrows: a new Rep from an old one
//	join.go         Rename and Join
//	layout.go       Layout, Parts, Derive: a quiver as a hash and as parts
//	text.go         String and DOT
//	box.go          Box: the set of inputs that a statement is about
//	json.go         MarshalJSON
//	jsonread.go     DecodeJSON, for texts that nobody vouches for
//	check.go        Check: is a quiver, is a Rep well-formed?
//	guard.go        what a programming error panics with
//	errors.go       the other errors
package quiver
