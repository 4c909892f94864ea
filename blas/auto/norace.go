//go:build !race && (amd64 || arm64) && ((linux && !android) || (darwin && !ios) || windows || (freebsd && cgo))

package auto

import "github.com/quivernet/quivernet/internal/blas"

func reads[T blas.Float](bool, int, int, []T, int) {}

func writes[T blas.Float](int, int, []T, int) {}
