package symmetry_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
)

// said is all that the methods of a compression say of the network that Compress returned.
type said struct {
	ball    map[string]float64
	on      float64
	rotated []float64
	off     []float64
}

func says(t *testing.T, c *symmetry.Compression, w *quiver.Rep) (s said) {
	t.Helper()
	xs := inputs(w.Quiver(), 5, 3)
	s.ball = c.BoundBall(1)
	s.on = must(c.BoundOn(xs...))(t)
	s.rotated = must(c.Rotated())(t).Data()
	s.off = must(c.OffData(xs...))(t)
	return s
}

// TestReducedMayBeTrained: Reduced is the caller's, and what a compression says of itself does not
// change when it is trained in place, replaced or dropped, whenever it is asked.
func TestReducedMayBeTrained(t *testing.T) {
	w := random(mlp(t, tanh, 2, 9, 7, 2), 5)
	xs := inputs(w.Quiver(), 5, 3)
	relu := random(mlp(t, layers.Pointwise(layers.ReLU), 2, 6, 1), 6)
	relu.Arrow("x->h1").Set(0, 0, 0)
	relu.Arrow("x->h1").Set(0, 1, 0)
	for name, make := range map[string]func() (*quiver.Rep, *symmetry.Compression){
		"no option": func() (*quiver.Rep, *symmetry.Compression) { return w, compress(t, w) },
		"Widths": func() (*quiver.Rep, *symmetry.Compression) {
			return w, compress(t, w, symmetry.Widths(map[string]int{"h1": 2}))
		},
		"Data":      func() (*quiver.Rep, *symmetry.Compression) { return w, compress(t, w, symmetry.Data(xs[0])) },
		"Pointwise": func() (*quiver.Rep, *symmetry.Compression) { return relu, compress(t, relu, symmetry.Pointwise()) },
	} {
		from, c := make()
		want := says(t, c, from)
		for change, f := range map[string]func(c *symmetry.Compression){
			"trained": func(c *symmetry.Compression) {
				for i := range c.Reduced.Data() {
					c.Reduced.Data()[i] += 100
				}
			},
			"replaced": func(c *symmetry.Compression) { c.Reduced = random(mlp(t, tanh, 1, 3, 1), 1) },
			"dropped":  func(c *symmetry.Compression) { c.Reduced, c.Units, c.Widths = nil, nil, nil },
		} {
			_, c := make()
			f(c)
			assert.Equal(t, want, says(t, c, from), "%s, %s before anything was asked", name, change)
			_, c = make()
			require.Equal(t, want, says(t, c, from), "the same at each call")
			f(c)
			assert.Equal(t, want, says(t, c, from), "%s, %s afterwards", name, change)
		}
	}

	// The network that training made of it is another one, and Lift takes it.
	c := compress(t, w)
	c.Reduced.Scale(2)
	assert.Greater(t, gap(t, w, c.Reduced, xs...), 1e-3)
	up := must(c.Lift(c.Reduced))(t)
	assert.LessOrEqual(t, gap(t, c.Reduced, up, xs...), 1e-12)
}
