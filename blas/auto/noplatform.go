//go:build !((amd64 || arm64) && ((linux && !android) || (darwin && !ios) || windows || (freebsd && cgo)))

package auto

import "runtime"

// start has nothing to load: purego does not build here.
func start(wish string) outcome {
	return outcome{wish: wish, why: "no library can be loaded without cgo on " + runtime.GOOS + "/" + runtime.GOARCH}
}
