package store_test

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/quiver/store"
	"github.com/quivernet/quivernet/symmetry"
)

// What compression makes, the reduced and the rotated network, with fixed matrices that
// have been turned and activations that have been restricted, is kept to the last bit.
func TestRoundTripOfCompressedNetworks(t *testing.T) {
	layers.RegisterLambda("onenorm", layers.OneNorm{})
	tanh := layers.Radial(layers.Tanh)
	for name, act := range map[string]quiver.Activation{
		"radial": tanh, "rescaling": layers.Rescaling("onenorm", layers.OneNorm{}), "trainable": layers.Trainable(layers.Sigmoid, .1, 2),
		"quadratic": layers.Quadratic(layers.Tanh, nil, []float64{1, 2, 3, 4, 5, 6, 7, 8}, 1),
	} {
		t.Run(name, func(t *testing.T) {
			q, err := quiver.New(
				quiver.Input("x", 2), quiver.Bias("one"), quiver.Hidden("g", 8, act), quiver.Hidden("h", 8, tanh), quiver.Output("y", 1, nil),
				quiver.Connect("x", "g"), quiver.Connect("one", "g"), quiver.Connect("g", "h"), quiver.Connect("h", "y"),
				quiver.Connect("g", "h", quiver.Named("skip"), quiver.Frozen(quiver.Eye(8))),
			)
			require.NoError(t, err)
			w := quiver.Random(q, nil, rand.NewPCG(1, 2))
			c, err := symmetry.Compress(w)
			require.NoError(t, err)
			require.Less(t, c.Reduced.Quiver().Dims()["g"], 8, "something to restrict")
			rotated, err := c.Rotated()
			require.NoError(t, err)
			for part, w := range map[string]*quiver.Rep{"reduced": c.Reduced, "rotated": rotated} {
				file := save(t, w)
				got, err := store.Read(bytes.NewReader(file))
				require.NoError(t, err, part)
				requireSame(t, w, got)
				assert.Equal(t, file, save(t, got), part)
			}
		})
	}
}
