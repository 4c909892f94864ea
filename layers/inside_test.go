package layers_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// TestInside: the parts make the activation again.
func TestInside(t *testing.T) {
	for _, a := range []quiver.Activation{
		layers.Radial(layers.Shift(layers.Tanh, 0.5)), layers.Pointwise(layers.LeakyReLU(0.1)), layers.RMSNorm(7, 1e-6), layers.RMSNorm(7, 0),
		layers.DeadZone(layers.Radial(layers.Sigmoid), 0.25), layers.Gain(layers.RMSNorm(3, 0.5), true), layers.Blocks(layers.Arctan, 2, 3),
		layers.Rescaling("onenorm", layers.OneNorm{}),
	} {
		p, ok := layers.Inside(a)
		assert.True(t, ok, "%v", a)
		var b quiver.Activation
		switch p.Kind {
		case "radial":
			b = layers.Radial(p.Func)
		case "pointwise":
			b = layers.Pointwise(p.Func)
		case "rmsnorm":
			b = layers.RMSNorm(p.D, p.Eps)
		case "deadzone":
			b = layers.DeadZone(p.Inner, p.Radius)
		case "gain":
			b = layers.Gain(p.Inner, p.Bias)
		case "blocks":
			b = layers.Blocks(p.Func, p.Sizes...)
		case "rescaling":
			b = layers.Rescaling("onenorm", p.Lambda)
		}
		assert.Equal(t, a.String(), b.String())
	}
	p, ok := layers.Inside(layers.Trainable(layers.Tanh, 0.1, 2))
	assert.True(t, ok)
	assert.Equal(t, layers.Tanh, p.Func)
	_, ok = layers.Inside(quiver.Identity)
	assert.False(t, ok)

	for h, want := range map[layers.Func]layers.Scalar{
		layers.Tanh:                    {Name: "tanh"},
		layers.Square:                  {Name: "power", Constant: 2},
		layers.Power(-1.5):             {Name: "power", Constant: -1.5},
		layers.LeakyReLU(0.1):          {Name: "leakyrelu", Constant: 0.1},
		layers.Shift(layers.ReLU, 0.5): {Name: "shift", Inner: layers.ReLU, Shift: 0.5},
	} {
		got, ok := layers.Describe(h)
		assert.True(t, ok)
		assert.Equal(t, want, got)
	}
}
