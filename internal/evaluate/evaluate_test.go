package evaluate

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver/quivertest"
)

// TestEvaluate: the fast evaluation is the reference evaluation, errors included.
func TestEvaluate(t *testing.T) {
	acts := []quivertest.Act{{Activation: layers.Radial(layers.Tanh), Size: 1.2}, {Activation: layers.Pointwise(layers.GELU), Size: 1}, {Activation: layers.Trainable(layers.Tanh, 0.3, 1.1), Size: 1.2}}
	noticed := 0
	for seed := range uint64(60) {
		in := quivertest.Generate(seed, acts...)
		want, err := in.Rep.Eval(in.Inputs...)
		require.NoError(t, err, in.Name)
		got, err := Outputs(in.Rep, in.Inputs)
		require.NoError(t, err, in.Name)
		require.Len(t, got, len(want))
		assert.LessOrEqual(t, quivertest.Gap(want, got), 1e-12, in.Name)
		wrong := in.Rep.Clone()
		wrong.Scale(1 + 1e-6)
		if other, err := Outputs(wrong, in.Inputs); err == nil && quivertest.Gap(want, other) > 1e-9 {
			noticed++
		}
		if len(in.Inputs) > 0 {
			_, want := in.Rep.Eval(in.Inputs[1:]...)
			_, got := Outputs(in.Rep, in.Inputs[1:])
			assert.Equal(t, want, got, in.Name)
		}
	}
	assert.Greater(t, noticed, 40, "changed weights must show")
}
