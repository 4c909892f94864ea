package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// layer is radial of z = b + w·x, which it stores on the way. z and y may be one block: y is stored last. Elsewhere than in
// double precision of AVX-512, where it weaves, it gains nothing on a product and radial.
func (m *machine) layer(f profile, width int) {
	y, z, l, l1, x := m.ptr("y"), m.ptr("z"), m.ptr("l"), m.ptr("l1"), m.ptr("x")
	n, ld := m.bytes("n"), m.bytes("ld")
	u, small, body := m.radialSteps(width)
	m.woven(operands{y: y, x: z, l: l, l1: l1, ld: ld}, x, n, f, u, width)
	m.columns(n, small, small, []reg.GPVirtual{y, z, l, l1, x}, func(u int) {
		s := m.affine(z, x, ld, 0, u, true)
		body(operands{m.ptr("q"), y, l, l1, z, ld}, s, f, width)
	})
}

// woven does u vectors at a time, and the products of the next ones while square roots for these are under way: neither
// waits then for the other. The sums of squares wait in l.
func (m *machine) woven(b operands, x, n reg.GPVirtual, f profile, u, width int) {
	step := u * m.width()
	product := func(from int) {
		for i, s := range m.affine(b.x, x, b.ld, from, u, true) {
			m.store(s, m.mem(b.l, from+i))
		}
	}
	top, out := m.label("loop"), m.label("done")
	m.CMPQ(n, operand.I32(int32(step)))
	m.JLT(operand.LabelRef(out))
	product(0)
	m.Label(top)
	b.q = m.ptr("q")
	m.weave = func() {
		last := m.label("last")
		m.CMPQ(n, operand.I32(int32(2*step)))
		m.JLT(operand.LabelRef(last))
		product(u)
		m.Label(last)
	}
	m.inRegisters(b, m.loads(b.l, u), f, width)
	for _, p := range []reg.GPVirtual{b.y, b.x, b.l, b.l1, x} {
		m.ADDQ(operand.I32(int32(step)), p)
	}
	m.SUBQ(operand.I32(int32(step)), n)
	m.CMPQ(n, operand.I32(int32(step)))
	m.JGE(operand.LabelRef(top))
	m.Label(out)
}

// affineOnly stores z = b + w·x.
func (m *machine) affineOnly() {
	z, x, n, ld := m.ptr("z"), m.ptr("x"), m.bytes("n"), m.bytes("ld")
	m.columns(n, 4, min(4, m.group()), []reg.GPVirtual{z, x}, func(u int) { m.affine(z, x, ld, 0, u, false) })
}

// affine stores u vectors, from one on, of the rows of b + w·x in z, and if squared, which is for double precision, returns
// the sums of their squares as squares does. Each number is b_i + w_i0 x_0 + w_i1 x_1 + …, in this order, each step rounded once.
func (m *machine) affine(z, x, ld reg.GPVirtual, from, u int, squared bool) (s []vector) {
	if squared {
		s = m.zeros(u)
	}
	w, b, rows, c := m.ptr("w"), m.ptr("b"), m.ptr("d"), m.bytes("c")
	at := m.GP64()
	m.MOVQ(z, at)
	tile := 2 // rows at a time, for half the loads of x
	if !m.z && 2*u+len(s)+3 > 16 {
		tile = 1
	}
	for ; tile > 0; tile-- {
		m.loop(rows, tile, func() {
			m.affineRows(at, x, w, b, c, ld, s, tile, from, u)
			m.SUBQ(operand.I32(int32(tile)), rows)
		})
	}
	return s
}

// affineRows is affine for tile rows; it moves at, w and b on.
func (m *machine) affineRows(at, x, w, b, c, ld reg.GPVirtual, s []vector, tile, from, u int) {
	acc := make([][]vector, tile)
	for i := range acc {
		acc[i] = make([]vector, u)
		acc[i][0] = m.all(operand.Mem{Base: b, Disp: i * m.size()})
		for v := 1; v < u; v++ {
			acc[i][v] = m.copy(acc[i][0])
		}
	}
	m.ADDQ(operand.I32(int32(tile*m.size())), b)
	q, left := m.GP64(), m.ptr("c")
	m.MOVQ(x, q)
	m.each(left, func() {
		f := make([]vector, tile)
		for i := range f {
			at := operand.Mem{Base: w}
			if i == 1 {
				at.Index, at.Scale = c, 1
			}
			f[i] = m.all(at)
		}
		for v := range u {
			if tile == 1 {
				m.fma(acc[0][v], f[0], m.mem(q, from+v))
				continue
			}
			t := m.load(m.mem(q, from+v))
			for i := range tile {
				m.fma(acc[i][v], f[i], t)
			}
		}
		m.ADDQ(operand.I32(int32(m.size())), w)
		m.ADDQ(ld, q)
	})
	if tile == 2 {
		m.ADDQ(c, w)
	}
	for i := range acc {
		for v, t := range acc[i] {
			m.store(t, m.mem(at, from+v))
		}
		m.ADDQ(ld, at)
		for v, t := range acc[i] {
			if s != nil {
				m.fma(s[v], t, t)
			}
		}
	}
}
