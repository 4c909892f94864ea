//go:build (amd64 || arm64) && ((linux && !android) || (darwin && !ios) || (freebsd && cgo))

package auto

import (
	"os"
	"path/filepath"
	"syscall"
)

// trusted reports whether nobody but root can change or exchange the file: it, what it links to, and all directories above both
// belong to root, and no group and nobody else can write to them.
func trusted(file string) bool {
	real, err := filepath.EvalSymlinks(file)
	return err == nil && rootsAlone(real) && rootsAlone(filepath.Dir(file))
}

func rootsAlone(path string) bool {
	if !filepath.IsAbs(path) {
		return false
	}
	for {
		s, err := os.Stat(path)
		if err != nil {
			return false
		}
		owner, ok := s.Sys().(*syscall.Stat_t)
		if !ok || owner.Uid != 0 || s.Mode().Perm()&0o022 != 0 {
			return false
		}
		up := filepath.Dir(path)
		if up == path {
			return true
		}
		path = up
	}
}
