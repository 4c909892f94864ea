package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// wideStep is how many vectors of a row are done at a time where registers allow: the longer the run, the less a
// large block suffers from its stride.
func (m *machine) wideStep() int {
	if m.z {
		return 8
	}
	return 4
}

// group is Lanes numbers, in vectors.
func (m *machine) group() int { return 16 / m.lanes() }

// columns calls body for all lanes of a block, u vectors at a time, and then the rest, small
// vectors at a time; ps are the addresses of the first of these lanes, which it moves on.
func (m *machine) columns(n reg.GPVirtual, u, small int, ps []reg.GPVirtual, body func(u int)) {
	steps := []int{u}
	if small < u {
		steps = append(steps, small)
	}
	for _, u := range steps {
		m.loop(n, u*m.width(), func() {
			body(u)
			for _, p := range ps {
				m.ADDQ(operand.I32(int32(u*m.width())), p)
			}
			m.SUBQ(operand.I32(int32(u*m.width())), n)
		})
	}
}

// rows calls body for each of the d > 0 rows, with copies of ps that move on by the stride.
func (m *machine) rows(ld reg.GPVirtual, ps []reg.GPVirtual, body func(q []reg.GPVirtual)) {
	q := make([]reg.GPVirtual, len(ps))
	for i, p := range ps {
		q[i] = m.GP64()
		m.MOVQ(p, q[i])
	}
	left := m.ptr("d")
	top := m.label("row")
	m.Label(top)
	body(q)
	for _, p := range q {
		m.ADDQ(ld, p)
	}
	m.DECQ(left)
	m.JNE(operand.LabelRef(top))
}

func (m *machine) zeros(u int) []vector {
	v := make([]vector, u)
	for i := range v {
		v[i] = m.zero()
	}
	return v
}

func (m *machine) loads(p reg.GPVirtual, u int) []vector {
	v := make([]vector, u)
	for i := range v {
		v[i] = m.load(m.mem(p, i))
	}
	return v
}

// wide converts the half of a vector at p + k·width/2 to double precision.
func (m *machine) wide(p reg.GPVirtual, k int) vector {
	v := m.vec()
	m.emit("VCVTPS2PD", operand.Mem{Base: p, Disp: k * m.width() / 2}, v)
	return v
}

// double returns the machine for double precision with the same registers.
func (m *machine) double() *machine {
	d := *m
	d.single = false
	return &d
}

// pack narrows two vectors of doubles to one of singles.
func (m *machine) pack(a, b vector) vector {
	if m.z {
		x, y, v := m.YMM(), m.YMM(), m.ZMM()
		m.emit("VCVTPD2PS", a, x)
		m.emit("VCVTPD2PS", b, y)
		m.emit("VINSERTF64X4", operand.U8(1), y, x.AsZ(), v)
		return v
	}
	x, y, v := m.XMM(), m.XMM(), m.YMM()
	m.emit("VCVTPD2PSY", a, x)
	m.emit("VCVTPD2PSY", b, y)
	m.emit("VINSERTF128", operand.U8(1), y, x.AsY(), v)
	return v
}

// widen widens the halves of a vector of singles.
func (m *machine) widen(a vector) (lo, hi vector) {
	lo, hi = m.vec(), m.vec()
	if m.z {
		h := m.YMM()
		m.emit("VEXTRACTF64X4", operand.U8(1), a, h)
		m.emit("VCVTPS2PD", a.AsY(), lo)
		m.emit("VCVTPS2PD", h, hi)
		return lo, hi
	}
	h := m.XMM()
	m.emit("VEXTRACTF128", operand.U8(1), a, h)
	m.emit("VCVTPS2PD", a.AsX(), lo)
	m.emit("VCVTPS2PD", h, hi)
	return lo, hi
}

