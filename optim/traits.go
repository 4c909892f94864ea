package optim

// Traits say of a method what the theorems on projected training ask. They describe the step
// as a map from the gradients seen so far to the change of the weights.
type Traits struct {
	// Rotates: the method commutes with orthogonal changes of basis at the vertices,
	// G_a ↦ Q_t G_a Q_sᵀ, so training g·w is g times training w (E1).
	Rotates bool
	// Entrywise: the change of an entry depends on the history of that entry alone, and
	// is 0 while its gradient is 0 (decay apart).
	Entrywise bool
	// Pads: rows and columns of zeros added to the gradients add zeros to the step and change
	// nothing else. Whatever is Entrywise pads; so does a norm of the gradient. The exact
	// polar factor of a matrix without full rank does not.
	Pads bool
	// Isotropic: the method commutes with every orthogonal map of the whole slab, not only
	// with those of Rotates, where rates and decays are equal.
	Isotropic bool
	// Global: lengths or products of whole gradients enter the step.
	Global bool
	// Weights: lengths or products of the weights enter the step, as in LARS, or in
	// Muon with a decay term in the gradient. They see the part of the weights that
	// the reduced network does not have.
	Weights bool
	// Decay is the kind of weight decay in use.
	Decay DecayKind
}

// pads says whether the step of a padded gradient is the padded step.
func (t Traits) pads() bool { return t.Pads || t.Entrywise }

// DecayKind says how weight decay enters.
type DecayKind uint8

// The kinds of weight decay.
const (
	NoDecay   DecayKind = iota
	Decoupled           // w ← (1−ηλ)w beside the step
	L2                  // λw is added to the gradient
)

func (k DecayKind) String() string {
	switch k {
	case Decoupled:
		return "decoupled decay"
	case L2:
		return "decay in the gradient"
	}
	return "no decay"
}

// Trait is implemented by methods that know their Traits. Projected asks.
type Trait interface{ Traits() Traits }

// Factored is implemented by methods with rates and decays per arrow: Factors returns
// those of an arrow (of tied ones, the owner) or of a vertex with parameters, as factors on
// the method's own. A method without it counts as having one rate and one decay.
type Factored interface {
	Factors(name string) (rate, decay float64)
}

// linear are the traits of methods that are linear in the gradients; entrywise those of methods that
// go entry by entry otherwise.
var (
	linear    = Traits{Rotates: true, Entrywise: true, Pads: true, Isotropic: true}
	entrywise = Traits{Entrywise: true, Pads: true}
)
