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
	left, n, ld := m.ptr("m"), m.bytes("n"), m.bytes("ld")
	s := m.sums(m.group())
	m.columns(n, m.group(), m.group(), []reg.GPVirtual{delta, y, t}, func(u int) {
		k := m.window(left, u)
		m.rows(ld, []reg.GPVirtual{delta, y, t}, func(q []reg.GPVirtual) {
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
	t := m.ptr("t")
	m.softmax(t, func() (targets, func()) {
		return func(q reg.GPVirtual) (vector, mask) { return m.load(m.mem(q, 0)), nil }, func() {}
	})
}

// softmaxLabels is softmaxCE with t_ij = 1 where i is the label of sample j: 32 bits each.
func (m *machine) softmaxLabels() {
	labels := m.ptr("labels")
	m.softmax(nil, func() (targets, func()) {
		want, row := m.vec(), m.vec()
		if m.single {
			m.f("VMOVU", operand.Mem{Base: labels}, want)
		} else {
			m.VPMOVSXDQ(operand.Mem{Base: labels}, want)
		}
		m.ADDQ(operand.I32(int32(4*m.lanes())), labels)
		m.bits("VXOR", row, row, row)
		target := func(reg.GPVirtual) (vector, mask) {
			k, eq, plus := mask(nil), "VPCMPEQQ", "VPADDQ"
			if m.single {
				eq, plus = "VPCMPEQD", "VPADDD"
			}
			if m.z {
				k = m.K()
			} else {
				k = m.vec()
			}
			m.emit(eq, want, row, k)
			m.emit(plus, m.all(m.raw(1)), row, row)
			return m.keep(k, m.one()), k
		}
		return target, func() { m.bits("VXOR", row, row, row) }
	})
}

// targets returns the targets of the next row and, where it is known, the mask of those that are not 0.
type targets = func(q reg.GPVirtual) (t vector, some mask)

// softmax is the body of both: prepare, called for each group of lanes, returns the targets, and what turns back to the
// first row; t, if not nil, moves along with the rows.
func (m *machine) softmax(t reg.GPVirtual, prepare func() (target targets, again func())) {
	delta, y, c := m.ptr("delta"), m.ptr("y"), m.ptr("c")
	left, n, ld := m.ptr("m"), m.bytes("n"), m.bytes("ld")
	s := m.sums(1)
	with := func(ps ...reg.GPVirtual) []reg.GPVirtual {
		if t != nil {
			return append(ps, t)
		}
		return ps
	}
	last := func(q []reg.GPVirtual) reg.GPVirtual { return q[len(q)-1] }
	m.columns(n, 1, 1, with(delta, y), func(u int) {
		target, again := prepare()
		top := m.all(m.c(math.Inf(-1)))
		m.rows(ld, []reg.GPVirtual{y}, func(q []reg.GPVirtual) {
			m.f("VMAX", m.mem(q[0], 0), top, top)
		})
		z, rest, dot := m.zero(), m.zero(), m.zero() // the sum, and that of all but the largest
		m.rows(ld, with(delta, y), func(q []reg.GPVirtual) {
			x := m.sub(m.load(m.mem(q[1], 0)), top)
			e := m.quick(x)
			m.store(e, m.mem(q[0], 0))
			m.f("VADD", e, z, z)
			m.f("VADD", m.keep(m.cmp(ne, x, m.c(0)), e), rest, rest)
			p, some := target(last(q))
			if some == nil {
				some = m.cmp(ne, p, m.c(0))
			}
			m.fma(dot, p, m.keep(some, x))
		})
		again()
		k := m.window(left, 1)[0]
		m.accumulate(s[0], m.and(m.neg(dot), k), false)                  // apart, for a register
		others := m.choose(m.cmp(lt, z, m.c(2)), rest, m.sub(z, m.c(1))) // z − 1, with all digits where one class has it all
		m.accumulate(s[0], m.and(m.log(z, others), k), false)
		w := m.mul(m.inverse(z), constant{operand.Mem{Base: c}})
		m.rows(ld, with(delta), func(q []reg.GPVirtual) {
			t, _ := target(last(q))
			p := m.sub(m.load(m.mem(q[0], 0)), t) // e − t(1 + others): e/z − t would cancel where one class has it all
			m.fnma(p, t, others)
			p = m.mul(p, w)
			m.store(m.and(p, k), m.mem(q[0], 0))
		})
	})
	m.total(s)
}
