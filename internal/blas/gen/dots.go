package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The registers of dots. R15 stays free: it belongs to the linker in a plugin. The rows that are left are counted in
// the argument m.
var (
	da    = reg.RAX // the place in row 0 of A
	db    = reg.RBX // and of B
	lda   = reg.RSI
	lda3  = reg.RDI
	dldb  = reg.R8
	ldb3  = reg.R9
	count = reg.RCX // terms that are left
	atB   = reg.R10 // the first row of B of this tile
	cols  = reg.R13 // columns of C that are left
)

// quad is the number of columns of a tile: four accumulators are reduced together.
const quad = 4

func (i isa) dotRows() int { return pick(i.avx512, 4, 2) }

// dots writes the function that computes all products of rows. A tile is up to 4×4 (AVX2: 2×4) vectors
// of partial sums, reduced at the end.
func dots(i isa) {
	TEXT(i.name("dots"), 4 /* NOSPLIT */, fmt.Sprintf("func(m, n, k int, a *%[1]s, lda int, b *%[1]s, ldb int, c *%[1]s, ldc int, acc bool)", i.goType()))
	Pragma("noescape")
	Doc(i.name("dots") + " computes C = A·Bᵀ, or C += A·Bᵀ where acc, for m, n, k > 0.")
	for _, p := range []struct {
		name string
		r    reg.Register
	}{{"lda", lda}, {"ldb", dldb}, {"ldc", ldc}} {
		MOVQ(arg(p.name), p.r)
		SHLQ(U8(i.shift()), p.r)
	}
	LEAQ(Mem{Base: lda, Index: lda, Scale: 2}, lda3)
	LEAQ(Mem{Base: dldb, Index: dldb, Scale: 2}, ldb3)
	MOVQ(arg("a"), at)
	full := i.dotRows()

	Label("row")
	MOVQ(arg("b"), atB)
	MOVQ(arg("c"), pc)
	MOVQ(arg("n"), cols)
	for r := full; r > 1; r-- {
		CMPQ(arg("m"), U8(r))
		JGE(LabelRef(fmt.Sprintf("row%d", r)))
	}
	for r := 1; r <= full; r++ {
		Label(fmt.Sprintf("row%d", r))
		for c := quad; c > 1; c-- {
			CMPQ(cols, U8(c))
			JGE(LabelRef(fmt.Sprintf("tile%d%d", r, c)))
		}
		for c := 1; c <= quad; c++ {
			name := fmt.Sprintf("tile%d%d", r, c)
			Label(name)
			i.dotTile(name, r, c)
			if c < quad {
				JMP(LabelRef(fmt.Sprintf("next%d", r)))
				continue
			}
			LEAQ(Mem{Base: atB, Index: dldb, Scale: 4}, atB)
			ADDQ(U8(quad*i.size()), pc)
			SUBQ(U8(quad), cols)
			JNZ(LabelRef(fmt.Sprintf("row%d", r)))
		}
		Label(fmt.Sprintf("next%d", r))
		if r < full {
			JMP(LabelRef("done"))
		}
	}
	MOVQ(arg("c"), pc)
	LEAQ(Mem{Base: pc, Index: ldc, Scale: uint8(full)}, pc)
	MOVQ(pc, arg("c"))
	LEAQ(Mem{Base: at, Index: lda, Scale: uint8(full)}, at)
	SUBQ(U8(full), arg("m"))
	JNZ(LabelRef("row"))
	Label("done")
	VZEROUPPER()
	RET()
}

// rowAt is the address of row j of four at distance ld.
func rowAt(base, ld, ld3 reg.Register, j int) Mem {
	switch j {
	case 0:
		return Mem{Base: base}
	case 3:
		return Mem{Base: base, Index: ld3, Scale: 1}
	}
	return Mem{Base: base, Index: ld, Scale: uint8(j)}
}

