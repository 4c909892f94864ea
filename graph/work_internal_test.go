package graph

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// TestIdleWork: works that calls have given back are lent again, each to one call at a time.
func TestIdleWork(t *testing.T) {
	q, err := layers.MLP(layers.Radial(layers.Tanh), 2, 3, 1)
	require.NoError(t, err)
	p, err := Compile(q)
	require.NoError(t, err)
	_, err = p.Forward(quiver.Random(q, nil, rand.NewPCG(1, 2)), nil)
	require.Error(t, err, "a control: no data")
	r := newRunner[float64](p.model, 1, false, nil)
	lent := func() map[*work[float64]]bool {
		set := make(map[*work[float64]]bool)
		for range 4 {
			set[r.borrow()] = true
		}
		require.Len(t, set, 4, "no two calls share one")
		return set
	}
	first := lent()
	for w := range first {
		r.giveBack(w)
	}
	assert.Equal(t, first, lent(), "none is lost")
}
