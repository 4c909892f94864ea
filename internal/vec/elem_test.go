package vec

import (
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/internal/cpu"
	"github.com/quivernet/quivernet/layers"
)

// elementwise is a function of elem.go or point.go with its definition, and the error that it promises.
type elementwise[T Float] struct {
	name string
	run  func(y, x []T)
	want func(x float64) float64
	ulp  float64
}

func elementwises[T Float]() []elementwise[T] {
	point := func(m Map) func(y, x []T) { return func(y, x []T) { Pointwise(m, 0.25, y, x) } }
	value := func(m Map) func(x float64) float64 {
		return func(x float64) float64 { return m.value(x, 0.25) }
	}
	return []elementwise[T]{
		{"exp", Exp[T], exp, 1},
		{"tanh", point(MapTanh), value(MapTanh), 2},
		{"sigmoid", point(MapSigmoid), value(MapSigmoid), 2},
		{"softplus", point(MapSoftplus), value(MapSoftplus), 2},
		{"silu", point(MapSiLU), value(MapSiLU), 4},
		{"elu", point(MapELU), value(MapELU), 2},
		{"arctan", point(MapArctan), value(MapArctan), 2},
		{"gelu", point(MapGELU), value(MapGELU), 6},
		{"relu", point(MapReLU), value(MapReLU), 0},
		{"leaky", point(MapLeaky), value(MapLeaky), 0},
		{"abs", point(MapAbs), value(MapAbs), 0},
		{"square", point(MapSquare), value(MapSquare), 0},
	}
}

// special are the inputs at which a function may break.
func special[T Float]() []T {
	s := []T{0, T(math.Copysign(0, -1)), T(math.Inf(1)), T(math.Inf(-1)), T(math.NaN()), 1, -1, 0.625, -0.625, 0.3, 1e-5, -1e-5,
		709.7, 709.79, 710, -708.5, -745, -745.2, -746, 1e9, -1e9, 88.7, 88.8, -87.4, -103.9, -104.1, 20, -20, 0.34657, -0.34658, 40, -40, 17}
	if wide[T]() {
		for _, v := range []float64{5e-324, -1e-310, 1e-300, math.MaxFloat64, -math.MaxFloat64} {
			s = append(s, T(v))
		}
		return s
	}
	return append(s, 1e-45, -1e-40, math.MaxFloat32, -math.MaxFloat32)
}

// ulp is the distance of got from want in units of the last place of want, 0 for equal infinities and NaNs.
func ulp[T Float](want float64, got T) float64 {
	g := float64(got)
	if T(want) == got || want != want && g != g {
		return 0
	}
	if math.IsInf(float64(T(want)), 0) || math.IsInf(g, 0) || g != g || want != want {
		return math.Inf(1)
	}
	a, least := math.Abs(want), 0x1p-1074
	if !wide[T]() {
		least = 0x1p-149
	}
	_, e := math.Frexp(a)
	return math.Abs(g-want) / max(math.Ldexp(eps[T](), e-1), least)
}

func TestElementwise(t *testing.T) {
	bothPrecisions(t, testElementwise[float64], testElementwise[float32])
}

// testElementwise compares with math in double precision: its functions, which are themselves within 1 ulp, judge the
// kernels in double precision to within that; TestExact does better.
func testElementwise[T Float](t testing.TB) {
	rng := rand.New(rand.NewPCG(11, 12))
	const n = 1 << 13
	x, y := newBlock[T](1, n, n), newBlock[T](1, n, n)
	slack, tiny := 0.0, 1e-35
	if wide[T]() {
		slack, tiny = 1, 1e-300
	}
	for _, f := range elementwises[T]() {
		var worst float64
		var at T
		for round := range 4 {
			x.fill(func(_, j int) T {
				switch s := special[T](); {
				case round == 0 && j < len(s):
					return s[j]
				case round == 0:
					return T(-800 + 1600*float64(j)/n)
				case round == 1:
					return T(-110 + 220*float64(j)/n)
				case round == 2:
					return T(4 * rng.NormFloat64())
				}
				return T(math.Ldexp(rng.NormFloat64(), -rng.IntN(60)))
			})
			f.run(y.x, x.x)
			for j, v := range x.x {
				if (f.name == "silu" || f.name == "gelu") && v < 0 && math.Abs(f.want(float64(v))) < tiny {
					continue // e^x is denormal, and has fewer digits
				}
				want := f.want(float64(v))
				if want != want && math.IsInf(float64(v), 0) && math.IsInf(float64(y.x[j]), 0) {
					continue // not finite, as promised
				}
				if v > 709 && v < 709.783 && f.name == "exp" {
					want, _ = bigExp(bf(float64(v))).Float64() // see exp
				}
				e := ulp(want, y.x[j])
				if f.name == "gelu" && wide[T]() && v < 0 { // x/√2, rounded, makes x² times that of the tail
					e /= 1 + float64(v)*float64(v)/2
				}
				if e > worst {
					worst, at = e, v
				}
			}
			if round == 0 { // each number alone, in every lane, has the same bits
				for _, j := range []int{1, 2, 4, 21, 500, 7000} {
					one, out := newBlock[T](1, Lanes, Lanes), newBlock[T](1, Lanes, Lanes)
					one.fill(func(_, _ int) T { return x.x[j] })
					f.run(out.x, one.x)
					for _, v := range out.x {
						equalBits(t, y.x[j:j+1], []T{v}, f.name+" alone")
					}
				}
			}
		}
		y.check(t)
		f.run(x.x, x.x)
		equalBits(t, y.x, x.x, f.name+" in place")
		assert.LessOrEqual(t, worst, f.ulp+slack, "%s at %v", f.name, at)
		t.Logf("%s: largest error %.3f ulp, at %v", f.name, worst, at)
		nothing := []T{}
		f.run(nothing, nothing)
	}
	z := []T{T(math.Copysign(0, -1)), 15: 0}
	Pointwise(MapTanh, 0, z, z)
	assert.True(t, math.Signbit(float64(z[0])) && !math.Signbit(float64(z[1])), "tanh ±0")
}