func (i isa) dotTile(name string, r, c int) {
	sum := func(row, col int) int { return row*quad + col }
	free := i.dotRows() * quad
	a := func(row int) Op { return i.vec(free + row) }
	b := func(col int) Op { return i.vec(free + i.dotRows() + col) }
	for row := range r {
		for col := range c {
			i.zero(i.vec(sum(row, col)))
		}
	}
	step := func(masked bool) {
		for row := range r {
			i.load(rowAt(da, lda, lda3, row), a(row), masked)
		}
		for col := range c {
			i.load(rowAt(db, dldb, ldb3, col), b(col), masked)
			for row := range r {
				i.fma(a(row), b(col), i.vec(sum(row, col)))
			}
		}
	}
	MOVQ(at, da)
	MOVQ(atB, db)
	MOVQ(arg("k"), count)
	SUBQ(U8(i.lanes()), count)
	JLT(LabelRef(name + "_tail"))
	Label(name + "_step")
	step(false)
	ADDQ(U8(i.width()), da)
	ADDQ(U8(i.width()), db)
	SUBQ(U8(i.lanes()), count)
	JGE(LabelRef(name + "_step"))
	Label(name + "_tail")
	ADDQ(U8(i.lanes()), count)
	JZ(LabelRef(name + "_sum"))
	MOVQ(da, reg.RDX)
	i.mask()
	MOVQ(reg.RDX, da)
	step(true)
	Label(name + "_sum")
	for row := range r {
		i.reduce(sum(row, 0), c)
	}
	CMPB(arg("acc"), U8(0))
	JEQ(LabelRef(name + "_store"))
	MOVQ(pc, da)
	for row := range r {
		i.addPart(da, c, sum(row, 0))
		if row < r-1 {
			ADDQ(ldc, da)
		}
	}
	Label(name + "_store")
	MOVQ(pc, da)
	for row := range r {
		i.storePart(da, c, sum(row, 0))
		if row < r-1 {
			ADDQ(ldc, da)
		}
	}
}

// reduce adds up the lanes of registers s, s+1, … of c columns and leaves the sums in the first
// lanes of s: upper half to lower half, then neighbours, the same tree whatever c is.
func (i isa) reduce(s, c int) {
	if i.avx512 {
		const spare = 16
		for col := range c {
			VEXTRACTF64X4(U8(1), zmm[s+col], ymm[spare])
			i.add(ymm[spare], ymm[s+col], ymm[s+col])
		}
	}
	// A missing column takes part as a copy of another; its sum is not stored.
	at := func(col, instead int) Op { return ymm[s+pick(col < c, col, instead)] }
	hadd := pick(i.double, VHADDPD, VHADDPS)
	if c > 2 {
		hadd(at(3, 2), ymm[s+2], ymm[s+2])
	}
	hadd(at(1, 0), ymm[s], ymm[s])
	switch {
	case i.double && c > 2:
		VPERM2F128(U8(0x21), ymm[s+2], ymm[s], ymm[s+1])
		VBLENDPD(U8(0xc), ymm[s+2], ymm[s], ymm[s])
		VADDPD(ymm[s+1], ymm[s], ymm[s])
		return
	case !i.double:
		hadd(at(2, 0), ymm[s], ymm[s])
	}
	VEXTRACTF128(U8(1), ymm[s], xmm[s+1])
	i.add(xmm[s+1], xmm[s], xmm[s])
}

// addPart adds c numbers of memory to the first lanes of register s. Registers s+1 and s+2 are lost.
func (i isa) addPart(base reg.Register, c, s int) {
	m := Mem{Base: base}
	third := Mem{Base: base, Disp: 2 * i.size()}
	x, t := xmm[s+1], xmm[s+2]
	switch {
	case i.double && c == 1, !i.double && c == 2:
		VMOVSD(m, x)
	case i.double && c == 2, !i.double && c == 4:
		VMOVUPD(m, x)
	case i.double && c == 3:
		VMOVUPD(m, x)
		VMOVSD(third, t)
		VINSERTF128(U8(1), t, ymm[s+1], ymm[s+1])
	case i.double:
		VMOVUPD(m, ymm[s+1])
	case c == 1:
		VMOVSS(m, x)
	default:
		VMOVSD(m, x)
		VINSERTPS(U8(0x20), third, x, x)
	}
	i.add(ymm[s+1], ymm[s], ymm[s])
}

// storePart stores the first c lanes of register s. Register s+1 is lost.
func (i isa) storePart(base reg.Register, c, s int) {
	m := Mem{Base: base}
	third := Mem{Base: base, Disp: 2 * i.size()}
	x := xmm[s]
	switch {
	case i.double && c == 1, !i.double && c == 2:
		VMOVSD(x, m)
	case i.double && c == 2, !i.double && c == 4:
		VMOVUPD(x, m)
	case i.double && c == 3:
		VMOVUPD(x, m)
		VEXTRACTF128(U8(1), ymm[s], xmm[s+1])
		VMOVSD(xmm[s+1], third)
	case i.double:
		VMOVUPD(ymm[s], m)
	case c == 1:
		VMOVSS(x, m)
	default:
		VMOVSD(x, m)
		VEXTRACTPS(U8(2), x, third)
	}
}
