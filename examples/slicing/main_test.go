package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRun(t *testing.T) {
	var out bytes.Buffer
	path := filepath.Join(t.TempDir(), "slicing.png")
	ps, err := run(&out, config{epochs: 1, kept: []int{40, 24, 8}, path: path})
	require.NoError(t, err)
	for _, p := range ps {
		assert.LessOrEqual(t, p.sliced, p.bound, "kept %d", p.kept)
	}
	assert.LessOrEqual(t, ps[0].sliced, 1e-12, "nothing is cut")
	assert.Less(t, ps[1].sliced, ps[2].sliced, "the more is cut the larger the error")
	png, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, "\x89PNG", string(png[:4]))
}
