package main

import (
	"math"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// parameter is the k-th of the numbers at q, repeated in all lanes: Shift, Slope, Scale, Eps, Origin,
// Origin1.
func (m *machine) parameter(q reg.GPVirtual, k int) constant {
	return constant{operand.Mem{Base: q, Disp: k * m.size()}}
}

// norm is |v| with what the profiles need of it.
type norm struct {
	r, z  vector // r and r²
	shift constant
	slope constant
	scale constant
	eps   constant
}

// profile computes λ(r) and λ′(r)/r.
type profile func(m *machine, v norm) (l, l1 vector)

var profiles = []struct {
	name string
	f    profile
}{
	{"ReLU", relu}, {"LeakyReLU", leakyReLU}, {"StepReLU", stepReLU}, {"Sigmoid", sigmoid}, {"Softplus", softplus},
	{"Tanh", tanh}, {"Squash", squash}, {"SiLU", silu}, {"RMS", rms}, {"Unit", unit}, {"Square", square},
}

func (m *machine) one() vector             { return m.reg(m.c(1)) }
func (m *machine) inverse(v vector) vector { return m.div(m.one(), v) }

// inverses are 1/a and 1/b by one division.
func (m *machine) inverses(a, b vector) (vector, vector) {
	t := m.inverse(m.mul(a, b))
	return m.mul(t, b), m.mul(t, a)
}

// shifted is 1 − s/r and s/r³.
func (m *machine) shifted(v norm) (l, l1 vector) {
	q := m.inverse(v.r)
	t := m.mul(q, v.shift)
	return m.sub(m.one(), t), m.mul(t, m.mul(q, q))
}

func relu(m *machine, v norm) (l, l1 vector) {
	l, l1 = m.shifted(v)
	k := m.cmp(gt, v.r, v.shift)
	return m.keep(k, l), m.keep(k, l1)
}

func leakyReLU(m *machine, v norm) (l, l1 vector) {
	l, l1 = m.shifted(v)
	f := m.choose(m.cmp(gt, v.r, v.shift), m.c(1), m.reg(v.slope))
	return m.mul(l, f), m.mul(l1, f)
}

func stepReLU(m *machine, v norm) (l, l1 vector) {
	l, l1 = m.shifted(v)
	k := m.cmp(ge, m.sub(v.r, v.shift), m.c(1))
	return m.keep(k, l), m.keep(k, l1)
}

func sigmoid(m *machine, v norm) (l, l1 vector) {
	x := m.sub(v.r, v.shift)
	e := m.decay(x)
	q, u := m.inverses(v.r, m.add(e, m.c(1)))
	l = m.mul(m.mul(m.choose(m.cmp(ge, x, m.c(0)), m.c(1), e), u), q)
	slope := m.mul(m.mul(e, u), u)
	return l, m.mul(m.sub(slope, l), m.mul(q, q))
}

func softplus(m *machine, v norm) (l, l1 vector) {
	x := m.sub(v.r, v.shift)
	e := m.decay(x)
	y := m.log1p(e)
	q, u := m.inverses(v.r, m.add(e, m.c(1)))
	up := m.cmp(ge, x, m.c(0))
	a := m.mul(m.choose(up, m.sub(y, v.shift), y), q)
	l = m.add(a, m.keep(up, m.one()))
	s := m.mul(e, u)
	slope := m.choose(up, m.neg(s), s)
	return l, m.mul(m.sub(slope, a), m.mul(q, q))
}

func tanh(m *machine, v norm) (l, l1 vector) {
	w := m.tanhSmall(v.z)
	near := m.one()
	if m.z {
		near = m.copy(near)
	}
	m.fnma(near, v.z, w)
	m.fnma(w, near, near)

	r2 := m.add(v.r, v.r)
	e := m.decay(r2)
	q, u := m.inverses(v.r, m.add(e, m.c(1)))
	t := m.mul(m.add(e, e), u) // 1 − tanh r
	far := m.mul(m.sub(m.one(), t), q)
	h := m.mul(t, m.sub(m.reg(m.c(2)), t))
	far1 := m.mul(m.sub(h, far), m.mul(q, q))
	k := m.cmp(lt, v.r, m.c(small))
	return m.choose(k, near, far), m.choose(k, w, far1)
}

func squash(m *machine, v norm) (l, l1 vector) {
	q, u := m.inverses(v.r, m.add(v.z, m.c(1)))
	return m.mul(v.r, u), m.mul(m.mul(m.sub(m.one(), v.z), u), m.mul(u, q))
}

func silu(m *machine, v norm) (l, l1 vector) {
	e := m.decay(v.r)
	q, u := m.inverses(v.r, m.add(e, m.c(1)))
	return u, m.mul(m.mul(m.mul(e, u), u), q)
}

func rms(m *machine, v norm) (l, l1 vector) {
	t := m.reg(v.eps)
	m.fma(t, v.z, v.scale)
	l = m.inverse(m.sqrt(t))
	return l, m.neg(m.mul(m.mul(l, l), m.mul(l, v.scale)))
}

func unit(m *machine, v norm) (l, l1 vector) {
	q := m.inverse(v.r)
	return q, m.neg(m.mul(q, m.mul(q, q)))
}

func square(m *machine, v norm) (l, l1 vector) { return v.r, m.inverse(v.r) }

// finish stores λ and λ₁ of the k-th vector, NaN where neither ok nor zero, and returns λ, there 1. l1 may be l, which is
// stored last.
func (m *machine) finish(f profile, v norm, q reg.GPVirtual, ok, zero mask, l, l1 operand.Mem, odd reg.GPVirtual) vector {
	v.shift, v.slope, v.scale, v.eps = m.parameter(q, 0), m.parameter(q, 1), m.parameter(q, 2), m.parameter(q, 3)
	a, b := f(m, v)
	a = m.choose(zero, m.parameter(q, 4), m.choose(ok, a, m.reg(m.c(math.NaN()))))
	b = m.choose(zero, m.parameter(q, 5), m.choose(ok, b, m.reg(m.c(math.NaN()))))
	m.store(b, l1)
	m.store(a, l)
	bad := m.cmp(unordered, a, a)
	m.collect(bad, odd)
	return m.choose(bad, m.c(1), a)
}

// limits are the least and the greatest norm.
func (m *machine) limits() (lo, hi float64) {
	if m.single {
		return 1e-12, 1e12
	}
	return 1e-100, 1e100
}

func (m *machine) radial(f profile) {
	q, y, l, l1, x := m.ptr("q"), m.ptr("y"), m.ptr("l"), m.ptr("l1"), m.ptr("x")
	d, n, ld := m.ptr("d"), m.bytes("n"), m.bytes("ld")
	u := 2
	if m.single {
		u = 1
	}
	odd := m.GP64()
	m.XORQ(odd, odd)
	lo, hi := m.limits()
	m.columns(n, u, u, []reg.GPVirtual{y, l, l1, x}, func(u int) {
		bits := m.zeros(u)
		s := m.squares(x, d, ld, u, bits)
		for i := range u {
			z := s[i]
			if m.single {
				z = m.pack(s[2*i], s[2*i+1])
			}
			ok := m.both(m.cmp(ge, z, m.c(lo*lo)), m.cmp(le, z, m.c(hi*hi)))
			zero := m.cmp(eq, bits[i], m.c(0))
			s[i] = m.finish(f, norm{r: m.sqrt(z), z: z}, q, ok, zero, m.mem(l, i), m.mem(l1, i), odd)
		}
		m.scaled(y, x, d, ld, s[:u])
	})
	m.flag(odd, "odd")
}

func (m *machine) profiles(f profile) {
	q, l, l1, r, n := m.ptr("q"), m.ptr("l"), m.ptr("l1"), m.ptr("r"), m.bytes("n")
	odd := m.GP64()
	m.XORQ(odd, odd)
	lo, hi := m.limits()
	m.columns(n, 1, 1, []reg.GPVirtual{l, l1, r}, func(int) {
		v := m.load(m.mem(r, 0))
		ok := m.both(m.cmp(ge, v, m.c(lo)), m.cmp(le, v, m.c(hi)))
		m.finish(f, norm{r: v, z: m.mul(v, v)}, q, ok, m.cmp(eq, v, m.c(0)), m.mem(l, 0), m.mem(l1, 0), odd)
	})
	m.flag(odd, "odd")
}

// flag stores a register in the int that a parameter points to.
func (m *machine) flag(r reg.GPVirtual, name string) {
	p := m.ptr(name)
	m.MOVQ(r, operand.Mem{Base: p})
}
