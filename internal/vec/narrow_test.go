package vec

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/internal/blas"
	"github.com/quivernet/quivernet/internal/cpu"
)

// narrow calls f for narrow layers of r×c weights, each with a shape n, ld: all widths, and all remainders of the loops.
func narrow(f func(r, c, n, ld int)) {
	sizes := [][2]int{{16, 16}, {32, 33}, {48, 48}, {80, 96}, {128, 128}, {176, 180}, {0, 16}}
	for r := range NarrowMax + 1 {
		for c := range NarrowMax + 1 {
			s := sizes[(r*5+c*3)%len(sizes)]
			f(r, c, s[0], s[1])
		}
		f(r, 37, 48, 50)
	}
	f(4, 3, 0, 0)
}

// layer is the operands of a layer r×c and of its gradient.
type layer[T Float] struct {
	r, c, n, ld int
	w, b        block[T]
	x, e        block[T] // c×n and r×n
}

func newLayer[T Float](rng *rand.Rand, r, c, n, ld int) layer[T] {
	return layer[T]{r, c, n, ld, vector[T](rng, r*c), vector[T](rng, r),
		newBlock[T](c, n, ld).random(rng), newBlock[T](r, n, ld).random(rng)}
}

func (y layer[T]) check(t testing.TB, more ...block[T]) {
	for _, b := range append(more, y.w, y.b, y.x, y.e) {
		b.check(t)
	}
}

// product is FillRows and a product of matrices by package blas.
func (y layer[T]) product(z block[T], b []T) {
	clear(z.x)
	if b != nil {
		FillRows(z.x, b, y.r, y.n, y.ld)
	}
	if y.c > 0 && y.n > 0 && y.r > 0 {
		blas.Gemm(y.r, y.n, y.c, y.w.x, y.c, 1, y.x.x, y.ld, true, z.x, y.ld)
	}
}

// sameRows asserts that two blocks have the same bits, at level Go, where nothing is fused, nearly.
func sameRows[T Float](t testing.TB, want, got block[T], msg string) {
	for i := range want.d {
		a, b := want.x[i*want.ld:][:want.n], got.x[i*got.ld:][:got.n]
		if level != cpu.Go {
			equalBits(t, a, b, msg)
			continue
		}
		for j := range a {
			require.InDelta(t, float64(a[j]), float64(b[j]), 200*eps[T](), "%s [%d,%d]", msg, i, j)
		}
	}
}

func TestLayer(t *testing.T) { bothPrecisions(t, testLayer[float64], testLayer[float32]) }

func testLayer[T Float](t testing.TB) {
	rng := rand.New(rand.NewPCG(21, 1))
	narrow(func(r, c, n, ld int) {
		y := newLayer[T](rng, r, c, n, ld)
		for _, b := range [][]T{y.b.x, nil} {
			msg := fmt.Sprintf("%d×%d, n=%d, bias %v", r, c, n, b != nil)
			want, got := newBlock[T](r, n, ld), newBlock[T](r, n, ld)
			y.product(want, b)
			Layer(got.x, y.w.x, b, y.x.x, r, c, n, ld)
			sameRows(t, want, got, msg)
			y.check(t, got)
		}
	})
}

// TestLayerOrder is a control: the bits that TestLayer compares tell the order of a sum.
func TestLayerOrder(t *testing.T) { bothPrecisions(t, layerOrder[float64], layerOrder[float32]) }

func layerOrder[T Float](t testing.TB) {
	const r, c, n = 4, 5, 128
	y := newLayer[T](rand.New(rand.NewPCG(21, 7)), r, c, n, n)
	z, back := newBlock[T](r, n, n), newBlock[T](r, n, n)
	Layer(z.x, y.w.x, y.b.x, y.x.x, r, c, n, n)
	w := newBlock[T](1, r*c, r*c).fill(func(_, k int) T { return y.w.x[k/c*c+c-1-k%c] })
	x := newBlock[T](c, n, n).fill(func(k, j int) T { return y.x.x[(c-1-k)*n+j] })
	Layer(back.x, w.x, y.b.x, x.x, r, c, n, n)
	assert.NotEqual(t, z.x, back.x)
	for k, v := range z.x {
		assert.InDelta(t, float64(v), float64(back.x[k]), 100*eps[T]())
	}
}

func TestRadialLayer(t *testing.T) {
	bothPrecisions(t, testRadialLayer[float64], testRadialLayer[float32])
}

