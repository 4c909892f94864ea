package main

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestQuick runs the main job with a few steps and checks what it claims.
func TestQuick(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, run(&out, config{quick: true, json: true}))
	var r report
	require.NoError(t, json.Unmarshal(out.Bytes(), &r))
	want := []struct {
		widths, reduced string
		numbers, small  int
	}{
		{"1-6-7-1", "1-2-3-1", 69, 17},
		{"2-16-64-128-16-2", "2-3-4-5-6-2", 11554, 100},
		{"2-16-64-128-16-2", "2-3-4-5-6-2", 11554, 100},
		{"2-4-8-2", "2-3-6-2", 86, 59},
		{"1-2-8-2-6", "1-2-4-2-6", 104, 56},
		{"2-4-4-8-2", "2-3-3-7-2", 114, 83},
	}
	require.Len(t, r.Networks, len(want))
	for i, w := range want {
		n := r.Networks[i]
		assert.Equal(t, w.widths, n.Widths)
		assert.Equal(t, w.reduced, n.Reduced)
		assert.Equal(t, w.numbers, n.Numbers)
		assert.Equal(t, w.small, n.NumbersRed)
		assert.LessOrEqual(t, n.OutputGap, 1e-12, n.Name)
		assert.LessOrEqual(t, n.LossGap, 1e-12, n.Name)
		assert.Less(t, n.LossReduced, n.LossStart, n.Name)
	}
	require.Len(t, r.Images, 2)
	for _, i := range r.Images {
		assert.LessOrEqual(t, i.OutputGap, 1e-12, i.Name)
		assert.LessOrEqual(t, i.LossGap, 1e-10, i.Name)
		assert.Equal(t, i.AccProjected, i.AccReduced, i.Name)
		assert.Zero(t, i.Disagree, i.Name)
		assert.Greater(t, i.AccReduced, 0.5, "a few epochs teach something; chance is 0.1")
		assert.Less(t, i.NumbersRed, i.Numbers)
	}
}

// TestTable prints the tables.
func TestTable(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, run(&out, config{quick: true}))
	assert.Contains(t, out.String(), "2-16-64-128-16-2 → 2-3-4-5-6-2")
	assert.Contains(t, out.String(), "handwritten digits")
}

// TestOtherImages reads IDX files from a directory, here of random images.
func TestOtherImages(t *testing.T) {
	dir := t.TempDir()
	rng := rand.New(rand.NewPCG(1, 2))
	const n = 100
	images, labels := make([]byte, n*16), make([]byte, n)
	for i := range images {
		images[i] = byte(rng.IntN(256))
	}
	for i := range labels {
		labels[i] = byte(i % 10)
	}
	write := func(name string, data []byte, dims ...uint32) {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		head := []byte{0, 0, 8, byte(len(dims))}
		for _, d := range dims {
			head = binary.BigEndian.AppendUint32(head, d)
		}
		_, err := z.Write(append(head, data...))
		require.NoError(t, err)
		require.NoError(t, z.Close())
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), b.Bytes(), 0o644))
	}
	write("t10k-images-idx3-ubyte.gz", images, n, 4, 4)
	write("t10k-labels-idx1-ubyte.gz", labels, n)
	var out bytes.Buffer
	require.NoError(t, run(&out, config{quick: true, json: true, dir: dir}))
	var r report
	require.NoError(t, json.Unmarshal(out.Bytes(), &r))
	assert.Equal(t, "16-64-10", r.Images[0].Widths)
	assert.Error(t, run(&out, config{quick: true, dir: filepath.Join(dir, "nowhere")}))
}
