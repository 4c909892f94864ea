package vec

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// radials are the kinds with the activations of layers that they are.
var radials = []struct {
	p Profile
	a quiver.Activation
}{
	{Profile{Kind: ReLU}, layers.Radial(layers.ReLU)},
	{Profile{Kind: ReLU, Shift: 0.75}, layers.Radial(layers.Shift(layers.ReLU, 0.75))},
	{Profile{Kind: ReLU, Shift: -2}, layers.Radial(layers.Shift(layers.ReLU, -2))},
	{Profile{Kind: LeakyReLU, Params: [2]float64{0.1}, Shift: 0.75}, layers.Radial(layers.Shift(layers.LeakyReLU(0.1), 0.75))},
	{Profile{Kind: StepReLU}, layers.Radial(layers.StepReLU)},
	{Profile{Kind: StepReLU, Shift: 0.25}, layers.Radial(layers.Shift(layers.StepReLU, 0.25))},
	{Profile{Kind: Sigmoid}, layers.Radial(layers.Sigmoid)},
	{Profile{Kind: Sigmoid, Shift: 1.5}, layers.Radial(layers.Shift(layers.Sigmoid, 1.5))},
	{Profile{Kind: Sigmoid, Shift: -1.5}, layers.Radial(layers.Shift(layers.Sigmoid, -1.5))},
	{Profile{Kind: Sigmoid, Dead: 0.7}, layers.DeadZone(layers.Radial(layers.Sigmoid), 0.7)},
	{Profile{Kind: Softplus}, layers.Radial(layers.Softplus)},
	{Profile{Kind: Softplus, Shift: 1}, layers.Radial(layers.Shift(layers.Softplus, 1))},
	{Profile{Kind: Tanh}, layers.Radial(layers.Tanh)},
	{Profile{Kind: Arctan}, layers.Radial(layers.Arctan)},
	{Profile{Kind: Squash}, layers.Radial(layers.Squash)},
	{Profile{Kind: SiLU}, layers.Radial(layers.SiLU)},
	{Profile{Kind: GELU}, layers.Radial(layers.GELU)},
	{Profile{Kind: RMS, Params: [2]float64{1.0 / 5, 1e-3}}, layers.RMSNorm(5, 1e-3)},
	{Profile{Kind: Unit}, layers.Radial(layers.Unit)},
	{Profile{Kind: Square}, layers.Radial(layers.Square)},
}

// jets completes a profile with its values at the origin.
func jets(p Profile, a quiver.Activation) (Profile, quiver.RadialJet) {
	j := a.(quiver.RadialJet)
	p.Origin, p.Origin1 = j.RadialJet(0, 0), j.RadialJet(1, 0)
	return p, j
}

func TestProfiles(t *testing.T) {
	bothPrecisions(t, func(t testing.TB) { testProfiles[float64](t, -99.9, 99.9) }, func(t testing.TB) { testProfiles[float32](t, -11.9, 11.9) })
}

// testProfiles compares λ and λ₁ with layers for norms from 10^lo to 10^hi and 0. λ₁ = (h′−λ)/r² is compared
// relative to the size of its terms: it has zeros.
func testProfiles[T Float](t testing.TB, lo, hi float64) {
	const n = 1024
	rng := rand.New(rand.NewPCG(5, 6))
	r := newBlock[T](1, n, n).fill(func(_, j int) T {
		switch {
		case j == 0:
			return 0
		case j%2 == 0: // near 1, where the branches lie
			return T(math.Exp(2 * rng.NormFloat64()))
		}
		return T(math.Pow(10, lo+(hi-lo)*float64(j)/n))
	})
	var worst, worst1 float64
	for _, c := range radials {
		p, jet := jets(c.p, c.a)
		l, l1, only := newBlock[T](1, n, n), newBlock[T](1, n, n), newBlock[T](1, n, n)
		require.Zero(t, Profiles(&p, l.x, l1.x, r.x, n), "%v", c.a)
		require.Zero(t, Profiles(&p, only.x, nil, r.x, n), "%v", c.a)
		equalBits(t, l.x, only.x, c.a.String()+" without λ₁")
		for _, b := range []block[T]{l, l1, only, r} {
			b.check(t)
		}
		tol := 8 * eps[T]()
		for j, v := range r.x {
			x := float64(v)
			want, want1 := jet.RadialJet(0, x), jet.RadialJet(1, x)
			scale := math.Abs(want)
			if p.Shift != 0 { // x = r − s is rounded first
				scale += p.Shift * p.Shift / (x + 1) * math.Abs(want)
				if p.Kind == ReLU || p.Kind == LeakyReLU || p.Kind == StepReLU {
					scale = math.Abs(want) + math.Abs(p.Shift)/(x+math.SmallestNonzeroFloat64)
				}
			}
			if math.Abs(float64(T(want))) < 1e-37 && !wide[T]() {
				continue // denormal
			}
			e := math.Abs(float64(l.x[j])-want) / scale
			if want == float64(l.x[j]) {
				e = 0
			}
			worst = max(worst, e/eps[T]())
			if !assert.LessOrEqual(t, e, tol, "λ of %v at %v: want %v, got %v", c.a, x, want, l.x[j]) {
				break
			}
			if x == 0 || x <= p.Dead {
				require.Equal(t, T(want1), l1.x[j], "%v", c.a)
				continue
			}
			scale = max(math.Abs(want1), math.Abs(want)/x/x)
			if scale < 1e-36 && !wide[T]() || scale < 1e-299 {
				continue
			}
			e = math.Abs(float64(l1.x[j])-want1) / scale
			worst1 = max(worst1, e/eps[T]())
			if !assert.LessOrEqual(t, e, 4*tol, "λ₁ of %v at %v: want %v, got %v", c.a, x, want1, l1.x[j]) {
				break
			}
		}
	}
	t.Logf("largest error of λ %.1f ulp, of λ₁ %.1f", worst, worst1)
}

