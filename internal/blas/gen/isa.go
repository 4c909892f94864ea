package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// isa is a set of vector instructions in one precision.
type isa struct {
	avx512 bool
	double bool
}

var isas = []isa{{true, true}, {true, false}, {false, true}, {false, false}}

// size is the bytes of an element, width those of a vector, lanes the elements of a vector.
func (i isa) size() int     { return pick(i.double, 8, 4) }
func (i isa) width() int    { return pick(i.avx512, 64, 32) }
func (i isa) lanes() int    { return i.width() / i.size() }
func (i isa) shift() uint64 { return uint64(pick(i.double, 3, 2)) }

func (i isa) goType() string { return pick(i.double, "float64", "float32") }

// name is that of a function for this set.
func (i isa) name(f string) string {
	return f + pick(i.double, "F64", "F32") + pick(i.avx512, "AVX512", "AVX2")
}

// vec is vector register n.
func (i isa) vec(n int) reg.VecPhysical {
	if i.avx512 {
		return zmm[n]
	}
	return ymm[n]
}

func pick[T any](yes bool, a, b T) T {
	if yes {
		return a
	}
	return b
}

var (
	zmm = []reg.VecPhysical{reg.Z0, reg.Z1, reg.Z2, reg.Z3, reg.Z4, reg.Z5, reg.Z6, reg.Z7, reg.Z8, reg.Z9, reg.Z10, reg.Z11, reg.Z12, reg.Z13, reg.Z14, reg.Z15,
		reg.Z16, reg.Z17, reg.Z18, reg.Z19, reg.Z20, reg.Z21, reg.Z22, reg.Z23, reg.Z24, reg.Z25, reg.Z26, reg.Z27, reg.Z28, reg.Z29, reg.Z30, reg.Z31}
	ymm = []reg.VecPhysical{reg.Y0, reg.Y1, reg.Y2, reg.Y3, reg.Y4, reg.Y5, reg.Y6, reg.Y7, reg.Y8, reg.Y9, reg.Y10, reg.Y11, reg.Y12, reg.Y13, reg.Y14, reg.Y15,
		reg.Y16, reg.Y17, reg.Y18, reg.Y19, reg.Y20, reg.Y21, reg.Y22, reg.Y23, reg.Y24, reg.Y25, reg.Y26, reg.Y27, reg.Y28, reg.Y29, reg.Y30, reg.Y31}
	xmm = []reg.VecPhysical{reg.X0, reg.X1, reg.X2, reg.X3, reg.X4, reg.X5, reg.X6, reg.X7, reg.X8, reg.X9, reg.X10, reg.X11, reg.X12, reg.X13, reg.X14, reg.X15}
)

// The mask of a tail: k1 in AVX-512, register 15 in AVX2.
var (
	k1     = reg.K1
	tailAt = 15
)

func (i isa) zero(v Op) {
	switch {
	case i.avx512:
		VPXORD(v, v, v)
	default:
		VXORPS(v, v, v)
	}
}

func (i isa) broadcast(m Mem, v Op) {
	if i.double {
		VBROADCASTSD(m, v)
	} else {
		VBROADCASTSS(m, v)
	}
}

// fma adds a·b to s.
func (i isa) fma(a, b, s Op) {
	if i.double {
		VFMADD231PD(a, b, s)
	} else {
		VFMADD231PS(a, b, s)
	}
}

func (i isa) add(a, b, s Op) {
	if i.double {
		VADDPD(a, b, s)
	} else {
		VADDPS(a, b, s)
	}
}

// load reads a vector, or under the mask, where the rest is zero.
func (i isa) load(m Mem, v Op, masked bool) {
	switch {
	case !masked:
		pick(i.double, func() { VMOVUPD(m, v) }, func() { VMOVUPS(m, v) })()
	case i.avx512:
		pick(i.double, func() { VMOVUPD_Z(m, k1, v) }, func() { VMOVUPS_Z(m, k1, v) })()
	default:
		mask := i.vec(tailAt)
		pick(i.double, func() { VMASKMOVPD(m, mask, v) }, func() { VMASKMOVPS(m, mask, v) })()
	}
}

func (i isa) store(v Op, m Mem, masked bool) {
	switch {
	case !masked:
		pick(i.double, func() { VMOVUPD(v, m) }, func() { VMOVUPS(v, m) })()
	case i.avx512:
		pick(i.double, func() { VMOVUPD(v, k1, m) }, func() { VMOVUPS(v, k1, m) })()
	default:
		mask := i.vec(tailAt)
		pick(i.double, func() { VMASKMOVPD(v, mask, m) }, func() { VMASKMOVPS(v, mask, m) })()
	}
}

// mask sets the mask to the first n lanes, n in CX; CX and AX are lost.
func (i isa) mask() {
	if i.avx512 {
		MOVL(U32(1), reg.EAX)
		SHLL(reg.CL, reg.EAX)
		DECL(reg.EAX)
		KMOVW(reg.EAX, k1)
		return
	}
	NEGQ(reg.RCX)
	LEAQ(i.table(), reg.RAX)
	i.load(Mem{Base: reg.RAX, Index: reg.RCX, Scale: uint8(i.size()), Disp: i.width()}, i.vec(tailAt), false)
}

var tables = map[string]Mem{}

// table is a vector of ones before a vector of zeros.
func (i isa) table() Mem {
	name := fmt.Sprintf("tail%d", i.width())
	if t, ok := tables[name]; ok {
		return t
	}
	t := GLOBL(name, 8|16) // RODATA, NOPTR
	for j := range i.width() / 4 {
		DATA(j*4, U32(0xffffffff))
	}
	for j := range i.width() / 4 {
		DATA(j*4+i.width(), U32(0))
	}
	tables[name] = t
	return t
}
