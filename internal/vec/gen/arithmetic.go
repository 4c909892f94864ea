package main

import (
	"math"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The instructions on vectors. Each returns a new register, unless it says that it replaces or adds to one.

func (m *machine) vec() vector {
	if m.z {
		return m.ZMM()
	}
	return m.YMM()
}

// p completes the name of a packed floating-point instruction.
func (m *machine) p(name string) string {
	if m.single {
		return name + "PS"
	}
	return name + "PD"
}

// f emits a packed floating-point instruction, whose first operand may be a constant.
func (m *machine) f(name string, ops ...operand.Op) {
	name = m.p(name)
	if c, ok := ops[0].(constant); ok {
		if m.z {
			name += ".BCST"
			ops[0] = c.Mem
		} else {
			ops[0] = m.all(c)
		}
	}
	m.emit(name, ops...)
}

// all repeats a number of memory in all lanes.
func (m *machine) all(x operand.Op) vector {
	if c, ok := x.(constant); ok {
		x = c.Mem
	}
	v := m.vec()
	if m.single {
		m.emit("VBROADCASTSS", x, v)
	} else {
		m.emit("VBROADCASTSD", x, v)
	}
	return v
}

// reg puts an operand in a register.
func (m *machine) reg(x operand.Op) vector {
	switch x := x.(type) {
	case vector:
		return x
	case constant:
		return m.all(x)
	}
	return m.load(x)
}

func (m *machine) load(x operand.Op) vector {
	v := m.vec()
	m.f("VMOVU", x, v)
	return v
}

func (m *machine) store(v vector, x operand.Op) { m.f("VMOVU", v, x) }

func (m *machine) copy(v vector) vector {
	u := m.vec()
	m.f("VMOVA", v, u)
	return u
}

func (m *machine) zero() vector {
	v := m.vec()
	m.bits("VXOR", v, v, v)
	return v
}

// bin is a ∘ b; b may be memory or a constant.
func (m *machine) bin(name string, a vector, b operand.Op) vector {
	v := m.vec()
	m.f(name, b, a, v)
	return v
}

func (m *machine) add(a vector, b operand.Op) vector { return m.bin("VADD", a, b) }
func (m *machine) sub(a vector, b operand.Op) vector { return m.bin("VSUB", a, b) }
func (m *machine) mul(a vector, b operand.Op) vector { return m.bin("VMUL", a, b) }
func (m *machine) div(a vector, b operand.Op) vector { return m.bin("VDIV", a, b) }
func (m *machine) min(a vector, b operand.Op) vector { return m.bin("VMIN", a, b) } // b where one is NaN
func (m *machine) max(a vector, b operand.Op) vector { return m.bin("VMAX", a, b) } // b where one is NaN

func (m *machine) sqrt(a operand.Op) vector {
	v := m.vec()
	m.f("VSQRT", a, v)
	return v
}

// fma adds a·b to acc, fnma subtracts it; b may be memory or a constant.
func (m *machine) fma(acc, a vector, b operand.Op)  { m.f("VFMADD231", b, a, acc) }
func (m *machine) fnma(acc, a vector, b operand.Op) { m.f("VFNMADD231", b, a, acc) }

// horner replaces p by p·x + c.
func (m *machine) horner(p, x vector, c operand.Op) { m.f("VFMADD213", c, x, p) }

// poly is Σ c_k x^k: the even and the odd powers apart, for a chain of half the length. x2 is x².
func (m *machine) poly(x, x2 vector, c []float64) vector {
	even, odd := m.half(x2, c, 0), m.half(x2, c, 1)
	m.fma(even, odd, x)
	return even
}

// half is the polynomial in x2 of every second coefficient.
func (m *machine) half(x2 vector, c []float64, first int) vector {
	last := first + (len(c)-1-first)/2*2
	p := m.all(m.c(c[last]))
	for i := last - 2; i >= first; i -= 2 {
		m.horner(p, x2, m.c(c[i]))
	}
	return p
}

// bits emits a bitwise instruction.
func (m *machine) bits(name string, ops ...operand.Op) { m.f(name, ops...) }

// and, or, xor act on the bits of a and b; b may be memory or a constant.
func (m *machine) and(a vector, b operand.Op) vector { return m.bin("VAND", a, b) }
func (m *machine) or(a vector, b operand.Op) vector  { return m.bin("VOR", a, b) }
func (m *machine) xor(a vector, b operand.Op) vector { return m.bin("VXOR", a, b) }

// sign is the number of which all bits but that of the sign are 0.
func (m *machine) sign() constant { return m.c(negZero) }

var negZero = math.Copysign(0, -1)

// abs clears the sign, neg changes it.
func (m *machine) abs(a vector) vector { return m.bin("VANDN", m.reg(m.sign()), a) }
func (m *machine) neg(a vector) vector { return m.xor(a, m.sign()) }

// round is the nearest whole number, ties to even.
func (m *machine) round(a vector) vector {
	v := m.vec()
	if m.z {
		m.emit(m.p("VRNDSCALE"), operand.U8(8), a, v)
	} else {
		m.emit(m.p("VROUND"), operand.U8(8), a, v)
	}
	return v
}

// scale is a·2ⁿ for whole n, rounded once.
func (m *machine) scale(a, n vector) vector {
	if m.z {
		v := m.vec()
		m.f("VSCALEF", n, a, v)
		return v
	}
	// In two steps of half the exponent each, so that neither factor leaves the range.
	half := m.round(m.mul(n, m.c(0.5)))
	rest := m.sub(n, half)
	return m.mul(m.mul(a, m.power(half)), m.power(rest))
}

// power is 2ⁿ for whole n of normal 2ⁿ.
func (m *machine) power(n vector) vector {
	v := m.vec()
	if m.single { // n + 127 in the lowest bits, shifted into the exponent
		t := m.add(n, m.c(0x1.8p23+127))
		m.emit("VPSLLD", operand.U8(23), t, v)
	} else {
		t := m.add(n, m.c(0x1.8p52+1023))
		m.emit("VPSLLQ", operand.U8(52), t, v)
	}
	return v
}

// mem is the k-th vector from base on.
func (m *machine) mem(base reg.GPVirtual, k int) operand.Mem {
	return operand.Mem{Base: base, Disp: k * m.width()}
}
