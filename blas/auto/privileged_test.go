//go:build (amd64 || arm64) && ((linux && !android) || (darwin && !ios) || (freebsd && cgo))

package auto

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// planted is a directory with a library that calls itself OpenBLAS, under all the names that are looked for.
func planted(t *testing.T) string {
	fast := fake(t, "libfast.so", `CONFIG="OpenBLAS 9.8.7 MAX_THREADS=1"`, `CORE="SkylakeX"`)
	dir := filepath.Dir(fast)
	text, err := os.ReadFile(fast)
	require.NoError(t, err)
	for _, family := range usual().families {
		for _, name := range family {
			require.NoError(t, os.WriteFile(filepath.Join(dir, name), text, 0o755))
		}
	}
	return dir
}

// TestWorkingDirectory: a library in the working directory is loaded for none of the lists that the system's loader would take for
// it, by the search or by its bare name; the control is its directory in full.
func TestWorkingDirectory(t *testing.T) {
	if runtime.GOOS == "darwin" {
		return // removes the variable
	}
	dir := planted(t)
	t.Chdir(dir)
	for _, list := range []string{".", ":", "/nowhere:", ":/nowhere", "./", "x/..", ".:."} {
		for _, wish := range []string{"auto", "libopenblas.so.0", "libfast.so"} {
			assert.NotContains(t, child(t, "LD_LIBRARY_PATH="+list, "QUIVERNET_BLAS="+wish), "OpenBLAS 9.8.7", "%s %s", list, wish)
		}
	}
	for _, wish := range []string{"auto", "libfast.so"} {
		s := child(t, "LD_LIBRARY_PATH=.:"+dir, "QUIVERNET_BLAS="+wish)
		assert.Contains(t, s, "BLAS: OpenBLAS 9.8.7", wish)
		assert.Contains(t, s, dir, wish)
	}
	assert.Contains(t, child(t, "QUIVERNET_BLAS=./libfast.so"), "BLAS: OpenBLAS 9.8.7", "a path that the user gives")
	assert.Contains(t, child(t, "QUIVERNET_BLAS=libnone.so"), "libnone.so: there is no library of that name in /")
}

// TestPrivileged: a privileged program reads no variable and takes no file that others than root can change.
func TestPrivileged(t *testing.T) {
	dir := planted(t)
	require.NoError(t, os.Chmod(dir, 0o777))
	p := usual()
	t.Setenv(p.pathList, dir)
	t.Setenv("CONDA_PREFIX", filepath.Dir(dir))
	t.Setenv("MKLROOT", filepath.Dir(dir))
	t.Setenv(Variable, filepath.Join(dir, "libfast.so"))
	t.Setenv(coreVariable, "Nehalem")
	p.dirs = append(p.dirs, dir)
	p.loader = append(loaderDirs(), dir, ".", "")
	assert.Contains(t, p.candidates(), filepath.Join(dir, p.families[0][0]), "a control")
	assert.Equal(t, filepath.Join(dir, "libfast.so"), p.wish(), "a control")

	p.privileged = true
	for _, file := range p.candidates() {
		assert.True(t, filepath.IsAbs(file), file)
		assert.NotEqual(t, dir, filepath.Dir(file))
	}
	assert.Empty(t, p.wish())
	w, restore := prepare("Haswell", false)
	assert.Equal(t, coreWish{"Haswell", byFlags}, w)
	restore()
	assert.Equal(t, "Nehalem", os.Getenv(coreVariable))
	_, err := p.resolve("libfast.so")
	assert.Error(t, err)
	o, _ := choose(p, p.wish(), nil)
	assert.Contains(t, o.String(), "a privileged program takes no other and does not read QUIVERNET_BLAS")
	assert.False(t, privileged(), "this test is not")
}

// TestTrusted: only what root alone can change, with every directory above it.
func TestTrusted(t *testing.T) {
	assert.True(t, rootsAlone("/usr/lib"))
	assert.False(t, rootsAlone("usr/lib"))
	file := filepath.Join(t.TempDir(), "libx.so")
	assert.False(t, trusted(file), "there is none")
	require.NoError(t, os.WriteFile(file, nil, 0o644))
	require.NoError(t, os.Chmod(filepath.Dir(file), 0o777))
	assert.False(t, trusted(file), "below a directory in which all may write")
}

// TestSetuid starts a program with the rights of root as another user, where the test itself runs as root and so can make one.
func TestSetuid(t *testing.T) {
	if os.Geteuid() != 0 || runtime.GOOS != "linux" {
		return
	}
	dir := planted(t)
	for at := dir; at != "/"; at = filepath.Dir(at) { // the other user must reach it
		s, err := os.Stat(at)
		require.NoError(t, err)
		if s.Mode().Perm()&0o005 != 0o005 {
			require.NoError(t, os.Chmod(at, s.Mode().Perm()|0o005))
		}
	}
	self, err := os.Executable()
	require.NoError(t, err)
	in, err := os.Open(self)
	require.NoError(t, err)
	defer in.Close()
	copied := filepath.Join(dir, "program")
	out, err := os.OpenFile(copied, os.O_CREATE|os.O_WRONLY, 0o755)
	require.NoError(t, err)
	_, err = io.Copy(out, in)
	require.NoError(t, err)
	require.NoError(t, out.Close())
	run := func() string {
		cmd := exec.Command(copied)
		cmd.Dir = dir
		cmd.Env = []string{childVariable + "=1", Variable + "=" + filepath.Join(dir, "libfast.so"), "LD_LIBRARY_PATH=" + dir, coreVariable + "=Nehalem"}
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		text, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", text)
		return string(text)
	}
	s := run()
	assert.Contains(t, s, "BLAS: OpenBLAS 9.8.7", "a control: without the rights it obeys")
	assert.Contains(t, s, "privileged: false")
	require.NoError(t, os.Chmod(copied, 0o755|os.ModeSetuid))
	s = run()
	assert.NotContains(t, s, "OpenBLAS 9.8.7")
	assert.NotContains(t, s, dir)
	assert.NotContains(t, s, "Nehalem, as")
	assert.Contains(t, s, "privileged: true")
}
