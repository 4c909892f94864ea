// Package recovery answers whether the function of a network determines its parameters globally, up
// to permutation and positive rescaling, and finds them from queries where it does.
//
// The laws:
//
//   - networks are chains: one input, one output, one bias arrow a layer, else the error is a
//     ChainError. Shallow is for one hidden layer of activations that are linear on each side of 0 with
//     slopes of different modulus; CheckP and RecoverShallow are for ReLU;
//   - Certified and Refuted are proved, in rational arithmetic or by bounds; what is only looked for
//     stays Unknown, with the number of tries. NotIdentifiable comes with another network;
//   - RecoverShallow is checked at 200 fresh points, not proved;
//   - no function changes its arguments, and the same arguments give the same bits. Errors that are not
//     of this package are those of packages identify and quiver.
//
// Only openings of the papers (arXiv 2107.09370, 2112.12982) were at hand: the statement and proof
// behind Shallow are our own, and so is the wording of the conditions P.a to P.d.
//
// In reading order:
//
//	chain.go            layers of a chain, and the activations that a theorem is about
//	shallow.go          Shallow: one hidden layer, decided
//	another.go          another network with the same function
//	conditionp.go       CheckP: the conditions under which a deep network is determined
//	cells.go            the rational plane cut into polygons
//	conditionplane.go   condition P in the plane, decided
//	conditionlines.go   straight sections made of kinks, and a box that holds all crossings
//	conditionsample.go  condition P above two inputs, along random lines
//	conditionbend.go    kinks of deeper layers that bend
//	conditionexact.go   what was found in floating point, proved
//	recover.go          RecoverShallow: a network from queries of its function
//	ray.go              kinks along a line, and orientations
//	errors.go           ChainError, OracleError
package recovery