// TestEveryFloat32 takes all 2³² inputs, in some twenty minutes; where QUIVERNET_EXHAUSTIVE is k, every k-th 65536 of them.
func TestEveryFloat32(t *testing.T) {
	k, err := strconv.ParseUint(os.Getenv("QUIVERNET_EXHAUSTIVE"), 10, 16)
	if err != nil || k == 0 {
		t.Skip("set QUIVERNET_EXHAUSTIVE=1 to test all 2³² inputs, to 16 for a sixteenth")
	}
	const n = 1 << 16
	x, y := make([]float32, n), make([]float32, n)
	everyLevel(t, func(t testing.TB) {
		if level == cpu.Go {
			return // math itself
		}
		for _, f := range elementwises[float32]()[:8] {
			var worst float64
			var at float32
			for hi := uint32(0); hi < 1<<16; hi += uint32(k) {
				for lo := range uint32(n) {
					x[lo] = math.Float32frombits(hi<<16 | lo)
				}
				f.run(y, x)
				for j, v := range x {
					want := f.want(float64(v))
					if want != want && y[j]-y[j] != 0 {
						continue // an infinity stays one or becomes NaN
					}
					if (f.name == "silu" || f.name == "gelu") && v < 0 && math.Abs(want) < 1e-35 {
						continue // see testElementwise
					}
					if e := ulp(want, y[j]); e > worst {
						worst, at = e, v
					}
				}
			}
			assert.LessOrEqual(t, worst, f.ulp, "%s at %v", f.name, at)
			t.Logf("%s: largest error %.3f ulp, at %v", f.name, worst, at)
		}
	})
}

func TestPointwiseVJP(t *testing.T) {
	bothPrecisions(t, testPointwiseVJP[float64], testPointwiseVJP[float32])
}

func testPointwiseVJP[T Float](t testing.TB) {
	const n = 2048
	for m := range maps {
		rng := rand.New(rand.NewPCG(13, 14)) // of its own, whatever other maps there are
		z := newBlock[T](1, n, n).fill(func(_, j int) T {
			if s := special[T](); j < len(s) {
				return s[j]
			}
			return T(3 * rng.NormFloat64())
		})
		g := vector[T](rng, n)
		y, d, want, inPlace := newBlock[T](1, n, n), newBlock[T](1, n, n), newBlock[T](1, n, n), g.clone()
		in, out := z.x, []T(nil)
		if m.KeepsSlope() {
			s := newBlock[T](1, n, n)
			PointwiseSlope(m, y.x, s.x, z.x)
			in, out = nil, s.x
		}
		PointwiseVJP(m, 0.25, d.x, g.x, in, out)
		oracle(func() { PointwiseVJP(m, 0.25, want.x, g.x, in, out) })
		for j, v := range want.x {
			x := float64(v)
			switch at, up := float64(z.x[j]), math.Abs(float64(g.x[j])); m { // their slopes have a zero
			case MapSiLU:
				x = max(math.Abs(x), layers.Sigmoid.Value(at)*up)
			case MapGELU: // for the last factor see testElementwise
				cdf, density := ratios[GELU].At(at, 0, nil) // Φ(x), φ(x)/x
				if density *= at * at; at == 0 || density == 0 {
					density = 0
				}
				x = up * (cdf + math.Abs(density)) * (1 + min(at*at, 1600)/2)
			}
			if math.Abs(float64(v)) < 1e-35 && math.Abs(float64(d.x[j])) < 1e-35 && z.x[j] < -8 { // denormal in single precision
				continue
			}
			if v == d.x[j] || v != v && d.x[j] != d.x[j] {
				continue
			}
			if math.IsInf(float64(T(m.slope(float64(z.x[j]), 0.25))), 0) {
				continue // the slope alone is no number of this precision
			}
			require.InDelta(t, float64(v), float64(d.x[j]), 6*eps[T]()*math.Abs(x), "map %s at %v", mapNames[m], z.x[j])
		}
		d.check(t)
		PointwiseVJP(m, 0.25, inPlace.x, inPlace.x, in, out)
		equalBits(t, d.x, inPlace.x, "in place")
		require.NotEqual(t, g.x, d.x) // a control: the derivative is not 1 everywhere
	}
}
