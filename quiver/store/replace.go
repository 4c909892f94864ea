package store

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"path/filepath"
	"strings"
)

// system is what replace asks of the file system, so that a test can let each call fail.
type system interface {
	Lstat(path string) (fs.FileInfo, error)
	Readlink(path string) (string, error)
	EvalSymlinks(path string) (string, error)
	Create(path string) (writer, error) // for writing, and only if it does not exist
	Rename(from, to string) error
	Remove(path string) error
	Names(dir string) ([]string, error)           // of what stands in a directory
	Hold(path string) (release func(), err error) // lock a file: errHeld, errGone, or another error where there are no locks
	Abandoned(path string) bool                   // where there are no locks: nobody writes the file any more
	SyncDir(dir string) error
}

// writer is a file that is being written.
type writer interface {
	io.WriteCloser
	Chmod(fs.FileMode) error
	Sync() error
}

var (
	errHeld = errors.New("another process holds the file")
	errGone = errors.New("the file is gone")
)

// replace writes a file under another name and renames it when it is complete. The file
// keeps the permissions of the one it replaces; a symbolic link is followed.
func replace(sys system, path string, write func(io.Writer) error) error {
	path, old, err := follow(sys, path)
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	if old != nil && !old.Mode().IsRegular() {
		return fmt.Errorf("store: %w", &fs.PathError{Op: "save", Path: path, Err: errors.New("not a regular file")})
	}
	dir, _ := filepath.Split(path)
	sweep(sys, dir)
	f, tmp, release, err := create(sys, dir)
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	defer release() // once the file has its name, or is removed
	open, done := true, false
	defer func() { // also on a panic in write
		if open {
			f.Close()
		}
		if !done {
			sys.Remove(tmp)
		}
	}()
	if old != nil {
		err = f.Chmod(old.Mode().Perm())
	}
	if err == nil {
		err = write(f)
	}
	if err == nil {
		err = f.Sync()
	}
	if err == nil {
		open = false
		err = f.Close()
	}
	if err == nil {
		err = sys.Rename(tmp, path)
	}
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	done = true
	if err := sys.SyncDir(filepath.Dir(path)); err != nil {
		return fmt.Errorf("store: %s is written whole, but its name may not be on the disk, and a power cut may bring the old file back: %w", path, err)
	}
	return nil
}

// follow goes along symbolic links to the file that is to be written, which need not exist:
// then the information about it is nil.
func follow(sys system, path string) (string, fs.FileInfo, error) {
	for range 40 {
		info, err := sys.Lstat(path)
		if errors.Is(err, fs.ErrNotExist) {
			return path, nil, nil
		}
		if err != nil {
			return path, nil, err
		}
		if info.Mode()&fs.ModeSymlink == 0 {
			return path, info, nil
		}
		to, err := sys.Readlink(path)
		if err != nil {
			return path, nil, err
		}
		if !filepath.IsAbs(to) { // it starts from where the link stands
			dir, err := sys.EvalSymlinks(filepath.Dir(path))
			if err != nil {
				return path, nil, err
			}
			to = strings.TrimSuffix(dir, string(filepath.Separator)) + string(filepath.Separator) + to
		}
		path = to
	}
	return path, nil, &fs.PathError{Op: "save", Path: path, Err: errors.New("too many symbolic links")}
}

const (
	tmpPrefix = ".quivernet-"
	tmpSuffix = ".tmp"
)

// create makes a temporary file and holds it, where the file system has locks.
func create(sys system, dir string) (f writer, path string, release func(), err error) {
	for range 100 {
		path = dir + fmt.Sprintf("%s%016x%s", tmpPrefix, rand.Uint64(), tmpSuffix)
		if f, err = sys.Create(path); errors.Is(err, fs.ErrExist) {
			continue
		} else if err != nil {
			return nil, "", nil, err
		}
		release, err = sys.Hold(path)
		if err == nil {
			return f, path, release, nil
		}
		if !errors.Is(err, errHeld) && !errors.Is(err, errGone) {
			return f, path, func() {}, nil
		}
		f.Close() // another Save took it for an abandoned one before it was held, and removes it
		sys.Remove(path)
	}
	return nil, "", nil, err
}

// sweep removes the temporary files in a directory that nobody holds. What it cannot do is left
// for the next time.
func sweep(sys system, dir string) {
	if dir == "" {
		dir = "."
	}
	names, err := sys.Names(dir)
	if err != nil {
		return
	}
	for _, name := range names {
		if !temporary(name) {
			continue
		}
		path := filepath.Join(dir, name)
		switch release, err := sys.Hold(path); {
		case err == nil:
			sys.Remove(path)
			release()
		case errors.Is(err, errHeld) || errors.Is(err, errGone):
		case sys.Abandoned(path):
			sys.Remove(path)
		}
	}
}

// temporary says whether a name is one that create makes.
func temporary(name string) bool {
	hex, ok := strings.CutPrefix(name, tmpPrefix)
	if !ok {
		return false
	}
	hex, ok = strings.CutSuffix(hex, tmpSuffix)
	return ok && len(hex) == 16 && strings.Trim(hex, "0123456789abcdef") == ""
}
