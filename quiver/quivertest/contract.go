package quivertest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sync"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// TB is the part of testing.TB that the contract suite uses.
type TB interface {
	Helper()
	Errorf(format string, args ...any)
}

// Activation checks that an activation keeps the contract of quiver.Activation, and of
// each optional interface that it implements, at vertices of the given dimensions (1, 2, 5 and
// 8 where none are given): that Apply and VJP agree with each other and with
// their aliasing rules, are finite at the origin, do not depend on earlier or
// concurrent calls, that Restrict returns what is induced on the subspace, that jets are derivatives, and that
// Lipschitz constants are not exceeded. Away from jumps: give the typical lengths of
// the inputs as sizes, or nil for 0.3, 1.7 and 4. It panics with *quiver.InputError for nil arguments and
// for sizes or dimensions that are not positive.
func Activation(t TB, act quiver.Activation, sizes []float64, dims ...int) {
	if t == nil || act == nil {
		panic(&quiver.InputError{Reason: "quivertest.Activation needs a test and an activation"})
	}
	t.Helper()
	if len(dims) == 0 {
		dims = []int{1, 2, 5, 8}
	}
	if sizes == nil {
		sizes = []float64{0.3, 1.7, 4}
	}
	for _, n := range dims {
		if n <= 0 || n > 1<<20 {
			panic(&quiver.InputError{Reason: fmt.Sprintf("quivertest.Activation at dimension %d; want 1 … 1048576", n)})
		}
	}
	for _, s := range sizes {
		if !(s > 0) || math.IsInf(s, 1) {
			panic(&quiver.InputError{Reason: fmt.Sprintf("quivertest.Activation at the length %v; want positive lengths", s)})
		}
	}
	c := &contract{t: t, act: act, rng: rand.New(rand.NewPCG(11, 13))}
	if name := act.String(); name == "" || name != act.String() {
		t.Errorf("String is empty or changes: %q", name)
	}
	for _, n := range dims {
		c.origin(n)
		for _, size := range sizes {
			z := c.vector(n, size)
			c.gradient(z)
			c.aliasing(z)
			c.parameters(z)
			c.secondOrder(z)
			c.jets(z)
			c.lipschitz(z)
			c.restriction(z)
		}
		c.concurrent(n)
	}
}

type contract struct {
	t   TB
	act quiver.Activation
	rng *rand.Rand
}

func (c *contract) vector(n int, size float64) []float64 {
	v := make([]float64, n)
	var s float64
	for i := range v {
		v[i] = c.rng.NormFloat64()
		s += v[i] * v[i]
	}
	for i := range v {
		v[i] *= size / math.Sqrt(s)
	}
	return v
}

func (c *contract) apply(z []float64) []float64 {
	y := make([]float64, len(z))
	c.act.Apply(y, z)
	return y
}

func (c *contract) vjp(z, g []float64) []float64 {
	d := make([]float64, len(z))
	c.act.VJP(d, z, g)
	return d
}

func (c *contract) fail(format string, args ...any) {
	c.t.Helper()
	c.t.Errorf("activation %s: %s", c.act, fmt.Sprintf(format, args...))
}

// near compares to a relative tolerance.
func near(a, b []float64, tol float64) (float64, bool) {
	var diff, size float64
	for i := range a {
		diff, size = max(diff, math.Abs(a[i]-b[i])), max(size, math.Abs(a[i]), math.Abs(b[i]))
	}
	return diff, diff <= tol*max(size, 1e-3) // NaN is not near
}

func (c *contract) origin(n int) {
	z, g := make([]float64, n), c.vector(n, 1)
	for _, x := range append(c.apply(z), c.vjp(z, g)...) {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			c.fail("Apply or VJP at the origin of dimension %d is not finite", n)
			return
		}
	}
}

const step = 1e-5

// gradient compares VJP with central differences of Apply.
func (c *contract) gradient(z []float64) {
	g := c.vector(len(z), 1)
	want := make([]float64, len(z))
	for i := range z {
		want[i] = differ(z, i, func(z []float64) float64 { return dot(g, c.apply(z)) })
	}
	if d, ok := near(c.vjp(z, g), want, 1e-6); !ok {
		c.fail("VJP at %.3v is %.1e away from central differences of Apply", z, d)
	}
}

func differ(z []float64, i int, f func([]float64) float64) float64 {
	x := append([]float64(nil), z...)
	h := step * max(1, math.Abs(z[i]))
	x[i] = z[i] + h
	up := f(x)
	x[i] = z[i] - h
	return (up - f(x)) / (2 * h)
}

