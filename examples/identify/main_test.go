package main

import (
	"bytes"
	"encoding/json"
	"io"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestQuick runs the example with a few networks, with one and with several workers.
func TestQuick(t *testing.T) {
	var out bytes.Buffer
	file := filepath.Join(t.TempDir(), "share.svg")
	require.NoError(t, run(&out, io.Discard, config{quick: true, seed: 1, workers: 2, plot: file}))
	require.FileExists(t, file)
	require.Contains(t, out.String(), "functional dimension 10 of 11 (exact")
	require.Contains(t, out.String(), "NOT IDENTIFIABLE")
	require.Contains(t, out.String(), "equal up to permutation and rescaling: no")

	rows := func(workers int) []row {
		var out bytes.Buffer
		require.NoError(t, run(&out, io.Discard, config{quick: true, json: true, seed: 1, workers: workers}))
		var r []row
		require.NoError(t, json.Unmarshal(out.Bytes(), &r))
		return r
	}
	one := rows(1)
	require.Len(t, one, 6)
	require.Equal(t, one, rows(4))
	for _, r := range one {
		require.LessOrEqual(t, r.Mean, float64(r.Max))
		require.Zero(t, r.Ambiguous)
	}
	require.Equal(t, 96, one[3].Parameters)
	require.Equal(t, 81, one[3].Max)
}

func TestBadPlot(t *testing.T) {
	require.Error(t, draw(filepath.Join(t.TempDir(), "share.xyz"), []row{{Width: 5, Depth: 4}}))
}