// squares sums the squares of d rows at x in double precision: one vector of doubles for each of
// u vectors of doubles, two for each of singles.
func (m *machine) squares(x, ld reg.GPVirtual, u int) []vector {
	k := u
	if m.single {
		k = 2 * u
	}
	s := m.zeros(k)
	w := m.double()
	m.rows(ld, []reg.GPVirtual{x}, func(q []reg.GPVirtual) {
		for i := range k {
			var v vector
			if m.single {
				v = m.wide(q[0], i)
			} else {
				v = m.load(m.mem(q[0], i))
			}
			w.fma(s[i], v, v)
		}
	})
	return s
}

func (m *machine) sumSquares() {
	s, x, n, ld := m.ptr("s"), m.ptr("x"), m.bytes("n"), m.bytes("ld")
	u := 4
	if m.single {
		u = 2
	}
	m.columns(n, u, min(u, m.group()), []reg.GPVirtual{x}, func(u int) {
		t := m.squares(x, ld, u)
		for i, v := range t {
			m.double().store(v, m.mem(s, i))
		}
		m.ADDQ(operand.I32(int32(len(t)*m.width())), s)
	})
}

func (m *machine) norms() {
	r, x, n, ld := m.ptr("r"), m.ptr("x"), m.bytes("n"), m.bytes("ld")
	u := 4
	if m.single {
		u = 2
	}
	odd := m.GP64()
	m.XORQ(odd, odd)
	w := m.double()
	m.columns(n, u, min(u, m.group()), []reg.GPVirtual{r, x}, func(u int) {
		t := m.squares(x, ld, u)
		for i := range t {
			if !m.single {
				m.collect(m.cmp(le, t[i], m.c(1e-280)), odd)
				m.collect(m.cmp(nlt, t[i], m.c(1e280)), odd)
			}
			t[i] = w.sqrt(t[i])
		}
		for i := range u {
			v := t[i]
			if m.single {
				v = m.pack(t[2*i], t[2*i+1])
			}
			m.store(v, m.mem(r, i))
		}
	})
	m.flag(odd, "odd")
}

func (m *machine) rowDots() {
	p, x, y, n, ld := m.ptr("p"), m.ptr("x"), m.ptr("y"), m.bytes("n"), m.bytes("ld")
	m.columns(n, m.wideStep(), m.group(), []reg.GPVirtual{p, x, y}, func(u int) {
		for i, v := range m.dots(x, y, ld, u) {
			m.store(v, m.mem(p, i))
		}
	})
}

func (m *machine) dots(x, y, ld reg.GPVirtual, u int) []vector {
	s := m.zeros(u)
	m.rows(ld, []reg.GPVirtual{x, y}, func(q []reg.GPVirtual) {
		for i := range s {
			m.fma(s[i], m.load(m.mem(q[0], i)), m.mem(q[1], i))
		}
	})
	return s
}

func (m *machine) scaleRows() {
	y, x, l, n, ld := m.ptr("y"), m.ptr("x"), m.ptr("l"), m.bytes("n"), m.bytes("ld")
	m.columns(n, m.wideStep(), m.group(), []reg.GPVirtual{y, x, l}, func(u int) {
		m.scaled(y, x, ld, m.loads(l, u))
	})
}

// scaled stores l·x in y.
func (m *machine) scaled(y, x, ld reg.GPVirtual, l []vector) {
	m.rows(ld, []reg.GPVirtual{y, x}, func(q []reg.GPVirtual) {
		for i, f := range l {
			m.store(m.mul(f, m.mem(q[1], i)), m.mem(q[0], i))
		}
	})
}

func (m *machine) combine() {
	y, g, v, a, b := m.ptr("y"), m.ptr("up"), m.ptr("v"), m.ptr("a"), m.ptr("b")
	n, ld := m.bytes("n"), m.bytes("ld")
	m.columns(n, m.wideStep(), m.group(), []reg.GPVirtual{y, g, v, a, b}, func(u int) {
		m.combined(y, g, v, ld, m.loads(a, u), m.loads(b, u))
	})
}

