package store

import (
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// disk is the system of the operating system.
type disk struct{}

func (disk) Lstat(path string) (fs.FileInfo, error)   { return os.Lstat(path) }
func (disk) Readlink(path string) (string, error)     { return os.Readlink(path) }
func (disk) EvalSymlinks(path string) (string, error) { return filepath.EvalSymlinks(path) }
func (disk) Rename(from, to string) error             { return os.Rename(from, to) }
func (disk) Remove(path string) error                 { return os.Remove(path) }

func (disk) Create(path string) (writer, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return nil, err
	}
	return f, nil
}

func (disk) Names(dir string) ([]string, error) {
	d, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	return d.Readdirnames(-1)
}

// Abandoned says that a file is a day old.
func (disk) Abandoned(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode().IsRegular() && time.Since(info.ModTime()) > 24*time.Hour
}
