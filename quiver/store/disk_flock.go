//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package store

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// Hold locks a file for as long as this process runs, at most until release is called. Whoever
// holds a file may remove it or rename it; where the file was removed first, errGone is returned.
func (disk) Hold(path string) (release func(), err error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errGone
	}
	if err != nil {
		return nil, err
	}
	for {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err != syscall.EINTR {
			break
		}
	}
	if err == nil {
		var mine, there fs.FileInfo
		if mine, err = f.Stat(); err == nil {
			there, err = os.Lstat(path)
		}
		switch {
		case errors.Is(err, fs.ErrNotExist) || err == nil && !os.SameFile(mine, there):
			err = errGone
		case err == nil && !mine.Mode().IsRegular():
			err = errHeld
		}
	}
	if err != nil {
		f.Close()
		if err == syscall.EWOULDBLOCK {
			err = errHeld
		}
		return nil, err
	}
	return func() { f.Close() }, nil
}

// SyncDir puts the names in a directory on the disk. A file system that cannot do that for
// directories (EINVAL, ENOTSUP), and a directory that may be written but not read, give no error.
func (disk) SyncDir(dir string) error {
	d, err := os.Open(dir)
	if errors.Is(err, fs.ErrPermission) {
		return nil
	}
	if err != nil {
		return err
	}
	defer d.Close()
	return syncResult(d.Sync())
}

func syncResult(err error) error {
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOTSUP) {
		return nil
	}
	return err
}
