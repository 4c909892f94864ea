package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// transpose writes the transposition in tiles of 4×4 (float64) or 8×8 (float32). The shuffles of AVX suffice:
// stores are the bound, so both sets of kernels share it.
func transpose(i isa) {
	if i.avx512 {
		return
	}
	const ld, ld3, ldd, ldd3 = 0, 1, 2, 3
	r := []reg.Register{reg.RSI, reg.RDI, reg.R8, reg.R9}
	src, dst, left, cols := reg.RAX, reg.RBX, reg.RCX, reg.RDX
	atA, atD := reg.R10, reg.R11
	l := i.lanes()
	TEXT(i.name("transpose"), 4 /* NOSPLIT */, fmt.Sprintf("func(r, c int, a *%[1]s, lda int, dst *%[1]s, ldd int)", i.goType()))
	Pragma("noescape")
	Doc(fmt.Sprintf("%s stores the transpose of a; r and c are positive multiples of %d.", i.name("transpose"), l))
	for _, p := range []struct {
		name   string
		ld, l3 int
	}{{"lda", ld, ld3}, {"ldd", ldd, ldd3}} {
		MOVQ(arg(p.name), r[p.ld])
		SHLQ(U8(i.shift()), r[p.ld])
		LEAQ(Mem{Base: r[p.ld], Index: r[p.ld], Scale: 2}, r[p.l3])
	}
	MOVQ(arg("a"), atA)
	MOVQ(arg("dst"), atD)
	MOVQ(arg("c"), cols)
	// A strip of columns of a is a strip of rows of dst, which are written in order.
	Label("strip")
	MOVQ(atA, src)
	MOVQ(atD, dst)
	MOVQ(arg("r"), left)
	Label("tile")
	for row := range l {
		if row == 4 {
			LEAQ(Mem{Base: src, Index: r[ld], Scale: 4}, src)
		}
		i.load(rowAt(src, r[ld], r[ld3], row%4), ymm[row], false)
	}
	LEAQ(Mem{Base: src, Index: r[ld], Scale: 4}, src)
	out := pick(i.double, shuffle4, shuffle8)()
	MOVQ(dst, reg.R12)
	for row := range l {
		if row == 4 {
			LEAQ(Mem{Base: dst, Index: r[ldd], Scale: 4}, reg.R12)
		}
		i.store(out[row], rowAt(reg.R12, r[ldd], r[ldd3], row%4), false)
	}
	ADDQ(U8(i.width()), dst)
	SUBQ(U8(l), left)
	JNZ(LabelRef("tile"))
	ADDQ(U8(i.width()), atA)
	LEAQ(Mem{Base: atD, Index: r[ldd], Scale: uint8(min(l, 8))}, atD)
	SUBQ(U8(l), cols)
	JNZ(LabelRef("strip"))
	VZEROUPPER()
	RET()
}

// shuffle4 transposes the 4×4 block in registers 0–3.
func shuffle4() []Op {
	for h := range 2 {
		VUNPCKLPD(ymm[2*h+1], ymm[2*h], ymm[4+2*h])
		VUNPCKHPD(ymm[2*h+1], ymm[2*h], ymm[5+2*h])
	}
	for h := range 2 {
		VPERM2F128(U8(0x20), ymm[6+h], ymm[4+h], ymm[h])
		VPERM2F128(U8(0x31), ymm[6+h], ymm[4+h], ymm[2+h])
	}
	return []Op{ymm[0], ymm[1], ymm[2], ymm[3]}
}

// shuffle8 transposes the 8×8 block in registers 0–7: pairs of numbers, pairs of pairs, halves.
func shuffle8() []Op {
	for h := range 4 {
		VUNPCKLPS(ymm[2*h+1], ymm[2*h], ymm[8+2*h])
		VUNPCKHPS(ymm[2*h+1], ymm[2*h], ymm[9+2*h])
	}
	for h := range 2 {
		for e := range 2 {
			VUNPCKLPD(ymm[10+4*h+e], ymm[8+4*h+e], ymm[4*h+2*e])
			VUNPCKHPD(ymm[10+4*h+e], ymm[8+4*h+e], ymm[4*h+2*e+1])
		}
	}
	var out []Op
	for h := range 4 {
		VPERM2F128(U8(0x20), ymm[4+h], ymm[h], ymm[8+h])
		out = append(out, ymm[8+h])
	}
	for h := range 4 {
		VPERM2F128(U8(0x31), ymm[4+h], ymm[h], ymm[12+h])
		out = append(out, ymm[12+h])
	}
	return out
}
