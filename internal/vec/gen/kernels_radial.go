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
	slope
	scale
	eps
	origin0
	origin1
	dead
	least
)

// parameter is the k-th of the numbers at q, repeated in all lanes.
func (m *machine) parameter(q reg.GPVirtual, k int) constant {
	return constant{operand.Mem{Base: q, Disp: k * m.size()}}
}

// norm is |v| with what the profiles need of it.
type norm struct {
	z     vector               // r²
	r     func() vector        // to be called once, where it is needed
	exact func() (r, x vector) // r and r − shift, each rounded once
	shift constant
	slope constant
	scale constant
	eps   constant
}

// profile computes λ(r) and λ′(r)/r.
type profile func(m *machine, v norm) (l, l1 vector)

// exactly is the width, as large as there is, of a profile that asks for norm.exact: it wants sums in double precision.
const exactly = 5

var profiles = []struct {
	name     string
	f64, f32 int // how many vectors in lockstep there are registers for
	f        profile
}{
	{"ReLU", 4, exactly, relu}, {"LeakyReLU", 4, exactly, leakyReLU}, {"StepReLU", 4, exactly, stepReLU}, {"StepReLU0", 4, 4, stepReLU0},
	{"Sigmoid", 4, 4, sigmoid}, {"Sigmoid0", 4, 4, sigmoid0}, {"Softplus", 2, 2, softplus}, {"Tanh", 4, 2, tanh},
	{"Squash", 4, 4, squash}, {"SiLU", 4, 4, silu}, {"GELU", 1, 1, gelu}, {"RMS", 4, 4, rms}, {"Arctan", 2, 2, arctan}, {"Unit", 4, 4, unit}, {"Square", 4, 4, square},
}

func (m *machine) one() vector             { return m.reg(m.c(1)) }
func (m *machine) inverse(v vector) vector { return m.div(m.one(), v) }

// inverses are 1/a and 1/b. One division would do, but two are under way together, and the products that one
// takes besides make a longer chain.
func (m *machine) inverses(a, b vector) (vector, vector) { return m.inverse(a), m.inverse(b) }

// shifted is x/r and s/r³, x = r − s: the derivative of λ is the same whatever h is below its kink. λ is 1
// without a shift.
func (m *machine) shifted(v norm) (x, l, l1 vector) {
	r, x := v.exact()
	q := m.inverse(r)
	return x, m.div(x, r), m.mul(m.mul(q, v.shift), m.mul(q, q))
}

func relu(m *machine, v norm) (l, l1 vector) {
	x, l, l1 := m.shifted(v)
	k := m.cmp(gt, x, m.c(0))
	return m.keep(k, l), m.keep(k, l1)
}

func leakyReLU(m *machine, v norm) (l, l1 vector) {
	x, l, l1 := m.shifted(v)
	f := m.choose(m.cmp(gt, x, m.c(0)), m.c(1), m.reg(v.slope))
	return m.mul(l, f), m.mul(l1, f)
}

func stepReLU(m *machine, v norm) (l, l1 vector) {
	x, l, l1 := m.shifted(v)
	k := m.cmp(ge, x, m.c(1))
	return m.keep(k, l), m.keep(k, l1)
}

// stepReLU0 is stepReLU without a shift; r ≥ 1 where r² ≥ 1, rounding included.
func stepReLU0(m *machine, v norm) (l, l1 vector) {
	return m.keep(m.cmp(ge, v.z, m.c(1)), m.one()), m.zero()
}

func sigmoid(m *machine, v norm) (l, l1 vector) {
	r := v.r()
	x := m.sub(r, v.shift)
	e := m.quick(m.or(x, m.sign()))
	q, u := m.inverses(r, m.add(e, m.c(1)))
	l = m.mul(m.mul(m.choose(m.cmp(ge, x, m.c(0)), m.c(1), e), u), q)
	slope := m.mul(m.mul(e, u), u)
	return l, m.mul(m.sub(slope, l), m.mul(q, q))
}

// sigmoid0 is sigmoid without a shift.
func sigmoid0(m *machine, v norm) (l, l1 vector) {
	r := v.r()
	e := m.quick(m.neg(r))
	q, u := m.inverses(r, m.add(e, m.c(1)))
	slope := m.copy(q)
	m.f("VFMSUB231", e, u, slope) // (h′ − λ)/u
	return m.mul(u, q), m.mul(slope, m.mul(u, m.mul(q, q)))
}

