package main

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestQuick runs the example with small networks.
func TestQuick(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, run(&out, config{quick: true, json: true, seed: 1}))
	var studies []*study
	require.NoError(t, json.Unmarshal(out.Bytes(), &studies))
	require.Len(t, studies, 3)
	for _, s := range studies {
		assert.Less(t, s.Aligned, s.Distance, s.Name)
		assert.Less(t, s.After.Barrier, s.Before.Barrier, s.Name)
		assert.Equal(t, s.Before.Loss[points-1], s.After.Loss[points-1], "the second network does not move")
		assert.InEpsilon(t, s.Before.Loss[0], s.After.Loss[0], 1e-9, "the first keeps its function")
		require.Len(t, s.Layers, 2)
		for _, r := range s.Layers {
			require.Len(t, r.Penalties, 8)
			for _, l := range r.Likeness {
				assert.LessOrEqual(t, l.Value, 1+1e-12, "%s %s", s.Name, l.Measure)
			}
		}
	}
	assert.Equal(t, "orthogonal", studies[1].Class)

	// A copy on the orbit: what the group explains vanishes, and the rest does not.
	c := studies[2]
	assert.LessOrEqual(t, c.Aligned, 1e-12)
	assert.LessOrEqual(t, c.After.Barrier, 1e-12)
	assert.Greater(t, c.Before.Barrier, 1e-3)
	for _, r := range c.Layers {
		assert.Greater(t, r.Penalties[0].Points, 1.0, "the identity")
		assert.InDelta(t, 0, r.Penalties[1].Points, 1e-9, "the map of the group")
		assert.InDelta(t, 1, r.Likeness[0].Value, 1e-6)
		assert.InDelta(t, 1, r.Likeness[2].Value, 1e-9)
		assert.Less(t, r.Likeness[1].Value, 0.99, "rotations do not explain scales")
	}

	out.Reset()
	c.print(&out)
	for _, s := range []string{"a copy on the orbit", "as trained", "aligned", "positive monomial, trained", "G_ReLU-CKA"} {
		assert.Contains(t, out.String(), s)
	}
}
