package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The registers of gemm. A row of A is at pa[row/4] + (row%4)·ars.
var (
	pa   = []reg.Register{reg.RAX, reg.RBX, reg.RDX}
	ars  = reg.RSI
	ars3 = reg.RDI
	acs  = reg.R8
	pb   = reg.R9
	ldb  = reg.R10
	pc   = reg.R11
	ldc  = reg.R12
	rows = reg.R13 // that are left in this panel
	at   = reg.R14 // the first row of A of this tile
	left = reg.RCX // steps of k
)

// tiling says how a panel of columns is cut into tiles of rows.
type tiling struct {
	main int // rows of a tile
	last int // most rows of the last tile
	thin int // up to so many rows, a panel is wide vectors wide
	wide int
}

func (i isa) tiling() tiling {
	if i.avx512 {
		return tiling{main: 8, last: 12, thin: 4, wide: 4}
	}
	return tiling{main: 6, last: 6, thin: 2, wide: 4}
}

// gemm writes the function that computes a whole product: panels of columns of B, one or
// more vectors wide, and in each of them tiles of rows of A, whose sums are in registers
// for the whole length of k.
func gemm(i isa) {
	t := i.tiling()
	TEXT(i.name("gemm"), 4 /* NOSPLIT */, fmt.Sprintf("func(m, n, k int, a *%[1]s, ars, acs int, b *%[1]s, ldb int, c *%[1]s, ldc int, acc bool, bias *%[1]s)", i.goType()))
	Pragma("noescape")
	Doc(i.name("gemm") + " computes C = A·B, C += A·B where acc, or C = bias·1ᵀ + A·B where bias is not nil, for m, n, k > 0.")
	g := newGenerator(i)
	for _, p := range []struct {
		name string
		r    reg.Register
	}{{"ars", ars}, {"acs", acs}, {"ldb", ldb}, {"ldc", ldc}} {
		MOVQ(arg(p.name), p.r)
		SHLQ(U8(i.shift()), p.r)
	}
	LEAQ(Mem{Base: ars, Index: ars, Scale: 2}, ars3)
	MOVQ(arg("b"), pb)
	MOVQ(pb, g.b)
	MOVQ(arg("c"), pc)
	MOVQ(pc, g.c)
	MOVQ(arg("n"), left)
	MOVQ(left, g.n)

	CMPQ(arg("m"), U8(t.thin))
	JG(LabelRef("two"))
	g.panels("thin", t.wide, t.thin, false, "two")
	g.panels("two", 2, t.last, false, "one")
	g.panels("one", 1, t.last, true, "done")
	Label("done")
	VZEROUPPER()
	RET()
}

func arg(name string) Mem {
	b, err := Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	return b.Addr
}

// generator writes gemm for one set of instructions. Its local variables are the corners of the panel in B and C,
// the columns that are left, and the bias of the next row.
type generator struct {
	isa
	b, c, n, bias Mem
}

func newGenerator(i isa) generator {
	local := AllocLocal(32)
	return generator{i, local.Offset(0), local.Offset(8), local.Offset(16), local.Offset(24)}
}

// panels does all panels of v vectors that fit, or with a mask all that is left, and goes on to next.
func (g generator) panels(name string, v, most int, masked bool, next string) {
	cols := v * g.lanes()
	Label(name)
	MOVQ(g.n, reg.RCX)
	if masked {
		TESTQ(reg.RCX, reg.RCX)
		JLE(LabelRef(next))
		MOVQ(U32(cols), reg.RAX)
		CMPQ(reg.RCX, reg.RAX)
		CMOVQGT(reg.RAX, reg.RCX)
		g.mask()
	} else {
		CMPQ(reg.RCX, U32(cols))
		JLT(LabelRef(next))
	}
	MOVQ(arg("m"), rows)
	MOVQ(arg("a"), at)
	MOVQ(g.c, pc)
	MOVQ(arg("bias"), pb)
	MOVQ(pb, g.bias)
	t := g.tiling()
	Label(name + "_rows")
	if most > t.thin {
		CMPQ(rows, U8(t.last))
		JG(LabelRef(fmt.Sprintf("%s_%d", name, t.main)))
	}
	g.choose(name, 1, most)
	for r := 1; r <= most; r++ {
		Label(fmt.Sprintf("%s_%d", name, r))
		g.tile(fmt.Sprintf("%s_%d", name, r), r, v, masked)
		if r == t.main && most > t.thin {
			skip(at, ars, r)
			SUBQ(U8(r), rows)
			JNZ(LabelRef(name + "_rows"))
		}
		if r < most {
			JMP(LabelRef(name + "_next"))
		}
	}
	Label(name + "_next")
	ADDQ(U32(cols*g.size()), g.b)
	ADDQ(U32(cols*g.size()), g.c)
	SUBQ(U32(cols), g.n)
	JMP(LabelRef(name))
}

