// Package stitch compares the hidden features of two networks up to the symmetries of an
// activation (arXiv 2205.14258).
//
// Two ReLU networks whose units are permuted and rescaled are one network. So a fair
// comparison of features lets permutations with positive scales through, and nothing more: a
// rotation of ReLU features is another computation. The package has
//
//   - maps between features: [Fit], the nearest of a class in closed form, and [Train], the one
//     that serves the rest of the second network best;
//   - stitched networks: [Network], the first layers of one and the last of another with a map
//     between, and [Penalty], what that costs in accuracy;
//   - dissimilarities: [GProcrustes] and [GCKA], invariant under the group, beside
//     [OrthogonalProcrustes] and [LinearCKA], invariant under rotations and one scale, and
//     [ChannelCKA], which is called orthogonal in the authors' code and is not;
//   - [Along], the loss on the straight line between two networks, before and after
//     symmetry.Aligned.
//
// # What is proved and what is not
//
// Fit is exact for each class (derived: the cost separates into pairs of channels, so that the
// best permutation is a linear assignment; the other classes are the polar factor and least
// squares). Train is a local search and promises nothing but that its map is in the class. The
// invariances of the dissimilarities are derived. Definitions follow the authors' published code; the
// full text of the paper could not be checked, nor whether its tables use the same variants.
//
// # Files
//
//	file           what you find there
//	features.go    Features, the values of a layer on samples
//	class.go       Class, what a map between features may be
//	fit.go         Map and Fit, the nearest map of a class in closed form
//	network.go     Network, two networks stitched together, and Penalty
//	train.go       Train, the map that serves the second network best
//	sinkhorn.go    Sinkhorn, towards a doubly stochastic matrix
//	procrustes.go  the Procrustes distances
//	cka.go         centred kernel alignment
//	path.go        Along, the loss between two networks
package stitch
