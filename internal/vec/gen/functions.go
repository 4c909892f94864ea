package main

import (
	"math"

	"github.com/mmcloughlin/avo/operand"
)

// The functions of one vector, as sequences of instructions.

// ln2 returns log 2 in two parts, the first of which has zeros at its end.
func (m *machine) ln2() (hi, lo float64) {
	if m.single {
		return 0x1.62e4p-1, 0x1.7f7d1cf79abcap-20 // 15 bits
	}
	return 0x1.62e42fefa38p-1, 0x1.ef35793c7673p-45
}

// reduce returns whole n and |r| ≤ log 2/2 with x = n·log 2 + r.
func (m *machine) reduce(x vector) (n, r vector) {
	n = m.round(m.mul(x, m.c(math.Log2E)))
	r = m.copy(x)
	hi, lo := m.ln2()
	m.fnma(r, n, m.c(hi))
	m.fnma(r, n, m.c(lo))
	return n, r
}

// least is where eˣ is 0 for sure.
func (m *machine) least() constant {
	if m.single {
		return m.c(-110)
	}
	return m.c(-760)
}

// exp is eˣ; NaN stays NaN.
func (m *machine) exp(x vector) vector {
	hi := 720.0
	if m.single {
		hi = 100
	}
	return m.fine(m.min(m.reg(m.c(hi)), m.max(m.reg(m.least()), x)))
}

// fine is eˣ for x in the range of exp.
func (m *machine) fine(x vector) vector {
	n, r := m.reduce(x)
	r2 := m.mul(r, r)
	p := m.poly(r, r2, m.series.exp[2:])
	one := m.one()
	sum := m.add(r, one) // loses digits of r: they come back with r² and the rest
	rest := m.sub(r, m.sub(sum, one))
	m.fma(rest, p, r2)
	return m.scale(m.add(sum, rest), n)
}

// quick is eˣ for x ≤ 0 or NaN, a fifth of a unit in the last place less exact than exp.
func (m *machine) quick(x vector) vector {
	n, r := m.reduce(m.max(m.reg(m.least()), x))
	r2 := m.mul(r, r)
	p := m.poly(r, r2, m.series.exp[2:])
	t := m.copy(r)
	m.fma(t, p, r2)
	return m.scale(m.add(t, m.c(1)), n)
}

// decay is e^{−|x|}; NaN stays NaN.
func (m *machine) decay(x vector) vector {
	return m.fine(m.max(m.reg(m.least()), m.or(x, m.sign())))
}

// sigmoid returns σ(x) and e = e^{−|x|}, and d = 1 + e.
func (m *machine) sigmoid(x vector) (h, e, d vector) {
	e = m.decay(x)
	d = m.add(e, m.c(1))
	up := m.cmp(ge, x, m.c(0))
	h = m.div(m.choose(up, m.c(1), e), d)
	if m.single { // what 1 + e lost, times h/d
		low := m.mul(h, m.sub(e, m.sub(d, m.c(1))))
		u := m.one()
		m.fma(u, e, m.c(-0.5)) // roughly 1/d
		m.fnma(h, low, u)
	}
	return h, e, d
}

// log1p is log(1+u) for 0 ≤ u ≤ 1: 2·atanh s with s = u/(2+u), corrected for the rounding of s.
func (m *machine) log1p(u vector) vector {
	t := m.add(u, m.c(2))
	s := m.div(u, t)
	low := m.sub(u, m.sub(t, m.c(2))) // what t lost
	e := m.copy(u)
	m.fnma(e, s, t)
	m.fnma(e, s, low) // u − s(2+u)
	q := m.all(m.c(0.5))
	m.fma(q, u, m.c(-1.0/6)) // roughly 1/t
	z := m.mul(s, s)
	w := m.mul(m.poly(z, m.mul(z, z), m.series.atanh), z)
	e = m.mul(e, q)
	m.fma(e, s, w)
	e = m.add(e, s)
	return m.add(e, e)
}

// softplus is log(1+eˣ) = max(x, 0) + log(1+e^{−|x|}).
func (m *machine) softplus(x vector) vector {
	y := m.log1p(m.decay(x))
	return m.add(y, m.max(m.zero(), x))
}

// tanhSmall returns w with tanh(r)/r = 1 − z·w, z = r², for |r| ≤ small.
func (m *machine) tanhSmall(z vector) vector { return m.poly(z, m.mul(z, z), m.series.tanh) }

// tanhLarge returns q = 1 − tanh|x| for |x| ≥ small.
func (m *machine) tanhLarge(x vector) vector {
	e := m.decay(m.add(x, x))
	d := m.add(e, m.c(1))
	return m.div(m.add(e, e), d)
}

func (m *machine) tanh(x vector) vector {
	y, _, _ := m.tanhParts(x)
	return y
}

// tanhParts returns y = tanh x, whether |x| < small, and q = 1 − |y| for the others.
func (m *machine) tanhParts(x vector) (y vector, isNear mask, q vector) {
	z := m.mul(x, x)
	w := m.tanhSmall(z)
	near := m.copy(x)
	m.fnma(near, m.mul(x, z), w)
	q = m.tanhLarge(x)
	far := m.sub(m.reg(m.c(1)), q)
	isNear = m.cmp(lt, m.abs(x), m.c(small))
	y = m.unlessInfinite(m.choose(isNear, near, far), x)
	return m.or(y, m.and(x, m.sign())), isNear, q // −0 too
}

