package main

import (
	"math"
	"slices"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The numbers at q: those of a vec.Profile, and the least |v|² for which λ is neither 0 by Dead nor out of range.
const (
	shift = iota
	first // of Params
	second
	origin0
	origin1
	dead
	least
)

// parameter is the k-th of the numbers at q, repeated in all lanes.
func (m *machine) parameter(q reg.GPVirtual, k int) constant {
	return constant{operand.Mem{Base: q, Disp: k * m.size()}}
}

// evaluate computes and stores λ and λ₁, which may have one place: λ is stored last.
func (m *machine) evaluate(f profile, v norm, q reg.GPVirtual, l, l1 operand.Mem) vector {
	v.shift, v.c = m.parameter(q, shift), [2]constant{m.parameter(q, first), m.parameter(q, second)}
	a, b := f(m, v)
	m.store(b, l1)
	m.store(a, l)
	return a
}

// settle replaces λ and λ₁ where ok is not set: by 0 where r is not above Dead, by the values at the origin where zero
// is set, else by NaN, which it flags.
func (m *machine) settle(r vector, ok, zero mask, q reg.GPVirtual, l, l1 operand.Mem) {
	nan := m.reg(m.c(math.NaN()))
	x := m.choose(zero, m.parameter(q, origin0), m.choose(ok, l, nan))
	y := m.choose(zero, m.parameter(q, origin1), m.choose(ok, l1, nan))
	still := m.cmp(le, r, m.parameter(q, dead))
	x, y = m.choose(still, m.c(0), x), m.choose(still, m.c(0), y)
	m.store(y, l1)
	m.store(x, l)
	bad, odd := m.GP32(), m.ptr("odd")
	m.bitsOf(m.cmp(unordered, x, x), bad)
	m.ORQ(bad.As64(), operand.Mem{Base: odd})
}

// unless jumps over body where the mask is set in all lanes.
func (m *machine) unless(k mask, body func()) {
	t := m.GP32()
	m.bitsOf(k, t)
	m.unlessBits(t, body)
}

// unlessBits is unless for a mask in a register of bits.
func (m *machine) unlessBits(t reg.GPVirtual, body func()) {
	skip := m.label("fine")
	m.CMPL(t, operand.U32(1<<m.lanes()-1))
	m.JEQ(operand.LabelRef(skip))
	body()
	m.Label(skip)
}

// packed narrows sums of squares to the precision of the block.
func (m *machine) packed(s []vector) []vector {
	if !m.single {
		return slices.Clone(s)
	}
	var z []vector
	for i := 0; i < len(s); i += 2 {
		z = append(z, m.pack(s[i], s[i+1]))
	}
	return z
}

// origin tells which samples are all zeros.
func (m *machine) origin(x, ld reg.GPVirtual) mask {
	bits := m.zero()
	m.rows(ld, []reg.GPVirtual{x}, func(q []reg.GPVirtual) { m.bits("VOR", m.mem(q[0], 0), bits, bits) })
	return m.cmp(eq, bits, m.c(0))
}

// exact returns r and r − shift of sums of squares in double precision.
func (m *machine) exact(s []vector, q reg.GPVirtual) (r, x vector) {
	if !m.single {
		r = m.sqrt(s[0])
		return r, m.sub(r, m.parameter(q, 0))
	}
	w, shift := m.double(), m.vec()
	if m.z {
		t := m.YMM()
		m.emit("VBROADCASTSS", m.parameter(q, 0).Mem, t)
		m.emit("VCVTPS2PD", t, shift)
	} else {
		t := m.XMM()
		m.emit("VBROADCASTSS", m.parameter(q, 0).Mem, t)
		m.emit("VCVTPS2PD", t, shift)
	}
	a, b := w.sqrt(s[0]), w.sqrt(s[1])
	return m.pack(a, b), m.pack(w.sub(a, shift), w.sub(b, shift))
}

// limits are the least and the greatest norm.
func (m *machine) limits() (lo, hi float64) {
	if m.single {
		return 1e-12, 1e12
	}
	return 1e-100, 1e100
}

func (m *machine) radial(f profile, width int) {
	q, y, l, l1, x := m.ptr("q"), m.ptr("y"), m.ptr("l"), m.ptr("l1"), m.ptr("x")
	n, ld := m.bytes("n"), m.bytes("ld")
	u, small, body := m.radialSteps(width)
	m.columns(n, u, small, []reg.GPVirtual{y, l, l1, x}, func(u int) {
		s := m.squares(x, ld, u)
		body(operands{q, y, l, l1, x, ld}, s, f, width)
	})
}

// radialSteps returns how many vectors are done at a time, as many as there are registers for, how many at the end, and
// what does them when the sums of squares are known.
func (m *machine) radialSteps(width int) (u, small int, body func(b operands, parts []vector, f profile, width int)) {
	switch {
	case m.z && m.single:
		return 4, 1, m.inRegisters
	case m.z:
		return 4, 2, m.inRegisters
	case m.single && width == exactly:
		return 1, 1, m.inRegisters
	}
	return 4, m.group(), m.inMemory
}

// operands are what radial has in registers.
type operands struct{ q, y, l, l1, x, ld reg.GPVirtual }

// inRange returns the mask of the lanes in which all of z are safely above the least and below the greatest |v|²; it may
// not be set though all are, but is not set where one is NaN.
func (m *machine) inRange(z []vector, q reg.GPVirtual) mask {
	low, sum := z[0], z[0]
	for _, v := range z[1:] {
		low, sum = m.min(low, v), m.add(sum, v)
	}
	_, hi := m.limits()
	return m.both(m.cmp(ge, low, m.parameter(q, least)), m.cmp(le, sum, m.c(hi*hi)))
}

// inRegisters does all vectors with the norms in registers.
func (m *machine) inRegisters(b operands, parts []vector, f profile, width int) {
	s := m.packed(parts)
	fine := m.inRange(s, b.q)
	m.inSteps(len(s), width, func(i int) {
		z := s[i]
		v := norm{z: z, r: func() vector { return m.sqrt(z) }, exact: func() (r, x vector) {
			if m.single {
				return m.exact(parts[2*i:2*i+2], b.q)
			}
			return m.exact(parts[i:i+1], b.q)
		}}
		s[i] = m.evaluate(f, v, b.q, m.mem(b.l, i), m.mem(b.l1, i))
	})
	m.unless(fine, func() {
		m.settleAll(b, len(s))
		for i, a := range s {
			m.f("VMOVA", m.orOne(m.load(m.mem(b.l, i))), a)
		}
	})
	m.scaled(b.y, b.x, b.ld, s)
}

// inMemory does all vectors with the norms, and then λ, in l: for few registers.
func (m *machine) inMemory(b operands, parts []vector, f profile, _ int) {
	s := m.packed(parts)
	fine := m.GP32()
	m.bitsOf(m.inRange(s, b.q), fine)
	for i, z := range s {
		m.store(z, m.mem(b.l, i))
	}
	for i := range s {
		z := m.load(m.mem(b.l, i))
		v := norm{z: z, r: func() vector { return m.sqrt(z) }, exact: func() (r, x vector) { return m.exact([]vector{z}, b.q) }}
		m.evaluate(f, v, b.q, m.mem(b.l, i), m.mem(b.l1, i))
	}
	m.unlessBits(fine, func() { m.settleAll(b, len(s)) })
	for i := range s {
		s[i] = m.orOne(m.load(m.mem(b.l, i)))
	}
	m.scaled(b.y, b.x, b.ld, s)
}

// orOne is a, with 1 for NaN.
func (m *machine) orOne(a vector) vector { return m.choose(m.cmp(unordered, a, a), m.c(1), a) }

// settleAll settles u vectors.
func (m *machine) settleAll(b operands, u int) {
	lo, hi := m.limits()
	x, l, l1, left := m.GP64(), m.GP64(), m.GP64(), m.GP64()
	m.MOVQ(b.x, x)
	m.MOVQ(b.l, l)
	m.MOVQ(b.l1, l1)
	m.MOVQ(operand.I32(int32(u)), left)
	m.each(left, func() {
		z := m.packed(m.squares(x, b.ld, 1))[0]
		ok := m.both(m.cmp(ge, z, m.c(lo*lo)), m.cmp(le, z, m.c(hi*hi)))
		m.settle(m.sqrt(z), ok, m.origin(x, b.ld), b.q, m.mem(l, 0), m.mem(l1, 0))
		for _, p := range []reg.GPVirtual{x, l, l1} {
			m.ADDQ(operand.I32(int32(m.width())), p)
		}
	})
}

func (m *machine) profiles(f profile) {
	q, l, l1, r, n := m.ptr("q"), m.ptr("l"), m.ptr("l1"), m.ptr("r"), m.bytes("n")
	lo, hi := m.limits()
	m.columns(n, 1, 1, []reg.GPVirtual{l, l1, r}, func(int) {
		v := m.load(m.mem(r, 0))
		ok := m.both(m.cmp(ge, v, m.c(lo)), m.cmp(le, v, m.c(hi)))
		fine := m.both(ok, m.cmp(gt, v, m.parameter(q, dead)))
		h := norm{r: func() vector { return v }, z: m.mul(v, v), exact: func() (r, x vector) { return v, m.sub(v, m.parameter(q, 0)) }}
		m.evaluate(f, h, q, m.mem(l, 0), m.mem(l1, 0))
		m.unless(fine, func() { m.settle(v, ok, m.cmp(eq, v, m.c(0)), q, m.mem(l, 0), m.mem(l1, 0)) })
	})
}

// flag stores a register in the int that a parameter points to.
func (m *machine) flag(r reg.GPVirtual, name string) {
	p := m.ptr(name)
	m.MOVQ(r, operand.Mem{Base: p})
}

// inSteps is lockstep of n bodies, width at a time.
func (m *machine) inSteps(n, width int, body func(i int)) {
	if !m.z {
		width = 1
	}
	for i := 0; i < n; i += width {
		m.lockstep(min(width, n-i), func(k int) { body(i + k) })
	}
}
