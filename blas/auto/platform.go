//go:build (amd64 || arm64) && ((linux && !android) || (darwin && !ios) || windows || (freebsd && cgo))

package auto

import "github.com/quivernet/quivernet/internal/blas"

// start runs once, when the program begins.
func start() outcome {
	p := system()
	o, lib := choose(p, p.wish(), p.candidates())
	if lib != nil {
		blas.Register(lib)
	}
	return o
}