// tanhSlope returns tanh x and its derivative, 1 − y² near 0 and q(2 − q) with q = 1 − |y| elsewhere, where 1 − y² would
// cancel.
func (m *machine) tanhSlope(x vector) (y, slope vector) {
	y, isNear, q := m.tanhParts(x)
	near := m.one()
	m.fnma(near, y, y)
	far := m.mul(q, m.sub(m.reg(m.c(2)), q))
	return y, m.choose(isNear, near, far)
}

// sigmoidSlope returns σ(x) and its derivative: σ(1 − σ) for x < 0, where 1 − σ ≥ ½ does not cancel, and σ²·e^{−x}
// elsewhere.
func (m *machine) sigmoidSlope(x vector) (y, slope vector) {
	h, e, _ := m.sigmoid(x)
	rest := m.choose(m.cmp(ge, x, m.c(0)), m.mul(h, e), m.sub(m.one(), h))
	return m.unlessInfinite(h, x), m.mul(rest, h)
}

// unlessInfinite is y, which it replaces, with NaN where x is infinite or NaN: y + 0·x. A sum that overflowed must not
// come out of an activation as a finite number.
func (m *machine) unlessInfinite(y, x vector) vector {
	m.fma(y, x, m.zero())
	return y
}

// log is log x for normal x ≥ 1, of which above is x − 1 with more digits.
func (m *machine) log(x, above vector) vector {
	n, f := m.split(x)
	y := m.log1p(m.choose(m.cmp(lt, x, m.c(2)), above, m.sub(f, m.c(1))))
	a, b := m.ln2()
	m.fma(y, n, m.c(b))
	m.fma(y, n, m.c(a))
	m.fma(y, x, m.c(0)) // a NaN
	return y
}

// split returns n and f with x = f·2ⁿ, 1 ≤ f < 2, for normal x ≥ 1.
func (m *machine) split(x vector) (n, f vector) {
	n, f = m.vec(), m.vec()
	if m.z {
		m.f("VGETEXP", x, n)
		m.emit(m.p("VGETMANT"), operand.U8(0), x, f)
		return n, f
	}
	one, fraction, magic := uint64(1023)<<52, uint64(1)<<52-1, 0x1p52
	shift, bias := uint8(52), 1023.0
	if m.single {
		one, fraction, magic = 127<<23, 1<<23-1, 0x1p23
		shift, bias = 23, 127
	}
	f = m.or(m.and(x, m.raw(fraction)), m.raw(one))
	e := m.vec()
	if m.single {
		m.emit("VPSRLD", operand.U8(shift), x, e)
	} else {
		m.emit("VPSRLQ", operand.U8(shift), x, e)
	}
	return m.sub(m.or(e, m.c(magic)), m.c(magic+bias)), f
}

// atanRest returns w with atan(t)/t = 1 − z·w, z = t² ≤ 1.
func (m *machine) atanRest(z vector) vector { return m.poly(z, m.mul(z, z), m.series.atan) }

// halfPi returns π/2 in two parts.
func (m *machine) halfPi() (hi, lo float64) {
	if m.single {
		hi = float64(float32(math.Pi / 2))
		return hi, math.Pi/2 - hi
	}
	return math.Pi / 2, 0x1.1a62633145c07p-54
}

// atan is the inverse tangent: of 1/|x|, from π/2, where |x| > 1.
func (m *machine) atan(x vector) vector {
	a := m.abs(x)
	far := m.cmp(gt, a, m.c(1))
	t := m.div(m.choose(far, m.c(-1), a), m.choose(far, a, m.one()))
	z := m.mul(t, t)
	y := m.copy(t)
	m.fnma(y, m.mul(t, z), m.atanRest(z))
	hi, lo := m.halfPi()
	y = m.add(m.add(y, m.keep(far, m.reg(m.c(lo)))), m.keep(far, m.reg(m.c(hi))))
	return m.or(y, m.and(x, m.sign()))
}

// normal returns Φ(−|x|) and φ(x) of the normal distribution, with the digits of both for large |x|.
func (m *machine) normal(x vector) (tail, density vector) {
	top := 40.0 // beyond, both are 0
	if m.single {
		top = 16
	}
	a := m.min(m.reg(m.c(top)), m.abs(x))
	z := m.mul(a, a)
	low := m.copy(a)
	m.f("VFMSUB213", z, a, low) // what z lost
	e := m.fine(m.mul(z, m.c(-0.5)))
	m.fnma(e, m.mul(low, m.c(0.5)), e)
	s := m.mul(a, m.c(math.Sqrt2/2))
	t := m.div(m.sub(s, m.c(middle)), m.add(s, m.c(middle)))
	g := m.mul(m.poly(t, m.mul(t, t), m.series.erfc), m.c(0.5))
	far := m.div(m.mul(g, e), m.add(m.add(s, s), m.c(1)))
	near := m.reg(m.c(0.5))
	m.fnma(near, a, m.poly(z, m.mul(z, z), m.series.gauss))
	tail = m.choose(m.cmp(lt, a, m.c(1)), near, far)
	return tail, m.mul(e, m.c(1/math.Sqrt(2*math.Pi)))
}

// normalCDF returns Φ(x) and φ(x).
func (m *machine) normalCDF(x vector) (p, density vector) {
	tail, density := m.normal(x)
	return m.choose(m.cmp(gt, x, m.c(0)), m.sub(m.one(), tail), tail), density
}