// testRadialLayer compares with Layer and Radial, bit for bit: samples at the origin, dead and odd ones among them.
func testRadialLayer[T Float](t testing.TB) {
	rng := rand.New(rand.NewPCG(21, 2))
	for k, q := range radials {
		p, _ := jets(q.p, q.a)
		narrow(func(r, c, n, ld int) {
			if (r*9+c)%5 != k%5 && c < 10 { // each kind with some of the sizes
				return
			}
			y := newLayer[T](rng, r, c, n, ld)
			bias := y.b.x
			if (r+c)%2 == 0 {
				bias = nil
				for _, j := range []int{3, 40, n - 1} { // zeros, huge numbers, and none
					for i := range c {
						if j >= 0 && j < n {
							y.x.x[i*ld+j] *= map[int]T{3: 0, 40: T(math.Inf(1))}[j]
						}
					}
				}
			}
			msg := fmt.Sprintf("%v %d×%d n=%d", q.a, r, c, n)
			zw, yw, lw, l1w := newBlock[T](r, n, ld), newBlock[T](r, n, ld), newBlock[T](1, n, n), newBlock[T](1, n, n)
			Layer(zw.x, y.w.x, bias, y.x.x, r, c, n, ld)
			want := Radial(&p, yw.x, lw.x, l1w.x, zw.x, r, n, ld)
			z, out, l, l1 := newBlock[T](r, n, ld), newBlock[T](r, n, ld), newBlock[T](1, n, n), newBlock[T](1, n, n)
			require.Equal(t, want, RadialLayer(&p, z.x, out.x, l.x, l1.x, y.w.x, bias, y.x.x, r, c, n, ld), msg)
			only, lo := newBlock[T](r, n, ld), newBlock[T](1, n, n) // in place, without λ₁
			require.Equal(t, want, RadialLayer(&p, only.x, only.x, lo.x, nil, y.w.x, bias, y.x.x, r, c, n, ld), msg)
			for i := range r {
				at := i * ld
				equalBits(t, zw.x[at:][:n], z.x[at:][:n], msg+": z")
				equalBits(t, yw.x[at:][:n], out.x[at:][:n], msg+": y")
				equalBits(t, yw.x[at:][:n], only.x[at:][:n], msg+": in place")
			}
			equalBits(t, lw.x, l.x, msg+": λ")
			equalBits(t, l1w.x, l1.x, msg+": λ₁")
			equalBits(t, lw.x, lo.x, msg+": λ alone")
			y.check(t, z, out, l, l1, only, lo)
			for j := 0; j < n && r > 0; j += 1 + n/3 { // the same bits alone
				x := y.x.lane(j)
				za, ya, la := newBlock[T](r, Lanes, Lanes), newBlock[T](r, Lanes, Lanes), newBlock[T](1, Lanes, Lanes)
				RadialLayer(&p, za.x, ya.x, la.x, nil, y.w.x, bias, x.x, r, c, Lanes, Lanes)
				for q := range Lanes {
					equalBits(t, l.x[j:j+1], la.x[q:q+1], msg+" alone")
					equalBits(t, out.x[j:j+1], ya.x[q:q+1], msg+" alone")
				}
			}
		})
	}
}

func TestRadialBack(t *testing.T) {
	bothPrecisions(t, testRadialBack[float64], testRadialBack[float32])
}

// testRadialBack compares with a product of matrices followed by RadialVJP.
func testRadialBack[T Float](t testing.TB) {
	rng := rand.New(rand.NewPCG(21, 3))
	run := func(r, c, n, ld int) {
		y := newLayer[T](rng, r, c, n, ld)
		l, l1 := vector[T](rng, n), vector[T](rng, n)
		g, want, got := newBlock[T](c, n, ld), newBlock[T](c, n, ld), newBlock[T](c, n, ld)
		clear(g.x)
		if r > 0 && c > 0 && n > 0 {
			blas.Gemm(c, n, r, y.w.x, 1, c, y.e.x, ld, true, g.x, ld)
		}
		RadialVJP(want.x, g.x, y.x.x, l.x, l1.x, c, n, ld)
		RadialBack(got.x, y.w.x, y.e.x, y.x.x, l.x, l1.x, r, c, n, ld)
		msg := fmt.Sprintf("%d×%d, n=%d", r, c, n)
		if level == cpu.Go { // sums of r products of either sign, and of c products of those
			for i := range c {
				for j := range n {
					require.InDelta(t, float64(want.x[i*ld+j]), float64(got.x[i*ld+j]), 2000*eps[T]()*float64(r+1), msg)
				}
			}
		} else {
			sameRows(t, want, got, msg)
		}
		z := y.x.clone()
		RadialBack(z.x, y.w.x, y.e.x, z.x, l.x, l1.x, r, c, n, ld)
		for i := range c {
			equalBits(t, got.x[i*ld:][:n], z.x[i*ld:][:n], msg+" in place of z")
		}
		y.check(t, got, l, l1, z)
		for j := 0; j < n; j += 1 + n/3 {
			alone := newBlock[T](c, Lanes, Lanes)
			RadialBack(alone.x, y.w.x, y.e.lane(j).x, y.x.lane(j).x, l.lane(j).x, l1.lane(j).x, r, c, Lanes, Lanes)
			for i := range c {
				for q := range Lanes {
					equalBits(t, got.x[i*ld+j:][:1], alone.x[i*Lanes+q:][:1], msg+" alone")
				}
			}
		}
	}
	narrow(func(r, c, n, ld int) {
		if c <= NarrowMax {
			run(r, c, n, ld)
		}
	})
	run(37, 5, 48, 50)
}

