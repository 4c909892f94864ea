package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// convert writes the conversion to the precision of i: float64 is widened to, float32 is narrowed to. Each
// step converts four vectors of float64.
func convert(i isa) {
	const steps = 4
	src, dst := pick(i.double, "float32", "float64"), i.goType()
	TEXT(i.name("convert"), 4 /* NOSPLIT */, "func(n int, src *"+src+", dst *"+dst+")")
	Pragma("noescape")
	Doc(i.name("convert") + " converts n numbers; n is a multiple of " + pick(i.avx512, "32", "16") + ".")
	wide := pick(i.avx512, 64, 32)
	from, to := pick(i.double, wide/2, wide), pick(i.double, wide, wide/2)
	n := reg.RCX
	MOVQ(arg("n"), n)
	MOVQ(arg("src"), reg.RSI)
	MOVQ(arg("dst"), reg.RDI)
	Label("step")
	SUBQ(U8(steps*wide/8), n)
	JLT(LabelRef("done"))
	for s := range steps {
		m := Mem{Base: reg.RSI, Disp: s * from}
		w, h := i.vec(s), pick[Op](i.avx512, ymm[s], xmm[s])
		switch {
		case i.double:
			VCVTPS2PD(m, w)
		case i.avx512:
			VCVTPD2PS(m, h)
		default:
			VCVTPD2PSY(m, h)
		}
	}
	for s := range steps {
		m := Mem{Base: reg.RDI, Disp: s * to}
		switch {
		case i.double:
			VMOVUPD(i.vec(s), m)
		default:
			VMOVUPS(pick[Op](i.avx512, ymm[s], xmm[s]), m)
		}
	}
	ADDQ(U32(steps*from), reg.RSI)
	ADDQ(U32(steps*to), reg.RDI)
	JMP(LabelRef("step"))
	Label("done")
	VZEROUPPER()
	RET()
}
