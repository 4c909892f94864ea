package main

import (
	"fmt"
	"slices"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// gradTile reports whether all sums of products of i rows of e and k rows of x have registers, beside those of the rows of e.
func (m *machine) gradTile(i, k int) bool {
	if m.z {
		return i <= 4 && i*k+2*i+1 <= 32
	}
	return i <= 2 && k <= 4
}

// layerGrad stores the sums over the lanes of e_i x_k at gw, rows of which are stride apart, and those of e_i at gb: there
// is a loop for each size d×c of a tile.
func (m *machine) layerGrad() {
	d, c := m.ptr("d"), m.ptr("c")
	done := m.label("grad")
	for i := 1; m.gradTile(i, 1); i++ {
		other := m.label(fmt.Sprintf("not%dx", i))
		m.CMPQ(d, operand.I32(int32(i)))
		m.JNE(operand.LabelRef(other))
		for k := 1; k <= narrowMax && m.gradTile(i, k); k++ {
			next := m.label(fmt.Sprintf("not%dx%dx", i, k))
			m.CMPQ(c, operand.I32(int32(k)))
			m.JNE(operand.LabelRef(next))
			m.gradSums(i, k)
			m.JMP(operand.LabelRef(done))
			m.Label(next)
		}
		m.Label(other)
	}
	m.Label(done)
}

func (m *machine) gradSums(rows, columns int) {
	e, x, n, ld := m.ptr("e"), m.ptr("x"), m.bytes("n"), m.bytes("ld")
	acc, sums := make([][]vector, rows), m.zeros(rows)
	for i := range acc {
		acc[i] = m.zeros(columns)
	}
	p, q := m.GP64(), m.GP64()
	m.columns(n, 1, 1, []reg.GPVirtual{e, x}, func(int) {
		m.MOVQ(e, p)
		m.MOVQ(x, q)
		t := make([]vector, rows)
		for i := range t {
			t[i] = m.load(m.mem(p, 0))
			m.f("VADD", t[i], sums[i], sums[i])
			if i+1 < rows {
				m.ADDQ(ld, p)
			}
		}
		for k := range columns {
			v := m.load(m.mem(q, 0))
			for i := range t {
				m.fma(acc[i][k], t[i], v)
			}
			if k+1 < columns {
				m.ADDQ(ld, q)
			}
		}
	})
	gw, gb, stride := m.ptr("gw"), m.ptr("gb"), m.bytes("stride")
	all := quarters(acc, sums)
	for each := m.lanes() / 4; len(all) > 0; all = all[min(each, len(all)):] {
		some := all[:min(each, len(all))]
		sum := m.tree(some)
		for k, q := range some {
			v := m.quarter(sum, k)
			if q.products > 0 {
				m.put(v, 0, q.products, operand.Mem{Base: gw, Disp: q.column * m.size()})
			}
			if q.sums > 0 {
				m.put(v, q.products, q.sums, operand.Mem{Base: gb, Disp: q.row * m.size()})
			}
			if q.column+q.products == columns { // the end of a row
				m.ADDQ(stride, gw)
			}
		}
	}
}

// quarter is what four numbers in a register are the sums of: first products of a row from a column on, then sums
// of rows from a row on.
type quarter struct {
	row, column, products, sums int
	v                           []vector
}

// quarters begins a new one with each row of acc. What follows the last products of a row is its sum, if there is room,
// else the sums come last.
func quarters(acc [][]vector, sums []vector) (all []quarter) {
	for i, a := range acc {
		for k := 0; k < len(a); k += 4 {
			q := quarter{row: i, column: k, products: min(4, len(a)-k)}
			q.v = slices.Clone(a[k : k+q.products])
			if q.products < 4 {
				q.v, q.sums = append(q.v, sums[i]), 1
			}
			all = append(all, q)
		}
	}
	if len(acc[0])%4 == 0 {
		all = append(all, quarter{sums: len(sums), v: sums})
	}
	return all
}

// tree returns, quarter by quarter, the sums of the lanes of each vector, all in one order.
func (m *machine) tree(quarters []quarter) vector {
	var s []vector
	for _, q := range quarters {
		for k := range 4 {
			s = append(s, q.v[min(k, len(q.v)-1)])
		}
	}
	level := func(lo, hi string, imm ...operand.Op) { // adds halves of a and of b, and puts the sums together
		var next []vector
		for i := 0; i < len(s); i += 2 {
			a, b := s[i], s[min(i+1, len(s)-1)]
			x, y := m.vec(), m.vec()
			if imm == nil {
				m.emit(lo, b, a, x)
				m.emit(hi, b, a, y)
			} else {
				m.emit(lo, imm[0], b, a, x)
				m.emit(hi, imm[1], b, a, y)
			}
			next = append(next, m.add(x, y))
		}
		s = next
	}
	if m.single {
		level("VUNPCKLPS", "VUNPCKHPS")
	}
	level("VUNPCKLPD", "VUNPCKHPD")
	if m.z {
		level("VSHUFF64X2", "VSHUFF64X2", operand.U8(0x88), operand.U8(0xdd))
		level("VSHUFF64X2", "VSHUFF64X2", operand.U8(0x88), operand.U8(0xdd))
	} else {
		level("VPERM2F128", "VPERM2F128", operand.U8(0x20), operand.U8(0x31))
	}
	return s[0]
}

// quarter is the k-th four numbers of v, at the beginning of a register.
func (m *machine) quarter(v vector, k int) reg.Vec {
	switch {
	case k == 0:
		return v
	case m.single && m.z:
		x := m.XMM()
		m.emit("VEXTRACTF32X4", operand.U8(k), v, x)
		return x
	case m.single:
		x := m.XMM()
		m.emit("VEXTRACTF128", operand.U8(k), v, x)
		return x
	}
	y := m.YMM()
	m.emit("VEXTRACTF64X4", operand.U8(k), v, y)
	return y
}

// put stores count of four numbers, from the first on.
func (m *machine) put(v reg.Vec, first, count int, to operand.Mem) {
	x := v.AsX()
	switch {
	case count == 4 && m.single:
		m.f("VMOVU", x, to)
		return
	case count == 4:
		m.f("VMOVU", v.AsY(), to)
		return
	}
	for i := first; i < first+count; i++ {
		both := i%2 == 0 && i+1 < first+count
		if !m.single && (i == 2 || i == 3 && first == 3) {
			h := m.XMM()
			m.emit("VEXTRACTF128", operand.U8(1), v.AsY(), h)
			x = h
		}
		switch {
		case !m.single && both:
			m.emit("VMOVUPD", x, to)
		case !m.single && i%2 == 0:
			m.emit("VMOVSD", x, to)
		case !m.single:
			m.emit("VMOVHPD", x, to)
		case both && i == 0:
			m.emit("VMOVLPS", x, to)
		case both:
			m.emit("VMOVHPS", x, to)
		case i == 0:
			m.emit("VMOVSS", x, to)
		default:
			m.emit("VEXTRACTPS", operand.U8(i), x, to)
		}
		if both {
			i++
			to.Disp += m.size()
		}
		to.Disp += m.size()
	}
}
