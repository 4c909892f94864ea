//go:build amd64 || arm64

package auto

import (
	"errors"
	"fmt"
	"syscall"
)

// open loads a library.
func open(name string) (uintptr, error) {
	h, err := syscall.LoadLibrary(name)
	switch {
	case err == nil:
		return uintptr(h), nil
	case errors.Is(err, syscall.ERROR_MOD_NOT_FOUND):
		return 0, fmt.Errorf("%w: %w", errAbsent, err)
	}
	return 0, fmt.Errorf("it cannot be loaded: %w", err)
}

func symbol(h uintptr, name string) uintptr {
	p, err := syscall.GetProcAddress(syscall.Handle(h), name)
	if err != nil {
		return 0
	}
	return p
}

// home is the file that holds the function at p, which Windows does not say in one call.
func home(uintptr) string { return "" }
