package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRun(t *testing.T) {
	var out bytes.Buffer
	lines, err := run(&out, config{width: 32, epochs: 30, penalties: []float64{0, 4e-3}})
	require.NoError(t, err)
	t.Logf("\n%s", out.String())
	for _, l := range lines {
		assert.LessOrEqual(t, l.gapTest, 1e-13)
		assert.LessOrEqual(t, l.gapTest, l.boxed.Certificate.Bound)
		assert.Equal(t, l.accuracy, l.reduced)
		assert.LessOrEqual(t, l.boxed.Reduced.Quiver().NumParams(), l.everywhere.Reduced.Quiver().NumParams())
		assert.True(t, l.boxed.Certificate.Exact)
	}
	free, penalised := lines[0], lines[1]
	assert.Equal(t, free.numbers, free.everywhere.Reduced.Quiver().NumParams(), "without a penalty no unit dies")
	assert.Less(t, penalised.everywhere.Reduced.Quiver().NumParams(), penalised.numbers*9/10)
	assert.Less(t, penalised.boxed.Reduced.Quiver().NumParams(), penalised.everywhere.Reduced.Quiver().NumParams(), "the box proves more")
	assert.Contains(t, penalised.boxed.Certificate.On, "the box [0, 1]")
	assert.Greater(t, penalised.gapBeyond, 1e-6, "outside the box it is another function")
	assert.Greater(t, penalised.accuracy, 0.5)
}
