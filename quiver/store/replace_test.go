package store

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A failure in the middle of writing leaves the old file and nothing else.
func TestReplaceCleansUp(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "m")
	require.NoError(t, replace(disk{}, path, func(w io.Writer) error { _, err := io.WriteString(w, "old"); return err }))
	full := errors.New("disk full")
	err := replace(disk{}, path, func(w io.Writer) error {
		_, err := io.WriteString(w, "half of the ne")
		require.NoError(t, err)
		return full
	})
	require.ErrorIs(t, err, full)
	assert.PanicsWithValue(t, "at the worst moment", func() {
		replace(disk{}, path, func(w io.Writer) error {
			io.WriteString(w, "half of the ne")
			panic("at the worst moment")
		})
	})
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, "old", string(text))
	es, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, es, 1)
}
