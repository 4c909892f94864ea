package main

import (
	"io"
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestProgram runs the program of the README and compares what it prints, but for the gap,
// whose last bits depend on the processor, with what the README shows.
func TestProgram(t *testing.T) {
	r, w, err := os.Pipe()
	require.NoError(t, err)
	stdout := os.Stdout
	os.Stdout = w
	main()
	os.Stdout = stdout
	require.NoError(t, w.Close())
	out, err := io.ReadAll(r)
	require.NoError(t, err)
	gap := regexp.MustCompile(`max gap \S+`)
	got := gap.ReplaceAllString(string(out), "max gap …")

	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	assert.Contains(t, gap.ReplaceAllString(string(readme), "max gap …"), got, "the README must show what the program prints")

	code, err := os.ReadFile("main.go")
	require.NoError(t, err)
	body := regexp.MustCompile(`(?s)func main\(\) \{.*`).FindString(string(code))
	assert.Contains(t, string(readme), body, "the README must show the program")
}
