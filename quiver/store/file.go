package store

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/quivernet/quivernet/quiver"
)

// Write writes w, weights and quiver, to dst. Nothing is written where w cannot be
// saved. Errors: those of Rep.Check, *FormatError, and those of dst.
func Write(dst io.Writer, w *quiver.Rep, opts ...Option) error {
	meta, ts, err := pack(w, newSettings(opts))
	if err != nil {
		return err
	}
	if err := writeTensors(dst, meta, ts); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	return nil
}

// Save writes w to a file, by convention named *.safetensors, whole or not at all: a
// temporary file in the same directory takes the place of the old one once it
// is on the disk. Where anything fails, the old file stays as it was. Errors: those of
// Write and of the file system.
func Save(path string, w *quiver.Rep, opts ...Option) error {
	meta, ts, err := pack(w, newSettings(opts))
	if err != nil {
		return at(path, err)
	}
	return replace(path, func(f io.Writer) error { return writeTensors(f, meta, ts) })
}

// Read reads what Write wrote, to the end of src. Errors: *FormatError.
func Read(src io.Reader, opts ...Option) (*quiver.Rep, error) {
	s := newSettings(opts)
	meta, ts, err := readHeader(src, s.limits)
	if err != nil {
		return nil, err
	}
	if err := readTensors(src, meta, ts); err != nil {
		return nil, err
	}
	return unpack(meta, ts, s)
}

// Load reads a file that Save wrote. Errors: *FormatError, and those of the file system.
func Load(path string, opts ...Option) (*quiver.Rep, error) {
	f, err := os.Open(path)
	return load(path, f, err, opts)
}

// LoadFS is Load for a file system, such as an embed.FS.
func LoadFS(fsys fs.FS, name string, opts ...Option) (*quiver.Rep, error) {
	f, err := fsys.Open(name)
	return load(name, f, err, opts)
}

func load(path string, f fs.File, err error, opts []Option) (*quiver.Rep, error) {
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	defer f.Close()
	w, err := Read(f, opts...)
	return w, at(path, err)
}

// at names the file in a FormatError.
func at(path string, err error) error {
	if e := (*FormatError)(nil); errors.As(err, &e) {
		e.Path = path
	}
	return err
}

// replace writes a file under another name and renames it when it is complete. The file
// keeps the permissions of the one it replaces; a symbolic link is followed.
func replace(path string, write func(io.Writer) error) (err error) {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	old, statErr := os.Stat(path)
	if statErr == nil && !old.Mode().IsRegular() {
		return fmt.Errorf("store: %w", &fs.PathError{Op: "save", Path: path, Err: errors.New("not a regular file")})
	}
	dir, name := filepath.Split(path)
	tmp := filepath.Join(dir, fmt.Sprintf(".%s.%016x.tmp", name, rand.Uint64()))
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	open, done := true, false
	defer func() { // also on a panic in write
		if open {
			f.Close()
		}
		if !done {
			os.Remove(tmp)
		}
	}()
	if statErr == nil {
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
		err = os.Rename(tmp, path)
	}
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	done = true
	if d, err := os.Open(filepath.Dir(path)); err == nil { // the new name, too, goes to the disk; where
		d.Sync() // a system cannot do that, the file is whole all the same
		d.Close()
	}
	return nil
}