// combined stores a·g + b·v in y.
func (m *machine) combined(y, g, v, ld reg.GPVirtual, a, b []vector) {
	m.rows(ld, []reg.GPVirtual{y, g, v}, func(q []reg.GPVirtual) {
		for i := range a {
			t := m.mul(a[i], m.mem(q[1], i))
			m.fma(t, b[i], m.mem(q[2], i))
			m.store(t, m.mem(q[0], i))
		}
	})
}

func (m *machine) radialVJP() {
	y, g, x, l, l1 := m.ptr("y"), m.ptr("up"), m.ptr("x"), m.ptr("l"), m.ptr("l1")
	n, ld := m.bytes("n"), m.bytes("ld")
	m.columns(n, m.wideStep(), m.group(), []reg.GPVirtual{y, g, x, l, l1}, func(u int) {
		p := m.dots(x, g, ld, u)
		for i := range p {
			p[i] = m.mul(p[i], m.mem(l1, i))
		}
		m.combined(y, g, x, ld, m.loads(l, u), p)
	})
}

// biased is FillRows and AddBias.
func (m *machine) biased(plus bool) {
	y, b, d, n, ld := m.ptr("y"), m.ptr("b"), m.ptr("d"), m.bytes("n"), m.bytes("ld")
	m.each(d, func() {
		v := m.all(operand.Mem{Base: b})
		q, left := m.GP64(), m.GP64()
		m.MOVQ(y, q)
		m.MOVQ(n, left)
		m.columns(left, 4, min(4, m.group()), []reg.GPVirtual{q}, func(u int) {
			for i := range u {
				t := v
				if plus {
					t = m.add(v, m.mem(q, i))
				}
				m.store(t, m.mem(q, i))
			}
		})
		m.ADDQ(ld, y)
		m.ADDQ(operand.I32(int32(m.size())), b)
	})
}

// each runs body d times, d > 0.
func (m *machine) each(d reg.GPVirtual, body func()) {
	top := m.label("row")
	m.Label(top)
	body()
	m.DECQ(d)
	m.JNE(operand.LabelRef(top))
}

// rowSums adds a row in Lanes partial sums and halves them.
func (m *machine) rowSums() {
	out, x, d, n, ld := m.ptr("out"), m.ptr("x"), m.ptr("d"), m.bytes("n"), m.bytes("ld")
	m.each(d, func() {
		s := m.zeros(m.group())
		q, left := m.GP64(), m.GP64()
		m.MOVQ(x, q)
		m.MOVQ(n, left)
		m.columns(left, m.group(), m.group(), []reg.GPVirtual{q}, func(u int) {
			for i := range u {
				m.f("VADD", m.mem(q, i), s[i], s[i])
			}
		})
		m.scalar("VMOVS", m.halve(s).AsX(), operand.Mem{Base: out})
		m.ADDQ(ld, x)
		m.ADDQ(operand.I32(int32(m.size())), out)
	})
}

func (m *machine) scalar(name string, ops ...operand.Op) {
	if m.single {
		m.emit(name+"S", ops...)
	} else {
		m.emit(name+"D", ops...)
	}
}

// halve adds the upper half of Lanes numbers to the lower one until one is left.
func (m *machine) halve(s []vector) vector {
	for len(s) > 1 {
		h := len(s) / 2
		for i := range h {
			s[i] = m.add(s[i], s[i+h])
		}
		s = s[:h]
	}
	v := s[0]
	if m.z {
		h := m.YMM()
		m.emit("VEXTRACTF64X4", operand.U8(1), v, h)
		t := m.YMM()
		m.f("VADD", h, v.AsY(), t)
		v = t
	}
	x, h := m.XMM(), m.XMM()
	m.emit("VEXTRACTF128", operand.U8(1), v, h)
	m.f("VADD", h, v.AsX(), x)
	h = m.XMM()
	m.VPERMILPD(operand.U8(1), x, h)
	m.f("VADD", h, x, x)
	if m.single {
		h = m.XMM()
		m.VMOVSHDUP(x, h)
		m.f("VADD", h, x, x)
	}
	return x
}
