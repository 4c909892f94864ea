//go:build (amd64 || arm64) && ((linux && !android) || (darwin && !ios) || windows || (freebsd && cgo))

package auto

import "github.com/quivernet/quivernet/internal/blas"

// start runs once, when the program begins.
func start(wish string) outcome {
	o, lib := choose(wish, system().candidates())
	if lib != nil {
		blas.Register(lib)
	}
	return o
}
