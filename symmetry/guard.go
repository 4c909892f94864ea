package symmetry

import (
	"fmt"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// network returns a *quiver.InputError for a nil or zero network.
func network(ws ...*quiver.Rep) error {
	for _, w := range ws {
		if err := w.Fits(w); err != nil {
			return err
		}
	}
	return nil
}

// sameInputs returns a *quiver.InputError for networks that cannot be given the same inputs.
func sameInputs(a, b *quiver.Rep) error {
	if err := network(a, b); err != nil {
		return err
	}
	sizes := func(w *quiver.Rep) (names []string, dims []int) {
		all := w.Quiver().Dims()
		for _, name := range w.Quiver().Inputs() {
			names, dims = append(names, fmt.Sprintf("%s of dimension %d", name, all[name])), append(dims, all[name])
		}
		return names, dims
	}
	na, da := sizes(a)
	nb, db := sizes(b)
	if !slices.Equal(da, db) {
		return &quiver.InputError{Reason: fmt.Sprintf("the first network has the inputs [%s] and the second [%s]; only networks that take the same inputs, in order, can be compared", strings.Join(na, ", "), strings.Join(nb, ", "))}
	}
	return nil
}

// made returns a *quiver.InputError for a compression that Compress did not make.
func (c *Compression) made() error {
	if c == nil || c.reduced() == nil || c.original == nil || c.frame == nil {
		return &quiver.InputError{Reason: "an empty symmetry.Compression; make one with symmetry.Compress"}
	}
	return nil
}

// matrices returns a *quiver.InputError for a nil matrix of inputs.
func matrices(xs []*mat.Dense) error {
	for i, x := range xs {
		if x == nil {
			return &quiver.InputError{Reason: fmt.Sprintf("input %d is nil; use &mat.Dense{} for an empty batch", i)}
		}
	}
	return nil
}

// present returns an error for a nil or zero representation.
func present(w *quiver.Rep, what string) error {
	if w.Fits(w) != nil {
		return &quiver.InputError{Reason: what + " is nil; give a *quiver.Rep, such as the result of quiver.Random"}
	}
	return nil
}

var errSubspace = &quiver.InputError{Reason: "an empty subspace; make one with Compression.Subspace or OriginalSubspace"}
