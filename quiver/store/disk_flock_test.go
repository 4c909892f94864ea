//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package store

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A save that is killed leaves its temporary file to the next one; a save that is still
// running keeps it.
func TestKilledSaves(t *testing.T) {
	if dir := os.Getenv("QUIVERNET_TEST_SAVE_IN"); dir != "" { // the process that is killed
		replace(disk{}, filepath.Join(dir, "other"), func(w io.Writer) error {
			io.WriteString(w, "half of ")
			os.Stdout.WriteString("saving\n")
			select {}
		})
	}
	dir := t.TempDir()
	save := func() { require.NoError(t, replace(disk{}, filepath.Join(dir, "m"), say("text"))) }
	for range 3 {
		child := exec.Command(os.Args[0], "-test.run=^TestKilledSaves$")
		child.Env = append(os.Environ(), "QUIVERNET_TEST_SAVE_IN="+dir)
		out, err := child.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, child.Start())
		line, err := bufio.NewReader(out).ReadString('\n')
		require.NoError(t, err)
		require.Equal(t, "saving\n", line)
		save()
		assert.Len(t, namesIn(t, dir), 2, "the file of a running save stays")
		require.NoError(t, child.Process.Kill())
		child.Wait()
		assert.Len(t, namesIn(t, dir), 2)
		save()
		assert.Equal(t, []string{"m"}, namesIn(t, dir), "that of a killed one goes")
	}
}

func TestHold(t *testing.T) {
	path := filepath.Join(t.TempDir(), ".quivernet-0123456789abcdef.tmp")
	_, err := disk{}.Hold(path)
	require.ErrorIs(t, err, errGone)
	require.NoError(t, os.WriteFile(path, nil, 0o644))
	release, err := disk{}.Hold(path)
	require.NoError(t, err)
	_, err = disk{}.Hold(path)
	require.ErrorIs(t, err, errHeld)
	release()
	release, err = disk{}.Hold(path)
	require.NoError(t, err)
	release()
}

func TestSyncResult(t *testing.T) {
	require.NoError(t, syncResult(nil))
	for _, err := range []error{syscall.EINVAL, syscall.ENOTSUP} {
		assert.NoError(t, syncResult(&os.PathError{Err: err}))
	}
	for _, err := range []error{syscall.EIO, syscall.ENOSPC, syscall.EDQUOT, syscall.EBADF} {
		assert.ErrorIs(t, syncResult(&os.PathError{Err: err}), err)
	}
	require.Error(t, disk{}.SyncDir(filepath.Join(t.TempDir(), "none")))
	require.NoError(t, disk{}.SyncDir(t.TempDir()))
}
