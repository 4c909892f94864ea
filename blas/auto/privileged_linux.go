//go:build (amd64 || arm64) && !android

package auto

import (
	"os"

	"golang.org/x/sys/unix"
)

// privileged reports whether the program has rights that the user who started it has not: the kernel says so in the entry
// AT_SECURE, for setuid and setgid programs and those with file capabilities. Where it says nothing, it is assumed.
func privileged() bool {
	const secure = 23
	if os.Getuid() != os.Geteuid() || os.Getgid() != os.Getegid() {
		return true
	}
	entries, err := unix.Auxv()
	if err != nil {
		return true
	}
	for _, e := range entries {
		if e[0] == secure {
			return e[1] != 0
		}
	}
	return true
}
