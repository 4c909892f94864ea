// Package symmetry uses the symmetries of a network's parameters.
//
// An activation that only rescales a vector by a function of its norm commutes with
// rotations. So a change of orthogonal basis at each hidden vertex, g_t W_a g_s⁻¹ on each arrow,
// leaves the network's function alone ([Act], [RandomElement]); and the directions of a
// hidden vertex that nothing can reach can be cut off ([Compress]): the reduced network
// computes the same function with fewer numbers (arXiv 2107.02550, Theorem 6; for any
// acyclic quiver and any rescaling activation arXiv 2207.12773).
//
//	c, err := symmetry.Compress(w)
//	fmt.Print(c)                  // h1 64→3, h2 64→6, parameters 4545→52, max gap 1.3e-15
//	small := c.Reduced
//	large, err := c.Lift(small)   // back in the original quiver, same function
//	t, err := c.Rotated()         // the original in adapted coordinates
//	p, err := c.Subspace()        // projected training of t equals training of small
//
// # Laws
//
//   - Nothing is lost: for every input, Reduced, Rotated and Lift(Reduced) have the outputs of the original,
//     up to rounding. The Certificate carries the measured gap, relative to the size of the output.
//   - Rounding is amplified by the network's own conditioning, max(|h′|, |h/r|) per vertex; where an
//     activation jumps (h(0) ≠ 0 at the origin, StepReLU on its sphere) a sample on the jump may
//     land on either side.
//   - Arguments are not changed; results are deterministic and do not depend on GOMAXPROCS.
//   - Compressing twice changes no width further.
//   - Project is linear, symmetric and idempotent, and zeroes entries exactly.
//   - Gradient descent on Rotated, projected to Subspace at each step, has the losses of gradient
//     descent on Reduced (Theorem 8 of arXiv 2107.02550). Training the original without projection is another matter: then no
//     equality holds.
package symmetry
