package symmetry_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
)

// Networks with other inputs are compared by what the user gave, not by the samples that are drawn.
func TestEquivalentOfOtherInputs(t *testing.T) {
	a, b := random(mlp(t, squash, 2, 3, 1), 1), random(mlp(t, squash, 5, 3, 1), 1)
	_, err := symmetry.Equivalent(a, b)
	require.ErrorAs(t, err, new(*quiver.InputError))
	assert.EqualError(t, err, "quiver: the first network has the inputs [x of dimension 2] and the second [x of dimension 5]; only networks that take the same inputs, in order, can be compared")
	_, err = symmetry.Equivalent(a, random(a.Quiver(), 2))
	require.NoError(t, err)
}

// Nil networks are errors, and what Compress did not make is one too.
func TestNilNetworks(t *testing.T) {
	w := random(mlp(t, squash, 2, 3, 1), 1)
	for what, f := range map[string]func(a, b *quiver.Rep) error{
		"Equivalent":   func(a, b *quiver.Rep) error { _, err := symmetry.Equivalent(a, b); return err },
		"SameOrbit":    func(a, b *quiver.Rep) error { _, err := symmetry.SameOrbit(a, b, 1e-9); return err },
		"Aligned":      func(a, b *quiver.Rep) error { _, err := symmetry.Aligned(a, b); return err },
		"AlignedRigid": func(a, b *quiver.Rep) error { _, err := symmetry.AlignedRigid(a, b); return err },
		"Average":      func(a, b *quiver.Rep) error { _, err := symmetry.Average(a, b); return err },
	} {
		for _, pair := range [][2]*quiver.Rep{{nil, nil}, {w, nil}, {nil, w}, {new(quiver.Rep), w}} {
			require.ErrorAs(t, f(pair[0], pair[1]), new(*quiver.InputError), what)
		}
		require.NoError(t, f(w, w), what)
	}
	for what, f := range map[string]func(a *quiver.Rep) error{
		"Canonical":   func(a *quiver.Rep) error { _, err := symmetry.Canonical(a); return err },
		"Fingerprint": func(a *quiver.Rep) error { _, err := symmetry.Fingerprint(a); return err },
		"Contract":    func(a *quiver.Rep) error { _, err := symmetry.Contract(a); return err },
		"Widen":       func(a *quiver.Rep) error { _, err := symmetry.Widen(a, nil, nil, nil); return err },
		"Compress":    func(a *quiver.Rep) error { _, err := symmetry.Compress(a); return err },
	} {
		require.ErrorAs(t, f(nil), new(*quiver.InputError), what)
		require.ErrorAs(t, f(new(quiver.Rep)), new(*quiver.InputError), what)
		require.NoError(t, f(w), what)
	}
	require.NotEmpty(t, new(symmetry.Compression).String())
	_, err := new(symmetry.Compression).Lift(w)
	require.ErrorAs(t, err, new(*quiver.InputError))
}
