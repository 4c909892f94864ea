package main

import (
	"math"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// window returns the masks of the next u vectors, of which the first left numbers are real, and lowers
// left.
func (m *machine) window(left reg.GPVirtual, u int) []vector {
	k := u * m.lanes()
	zero, most, rem, p := m.GP64(), m.GP64(), m.GP64(), m.GP64()
	m.XORQ(zero, zero)
	m.MOVQ(operand.I32(int32(k)), most)
	m.MOVQ(left, rem)
	m.CMPQ(rem, most)
	m.CMOVQGT(most, rem)
	m.TESTQ(rem, rem)
	m.CMOVQLT(zero, rem)
	m.NEGQ(rem)
	m.LEAQ(operand.NewDataAddr(operand.NewStaticSymbol(m.masks()), 16*m.size()), p)
	m.LEAQ(operand.Mem{Base: p, Index: rem, Scale: uint8(m.size())}, p)
	m.SUBQ(most, left)
	return m.loads(p, u)
}

func (m *machine) masks() string { return "masks" + m.suffix() }

// maskData writes 16 numbers of ones and 16 of zeros.
func (m *machine) maskData() {
	m.StaticGlobal(m.masks())
	m.DataAttributes(attr.RODATA | attr.NOPTR)
	for i := range 32 {
		var b uint64
		if i < 16 {
			b = math.MaxUint64
		}
		if m.single {
			m.AppendDatum(operand.U32(b))
		} else {
			m.AppendDatum(operand.U64(b))
		}
	}
}

// accumulate adds v, or its product with itself, to sums of doubles.
func (m *machine) accumulate(s []vector, v vector, squared bool) {
	w := m.double()
	parts := []vector{v}
	if m.single {
		lo, hi := m.widen(v)
		parts = []vector{lo, hi}
	}
	for i, p := range parts {
		if squared {
			w.fma(s[i], p, p)
		} else {
			m.VADDPD(p, s[i], s[i])
		}
	}
}

// sums are the registers for accumulate of u vectors.
func (m *machine) sums(u int) [][]vector {
	s := make([][]vector, u)
	for i := range s {
		k := 1
		if m.single {
			k = 2
		}
		s[i] = m.zeros(k)
	}
	return s
}

func (m *machine) total(s [][]vector) {
	var all []vector
	for _, v := range s {
		all = append(all, v...)
	}
	sum := m.double().halve(all)
	p := m.ptr("sum")
	m.VMOVSD(sum.AsX(), operand.Mem{Base: p})
}

func (m *machine) squaredError() {
	delta, y, t, c := m.ptr("delta"), m.ptr("y"), m.ptr("t"), m.ptr("c")
	left, d, n, ld := m.ptr("m"), m.ptr("d"), m.bytes("n"), m.bytes("ld")
	s := m.sums(m.group())
	m.columns(n, m.group(), m.group(), []reg.GPVirtual{delta, y, t}, func(u int) {
		k := m.window(left, u)
		m.rows(d, ld, []reg.GPVirtual{delta, y, t}, func(q []reg.GPVirtual) {
			for i := range u {
				r := m.and(m.sub(m.load(m.mem(q[1], i)), m.mem(q[2], i)), k[i])
				m.accumulate(s[i], r, true)
				m.store(m.mul(r, constant{operand.Mem{Base: c}}), m.mem(q[0], i))
			}
		})
	})
	m.total(s)
}

func (m *machine) softmaxCE() {
	delta, y, t, c := m.ptr("delta"), m.ptr("y"), m.ptr("t"), m.ptr("c")
	left, d, n, ld := m.ptr("m"), m.ptr("d"), m.bytes("n"), m.bytes("ld")
	s := m.sums(1)
	m.columns(n, 1, 1, []reg.GPVirtual{delta, y, t}, func(u int) {
		k := m.window(left, 1)[0]
		top := m.all(m.c(math.Inf(-1)))
		m.rows(d, ld, []reg.GPVirtual{y}, func(q []reg.GPVirtual) {
			m.f("VMAX", m.mem(q[0], 0), top, top)
		})
		z, dot := m.zero(), m.zero()
		m.rows(d, ld, []reg.GPVirtual{delta, y, t}, func(q []reg.GPVirtual) {
			x := m.sub(m.load(m.mem(q[1], 0)), top)
			e := m.exp(m.max(m.reg(m.c(map[bool]float64{false: -760, true: -110}[m.single])), x), false)
			m.store(e, m.mem(q[0], 0))
			m.f("VADD", e, z, z)
			p := m.load(m.mem(q[2], 0))
			m.f("VADD", m.keep(m.cmp(ne, p, m.c(0)), m.mul(p, x)), dot, dot)
		})
		m.accumulate(s[0], m.and(m.sub(m.log(z), dot), k), false)
		w := m.inverse(z)
		m.rows(d, ld, []reg.GPVirtual{delta, t}, func(q []reg.GPVirtual) {
			p := m.mul(w, m.mem(q[0], 0))
			p = m.mul(m.sub(p, m.mem(q[1], 0)), constant{operand.Mem{Base: c}})
			m.store(m.and(p, k), m.mem(q[0], 0))
		})
	})
	m.total(s)
}
