package quiver

import "gonum.org/v1/gonum/mat"

// Activation is the function ρ: ℝⁿ → ℝⁿ that a vertex applies to the sum of
// what its arrows bring. One value serves every dimension n.
//
// Implementations must be immutable and safe for concurrent use.
type Activation interface {
	// String names the activation. Two activations with the same string must be
	// the same function: every constant is part of it. It contains no quotes,
	// line breaks or control characters.
	String() string

	// Apply stores ρ(z) in dst; both have length n. dst may be exactly z.
	Apply(dst, z []float64)

	// VJP stores Dρ(z)ᵀg in dst (a vector–Jacobian product), defined at every z,
	// the origin included. dst may be exactly g, never z.
	VJP(dst, z, g []float64)

	// Restrict returns the activation that ρ induces on span b, in the
	// coordinates of b: w ↦ bᵀρ(bw). b is n×k with orthonormal columns. It returns
	// false where ρ does not map span b into itself.
	Restrict(b *mat.Dense) (Activation, bool)
}

// Parametric is an activation with trainable parameters, one short vector per
// vertex. Apply and VJP use the initial parameters; ApplyP and VJPP use p.
type Parametric interface {
	Activation

	// NumParams returns the number of parameters at a vertex of dimension dim.
	NumParams(dim int) int

	// InitParams stores the initial parameters in dst, which has length
	// NumParams(dim).
	InitParams(dst []float64)

	// ApplyP stores ρ(z; p) in dst. dst may be exactly z.
	ApplyP(dst, z, p []float64)

	// VJPP stores D_zρ(z;p)ᵀg in dst and adds D_pρ(z;p)ᵀg to dp. dst may be
	// exactly g, never z.
	VJPP(dst, dp, z, g, p []float64)
}

// Sized is implemented by activations that act on one dimension only, such as a block-radial one
// with given blocks. New refuses them at a vertex of another dimension, 0 excepted, where there
// is nothing to do.
type Sized interface {
	// Dim returns the dimension, or -1 where any will do.
	Dim() int
}

// Closer is implemented by activations that keep some subspaces and not others
// (block by block, coordinate by coordinate).
type Closer interface {
	// Closure returns an orthonormal basis of the smallest subspace that contains
	// span b and that the activation keeps, or false where only the whole space
	// will do. b is n×k with orthonormal columns.
	Closure(b *mat.Dense) (*mat.Dense, bool)
}

// Lipschitz is implemented by activations that know their constants; without
// them no error bound exists.
type Lipschitz interface {
	// Lipschitz returns true suprema over the shell lo ≤ |z| ≤ hi: lip of the
	// local Lipschitz constant (+Inf where ρ jumps inside the shell) and sup of
	// |ρ(z)|.
	Lipschitz(lo, hi float64) (lip, sup float64)
}

// RadialJet is implemented by radial activations ρ(z) = λ(|z|)z that can be
// differentiated to any order.
type RadialJet interface {
	Activation

	// RadialJet returns λ_k(r) for r ≥ 0, where λ₀ = λ and λ_{k+1} = λ_k′/r. It is
	// finite at r = 0 where the activation is smooth there; elsewhere it
	// follows the activation's own convention at the origin.
	RadialJet(k int, r float64) float64
}

// PointJet is implemented by pointwise activations ρ(z)_i = σ(z_i) that can be
// differentiated to any order.
type PointJet interface {
	Activation

	// PointJet returns the k-th derivative σ⁽ᵏ⁾(x).
	PointJet(k int, x float64) float64
}

// SecondOrder is implemented by activations whose gradient has a gradient.
// Radial and pointwise activations need not implement it: their jets serve.
type SecondOrder interface {
	Activation

	// JVP stores Dρ(z)u in dst.
	JVP(dst, z, u []float64)

	// VJP2 stores ∇_z⟨u, Dρ(z)ᵀg⟩ in dst.
	VJP2(dst, z, g, u []float64)
}

// ParametricSecondOrder is SecondOrder for Parametric activations. With
// s(z,g,p) = ⟨u, D_zρ(z;p)ᵀg⟩ + ⟨v, D_pρ(z;p)ᵀg⟩, u of length n and v of length
// NumParams(n), VJP2P stores ∂s/∂z in dz and ∂s/∂g in dg, and adds ∂s/∂p to dp.
type ParametricSecondOrder interface {
	Parametric
	VJP2P(dz, dg, dp, z, g, p, u, v []float64)
}

// Identity is the activation ρ(z) = z.
var Identity Activation = identity{}

type identity struct{}

func (identity) String() string                         { return "identity" }
func (identity) Apply(dst, z []float64)                 { copy(dst, z) }
func (identity) VJP(dst, _, g []float64)                { copy(dst, g) }
func (identity) Restrict(*mat.Dense) (Activation, bool) { return Identity, true }
func (identity) Lipschitz(_, hi float64) (lip, sup float64) {
	return 1, hi
}

// PointJet returns σ⁽ᵏ⁾(x) for σ(x) = x.
func (identity) PointJet(k int, x float64) float64 {
	switch k {
	case 0:
		return x
	case 1:
		return 1
	}
	return 0
}

// RadialJet returns λ_k(r) for λ = 1.
func (identity) RadialJet(k int, _ float64) float64 {
	if k == 0 {
		return 1
	}
	return 0
}
