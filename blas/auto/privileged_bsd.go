//go:build (amd64 || arm64) && ((darwin && !ios) || (freebsd && cgo))

package auto

import (
	"os"

	"golang.org/x/sys/unix"
)

// privileged reports whether the program has rights that the user who started it has not.
func privileged() bool {
	return os.Getuid() != os.Geteuid() || os.Getgid() != os.Getegid() || unix.Issetugid()
}
