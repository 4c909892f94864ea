package tape

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// cubed is a pointwise activation of a user's, with jets.
type cubed struct{ jets }

type jets interface{ quiver.PointJet }

func (cubed) String() string { return "cubed" }

// opaque is an activation of which nothing is known but its values and derivatives.
type opaque struct{ quiver.Activation }

func (opaque) String() string { return "opaque" }

// TestRuleFor: by which kernel an activation is computed; all of them give the same numbers, at other speeds.
func TestRuleFor(t *testing.T) {
	point := layers.Pointwise(layers.Tanh)
	for _, c := range []struct {
		act  quiver.Activation
		d    int
		want string
	}{
		{nil, 3, "identity"}, {quiver.Identity, 3, "identity"},
		{layers.Trainable(layers.Tanh, 0.1, 1), 3, "sample"}, {layers.Gain(layers.Radial(layers.Tanh), true), 3, "sample"},
		{point, 3, "map"}, {point, 1, "map"}, {layers.Pointwise(layers.ReLU), 3, "map"},
		{cubed{point.(quiver.PointJet)}, 3, "point"}, {cubed{point.(quiver.PointJet)}, 1, "point"},
		{layers.Radial(layers.Tanh), 2, "radial"}, {layers.Radial(layers.Tanh), 1, "sample"}, {layers.RMSNorm(4, 0.1), 4, "radial"},
		{opaque{point}, 3, "sample"}, {opaque{layers.Radial(layers.Tanh)}, 3, "sample"},
	} {
		r := ruleFor[float64](c.act, c.d)
		got := fmt.Sprintf("%T", r)
		assert.Contains(t, got, "."+c.want+"Rule[", "%v at dimension %d", c.act, c.d)
		if c.want == "point" || c.want == "sample" { // one call each way
			flops, moved := r.cost(c.d)
			back, movedBack := r.backCost(c.d)
			assert.Equal(t, flops, back)
			assert.Equal(t, []int{2 * c.d, 3 * c.d}, []int{moved, movedBack}, "z and ρ(z); z, g and δ")
		}
	}
}
