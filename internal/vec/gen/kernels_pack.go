package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// tile is the side of the square that transpose turns in registers of 32 bytes.
func (m *machine) tile() int { return 32 / m.size() }

// transpose stores xᵀ in y, where x is rows×cols, both positive multiples of tile.
func (m *machine) transpose() {
	y, x, rows := m.ptr("y"), m.ptr("x"), m.ptr("rows")
	ldy, ldx := m.bytes("ldy"), m.bytes("ldx")
	k := m.tile()
	top := m.label("tiles")
	m.Label(top)
	p, q, left := m.GP64(), m.GP64(), m.ptr("cols")
	m.MOVQ(x, p)
	m.MOVQ(y, q)
	m.loop(left, k, func() {
		m.turn(q, p, ldy, ldx)
		m.ADDQ(operand.I32(32), p)
		for range k {
			m.ADDQ(ldy, q)
		}
		m.SUBQ(operand.I32(int32(k)), left)
	})
	for range k {
		m.ADDQ(ldx, x)
	}
	m.ADDQ(operand.I32(32), y)
	m.SUBQ(operand.I32(int32(k)), rows)
	m.JNE(operand.LabelRef(top))
}

// turn stores the transpose of the tile at x in y.
func (m *machine) turn(y, x, ldy, ldx reg.GPVirtual) {
	k := m.tile()
	r := make([]vector, k)
	p := m.GP64()
	m.MOVQ(x, p)
	for i := range r {
		r[i] = m.YMM()
		m.VMOVUPD(operand.Mem{Base: p}, r[i])
		m.ADDQ(ldx, p)
	}
	if m.single { // pairs of numbers, which then are turned like doubles
		r = m.pairs("VUNPCKLPS", "VUNPCKHPS", r)
		// r[0], r[1] hold columns 0 1|4 5 and 2 3|6 7 of rows 0 and 1, and so on.
		r = []vector{r[0], r[2], r[4], r[6], r[1], r[3], r[5], r[7]}
	}
	r = m.pairs("VUNPCKLPD", "VUNPCKHPD", r)
	if m.single { // columns c and c+4 of rows 0…3 and of rows 4…7
		r = []vector{r[0], r[1], r[4], r[5], r[2], r[3], r[6], r[7]}
	}
	h := k / 2
	m.MOVQ(y, p)
	for _, half := range []uint8{0x20, 0x31} {
		for c := range h {
			v := m.YMM()
			m.VPERM2F128(operand.U8(half), r[c+h], r[c], v)
			m.VMOVUPD(v, operand.Mem{Base: p})
			m.ADDQ(ldy, p)
		}
	}
}

// pairs interleaves the registers two by two: the lower halves, and the upper ones.
func (m *machine) pairs(low, high string, r []vector) []vector {
	out := make([]vector, len(r))
	for i := 0; i < len(r); i += 2 {
		out[i], out[i+1] = m.YMM(), m.YMM()
		m.emit(low, r[i+1], r[i], out[i])
		m.emit(high, r[i+1], r[i], out[i+1])
	}
	return out
}