func softplus(m *machine, v norm) (l, l1 vector) {
	r := v.r()
	x := m.sub(r, v.shift)
	e := m.quick(m.or(x, m.sign()))
	y := m.log1p(e)
	q, u := m.inverses(r, m.add(e, m.c(1)))
	up := m.cmp(ge, x, m.c(0))
	a := m.mul(m.choose(up, m.sub(y, v.shift), y), q)
	l = m.add(a, m.keep(up, m.one()))
	s := m.mul(e, u)
	slope := m.choose(up, m.neg(s), s)
	return l, m.mul(m.sub(slope, a), m.mul(q, q))
}

func tanh(m *machine, v norm) (l, l1 vector) {
	r := v.r()
	w := m.tanhSmall(v.z)
	near := m.one()
	m.fnma(near, v.z, w)
	m.fnma(w, near, near)

	e := m.quick(m.mul(r, m.c(-2)))
	q, u := m.inverses(r, m.add(e, m.c(1)))
	t := m.mul(m.add(e, e), u) // 1 − tanh r
	far := m.mul(m.sub(m.one(), t), q)
	h := m.mul(t, m.sub(m.reg(m.c(2)), t))
	far1 := m.mul(m.sub(h, far), m.mul(q, q))
	k := m.cmp(lt, r, m.c(small))
	return m.choose(k, near, far), m.choose(k, w, far1)
}

// arctan: with λ = 1 − z·w, 1/(1+z) = λ + z·λ₁ gives λ₁ = w − 1/(1+z), without the difference of nearly equal numbers;
// for r > 1 it is π/2 − atan(1/r).
func arctan(m *machine, v norm) (l, l1 vector) {
	r := v.r()
	q, u := m.inverses(r, m.add(v.z, m.c(1)))
	far := m.cmp(gt, r, m.c(1))
	t := m.choose(far, q, r)
	z := m.mul(t, t)
	w := m.atanRest(z)
	near := m.one()
	m.fnma(near, z, w) // atan(t)/t
	s := m.reg(m.c(math.Pi / 2))
	m.fnma(s, t, near)
	s = m.mul(s, q)
	return m.choose(far, s, near), m.choose(far, m.mul(m.sub(u, s), m.mul(q, q)), m.sub(w, u))
}

func squash(m *machine, v norm) (l, l1 vector) {
	r := v.r()
	q, u := m.inverses(r, m.add(v.z, m.c(1)))
	return m.mul(r, u), m.mul(m.mul(m.sub(m.one(), v.z), u), m.mul(u, q))
}

func silu(m *machine, v norm) (l, l1 vector) {
	r := v.r()
	e := m.quick(m.neg(r))
	q, u := m.inverses(r, m.add(e, m.c(1)))
	return u, m.mul(m.mul(m.mul(e, u), u), q)
}

func gelu(m *machine, v norm) (l, l1 vector) {
	r := v.r()
	tail, density := m.normal(r)
	return m.sub(m.one(), tail), m.div(density, r)
}

func rms(m *machine, v norm) (l, l1 vector) {
	t := m.reg(v.eps)
	m.fma(t, v.z, v.scale)
	l = m.inverse(m.sqrt(t))
	return l, m.neg(m.mul(m.mul(l, l), m.mul(l, v.scale)))
}

func unit(m *machine, v norm) (l, l1 vector) {
	r := v.r()
	q := m.inverse(r)
	return q, m.neg(m.mul(q, m.mul(q, q)))
}

func square(m *machine, v norm) (l, l1 vector) {
	r := v.r()
	return r, m.inverse(r)
}

// evaluate computes and stores λ and λ₁, which may have one place: λ is stored last.
func (m *machine) evaluate(f profile, v norm, q reg.GPVirtual, l, l1 operand.Mem) vector {
	v.shift, v.slope, v.scale, v.eps = m.parameter(q, shift), m.parameter(q, slope), m.parameter(q, scale), m.parameter(q, eps)
	a, b := f(m, v)
	m.store(b, l1)
	m.store(a, l)
	return a
}

