package symmetry

import (
	"context"
	"fmt"
	"math"

	"github.com/quivernet/quivernet/internal/matching"

	"github.com/quivernet/quivernet/internal/linalg"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// Alignment is an element g that brings one network near another, with bounds of the best
// possible distance, min_g |g·a − b| in the norm of all matrices.
type Alignment struct {
	Element Element
	Upper   float64 // |g·a − b| for this g
	Lower   float64 // no element does better

	Unsearched string // what the search left out when its context ended, or ""
}

// Aligned looks for the element that brings a nearest to b: rotations, and at pointwise
// vertices permutations with the signs and positive scales of their group. The
// problem is not convex: Upper is what was reached by alternating steps (one polar
// factor, or one linear assignment, per vertex) from several starts, the first of which, the
// matching and the solution of the linear system of SameOrbit, is exact for copies on a's orbit,
// over-wide ones included. Lower is proved: by
// Mirsky's inequality Σ_a |σ(W_a)−σ(V_a)|², and by nuclear norms where one end of an arrow cannot
// turn; arrows at a vertex that can be scaled, or whose group is not searched, add nothing to it. At
// linear vertices and powers of the norm only rotations are looked for, and Lower is theirs. Derived; for permutations the
// alternation is the weight matching of arXiv 2209.04836. Errors: *quiver.LayoutError,
// *quiver.NonFiniteError.
func Aligned(a, b *quiver.Rep) (Alignment, error) { return AlignedContext(context.Background(), a, b) }

// AlignedContext is Aligned with a search that ends when ctx does: Upper is then that of the best
// element found so far, at worst the identity, Lower holds all the same, and Unsearched says what was
// left out. The end of ctx is no error.
func AlignedContext(ctx context.Context, a, b *quiver.Rep) (Alignment, error) {
	if err := network(a, b); err != nil {
		return Alignment{}, err
	}
	return nearest(matching.New(ctx, a.Quiver(), acting(a)), a, b)
}

// AlignedRigid is Aligned among the elements that leave fixed matrices as they are: the ends of
// an identity skip share one factor, those of other fixed arrows stay. It is what averaging
// and the straight line between residual networks need, which have one fixed matrix for both. Fixed
// matrices that differ give a *RigidError.
func AlignedRigid(a, b *quiver.Rep) (Alignment, error) {
	return AlignedRigidContext(context.Background(), a, b)
}

// AlignedRigidContext is AlignedRigid with a search that ends when ctx does, as AlignedContext.
func AlignedRigidContext(ctx context.Context, a, b *quiver.Rep) (Alignment, error) {
	if err := network(a, b); err != nil {
		return Alignment{}, err
	}
	if err := a.Fits(b); err != nil {
		return Alignment{Upper: math.Inf(1)}, err
	}
	if name := otherFixed(a, b); name != "" {
		return Alignment{Upper: math.Inf(1)}, &RigidError{Arrow: name}
	}
	return nearest(matching.Rigid(ctx, b, acting(a)), a, b)
}

// RigidError reports a fixed arrow with different matrices in two networks.
type RigidError struct{ Arrow string }

func (e *RigidError) Error() string {
	return fmt.Sprintf("symmetry: arrow %q is fixed and has different matrices in the two networks; Aligned may move it", e.Arrow)
}

// otherFixed returns the name of the first fixed arrow with different matrices, or "".
func otherFixed(a, b *quiver.Rep) string {
	for i, arrow := range a.Quiver().Arrows() {
		if arrow.Fixed && arrow.Rows*arrow.Cols > 0 && !mat.Equal(a.Fixed(i), b.Fixed(i)) {
			return arrow.Name
		}
	}
	return ""
}

// Average returns the mean of b and of a after alignment, (g·a + b)/2. Activation
// parameters are averaged. Where both have the same fixed matrices the alignment leaves them
// alone (AlignedRigid); else g·a's come near b's, and the mean has b's.
func Average(a, b *quiver.Rep) (*quiver.Rep, error) {
	if err := network(a, b); err != nil {
		return nil, err
	}
	if err := a.Fits(b); err != nil {
		return nil, err
	}
	p := matching.New(context.Background(), a.Quiver(), acting(a))
	if otherFixed(a, b) == "" {
		p = matching.Rigid(context.Background(), b, acting(a))
	}
	al, err := nearest(p, a, b)
	if err != nil {
		return nil, err
	}
	moved, err := Act(al.Element, a)
	if err != nil {
		return nil, err
	}
	out := b.Clone()
	out.Scale(0.5)
	out.AddScaled(0.5, moved)
	return out, nil
}

// acting lets factors act on networks with the quiver of w.
func acting(w *quiver.Rep) func([]linalg.Factor, *quiver.Rep) (*quiver.Rep, error) {
	q := w.Quiver()
	return func(f []linalg.Factor, on *quiver.Rep) (*quiver.Rep, error) { return Act(Element{q, f}, on) }
}

// nearest is the alignment within a plan.
func nearest(p *matching.Plan, a, b *quiver.Rep) (Alignment, error) {
	n, err := matching.Align(p, a, b)
	if err != nil {
		return Alignment{Upper: math.Inf(1)}, err
	}
	return Alignment{Element{a.Quiver(), n.Factors}, n.Upper, n.Lower, n.Unsearched}, nil
}