// skip moves p on by r rows, 6 or 8, at distance ld.
func skip(p, ld reg.Register, r int) {
	if r == 8 {
		LEAQ(Mem{Base: p, Index: ld, Scale: 8}, p)
		return
	}
	LEAQ(Mem{Base: p, Index: ld, Scale: 4}, p)
	LEAQ(Mem{Base: p, Index: ld, Scale: 2}, p)
}

// choose jumps to the tile of rows rows, which is between lo and hi.
func (g generator) choose(name string, lo, hi int) {
	if lo == hi {
		JMP(LabelRef(fmt.Sprintf("%s_%d", name, lo)))
		return
	}
	mid := (lo + hi + 1) / 2
	CMPQ(rows, U8(mid))
	if hi == mid {
		JGE(LabelRef(fmt.Sprintf("%s_%d", name, mid)))
		g.choose(name, lo, mid-1)
		return
	}
	upper := fmt.Sprintf("%s_from%d", name, mid)
	JGE(LabelRef(upper))
	g.choose(name, lo, mid-1)
	Label(upper)
	g.choose(name, mid, hi)
}

// tile writes the product of r rows with a panel of v vectors. It leaves pc at the next row.
func (g generator) tile(name string, r, v int, masked bool) {
	sum := func(row, col int) Op { return g.vec(row*v + col) }
	b := func(col int) Op { return g.vec(r*v + col) }
	// Registers for an element of A, in turn.
	spare := 32
	if !g.avx512 {
		spare = pick(masked, 15, 16)
	}
	spare -= r*v + v
	elem := func(row int) Op { return g.vec(r*v + v + row%spare) }

	MOVQ(at, pa[0])
	for q := 1; q*4 < r; q++ {
		LEAQ(Mem{Base: pa[q-1], Index: ars, Scale: 4}, pa[q])
	}
	CMPB(arg("acc"), U8(0))
	JNE(LabelRef(name + "_add"))
	MOVQ(g.bias, pb)
	TESTQ(pb, pb)
	JNE(LabelRef(name + "_bias"))
	for j := range r * v {
		g.zero(g.vec(j))
	}
	JMP(LabelRef(name + "_start"))
	Label(name + "_bias")
	for row := range r {
		for col := range v {
			g.broadcast(Mem{Base: pb, Disp: row * g.size()}, sum(row, col))
		}
	}
	ADDQ(U8(r*g.size()), g.bias)
	JMP(LabelRef(name + "_start"))
	Label(name + "_add")
	MOVQ(pc, pb)
	for row := range r {
		for col := range v {
			g.load(Mem{Base: pb, Disp: col * g.width()}, sum(row, col), masked)
		}
		if row < r-1 {
			ADDQ(ldc, pb)
		}
	}
	Label(name + "_start")
	if r == g.tiling().main {
		// Where the next tile stores: its lines come while this one is computed.
		MOVQ(pc, pb)
		skip(pb, ldc, r)
		for row := range r {
			for col := range v {
				PREFETCHT0(Mem{Base: pb, Disp: col * g.width()})
			}
			if row < r-1 {
				ADDQ(ldc, pb)
			}
		}
	}
	MOVQ(g.b, pb)
	MOVQ(arg("k"), left)
	Label(name + "_step")
	if r >= 5 && !masked {
		// B eight steps ahead: its rows are far apart, and no prefetcher of a processor follows them.
		for col := range v {
			PREFETCHT0(Mem{Base: pb, Index: ldb, Scale: 8, Disp: col * g.width()})
		}
	}
	for col := range v {
		g.load(Mem{Base: pb, Disp: col * g.width()}, b(col), masked)
	}
	for row := range r {
		m := Mem{Base: pa[row/4]}
		switch row % 4 {
		case 1, 2:
			m.Index, m.Scale = ars, uint8(row%4)
		case 3:
			m.Index, m.Scale = ars3, 1
		}
		g.broadcast(m, elem(row))
		for col := range v {
			g.fma(elem(row), b(col), sum(row, col))
		}
	}
	for q := 0; q*4 < r; q++ {
		ADDQ(acs, pa[q])
	}
	ADDQ(ldb, pb)
	DECQ(left)
	JNZ(LabelRef(name + "_step"))
	for row := range r {
		for col := range v {
			g.store(sum(row, col), Mem{Base: pc, Disp: col * g.width()}, masked)
		}
		ADDQ(ldc, pc)
	}
}
