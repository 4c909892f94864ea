package symmetry_test

import (
	"math/rand/v2"
	"testing"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/symmetry"
)

// BenchmarkMatching measures what is done with two networks of 64→256→256→10 units.
func BenchmarkMatching(b *testing.B) {
	q := mlp(b, layers.Pointwise(layers.ReLU), 64, 256, 256, 10)
	w := random(q, 1)
	g := symmetry.RandomElement(q, rand.NewPCG(1, 1))
	v := must(symmetry.Act(g, w))(b)
	other := random(q, 2)
	b.Run("Act/monomial", func(b *testing.B) {
		for b.Loop() {
			symmetry.Act(g, w)
		}
	})
	b.Run("Act/dense", func(b *testing.B) { // the same sizes with reflectors
		turned := random(mlp(b, squash, 64, 256, 256, 10), 1)
		h := symmetry.RandomElement(turned.Quiver(), rand.NewPCG(1, 1))
		for b.Loop() {
			symmetry.Act(h, turned)
		}
	})
	b.Run("SameOrbit", func(b *testing.B) {
		for b.Loop() {
			symmetry.SameOrbit(w, v, 1e-8)
		}
	})
	b.Run("Canonical", func(b *testing.B) {
		for b.Loop() {
			symmetry.Canonical(w)
		}
	})
	b.Run("Aligned/orbit", func(b *testing.B) {
		for b.Loop() {
			symmetry.Aligned(w, v)
		}
	})
	b.Run("Aligned/other", func(b *testing.B) {
		for b.Loop() {
			symmetry.Aligned(w, other)
		}
	})
}
