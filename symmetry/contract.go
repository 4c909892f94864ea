package symmetry

import (
	"fmt"

	"github.com/quivernet/quivernet/internal/joining"

	"github.com/quivernet/quivernet/quiver"
)

// ContractError says why a vertex cannot be contracted away.
type ContractError struct{ Vertex, Reason string }

func (e *ContractError) Error() string {
	return fmt.Sprintf("symmetry: vertex %q cannot be contracted: %s", e.Vertex, e.Reason)
}

// Contract returns a network without the named linear vertices, hidden ones with the identity
// as activation: each pair of an arrow a: s → v and an arrow b: v → t becomes one arrow
// s → t with the matrix W_b·W_a, named "a's source.v.t". The function is the same, for every
// input; training a product differs from training its factors, so nothing is claimed about
// it. It pays where v is wider than its surroundings. The product of two fixed matrices
// is fixed. Arrows that become parallel stay apart: see MergeParallel. Derived.
//
// It returns a *quiver.UnknownVertexError, or a *ContractError for a vertex that is not hidden and
// linear or that a tied arrow touches.
func Contract(w *quiver.Rep, names ...string) (*quiver.Rep, error) {
	if err := w.CheckFinite(); err != nil {
		return nil, err
	}
	for _, name := range names {
		r, why, err := joining.Contract(w, name)
		if err != nil {
			return nil, err
		}
		if why != "" {
			return nil, &ContractError{name, why}
		}
		w = r
	}
	return w.Clone(), nil
}
