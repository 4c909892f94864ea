package symmetry_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/golden"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
)

// TestErrorTexts: each error names the vertex or arrow, the sizes, and the next step.
func TestErrorTexts(t *testing.T) {
	q := mlp(t, squash, 2, 5, 3)
	w := random(q, 1)
	c := compress(t, w)
	lossy := compress(t, w, symmetry.Tolerance(0.5))
	nan := w.Clone()
	nan.Arrow("x->h1").Set(1, 0, math.NaN())
	var b strings.Builder
	for _, tc := range []struct {
		what string
		do   func() error
	}{
		{"weights with a NaN", func() error { _, err := symmetry.Compress(nan); return err }},
		{"Keep of an unknown vertex", func() error { _, err := symmetry.Compress(w, symmetry.Keep("h2")); return err }},
		{"Lift of the wrong network", func() error { _, err := c.Lift(w); return err }},
		{"Subspace after a cut", func() error { _, err := lossy.Subspace(); return err }},
		{"data of the wrong width", func() error { _, err := symmetry.Compress(w, symmetry.Data(mat.NewDense(4, 3, nil))); return err }},
		{"data for too many inputs", func() error { _, err := symmetry.Compress(w, symmetry.Data(nil, nil)); return err }},
		{"a factor of the wrong size", func() error { _, err := symmetry.Identity(q).With("h1", eye(3)); return err }},
		{"a factor at an input", func() error { _, err := symmetry.Identity(q).With("x", eye(2)); return err }},
		{"Contract of a vertex that is not linear", func() error { _, err := symmetry.Contract(w, "h1"); return err }},
		{"Contract of a tied one", func() error {
			_, err := symmetry.Contract(random(unrolled(t, quiver.Identity, 2, 3), 1), "h2")
			return err
		}},
		{"Widen to less", func() error { _, err := symmetry.Widen(w, map[string]int{"h1": 2}, nil, nil); return err }},
		{"Widen of what cannot", func() error {
			_, err := symmetry.Widen(random(mlp(t, layers.Pointwise(layers.Sigmoid), 1, 2, 1), 1), map[string]int{"h1": 4}, nil, nil)
			return err
		}},
		{"an edge", func() error { return &symmetry.EdgeError{Value: 0.5} }},
		{"Canonical of tied vertices", func() error { _, err := symmetry.Canonical(random(unrolled(t, squash, 2, 3), 1)); return err }},
		{"two rules", func() error { _, err := symmetry.Compress(w, symmetry.Widths(nil), symmetry.Rank(0)); return err }},
	} {
		err := tc.do()
		require.Error(t, err, tc.what)
		fmt.Fprintf(&b, "%s\n\t%v\n", tc.what, err)
	}
	golden.Check(t, "errors.txt", b.String())
	assert.True(t, must(c.Subspace())(t).Coordinate())
}
