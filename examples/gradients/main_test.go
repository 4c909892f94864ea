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
	require.NoError(t, run(&out, config{quick: true, path: path}))
	text := out.String()
	for _, want := range []string{
		"∂L/∂W[x→h1] = δ[h1]ᵀ·x\nδ[h1] = Dρ[h1](z[h1])ᵀ·(δ[y]·W[h1→y] + δ[h2]·W[h1→h2])\n",
		"λ[h1] = tanh(|z[h1]|)/|z[h1]|\n", "λ′[h1] = (tanh′(|z[h1]|) − λ[h1])/|z[h1]|\n", "|z[h1]| = √(rows(⟨z[h1], z[h1]⟩))\n",
		"nothing is left to open", "0 failed, 0 undecided", "the Jacobian of 500 samples is 1000×120",
	} {
		assert.Contains(t, text, want)
	}
	svg, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Contains(t, string(svg), "</svg>")

	out.Reset()
	require.NoError(t, run(&out, config{quick: true, latex: true}))
	assert.Equal(t, strings.Count(out.String(), `\begin{align*}`), strings.Count(out.String(), `\end{align*}`))
	assert.Error(t, run(&out, config{quick: true, path: "gradient.xyz"}))
}
