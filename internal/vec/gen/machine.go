package main

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
	"github.com/mmcloughlin/avo/x86"
)

// machine emits the kernels of one level in one precision: a kernel is written once, in terms of
// the methods below, for all four.
type machine struct {
	*build.Context
	z      bool // AVX-512, else AVX2 with FMA
	single bool // float32, else float64
	consts *table
	labels int
	series series
	record *[]func() // see lockstep
}

// table collects the constants of one level and precision.
type table struct {
	name  string
	at    map[uint64]int // the offset, by bits
	order []uint64
}

// constant is an operand: one number, which an instruction repeats in all lanes.
type constant struct{ operand.Mem }

// vector is a virtual register.
type vector = reg.VecVirtual

// mask is what a comparison gives: a mask register, or a vector of ones and zeros.
type mask = reg.Register

func (m *machine) size() int {
	if m.single {
		return 4
	}
	return 8
}

// width is the length of a register in bytes, lanes the numbers in it.
func (m *machine) width() int {
	if m.z {
		return 64
	}
	return 32
}
func (m *machine) lanes() int { return m.width() / m.size() }

// begin starts the function base, whose name is completed with precision and level.
func (m *machine) begin(base, params string) {
	m.Function(base + m.suffix())
	m.Attributes(attr.NOSPLIT)
	t := "float64"
	if m.single {
		t = "float32"
	}
	m.SignatureExpr("func(" + strings.ReplaceAll(params, "*T", "*"+t) + ")")
	m.Pragma("noescape")
}

func (m *machine) suffix() string {
	s := "64"
	if m.single {
		s = "32"
	}
	if m.z {
		return s + "z"
	}
	return s + "y"
}

// ptr loads a parameter into a register.
func (m *machine) ptr(name string) reg.GPVirtual {
	r := m.GP64()
	m.Load(m.Param(name), r)
	return r
}

// bytes loads a parameter and turns it from numbers into bytes.
func (m *machine) bytes(name string) reg.GPVirtual {
	r := m.ptr(name)
	m.SHLQ(operand.U8(map[int]uint8{4: 2, 8: 3}[m.size()]), r)
	return r
}

func (m *machine) label(s string) string {
	m.labels++
	return fmt.Sprintf("%s%d", s, m.labels)
}

// loop runs body while left, which body must lower, is not below step.
func (m *machine) loop(left reg.GPVirtual, step int, body func()) {
	top, out := m.label("loop"), m.label("done")
	m.CMPQ(left, operand.I32(int32(step)))
	m.JLT(operand.LabelRef(out))
	m.Label(top)
	body()
	m.CMPQ(left, operand.I32(int32(step)))
	m.JGE(operand.LabelRef(top))
	m.Label(out)
}

// c is the constant x.
func (m *machine) c(x float64) constant {
	if m.single {
		return m.raw(uint64(math.Float32bits(float32(x))))
	}
	return m.raw(math.Float64bits(x))
}

// raw is the constant of these bits.
func (m *machine) raw(b uint64) constant {
	if _, ok := m.consts.at[b]; !ok {
		m.consts.at[b] = len(m.consts.order) * m.size()
		m.consts.order = append(m.consts.order, b)
	}
	return constant{operand.NewDataAddr(operand.NewStaticSymbol(m.consts.name), m.consts.at[b])}
}

// data writes the table of constants.
func (m *machine) data() {
	if len(m.consts.order) == 0 {
		return
	}
	m.StaticGlobal(m.consts.name)
	m.DataAttributes(attr.RODATA | attr.NOPTR)
	for _, b := range m.consts.order {
		if m.single {
			m.AppendDatum(operand.U32(b))
		} else {
			m.AppendDatum(operand.U64(b))
		}
	}
}

func (m *machine) vec() vector {
	if m.z {
		return m.ZMM()
	}
	return m.YMM()
}

// emit calls the instruction of that name, or puts it off until lockstep has all of them.
func (m *machine) emit(name string, ops ...operand.Op) {
	m.later(func() { m.call(name, ops...) })
}

func (m *machine) later(f func()) {
	if m.record == nil {
		f()
		return
	}
	*m.record = append(*m.record, f)
}

// lockstep emits body(0), …, body(n−1), which are the same instructions on other registers, one instruction of each
// in turn: a processor looks some two hundred instructions ahead, and that many chains are then under way at a time.
// body must not hold labels.
func (m *machine) lockstep(n int, body func(i int)) {
	all := make([][]func(), n)
	for i := range n {
		m.record = &all[i]
		body(i)
	}
	m.record = nil
	for k := range all[0] {
		for i := range n {
			all[i][k]()
		}
	}
}

func (m *machine) call(name string, ops ...operand.Op) {
	f := reflect.ValueOf(m.Context).MethodByName(strings.ReplaceAll(name, ".", "_"))
	if !f.IsValid() {
		panic("no instruction " + name)
	}
	in := make([]reflect.Value, len(ops))
	for i, o := range ops {
		in[i] = reflect.ValueOf(o)
	}
	f.Call(in)
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

// both is the conjunction of two masks, either the disjunction.
func (m *machine) both(a, b mask) mask   { return m.logic("KAND", "VAND", a, b) }
func (m *machine) either(a, b mask) mask { return m.logic("KOR", "VOR", a, b) }

func (m *machine) logic(k, v string, a, b mask) mask {
	if m.z {
		r := m.K()
		m.emit(k+"W", a, b, r)
		return r
	}
	r := m.vec()
	m.f(v, b, a, r)
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

// drop is +0 where the mask is set, a elsewhere.
func (m *machine) drop(k mask, a vector) vector {
	if m.z {
		n := m.K()
		m.KNOTW(k, n)
		return m.keep(n, a)
	}
	v := m.vec()
	m.f("VANDN", a, k, v)
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
