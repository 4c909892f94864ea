package vec

import (
	"unsafe"

	"github.com/quivernet/quivernet/internal/cpu"
)

// gradTiles are the parts that one call of kLayerGrad does where there are c columns.
func gradTiles(c int) (rows, columns *parts) {
	switch {
	case level != cpu.AVX512:
		return &upTo2, &upTo4
	case c > 5:
		return &upTo3, &upTo8
	}
	return &upTo4, &upTo8
}

// zeros returns the address of NarrowMax numbers that are 0, in either precision.
func zeros() unsafe.Pointer { return unsafe.Pointer(&nothing) }
