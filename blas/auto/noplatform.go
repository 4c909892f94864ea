//go:build !((amd64 || arm64) && ((linux && !android) || (darwin && !ios) || windows || (freebsd && cgo)))

package auto

import (
	"os"
	"runtime"
)

// start has nothing to load: purego does not build here.
func start() outcome {
	return outcome{wish: os.Getenv(Variable), why: "no library can be loaded without cgo on " + runtime.GOOS + "/" + runtime.GOARCH}
}
