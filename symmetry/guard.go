package symmetry

import (
	"fmt"
	"math/rand/v2"
	"reflect"
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

// isNil reports whether an interface is nil or holds a nil pointer.
func isNil(x any) bool {
	v := reflect.ValueOf(x)
	return !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil()
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

var (
	errSubspace = &quiver.InputError{Reason: "an empty subspace; make one with Compression.Subspace or OriginalSubspace"}
	errNilFunc  = &quiver.InputError{Reason: "a nil function; give a scalar function such as math.Tanh"}
)

// mustDim panics for a dimension that no matrix can have.
func mustDim(n int) {
	if n < 0 || n > 1<<31 {
		panic(&MembershipError{Row: -1, Col: -1, Value: float64(n), Reason: fmt.Sprintf("a dimension of %d; want 0 or more, and matrices that fit into memory", n)})
	}
}

// mustSource panics for a nil source of random numbers.
func mustSource(src rand.Source) {
	if isNil(src) {
		panic(&quiver.InputError{Reason: "a nil source of random numbers; give one such as rand.NewPCG(1, 2)"})
	}
}

// must panics with a *MembershipError where m has no matrix: places outside it, or another number
// of scales. A scale of 0 is let through.
func (m Monomial) must() {
	ok := m.Scale == nil || len(m.Scale) == len(m.Perm)
	for _, j := range m.Perm {
		ok = ok && j >= 0 && j < len(m.Perm)
	}
	if !ok {
		panic(m.Check())
	}
}

// present returns an error for a nil representation.
func present(w *quiver.Rep, what string) error {
	if w.Fits(w) != nil {
		return &quiver.InputError{Reason: what + " is nil; give a *quiver.Rep, such as the result of quiver.Random"}
	}
	return nil
}
