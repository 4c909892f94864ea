package main

import (
	"slices"

	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
	"github.com/mmcloughlin/avo/x86"
)

// Predicates of cmp: ordered, quiet.
const (
	eq        = 0x00
	unordered = 0x03
	lt        = 0x11
	le        = 0x12
	ge        = 0x1d
	gt        = 0x1e
	ne        = 0x04 // or unordered
	nlt       = 0x15 // ≥ or unordered
)

// cmp compares a with b, which may be memory or a constant.
func (m *machine) cmp(pred uint8, a vector, b operand.Op) mask {
	c, isConst := b.(constant)
	if m.z {
		k := m.K()
		name := m.p("VCMP")
		if isConst {
			name, b = name+".BCST", c.Mem
		}
		m.emit(name, operand.U8(pred), b, a, k)
		return k
	}
	if isConst {
		b = m.all(c)
	}
	v := m.vec()
	m.emit(m.p("VCMP"), operand.U8(pred), b, a, v)
	return v
}

// both is the conjunction of two masks.

func (m *machine) both(a, b mask) mask {
	if m.z {
		r := m.K()
		m.emit("KANDW", a, b, r)
		return r
	}
	r := m.vec()
	m.f("VAND", b, a, r)
	return r
}

// choose is yes where the mask is set, no elsewhere; yes may be memory or a constant.
func (m *machine) choose(k mask, yes operand.Op, no vector) vector {
	v := m.vec()
	if m.z {
		m.blend(yes, no, k, v)
		return v
	}
	m.f2("VBLENDV", k, yes, no, v)
	return v
}

// blend emits VBLENDM. A blend by a mask writes all lanes, but the generator counts what it writes among
// what it reads, as a merging instruction would: the register would be live from the start on.
func (m *machine) blend(yes operand.Op, no vector, k mask, v vector) {
	m.later(func() { m.blendNow(yes, no, k, v) })
}

func (m *machine) blendNow(yes operand.Op, no vector, k mask, v vector) {
	var i *ir.Instruction
	var err error
	c, isConst := yes.(constant)
	switch {
	case isConst && m.single:
		i, err = x86.VBLENDMPS_BCST(c.Mem, no, k, v)
	case isConst:
		i, err = x86.VBLENDMPD_BCST(c.Mem, no, k, v)
	case m.single:
		i, err = x86.VBLENDMPS(yes, no, k, v)
	default:
		i, err = x86.VBLENDMPD(yes, no, k, v)
	}
	if err != nil {
		panic(err)
	}
	i.Inputs = slices.DeleteFunc(i.Inputs, func(o operand.Op) bool { return o == operand.Op(v) })
	m.Instruction(i)
}

// f2 is f for an instruction whose second operand may be a constant.
func (m *machine) f2(name string, ops ...operand.Op) {
	if c, ok := ops[1].(constant); ok {
		ops[1] = m.all(c)
	}
	m.emit(m.p(name), ops...)
}

// keep is a where the mask is set, +0 elsewhere.
func (m *machine) keep(k mask, a vector) vector {
	v := m.vec()
	if m.z {
		m.emit(m.p("VMOVA")+".Z", a, k, v)
		return v
	}
	m.f("VAND", a, k, v)
	return v
}

// collect ORs the bits of the mask into a register.
func (m *machine) collect(k mask, into reg.GPVirtual) {
	t := m.GP32()
	m.bitsOf(k, t)
	m.ORL(t, into.As32())
}

// bitsOf stores the mask in a register, one bit a lane.
func (m *machine) bitsOf(k mask, t reg.GPVirtual) {
	switch {
	case m.z && m.single:
		m.KMOVW(k, t)
	case m.z:
		m.KMOVB(k, t)
	default:
		m.emit(m.p("VMOVMSK"), k, t)
	}
}
