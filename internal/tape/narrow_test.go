package tape

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/internal/model"
	"github.com/quivernet/quivernet/internal/vec"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// TestNarrowKernels: which layers one kernel computes forward, through which arrow it brings the gradient back, and at which
// matrix and bias it computes both gradients. All others take the long way, to the same numbers.
func TestNarrowKernels(t *testing.T) {
	const wide = vec.NarrowMax + 1
	radial := layers.Radial(layers.Tanh)
	for _, c := range []struct {
		name                  string
		act                   quiver.Activation
		dim                   int
		into                  func(h string) []quiver.Part
		layer, through, grads bool
	}{
		{"a matrix", radial, 3, func(h string) []quiver.Part { return []quiver.Part{quiver.Connect("x", h)} }, true, true, false},
		{"a matrix and a bias", radial, 3, func(h string) []quiver.Part { return []quiver.Part{quiver.Connect("x", h), quiver.Connect("one", h)} }, true, true, true},
		{"at the limit", radial, wide - 1, func(h string) []quiver.Part { return []quiver.Part{quiver.Connect("x", h), quiver.Connect("one", h)} }, true, true, true},
		{"wide", radial, wide, func(h string) []quiver.Part { return []quiver.Part{quiver.Connect("x", h), quiver.Connect("one", h)} }, false, false, false},
		{"from a wide one", radial, 3, func(h string) []quiver.Part { return []quiver.Part{quiver.Connect("u", h), quiver.Connect("one", h)} }, true, true, false},
		{"two matrices", radial, 3, func(h string) []quiver.Part {
			return []quiver.Part{quiver.Connect("x", h), quiver.Connect("x", h, quiver.Named("again")), quiver.Connect("one", h)}
		}, false, true, true},
		{"two biases", radial, 3, func(h string) []quiver.Part {
			return []quiver.Part{quiver.Connect("x", h), quiver.Connect("one", h), quiver.Connect("one", h, quiver.Named("again"))}
		}, false, true, true},
		{"a bias alone", radial, 3, func(h string) []quiver.Part { return []quiver.Part{quiver.Connect("one", h)} }, false, true, false},
		{"a fixed matrix", radial, 3, func(h string) []quiver.Part {
			return []quiver.Part{quiver.Connect("x", h, quiver.Frozen(quiver.Inclusion{Rows: 3, Cols: 2, K: 2})), quiver.Connect("one", h)}
		}, false, true, false},
		{"nothing", radial, 3, func(string) []quiver.Part { return nil }, false, false, false},
		{"pointwise", layers.Pointwise(layers.Tanh), 3, func(h string) []quiver.Part { return []quiver.Part{quiver.Connect("x", h), quiver.Connect("one", h)} }, false, false, true},
		{"one feature", radial, 1, func(h string) []quiver.Part { return []quiver.Part{quiver.Connect("x", h), quiver.Connect("one", h)} }, false, false, true},
		{"trained", layers.Trainable(layers.Tanh, 0.1, 1), 3, func(h string) []quiver.Part { return []quiver.Part{quiver.Connect("x", h), quiver.Connect("one", h)} }, false, false, true},
	} {
		q, err := quiver.New(append([]quiver.Part{quiver.Input("x", 2), quiver.Input("u", wide), quiver.Bias("one"), quiver.Hidden("h", c.dim, c.act), quiver.Output("y", 2, nil),
			quiver.Connect("h", "y")}, c.into("h")...)...)
		require.NoError(t, err)
		p, err := model.New(q, []model.Term{{Output: "y", Loss: model.MSE, Weight: 1}}, tensor.Float64)
		require.NoError(t, err)
		e := withLoss(t, p, 5)
		tape, err := Fuse[float64](e, gorgonia.Nodes{e.Loss}, e.Gradient, nil)
		require.NoError(t, err)
		var layer, through, grads bool
		for _, s := range tape.stages {
			switch s := s.(type) {
			case *forward[float64]:
				layer = layer || s.narrow != nil
			case *backward[float64]:
				through = through || s.from != nil
			case *weights[float64]:
				grads = grads || s.bias != nil
			}
		}
		assert.Equal(t, []bool{c.layer, c.through, c.grads}, []bool{layer, through, grads}, c.name)
	}
}
