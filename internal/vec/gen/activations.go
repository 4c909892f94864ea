package main

import (
	"math"

	"github.com/mmcloughlin/avo/operand"
)

// The instructions of the functions that have kernels: two tables by the name that the record in package scalar gives.

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

// norm is |v| with what the profiles need of it.
type norm struct {
	z     vector               // r²
	r     func() vector        // to be called once, where it is needed
	exact func() (r, x vector) // r and r − shift, each rounded once
	shift constant
	c     [2]constant // vec.Profile.Params
}

// profile computes λ(r) and λ′(r)/r.
type profile func(m *machine, v norm) (l, l1 vector)

// exactly is the width, as large as there is, of a profile that asks for norm.exact: it wants sums in double precision.
const exactly = 5

// ratioOf is the instructions of a scalar.RatioKernel.
type ratioOf struct {
	f64, f32 int // how many vectors in lockstep there are registers for
	f        profile
}

// ratios are the instructions by the name of the kernel; a name that ends with 0 is that of a function without a shift.
var ratios = map[string]ratioOf{
	"ReLU": {4, exactly, relu}, "LeakyReLU": {4, exactly, leakyReLU}, "StepReLU": {4, exactly, stepReLU}, "StepReLU0": {4, 4, stepReLU0},
	"Sigmoid": {4, 4, sigmoid}, "Sigmoid0": {4, 4, sigmoid0}, "Softplus": {2, 2, softplus}, "Tanh": {4, 2, tanh},
	"Squash": {4, 4, squash}, "SiLU": {4, 4, silu}, "GELU": {1, 1, gelu}, "RMS": {4, 4, rms}, "Arctan": {2, 2, arctan}, "Unit": {4, 4, unit}, "Square": {4, 4, square},
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
	f := m.choose(m.cmp(gt, x, m.c(0)), m.c(1), m.reg(v.c[0]))
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
	t := m.reg(v.c[1])
	m.fma(t, v.z, v.c[0])
	l = m.inverse(m.sqrt(t))
	return l, m.neg(m.mul(m.mul(l, l), m.mul(l, v.c[0])))
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
