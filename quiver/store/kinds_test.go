package store_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/quiver/quivertest"
	"github.com/quivernet/quivernet/quiver/store"
	"github.com/quivernet/quivernet/symmetry"
)

// Random networks of every kind, and what compression makes of them, come back with
// the same bits and give the same outputs on their own samples.
func TestRoundTripOfRandomNetworks(t *testing.T) {
	layers.RegisterLambda("onenorm", layers.OneNorm{})
	var acts []quivertest.Act
	for _, a := range []quiver.Activation{
		layers.Radial(layers.Tanh), layers.Radial(layers.Shift(layers.Sigmoid, 1./3)), layers.Pointwise(layers.GELU), layers.RMSNorm(7, 1e-5),
		layers.Rescaling("onenorm", layers.OneNorm{}), layers.Trainable(layers.Softplus, .1, .7), layers.Gain(layers.Radial(layers.Arctan), true),
	} {
		acts = append(acts, quivertest.Act{Activation: a, Size: 1.2})
	}
	for seed := range uint64(3 * len(quivertest.Kinds())) {
		in := quivertest.Generate(seed, acts...)
		ws := []*quiver.Rep{in.Rep}
		if c, err := symmetry.Compress(in.Rep); err == nil {
			rotated, err := c.Rotated()
			require.NoError(t, err, in.Name)
			ws = append(ws, c.Reduced, rotated)
		}
		for _, w := range ws {
			got, err := store.Read(bytes.NewReader(save(t, w)))
			require.NoError(t, err, in.Name)
			requireSame(t, w, got)
			want, err := w.Eval(in.Inputs...)
			require.NoError(t, err, in.Name)
			ys, err := got.Eval(in.Inputs...)
			require.NoError(t, err, in.Name)
			for i := range ys {
				require.Equal(t, bits(entries(want[i])), bits(entries(ys[i])), in.Name)
			}
		}
	}
}
