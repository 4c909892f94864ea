package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRun(t *testing.T) {
	var out bytes.Buffer
	path := filepath.Join(t.TempDir(), "gradient.svg")
	require.NoError(t, run(&out, config{depth: -1, quick: true, path: path}))
	text := out.String()
	for _, want := range []string{
		"forward\nz[h1] = ", "loss\nr[y] = y − t1[y]\n", "backward\nδ[y] = 2·c1[y]·r[y]\n", "symbols\nx ",
		"δ[h1] = Dρ[h1](z[h1])ᵀ·(δ[y]·W[h1→y] + δ[h2]·W[h1→h2])\n∂L/∂W[x→h1] = δ[h1]ᵀ·x\n", "\nλ[v] ",
		"λ[h1] = tanh(|z[h1]|)/|z[h1]|\n", "λ′[h1] = (tanh′(|z[h1]|) − λ[h1])/|z[h1]|\n", "|z[h1]| = √(rows(⟨z[h1], z[h1]⟩))\n",
		"nothing is left to open", "0 failed, 0 undecided", "the Jacobian of 500 samples is 1000×120",
	} {
		assert.Contains(t, text, want)
	}
	svg, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Contains(t, string(svg), "</svg>")

	out.Reset()
	require.NoError(t, run(&out, config{depth: -1, quick: true, latex: true}))
	assert.Equal(t, strings.Count(out.String(), `\begin{align*}`), strings.Count(out.String(), `\end{align*}`))
	out.Reset()
	require.NoError(t, run(&out, config{depth: 0, only: "h2", quick: true}))
	assert.True(t, strings.HasPrefix(out.String(), "The gradient of the loss in the first matrix\n\nforward\nz[h2] = "), out.String()[:200])
	assert.Error(t, run(&out, config{depth: 0, only: "h9", quick: true}))
	assert.Error(t, run(&out, config{depth: -1, quick: true, path: "gradient.xyz"}))
}

// TestPictures: the pictures of the documentation show what the program draws.
func TestPictures(t *testing.T) {
	dir := t.TempDir()
	var out bytes.Buffer
	require.NoError(t, run(&out, config{pictures: dir}))
	drawn, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, drawn, 3)
	for _, f := range drawn {
		got, err := os.ReadFile(filepath.Join(dir, f.Name()))
		require.NoError(t, err)
		want, err := os.ReadFile(filepath.Join("..", "..", "docs", "pictures", f.Name()))
		require.NoError(t, err, "go run ./examples/gradients -pictures docs/pictures")
		for _, element := range []string{`<g class="edge">`, `<g class="node">`, "<text"} {
			assert.Positive(t, bytes.Count(got, []byte(element)))
			assert.Equal(t, bytes.Count(want, []byte(element)), bytes.Count(got, []byte(element)), "%s of %s: go run ./examples/gradients -pictures docs/pictures", element, f.Name())
		}
	}
	assert.Error(t, run(&out, config{pictures: filepath.Join(dir, "none")}))
}