func TestRadial(t *testing.T) { bothPrecisions(t, testRadial[float64], testRadial[float32]) }

// testRadial compares ρ and Dρᵀ with the activation itself, samples at the origin among them.
func testRadial[T Float](t testing.TB) {
	rng := rand.New(rand.NewPCG(7, 8))
	tol := 32 * eps[T]()
	for _, c := range radials {
		p, _ := jets(c.p, c.a)
		for _, s := range shapes {
			d, n, ld := s[0], s[1], s[2]
			if d*n > 800 { // the scalar activations take long
				continue
			}
			x := newBlock[T](d, n, ld).fill(func(_, j int) T {
				if j%5 == 2 {
					return 0
				}
				return T(rng.NormFloat64() * math.Exp(float64(j%7-3)))
			})
			g := newBlock[T](d, n, ld).random(rng)
			y, delta := newBlock[T](d, n, ld), newBlock[T](d, n, ld)
			l, l1 := newBlock[T](1, n, n), newBlock[T](1, n, n)
			require.Zero(t, Radial(&p, y.x, l.x, l1.x, x.x, d, n, ld))
			RadialVJP(delta.x, g.x, x.x, l.x, l1.x, d, n, ld)
			for _, b := range []block[T]{x, g, y, delta, l, l1} {
				b.check(t)
			}
			in, up, want := make([]float64, d), make([]float64, d), make([]float64, d)
			for j := range n {
				var size float64
				for i := range d {
					in[i], up[i] = float64(x.x[i*ld+j]), float64(g.x[i*ld+j])
					size = math.Hypot(size, up[i])
				}
				c.a.Apply(want, in)
				r := norm2(in)
				cond := 1.0 // h′r/h, what an error of the norm grows by
				if k := c.a.(quiver.RadialJet); r > 0 && k.RadialJet(0, r) != 0 {
					cond = max(1, math.Abs(1+k.RadialJet(1, r)*r*r/k.RadialJet(0, r)))
				}
				for i := range d {
					require.InDelta(t, want[i], float64(y.x[i*ld+j]), tol*norm2(want)*cond, "%v: ρ(%v)", c.a, in)
				}
				c.a.VJP(want, in, up)
				for i := range d { // λg and its part along x nearly cancel where h is flat
					require.InDelta(t, want[i], float64(delta.x[i*ld+j]), tol*max(norm2(want), math.Abs(float64(l.x[j]))*size)+1e-320, "%v: Dρ(%v)ᵀ%v", c.a, in, up)
				}
			}
			for j := 0; j < n; j += 1 + n/3 { // the same bits alone, and in place
				one := x.lane(j)
				la, lb := newBlock[T](1, Lanes, Lanes), newBlock[T](1, Lanes, Lanes)
				Radial(&p, one.x, la.x, lb.x, one.x, d, Lanes, Lanes)
				for i := range d {
					require.Equal(t, y.x[i*ld+j], one.x[i*Lanes+3], "%v alone", c.a)
				}
				require.Equal(t, [2]T{l.x[j], l1.x[j]}, [2]T{la.x[5], lb.x[5]}, "%v alone", c.a)
			}
		}
	}
}

