// Package layers is the catalogue of activations and the builders of common
// networks.
//
// # Activations
//
//   - [Radial](h): v ↦ h(|v|)/|v|·v, which commutes with all rotations; [RMSNorm],
//     [DeadZone], [Trainable] (shift and gain) are radial too.
//   - [Rescaling](name, λ): v ↦ λ(v)·v, which keeps every line; [Quadratic] in closed form.
//   - [Blocks]: radial on each block of coordinates.
//   - [Pointwise](h): v ↦ (h(v_1), …, h(v_n)).
//   - [Gain]: a trainable diagonal after a radial activation.
//
// One catalogue of scalar functions ([Func]) serves both uses, and [Parse] reads back what
// String prints.
//
// # Laws
//
//   - ρ(0) = 0 for every radial activation. Its derivative at 0 is λ(0+)·I where
//     h(0) = 0 and λ(0+) is finite, and 0 elsewhere, which is a convention: where h(0) ≠ 0
//     (sigmoid, exp, unit) the activation jumps at 0, and lossless compression is
//     lossless only as far as rounding does not reach that jump.
//   - At a kink or a jump, derivatives take the side that the value takes.
//   - Norms neither overflow nor underflow, no epsilon is added, and a sample's
//     value depends on that sample alone. Where finite entries have a norm above the
//     largest number, h is taken at infinity, which is right for bounded and for
//     asymptotically linear h. A NaN or an infinite entry makes the sample of a radial
//     activation NaN throughout.
//   - Radial and rescaling activations keep every subspace, block-radial ones sums of
//     subspaces of the blocks, pointwise ones the coordinate subspaces where h(0) = 0.
//     Constants of a layer, the d of RMSNorm above all, survive a restriction.
//   - Lipschitz never returns less than the suprema over the closed shell. For radial
//     activations it returns the suprema, shifted functions up to a thousandth above. Where
//     the answer depends on a dimension or an alignment that it does not know (|ρ| of
//     pointwise and block-radial activations, Quadratic) it returns a bound for all of them.
//   - Every constant is in the name: activations with one name are one function.
//   - Activations are immutable and safe for concurrent use.
//
// # Networks
//
// [MLP], [Residual], [DenseNet] and [UNet] make whole quivers. [Affine], [ResidualBlock],
// [DenseBlock], [Lateral], [Concat], [Split] and [LayerNorm] return parts that are appended and
// given to quiver.New; those that need a bias take it from a vertex named [BiasName].
//
// # Files
//
//	catalogue.go                       the scalar functions and what is asked about them; their records are in internal/scalar
//	radial.go, profile.go, norm.go     radial activations
//	norms.go, deadzone.go, trainable.go, gain.go   RMSNorm, dead zones, trainable shifts and gains
//	pointwise.go, blocks.go            activations entry by entry and block by block
//	rescaling.go, quadratic.go, onenorm.go         rescaling activations
//	parse.go, registry.go, inside.go, errors.go    reading names, registered factors, how an activation is made, refusals
//	build.go, recurrent.go             networks
package layers
