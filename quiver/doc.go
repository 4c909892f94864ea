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
package quiver
