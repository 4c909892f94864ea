package store

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// faulty is the disk with one call that fails.
type faulty struct {
	disk
	at    int // the number of the call, from 1
	err   error
	calls []string
}

func (s *faulty) call(name string) error {
	if s.calls = append(s.calls, name); len(s.calls) == s.at {
		return s.err
	}
	return nil
}

func (s *faulty) Lstat(path string) (fs.FileInfo, error) {
	if err := s.call("lstat"); err != nil {
		return nil, err
	}
	return s.disk.Lstat(path)
}

func (s *faulty) Readlink(path string) (string, error) {
	if err := s.call("readlink"); err != nil {
		return "", err
	}
	return s.disk.Readlink(path)
}

func (s *faulty) EvalSymlinks(path string) (string, error) {
	if err := s.call("evalsymlinks"); err != nil {
		return "", err
	}
	return s.disk.EvalSymlinks(path)
}

func (s *faulty) Names(dir string) ([]string, error) {
	if err := s.call("readdir"); err != nil {
		return nil, err
	}
	return s.disk.Names(dir)
}

func (s *faulty) Hold(path string) (func(), error) {
	if err := s.call("flock"); err != nil {
		return nil, err
	}
	return s.disk.Hold(path)
}

func (s *faulty) Create(path string) (writer, error) {
	if err := s.call("open"); err != nil {
		return nil, err
	}
	f, err := s.disk.Create(path)
	return &faultyFile{s, f}, err
}

func (s *faulty) Rename(from, to string) error {
	if err := s.call("rename"); err != nil {
		return err
	}
	return s.disk.Rename(from, to)
}

func (s *faulty) SyncDir(dir string) error {
	if err := s.call("fsync of the directory"); err != nil {
		return err
	}
	return s.disk.SyncDir(dir)
}

type faultyFile struct {
	s *faulty
	writer
}

func (f *faultyFile) Write(p []byte) (int, error) {
	if err := f.s.call("write"); err != nil {
		n, _ := f.writer.Write(p[:len(p)/2])
		return n, err
	}
	return f.writer.Write(p)
}

func (f *faultyFile) Chmod(m fs.FileMode) error {
	if err := f.s.call("chmod"); err != nil {
		return err
	}
	return f.writer.Chmod(m)
}

func (f *faultyFile) Sync() error {
	if err := f.s.call("fsync"); err != nil {
		return err
	}
	return f.writer.Sync()
}

func (f *faultyFile) Close() error {
	err := f.writer.Close()
	return errors.Join(f.s.call("close"), err)
}

func say(text string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, text[:len(text)/2])
		if err == nil {
			_, err = io.WriteString(w, text[len(text)/2:])
		}
		return err
	}
}

func contents(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(text)
}

func namesIn(t *testing.T, dir string) (names []string) {
	t.Helper()
	es, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range es {
		names = append(names, e.Name())
	}
	return names
}

// Whichever call of the system fails, the old file is there whole, or the new one, the error is
// reported unless it does not matter, and nothing else is left.
func TestEachCallThatFails(t *testing.T) {
	for _, linked := range []bool{false, true} {
		if linked && runtime.GOOS == "windows" {
			continue
		}
		var calls []string
		for at := 1; ; at++ {
			dir := t.TempDir()
			path, link := filepath.Join(dir, "m"), filepath.Join(dir, "m")
			require.NoError(t, replace(disk{}, path, say("the old file")))
			names := []string{"m"}
			if linked {
				link = filepath.Join(dir, "latest")
				require.NoError(t, os.Symlink("m", link))
				names = []string{"latest", "m"}
			}
			broken := fmt.Errorf("call %d fails", at)
			s := &faulty{at: at, err: broken}
			err := replace(s, link, say("the new file"))
			if len(s.calls) < at {
				require.NoError(t, err)
				calls = s.calls
				break
			}
			what := s.calls[at-1]
			want := "the old file"
			switch what {
			case "readdir", "flock": // without a sweep, or without a lock, the file is saved all the same
				require.NoError(t, err, what)
				want = "the new file"
			case "fsync of the directory": // the new file is there, and may not stay
				require.ErrorIs(t, err, broken)
				want = "the new file"
			default:
				require.ErrorIs(t, err, broken, what)
			}
			assert.Equal(t, want, contents(t, path), what)
			assert.Equal(t, names, namesIn(t, dir), "after a failed %s", what)
			require.NoError(t, replace(disk{}, link, say("the new file")), "the next time")
			assert.Equal(t, "the new file", contents(t, path))
		}
		want := []string{"lstat", "readdir", "open", "flock", "chmod", "write", "write", "fsync", "close", "rename", "fsync of the directory"}
		if linked {
			want = append([]string{"lstat", "readlink", "evalsymlinks"}, want...)
		}
		assert.Equal(t, want, calls)
	}
}