func TestLayerGrad(t *testing.T) { bothPrecisions(t, testLayerGrad[float64], testLayerGrad[float32]) }

// testLayerGrad compares with sums in double precision, and each sum with the same sum of a layer of one number.
func testLayerGrad[T Float](t testing.TB) {
	rng := rand.New(rand.NewPCG(21, 4))
	narrow(func(r, c, n, ld int) {
		if c > NarrowMax {
			return
		}
		msg := fmt.Sprintf("%d×%d, n=%d", r, c, n)
		y := newLayer[T](rng, r, c, n, ld)
		gw, gb, only := newBlock[T](1, r*c, r*c), newBlock[T](1, r, r), newBlock[T](1, r*c, r*c)
		LayerGrad(gw.x, gb.x, y.e.x, y.x.x, r, c, n, ld)
		LayerGrad(only.x, nil, y.e.x, y.x.x, r, c, n, ld)
		equalBits(t, gw.x, only.x, msg+" without bias")
		y.check(t, gw, gb, only)
		for i := range r {
			e := y.e.x[i*ld:][:n]
			var sum, size float64
			for _, v := range e {
				sum += float64(v)
				size += math.Abs(float64(v))
			}
			require.InDelta(t, sum, float64(gb.x[i]), 16*eps[T]()*size, msg)
			for k := range c {
				x := y.x.x[k*ld:][:n]
				sum, size = 0, 0
				for j, v := range e {
					sum += float64(v) * float64(x[j])
					size += math.Abs(float64(v) * float64(x[j]))
				}
				require.InDelta(t, sum, float64(gw.x[i*c+k]), 16*eps[T]()*size, "%s: [%d,%d]", msg, i, k)
				var w1, b1 [1]T
				LayerGrad(w1[:], b1[:], e, x, 1, 1, n, n)
				equalBits(t, []T{gw.x[i*c+k], gb.x[i]}, []T{w1[0], b1[0]}, msg+" alone")
			}
		}
	})
}

// TestNarrowReadsAll: each number of the operands matters, so that the comparisons above can fail.
func TestNarrowReadsAll(t *testing.T) { bothPrecisions(t, readsAll[float64], readsAll[float32]) }

func readsAll[T Float](t testing.TB) {
	rng := rand.New(rand.NewPCG(21, 5))
	const r, c, n = 7, 5, 48
	y := newLayer[T](rng, r, c, n, n)
	l, l1 := vector[T](rng, n), vector[T](rng, n)
	p := Profile{Kind: Sigmoid}
	results := func() []T {
		z, d, gw, gb, s, s1 := make([]T, r*n), make([]T, c*n), make([]T, r*c), make([]T, r), make([]T, n), make([]T, n)
		RadialLayer(&p, z, z, s, s1, y.w.x, y.b.x, y.x.x, r, c, n, n)
		RadialBack(d, y.w.x, y.e.x, y.x.x, l.x, l1.x, r, c, n, n)
		LayerGrad(gw, gb, y.e.x, y.x.x, r, c, n, n)
		all := append(append(append(append(append(z, d...), gw...), gb...), s...), s1...)
		return all
	}
	before := results()
	assert.Equal(t, before, results())
	for name, x := range map[string][]T{"w": y.w.x, "b": y.b.x, "x": y.x.x, "e": y.e.x, "λ": l.x, "λ₁": l1.x} {
		for i := range x {
			old := x[i]
			x[i] += 1
			assert.NotEqual(t, before, results(), "%s[%d]", name, i)
			x[i] = old
		}
	}
}
