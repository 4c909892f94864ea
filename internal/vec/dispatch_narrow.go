package vec

import (
	"unsafe"

	"github.com/quivernet/quivernet/internal/cpu"
)

func kRadialLayer[T Float](p *Profile, z, y, l, l1, w, b, x *T, odd *int, r, c, n, ld int) bool {
	if level != cpu.AVX512 || !wide[T]() {
		return false
	}
	var q [8]T
	parameters(&q, p)
	if l1 == nil {
		l1 = l // λ is stored after λ′/r
	}
	switch p.Kind {
	case ReLU:
		return kLayerReLU(&q[0], y, z, l, l1, w, b, x, odd, r, c, n, ld)
	case LeakyReLU:
		return kLayerLeakyReLU(&q[0], y, z, l, l1, w, b, x, odd, r, c, n, ld)
	case StepReLU:
		if p.Shift == 0 {
			return kLayerStepReLU0(&q[0], y, z, l, l1, w, b, x, odd, r, c, n, ld)
		}
		return kLayerStepReLU(&q[0], y, z, l, l1, w, b, x, odd, r, c, n, ld)
	case Sigmoid:
		if p.Shift == 0 {
			return kLayerSigmoid0(&q[0], y, z, l, l1, w, b, x, odd, r, c, n, ld)
		}
		return kLayerSigmoid(&q[0], y, z, l, l1, w, b, x, odd, r, c, n, ld)
	case Softplus:
		return kLayerSoftplus(&q[0], y, z, l, l1, w, b, x, odd, r, c, n, ld)
	case Tanh:
		return kLayerTanh(&q[0], y, z, l, l1, w, b, x, odd, r, c, n, ld)
	case Squash:
		return kLayerSquash(&q[0], y, z, l, l1, w, b, x, odd, r, c, n, ld)
	case SiLU:
		return kLayerSiLU(&q[0], y, z, l, l1, w, b, x, odd, r, c, n, ld)
	case GELU:
		return kLayerGELU(&q[0], y, z, l, l1, w, b, x, odd, r, c, n, ld)
	case RMS:
		return kLayerRMS(&q[0], y, z, l, l1, w, b, x, odd, r, c, n, ld)
	case Arctan:
		return kLayerArctan(&q[0], y, z, l, l1, w, b, x, odd, r, c, n, ld)
	case Unit:
		return kLayerUnit(&q[0], y, z, l, l1, w, b, x, odd, r, c, n, ld)
	case Square:
		return kLayerSquare(&q[0], y, z, l, l1, w, b, x, odd, r, c, n, ld)
	}
	return false
}

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
