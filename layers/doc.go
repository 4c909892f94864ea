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
//     value depends on that sample alone. NaN and infinities propagate.
//   - Lipschitz constants are suprema over the closed shell, never samples. For the
//     shifted functions without a closed form they may be up to a thousandth too large,
//     never too small.
//   - Activations are immutable and safe for concurrent use.
package layers
