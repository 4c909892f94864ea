package golden

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestFile: a text that is not that of the file is an error that names the line, and -update writes it.
func TestFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "testdata", "a.txt")
	assert.ErrorContains(t, file(path, []byte("one\n"), false), "-update")
	require.NoError(t, file(path, []byte("one\ntwo\n"), true))
	assert.NoError(t, file(path, []byte("one\ntwo\n"), false))
	assert.ErrorContains(t, file(path, []byte("one\nthree\n"), false), `a.txt:2 differs; run the test with -update and read the difference
want "two"
got  "three"`)
	assert.ErrorContains(t, file(path, []byte("one\ntwo\n\n"), false), "want the end")
	assert.ErrorContains(t, file(path, []byte("one"), false), "got  the end")
	require.NoError(t, os.WriteFile(path, []byte("one\r\ntwo\r\n"), 0o644))
	assert.NoError(t, file(path, []byte("one\ntwo\n"), false))
}

// TestReplace: a block stands between two lines, and nothing else changes.
func TestReplace(t *testing.T) {
	got, err := replace([]byte("a\nfrom\nold\nto\nb\n"), "from", "to", "new\n")
	require.NoError(t, err)
	assert.Equal(t, "a\nfrom\nnew\nto\nb\n", string(got))
	for _, bad := range []string{"from\n", "to\n", "to\nfrom\n", "from\nfrom\nto\n", ""} {
		_, err := replace([]byte(bad), "from", "to", "new")
		assert.Error(t, err, bad)
	}
}
