package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// elementwise is y = f(x) over n numbers.
func (m *machine) elementwise(from string, u int, f func(x vector) vector) {
	y, x, n := m.ptr("y"), m.ptr(from), m.bytes("n")
	u = m.unroll(u)
	m.columns(n, u, min(u, m.group()), []reg.GPVirtual{y, x}, func(u int) {
		m.inSteps(u, 4, func(i int) { m.store(f(m.load(m.mem(x, i))), m.mem(y, i)) })
	})
}

// unroll is u, or 4 where u is 1 and there are registers for that many chains.
func (m *machine) unroll(u int) int {
	if m.z && u == 1 {
		return 4
	}
	return u
}

// derivative is d = f(a)·g over n numbers.
func (m *machine) derivative(u int, f func(a vector, g operand.Op) vector) {
	d, g, a, n := m.ptr("d"), m.ptr("up"), m.ptr("a"), m.bytes("n")
	m.columns(n, u, min(u, m.group()), []reg.GPVirtual{d, g, a}, func(u int) {
		for i := range u {
			m.store(f(m.load(m.mem(a, i)), m.mem(g, i)), m.mem(d, i))
		}
	})
}

// withSlope is y = h(x) and s = h′(x) over n numbers.
func (m *machine) withSlope(width int, f func(x vector) (y, slope vector)) {
	y, s, x, n := m.ptr("y"), m.ptr("s"), m.ptr("z"), m.bytes("n")
	u := m.unroll(1)
	m.columns(n, u, min(u, m.group()), []reg.GPVirtual{y, s, x}, func(u int) {
		m.inSteps(u, width, func(i int) {
			h, slope := f(m.load(m.mem(x, i)))
			m.store(slope, m.mem(s, i)) // y last: s may be x
			m.store(h, m.mem(y, i))
		})
	})
}

func (m *machine) axpy() {
	a, x, y, n := m.ptr("a"), m.ptr("x"), m.ptr("y"), m.bytes("n")
	w := m.double()
	f := w.reg(constant{operand.Mem{Base: a}})
	m.columns(n, m.group(), m.group(), []reg.GPVirtual{x}, func(u int) {
		for i := range 16 / w.lanes() {
			var v vector
			if m.single {
				v = m.wide(x, i)
			} else {
				v = m.load(m.mem(x, i))
			}
			v = w.mul(v, f)
			w.store(w.add(v, m.mem(y, i)), m.mem(y, i))
		}
		m.ADDQ(operand.I32(128), y)
	})
}

func (m *machine) addSlabs() {
	y, x, n := m.ptr("y"), m.ptr("x"), m.bytes("n")
	m.columns(n, 4, min(4, m.group()), []reg.GPVirtual{y, x}, func(u int) {
		for i := range u {
			m.store(m.add(m.load(m.mem(y, i)), m.mem(x, i)), m.mem(y, i))
		}
	})
}

// firstBad multiplies by 0, which only a NaN or an infinity does not turn into 0.
func (m *machine) firstBad() {
	x, n := m.ptr("x"), m.bytes("n")
	s := m.zeros(4)
	zero := m.zero()
	m.columns(n, 4, min(4, m.group()), []reg.GPVirtual{x}, func(u int) {
		for i := range u {
			m.fma(s[i], zero, m.mem(x, i))
		}
	})
	bad := m.GP64()
	m.XORQ(bad, bad)
	t := m.add(m.add(s[0], s[1]), m.add(s[2], s[3]))
	m.collect(m.cmp(unordered, t, t), bad)
	m.flag(bad, "bad")
}
