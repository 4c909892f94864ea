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

// entry is a function applied entry by entry: the instructions of a scalar.EntryKernel. One that keeps its slope has
// withSlope, all others vjp.
type entry struct {
	u         int // vectors at a time: 4 for what is bound by memory
	value     func(m *machine, x vector, c constant) vector
	vjp       func(m *machine, a vector, g operand.Op, c constant) vector
	withSlope func(m *machine, x vector) (y, slope vector)
}

// entries are the instructions by the name of the kernel.
var entries = map[string]entry{
	"ReLU": {u: 4,
		value: func(m *machine, x vector, _ constant) vector {
			zero := m.zero()
			y := m.max(zero, x)
			m.fma(y, zero, x) // NaN where x is infinite
			return y
		},
		vjp: func(m *machine, x vector, g operand.Op, _ constant) vector {
			return m.keep(m.cmp(gt, x, m.c(0)), m.load(g))
		}},
	"Leaky": {u: 4,
		value: func(m *machine, x vector, s constant) vector {
			return m.choose(m.cmp(gt, x, m.c(0)), x, m.mul(x, s))
		},
		vjp: func(m *machine, x vector, g operand.Op, s constant) vector {
			v := m.load(g)
			return m.choose(m.cmp(gt, x, m.c(0)), v, m.mul(v, s))
		}},
	"Abs": {u: 4,
		value: func(m *machine, x vector, _ constant) vector { return m.abs(x) },
		vjp: func(m *machine, x vector, g operand.Op, _ constant) vector {
			return m.xor(m.keep(m.cmp(lt, x, m.c(0)), m.reg(m.sign())), g)
		}},
	"Square": {u: 4,
		value: func(m *machine, x vector, _ constant) vector { return m.mul(x, x) },
		vjp:   func(m *machine, x vector, g operand.Op, _ constant) vector { return m.mul(m.add(x, x), g) }},
	"Tanh": {u: 1, value: func(m *machine, x vector, _ constant) vector { return m.tanh(x) }, withSlope: (*machine).tanhSlope},
	"Sigmoid": {u: 1,
		value: func(m *machine, x vector, _ constant) vector { h, _, _ := m.sigmoid(x); return m.unlessInfinite(h, x) }, withSlope: (*machine).sigmoidSlope},
	"Softplus": {u: 1,
		value: func(m *machine, x vector, _ constant) vector { return m.unlessInfinite(m.softplus(x), x) },
		vjp: func(m *machine, x vector, g operand.Op, _ constant) vector {
			h, _, _ := m.sigmoid(x)
			return m.mul(h, g)
		}},
	"SiLU": {u: 1,
		value: func(m *machine, x vector, _ constant) vector {
			h, _, _ := m.sigmoid(x)
			return m.unlessInfinite(m.times(x, h), x)
		},
		vjp: func(m *machine, x vector, g operand.Op, _ constant) vector {
			h, e, d := m.sigmoid(x)
			u := m.inverse(d)
			return m.mul(m.add(h, m.times(x, m.mul(m.mul(e, u), u))), g)
		}},
	"GELU": {u: 2,
		value: func(m *machine, x vector, _ constant) vector {
			p, _ := m.normalCDF(x)
			return m.unlessInfinite(m.times(x, p), x)
		},
		vjp: func(m *machine, x vector, g operand.Op, _ constant) vector {
			p, density := m.normalCDF(x)
			return m.mul(m.add(p, m.times(x, density)), g)
		}},
	"Arctan": {u: 1,
		value: func(m *machine, x vector, _ constant) vector { return m.unlessInfinite(m.atan(x), x) },
		vjp: func(m *machine, x vector, g operand.Op, _ constant) vector {
			t := m.one()
			m.fma(t, x, x)
			return m.div(m.load(g), t)
		}},
	"ELU": {u: 1,
		value: func(m *machine, x vector, _ constant) vector {
			return m.unlessInfinite(m.choose(m.cmp(gt, x, m.c(0)), x, m.expm1(x)), x)
		},
		vjp: func(m *machine, x vector, g operand.Op, _ constant) vector {
			e := m.exp(m.min(m.zero(), x))
			return m.mul(e, g)
		}},
}

// times is x·y with 0 for ±∞·0.
func (m *machine) times(x, y vector) vector { return m.keep(m.cmp(ne, y, m.c(0)), m.mul(x, y)) }

// expm1 is eˣ−1 for x ≤ 0; any number for x > 0.
func (m *machine) expm1(x vector) vector {
	x = m.max(m.reg(m.c(-45)), m.min(m.zero(), x))
	n, r := m.reduce(x)
	r2 := m.mul(r, r)
	p := m.mul(m.poly(r, r2, m.series.exp[2:]), r2)
	p = m.add(p, r)
	s := m.power(n)
	t := m.sub(s, m.c(1))
	m.fma(t, p, s)
	return t
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