func norm2(v []float64) (s float64) {
	for _, x := range v {
		s = math.Hypot(s, x)
	}
	return s
}

// TestOddSamples: samples outside the range of norms are copied, marked and counted, others are as without
// them.
func TestOddSamples(t *testing.T) {
	bothPrecisions(t, func(t testing.TB) {
		oddSamples(t, []float64{1e-170, 1e-101, 1e101, 1e300, math.Inf(1), math.NaN(), 5e-324})
	},
		func(t testing.TB) {
			oddSamples(t, []float32{1e-44, 1e-30, 1e-13, 1e13, 1e30, 3e38, float32(math.Inf(-1)), float32(math.NaN())})
		})
}

func oddSamples[T Float](t testing.TB, odd []T) {
	rng := rand.New(rand.NewPCG(9, 10))
	const d, n = 3, 64
	for _, c := range radials {
		p, _ := jets(c.p, c.a)
		odd := slices.DeleteFunc(slices.Clone(odd), func(v T) bool { return math.Abs(float64(v)) <= p.Dead })
		plain := newBlock[T](d, n, n).random(rng)
		x := plain.clone()
		bad := map[int]bool{}
		for k, v := range odd {
			j := 7 * k
			bad[j] = true
			for i := range d {
				x.x[i*n+j] = 0
			}
			x.x[k%d*n+j] = v
		}
		y, l, l1, y0 := newBlock[T](d, n, n), newBlock[T](1, n, n), newBlock[T](1, n, n), newBlock[T](d, n, n)
		require.Equal(t, len(odd), Radial(&p, y.x, l.x, l1.x, x.x, d, n, n), "%v", c.a)
		require.Zero(t, Radial(&p, y0.x, make([]T, n), nil, plain.x, d, n, n))
		for j := range n {
			require.Equal(t, bad[j], l.x[j] != l.x[j], "%v: sample %d", c.a, j)
			require.Equal(t, bad[j], l1.x[j] != l1.x[j])
			for i := range d {
				want := y0.x[i*n+j]
				if bad[j] {
					want = x.x[i*n+j]
				}
				if got := y.x[i*n+j]; want == want || got == got {
					require.Equal(t, want, got, "%v: sample %d", c.a, j)
				}
			}
		}
		r := newBlock[T](1, n, n).fill(func(_, j int) T { return 1 })
		for k, v := range odd {
			r.x[7*k] = T(math.Abs(float64(v)))
		}
		require.Equal(t, len(odd), Profiles(&p, l.x, l1.x, r.x, n), fmt.Sprint(c.a))
	}
}

// TestRadialOfNothing: a vertex of dimension 0 sits at the origin.
func TestRadialOfNothing(t *testing.T) {
	everyLevel(t, func(t testing.TB) {
		p, l, l1 := Profile{Kind: Tanh, Origin: 1, Origin1: -2.0 / 3}, make([]float64, 16), make([]float64, 16)
		assert.Zero(t, Radial(&p, nil, l, l1, nil, 0, 16, 16))
		assert.Equal(t, [2]float64{1, -2.0 / 3}, [2]float64{l[15], l1[15]})
		RadialVJP(nil, nil, nil, l, l1, 0, 16, 16)
	})
}

// TestBoundaries: jumps and the edge of a dead zone lie on the side on which layers has them.
func TestBoundaries(t *testing.T) {
	everyLevel(t, func(t testing.TB) {
		for _, c := range radials {
			p, jet := jets(c.p, c.a)
			for _, edge := range []float64{1, 1 + p.Shift, p.Shift, p.Dead} {
				if edge <= 0 {
					continue
				}
				r, y, l, l1 := make([]float64, 16), make([]float64, 32), make([]float64, 16), make([]float64, 16)
				for j := range r {
					r[j] = edge
					for range 8 - j {
						r[j] = math.Nextafter(r[j], 0)
					}
					for range j - 8 {
						r[j] = math.Nextafter(r[j], 2)
					}
				}
				Profiles(&p, l, l1, r, 16)
				Radial(&p, y, make([]float64, 16), nil, append(make([]float64, 16), r...), 2, 16, 16)
				for j, x := range r {
					want := jet.RadialJet(0, x)
					assert.InDelta(t, want, l[j], 4e-15, "%v at %v", c.a, x)
					assert.InDelta(t, want*x, y[16+j], 4e-15, "%v at %v", c.a, x)
				}
			}
		}
	})
}