// settle replaces λ and λ₁ where ok is not set: by 0 where r is not above Dead, by the values at the origin where zero
// is set, else by NaN, and then a, a copy of λ, by 1.
func (m *machine) settle(a, r vector, ok, zero mask, q reg.GPVirtual, l, l1 operand.Mem, odd reg.GPVirtual) {
	nan := m.reg(m.c(math.NaN()))
	x := m.choose(zero, m.parameter(q, origin0), m.choose(ok, a, nan))
	y := m.choose(zero, m.parameter(q, origin1), m.choose(ok, l1, nan))
	still := m.cmp(le, r, m.parameter(q, dead))
	x, y = m.choose(still, m.c(0), x), m.choose(still, m.c(0), y)
	m.store(y, l1)
	m.store(x, l)
	bad := m.cmp(unordered, x, x)
	m.collect(bad, odd)
	m.f("VMOVA", m.choose(bad, m.c(1), x), a)
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
func (m *machine) origin(x, ld reg.GPVirtual, k int) mask {
	bits := m.zero()
	m.rows(ld, []reg.GPVirtual{x}, func(q []reg.GPVirtual) { m.bits("VOR", m.mem(q[0], k), bits, bits) })
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
	odd := m.GP64()
	m.XORQ(odd, odd)
	small, u, body := 2, 4, m.inRegisters // vectors at a time: as many as there are registers for
	switch {
	case m.z && m.single:
		small = 1
	case !m.z && m.single && width == exactly:
		small, u = 1, 1
	case !m.z:
		small, body = m.group(), m.inMemory
	}
	m.columns(n, u, small, []reg.GPVirtual{y, l, l1, x}, func(u int) {
		body(operands{q, y, l, l1, x, ld, odd}, f, u, width)
	})
	m.flag(odd, "odd")
}

// operands are what radial has in registers.
type operands struct{ q, y, l, l1, x, ld, odd reg.GPVirtual }

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

// inRegisters does u vectors with all norms in registers.
func (m *machine) inRegisters(b operands, f profile, u, width int) {
	parts := m.squares(b.x, b.ld, u)
	s := m.packed(parts)
	fine := m.inRange(s, b.q)
	m.inSteps(u, width, func(i int) {
		z := s[i]
		v := norm{z: z, r: func() vector { return m.sqrt(z) }, exact: func() (r, x vector) {
			if m.single {
				return m.exact(parts[2*i:2*i+2], b.q)
			}
			return m.exact(parts[i:i+1], b.q)
		}}
		s[i] = m.evaluate(f, v, b.q, m.mem(b.l, i), m.mem(b.l1, i))
	})
	m.unless(fine, func() { m.settleAll(b, s) })
	m.scaled(b.y, b.x, b.ld, s)
}

// inMemory does u vectors with the norms, and then λ, in l: for few registers.
func (m *machine) inMemory(b operands, f profile, u, _ int) {
	s := m.packed(m.squares(b.x, b.ld, u))
	fine := m.GP32()
	m.bitsOf(m.inRange(s, b.q), fine)
	for i, z := range s {
		m.store(z, m.mem(b.l, i))
	}
	for i := range u {
		z := m.load(m.mem(b.l, i))
		v := norm{z: z, r: func() vector { return m.sqrt(z) }, exact: func() (r, x vector) { return m.exact([]vector{z}, b.q) }}
		m.evaluate(f, v, b.q, m.mem(b.l, i), m.mem(b.l1, i))
	}
	m.unlessBits(fine, func() { m.settleAll(b, make([]vector, u)) })
	for i := range s {
		s[i] = m.load(m.mem(b.l, i))
		s[i] = m.choose(m.cmp(unordered, s[i], s[i]), m.c(1), s[i])
	}
	m.scaled(b.y, b.x, b.ld, s)
}

// settleAll settles all vectors, the copies of λ in s where there are any.
func (m *machine) settleAll(b operands, s []vector) {
	lo, hi := m.limits()
	for i := range s {
		at := b.x
		if len(s) > 1 {
			at = m.GP64()
			m.LEAQ(m.mem(b.x, i), at)
		}
		z := m.packed(m.squares(at, b.ld, 1))[0]
		ok := m.both(m.cmp(ge, z, m.c(lo*lo)), m.cmp(le, z, m.c(hi*hi)))
		a := s[i]
		if a == nil {
			a = m.load(m.mem(b.l, i))
		}
		m.settle(a, m.sqrt(z), ok, m.origin(b.x, b.ld, i), b.q, m.mem(b.l, i), m.mem(b.l1, i), b.odd)
	}
}

func (m *machine) profiles(f profile) {
	q, l, l1, r, n := m.ptr("q"), m.ptr("l"), m.ptr("l1"), m.ptr("r"), m.bytes("n")
	odd := m.GP64()
	m.XORQ(odd, odd)
	lo, hi := m.limits()
	m.columns(n, 1, 1, []reg.GPVirtual{l, l1, r}, func(int) {
		v := m.load(m.mem(r, 0))
		ok := m.both(m.cmp(ge, v, m.c(lo)), m.cmp(le, v, m.c(hi)))
		fine := m.both(ok, m.cmp(gt, v, m.parameter(q, dead)))
		h := norm{r: func() vector { return v }, z: m.mul(v, v), exact: func() (r, x vector) { return v, m.sub(v, m.parameter(q, 0)) }}
		a := m.evaluate(f, h, q, m.mem(l, 0), m.mem(l1, 0))
		m.unless(fine, func() {
			m.settle(a, v, ok, m.cmp(eq, v, m.c(0)), q, m.mem(l, 0), m.mem(l1, 0), odd)
		})
	})
	m.flag(odd, "odd")
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
