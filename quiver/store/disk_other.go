//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package store

import "errors"

var errNoLocks = errors.New("no file locks")

// Hold never succeeds: see Abandoned.
func (disk) Hold(string) (release func(), err error) { return nil, errNoLocks }

// SyncDir does nothing: directories are not files here.
func (disk) SyncDir(string) error { return nil }
