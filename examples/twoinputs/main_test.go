package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRun(t *testing.T) {
	var out bytes.Buffer
	losses, err := run(&out, t.TempDir(), 300)
	require.NoError(t, err)
	assert.Contains(t, out.String(), "h1 40→3, h2 60→5, parameters 2701→40")
	assert.Less(t, losses[1], 0.6*losses[0], "it must learn")
	assert.Contains(t, out.String(), "the gap is below 1e-12: true")
}