func dot(a, b []float64) float64 {
	var s float64
	for i := range a {
		s += a[i] * b[i]
	}
	return s
}

func same(a, b []float64) bool {
	for i := range a {
		if math.Float64bits(a[i]) != math.Float64bits(b[i]) {
			return false
		}
	}
	return len(a) == len(b)
}

func (c *contract) aliasing(z []float64) {
	keep := append([]float64(nil), z...)
	g := c.vector(len(z), 1)
	gkeep := append([]float64(nil), g...)
	y, d := c.apply(z), c.vjp(z, g)
	if !same(z, keep) || !same(g, gkeep) {
		c.fail("Apply or VJP changes its arguments")
		copy(z, keep)
		copy(g, gkeep)
	}
	if !same(y, c.apply(z)) || !same(d, c.vjp(z, g)) {
		c.fail("a second call gives another result")
	}
	in := append([]float64(nil), z...)
	c.act.Apply(in, in)
	if !same(y, in) {
		c.fail("Apply(z, z) differs from Apply(dst, z)")
	}
	c.act.VJP(g, z, g)
	if !same(d, g) {
		c.fail("VJP(g, z, g) differs from VJP(dst, z, g)")
	}
}

func (c *contract) concurrent(n int) {
	z := c.vector(n, 1.7)
	want := c.apply(z)
	var wg sync.WaitGroup
	var mu sync.Mutex
	bad := false
	for range 8 {
		wg.Go(func() {
			z, y := append([]float64(nil), z...), make([]float64, n)
			for range 20 {
				c.act.Apply(y, z)
				if !same(y, want) {
					mu.Lock()
					bad = true
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	if bad {
		c.fail("concurrent calls disturb each other")
	}
}

// restriction asks for a random subspace and for the whole space in another basis.
func (c *contract) restriction(z []float64) {
	n := len(z)
	for _, k := range []int{1, n} {
		b := c.basis(n, k)
		a, ok := c.act.Restrict(b)
		if !ok {
			continue
		}
		w := make([]float64, k)
		for j := range w {
			w[j] = dot(mat.Col(nil, j, b), z)
		}
		x := make([]float64, n)
		for i := range x {
			x[i] = dot(b.RawRowView(i), w)
		}
		y := c.apply(x)
		got, want := make([]float64, k), make([]float64, k)
		a.Apply(got, w)
		for j := range want {
			want[j] = dot(mat.Col(nil, j, b), y)
		}
		if d, ok := near(got, want, 1e-10); !ok {
			c.fail("Restrict to %d of %d dimensions returns %s, which is %.1e away from bᵀρ(bw)", k, n, a, d)
		}
		back := make([]float64, n)
		for i := range back {
			back[i] = dot(b.RawRowView(i), want)
		}
		if d, ok := near(back, y, 1e-10); !ok {
			c.fail("Restrict accepts a subspace of %d of %d dimensions that the activation leaves by %.1e", k, n, d)
		}
	}
}

// basis returns n×k orthonormal columns, by Gram–Schmidt twice.
func (c *contract) basis(n, k int) *mat.Dense {
	b := mat.NewDense(n, k, nil)
	for j := range k {
		v := c.vector(n, 1)
		for range 2 {
			for i := range j {
				u := mat.Col(nil, i, b)
				s := dot(u, v)
				for r := range v {
					v[r] -= s * u[r]
				}
			}
		}
		s := math.Sqrt(dot(v, v))
		for r := range v {
			b.Set(r, j, v[r]/s)
		}
	}
	return b
}

func (c *contract) lipschitz(z []float64) {
	l, ok := c.act.(quiver.Lipschitz)
	if !ok {
		return
	}
	r := math.Sqrt(dot(z, z))
	lip, sup := l.Lipschitz(0.9*r, 1.1*r)
	y := c.apply(z)
	if n := math.Sqrt(dot(y, y)); !(n <= sup*(1+1e-12)) {
		c.fail("Lipschitz promises |ρ(z)| ≤ %.3g for %.3g ≤ |z| ≤ %.3g and it is %.3g", sup, 0.9*r, 1.1*r, n)
	}
	for range 4 {
		d := c.vector(len(z), 1e-4*r)
		for i := range d {
			d[i] += z[i]
		}
		u := c.apply(d)
		for i := range d {
			d[i] -= z[i]
			u[i] -= y[i]
		}
		if q := math.Sqrt(dot(u, u) / dot(d, d)); !(q <= lip*(1+1e-6)) {
			c.fail("Lipschitz promises the constant %.3g for %.3g ≤ |z| ≤ %.3g and two points have %.3g", lip, 0.9*r, 1.1*r, q)
		}
	}
}
