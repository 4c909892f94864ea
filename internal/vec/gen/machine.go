package main

import (
	"fmt"
	"math"
	"reflect"
	"strings"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
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
	rooted int       // where in record the last square root ends
	weave  func()    // what the next lockstep takes in
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

// emit calls the instruction of that name, or puts it off until lockstep has all of them.
func (m *machine) emit(name string, ops ...operand.Op) {
	m.later(func() { m.call(name, ops...) })
	if m.record != nil && strings.HasPrefix(name, "VSQRT") {
		m.rooted = len(*m.record)
	}
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
// body must not hold labels. What is to be woven in, which may, comes after the square roots, when the chains wait for them
// and there are the most registers.
func (m *machine) lockstep(n int, body func(i int)) {
	all := make([][]func(), n)
	for i := range n {
		m.rooted, m.record = 0, &all[i]
		body(i)
	}
	m.record = nil
	for k := range all[0] {
		if k == m.rooted && m.weave != nil {
			m.weave()
			m.weave = nil
		}
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
