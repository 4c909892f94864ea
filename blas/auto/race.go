//go:build race && (amd64 || arm64) && ((linux && !android) || (darwin && !ios) || windows || (freebsd && cgo))

package auto

import (
	"runtime"
	"unsafe"

	"github.com/quivernet/quivernet/internal/blas"
)

// The race detector does not see what C code touches, so it is told, row by row: the numbers between the
// rows may belong to another goroutine.

func reads[T blas.Float](trans bool, rows, cols int, x []T, ld int) {
	if trans {
		rows, cols = cols, rows
	}
	for i := range rows {
		runtime.RaceReadRange(unsafe.Pointer(&x[i*ld]), cols*int(unsafe.Sizeof(x[0])))
	}
}

func writes[T blas.Float](rows, cols int, x []T, ld int) {
	for i := range rows {
		runtime.RaceWriteRange(unsafe.Pointer(&x[i*ld]), cols*int(unsafe.Sizeof(x[0])))
	}
}
