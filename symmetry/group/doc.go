// Package group has the groups of activations: the matrices A with σ(Ax) = φ(A)σ(x), and what φ is.
//
// The laws:
//
//   - A [Group] is a value: a kind of matrices, the constants of φ, and how it was found. Each row of the table
//     of [Of] is derived; [Detect] is a finite test, and its Origin says so.
//   - φ is a homomorphism ([Group.Phi]). What is no member of a group gives a *[MembershipError] that names the entry
//     that offends; zeros and signs are taken exactly, orthogonal parts to [OrthogonalTolerance].
//   - Random elements come from the source that the caller gives, and the same source gives the same bits.
//
// In reading order:
//
//	group.go          Kind, Origin, Group: what a group is, and what two have in common
//	table.go          Of: the group of an activation, by declaration, by table, by question, by sampling
//	detect.go         Detect: the group of a scalar function, by sampling it
//	membership.go     Group.Contains: is a matrix in the group?
//	phi.go            Group.Phi: what comes out when A goes in
//	monomial.go       Monomial: one entry in each row and column, with products and inverses in O(n)
//	random.go         Group.Random: random elements
//	inhomogeneity.go  Inhomogeneity: how far a function is from homogeneous
//	guard.go          arguments that no group can have
package group
