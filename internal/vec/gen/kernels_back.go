package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// narrowMax is vec.NarrowMax.
const narrowMax = 8

// radialBack is radialVJP of g = wᵀe, which stays in registers: there is a loop for each number c of its rows.
func (m *machine) radialBack() {
	rows := m.ptr("c")
	done := m.label("back")
	for c := 1; c <= narrowMax; c++ {
		next := m.label(fmt.Sprintf("not%dx", c))
		if c < narrowMax {
			m.CMPQ(rows, operand.I32(int32(c)))
			m.JNE(operand.LabelRef(next))
		}
		d, e, z, l, l1 := m.ptr("out"), m.ptr("e"), m.ptr("z"), m.ptr("l"), m.ptr("l1")
		n, ld := m.bytes("n"), m.bytes("ld")
		u := m.backStep(c)
		m.columns(n, u, min(u, m.group()), []reg.GPVirtual{d, e, z, l, l1}, func(u int) {
			m.backRows(d, e, z, l, l1, ld, c, u)
		})
		if c < narrowMax {
			m.JMP(operand.LabelRef(done))
			m.Label(next)
		}
	}
	m.Label(done)
}

// backStep is how many vectors of c rows there are registers for, beside two for each vector and one.
func (m *machine) backStep(c int) int {
	registers := 16
	if m.z {
		registers = 32
	}
	u := 4
	for u > 1 && u*(c+1)+1 > registers {
		u /= 2
	}
	return u
}

func (m *machine) backRows(d, e, z, l, l1, ld reg.GPVirtual, c, u int) {
	g := make([][]vector, c)
	for i := range g {
		g[i] = m.zeros(u)
	}
	w, q, left := m.ptr("w"), m.GP64(), m.ptr("d")
	m.MOVQ(e, q)
	m.each(left, func() {
		t := m.loads(q, u)
		for i := range g {
			at := operand.Mem{Base: w, Disp: i * m.size()}
			if u == 1 && m.z {
				m.fma(g[i][0], t[0], constant{at})
				continue
			}
			f := m.all(at)
			for v := range u {
				m.fma(g[i][v], f, t[v])
			}
		}
		m.ADDQ(operand.I32(int32(c*m.size())), w)
		m.ADDQ(ld, q)
	})
	p := m.zeros(u)
	m.MOVQ(z, q)
	for i := range g {
		for v := range u {
			m.fma(p[v], g[i][v], m.mem(q, v))
		}
		if i+1 < c {
			m.ADDQ(ld, q)
		}
	}
	for v := range p {
		p[v] = m.mul(p[v], m.mem(l1, v))
	}
	m.MOVQ(z, q)
	to := m.GP64()
	m.MOVQ(d, to)
	for i := range g {
		for v := range u {
			t := m.mul(g[i][v], m.mem(l, v))
			m.fma(t, p[v], m.mem(q, v))
			m.store(t, m.mem(to, v))
		}
		if i+1 < c {
			m.ADDQ(ld, q)
			m.ADDQ(ld, to)
		}
	}
}
