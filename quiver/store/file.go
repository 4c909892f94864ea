package store

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/quivernet/quivernet/quiver"
)

// Write writes w, weights and quiver, to dst. Nothing is written where w cannot be
// saved. Errors: those of Rep.Check, *FormatError, and those of dst.
func Write(dst io.Writer, w *quiver.Rep, opts ...Option) error {
	meta, ts, err := pack(w, newSettings(opts))
	if err != nil {
		return err
	}
	if isNil(dst) {
		return bad("file", "give one such as a bytes.Buffer", "the writer is nil")
	}
	if err := writeTensors(dst, meta, ts); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	return nil
}

// Save writes w to a file, by convention named *.safetensors, whole or not at all: a
// temporary file in the same directory takes the place of the old one once it
// is on the disk. Where anything fails, the old file stays as it was, but for one case: where
// the system cannot say that the new name is on the disk, the new file stands there
// whole and the error tells that a power cut may bring the old one back.
//
// The file keeps the permissions of the one it replaces. A symbolic link is followed, also
// one whose target does not exist yet. Temporary files are named .quivernet-*.tmp; those that a
// process left behind when it was killed are removed by the next Save in their directory: where
// the file system has locks, when nobody holds them, and elsewhere when they are a day old.
// Errors: those of Write and of the file system.
func Save(path string, w *quiver.Rep, opts ...Option) error {
	meta, ts, err := pack(w, newSettings(opts))
	if err != nil {
		return at(path, err)
	}
	return replace(disk{}, path, func(f io.Writer) error { return writeTensors(f, meta, ts) })
}

// Read reads what Write wrote, to the end of src. Errors: *FormatError.
func Read(src io.Reader, opts ...Option) (*quiver.Rep, error) {
	s := newSettings(opts)
	if isNil(src) {
		return nil, bad("file", "give one such as an open file", "the reader is nil")
	}
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
	if isNil(fsys) {
		return nil, bad(name, "give one such as os.DirFS(\".\")", "the file system is nil")
	}
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