// A file that another Save takes for an abandoned one is made again.
func TestHeldByASweep(t *testing.T) {
	for _, err := range []error{errHeld, errGone} {
		dir := t.TempDir()
		path := filepath.Join(dir, "m")
		s := &faulty{at: 4, err: err}
		require.NoError(t, replace(s, path, say("text")))
		assert.Equal(t, []string{"lstat", "readdir", "open", "flock", "close", "open", "flock", "write", "write", "fsync", "close", "rename", "fsync of the directory"}, s.calls)
		assert.Equal(t, "text", contents(t, path))
		assert.Equal(t, []string{"m"}, namesIn(t, dir))
	}
}

func TestLinksAreFollowed(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links need a privilege there")
	}
	dir := t.TempDir()
	at := func(elem ...string) string { return filepath.Join(append([]string{dir}, elem...)...) }
	require.NoError(t, os.MkdirAll(at("real", "deep"), 0o755))
	require.NoError(t, os.Symlink(at("real", "deep"), at("short")))
	for link, to := range map[string]string{
		at("here"):           "new",                // a relative link to what does not exist yet
		at("there"):          at("real", "target"), // an absolute one
		at("chain"):          "chain2",
		at("chain2"):         "real/chained",
		at("short", "up"):    "../beside", // in a directory that is a link itself
		at("real", "inside"): "../short/../within",
	} {
		require.NoError(t, os.Symlink(to, link))
	}
	for link, want := range map[string]string{
		at("here"): at("new"), at("there"): at("real", "target"), at("chain"): at("real", "chained"),
		at("short", "up"): at("real", "beside"), at("real", "inside"): at("real", "within"),
	} {
		for _, text := range []string{"dangling", "and again"} {
			require.NoError(t, replace(disk{}, link, say(text)))
			assert.Equal(t, text, contents(t, want), link)
			info, err := os.Lstat(link)
			require.NoError(t, err)
			assert.NotZero(t, info.Mode()&fs.ModeSymlink, "%s is still a link", link)
		}
	}
	require.NoError(t, os.Symlink("round", at("round")))
	require.ErrorContains(t, replace(disk{}, at("round"), say("x")), "too many symbolic links")
	require.NoError(t, os.Symlink("no/such", at("nowhere")))
	require.ErrorIs(t, replace(disk{}, at("nowhere"), say("x")), fs.ErrNotExist)
	assert.Equal(t, []string{"chain", "chain2", "here", "new", "nowhere", "real", "round", "short", "there"}, namesIn(t, dir))
}

// A name may be as long as the file system lets it be.
func TestLongNames(t *testing.T) {
	dir := t.TempDir()
	for _, n := range []int{233, 234, 254, 255} {
		path := filepath.Join(dir, strings.Repeat("n", n))
		require.NoError(t, replace(disk{}, path, say("text")), n)
		assert.Equal(t, "text", contents(t, path))
	}
	require.Error(t, replace(disk{}, filepath.Join(dir, strings.Repeat("n", 256)), say("text")))
	assert.Len(t, namesIn(t, dir), 4)
}

// What looks like a temporary file of a Save and is none stays.
func TestOtherFilesStay(t *testing.T) {
	dir := t.TempDir()
	others := []string{".quivernet-0123.tmp", ".quivernet-0123456789abcdeg.tmp", ".quivernet-0123456789abcdef", "quivernet-0123456789abcdef.tmp", ".m.0123456789abcdef.tmp"}
	for _, name := range others {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), nil, 0o644))
	}
	require.NoError(t, os.Mkdir(filepath.Join(dir, ".quivernet-0123456789abcdef.tmp"), 0o755))
	require.NoError(t, replace(disk{}, filepath.Join(dir, "m"), say("text")))
	assert.ElementsMatch(t, slices.Concat(others, []string{"m", ".quivernet-0123456789abcdef.tmp"}), namesIn(t, dir))
}
