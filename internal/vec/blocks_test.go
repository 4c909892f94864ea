package vec

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// operation is a function of blocks of one shape: in are the inputs, v vectors of n numbers and b of d, out
// is a d×n block or a vector.
type operation[T Float] struct {
	name   string
	blocks int  // how many input blocks
	lanes  int  // how many input vectors of n numbers
	vector bool // the result is a vector of n numbers
	run    func(out []T, x, v [][]T, d, n, ld int)
}

func operations[T Float]() []operation[T] {
	return []operation[T]{
		{"Norms", 1, 0, true, func(out []T, x, _ [][]T, d, n, ld int) { Norms(out, x[0], d, n, ld) }},
		{"RowDots", 2, 0, true, func(out []T, x, _ [][]T, d, n, ld int) { RowDots(out, x[0], x[1], d, n, ld) }},
		{"ScaleRows", 1, 1, false, func(out []T, x, v [][]T, d, n, ld int) { ScaleRows(out, x[0], v[0], d, n, ld) }},
		{"Combine", 2, 2, false, func(out []T, x, v [][]T, d, n, ld int) { Combine(out, x[0], x[1], v[0], v[1], d, n, ld) }},
		{"RadialVJP", 2, 2, false, func(out []T, x, v [][]T, d, n, ld int) { RadialVJP(out, x[0], x[1], v[0], v[1], d, n, ld) }},
	}
}

func TestBlocks(t *testing.T) { bothPrecisions(t, testBlocks[float64], testBlocks[float32]) }

// testBlocks compares each operation with plain Go, with each sample alone, bit for bit, and in place.
func testBlocks[T Float](t testing.TB) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, op := range operations[T]() {
		for _, s := range shapes {
			d, n, ld := s[0], s[1], s[2]
			var in []block[T]
			var x, v [][]T
			for range op.blocks {
				in = append(in, newBlock[T](d, n, ld).random(rng))
				x = append(x, in[len(in)-1].x)
			}
			for range op.lanes {
				in = append(in, vector[T](rng, n))
				v = append(v, in[len(in)-1].x)
			}
			result := func() block[T] {
				if op.vector {
					return newBlock[T](1, n, n)
				}
				return newBlock[T](d, n, ld)
			}
			got, want := result(), result()
			op.run(got.x, x, v, d, n, ld)
			oracle(func() { op.run(want.x, x, v, d, n, ld) })
			for i := range got.d { // sums of d products of either sign: relative to √d
				for j := range n {
					k := i*ld + j
					if op.vector {
						k = j
					}
					assert.InDelta(t, float64(want.x[k]), float64(got.x[k]), 64*eps[T]()*math.Sqrt(float64(d+1))*(1+math.Abs(float64(want.x[k]))), "%s %v", op.name, s)
				}
			}
			got.check(t)
			for _, b := range in {
				b.check(t)
			}
			for j := 0; j < n; j += 1 + n/7 {
				var x1, v1 [][]T
				for i := range op.blocks {
					x1 = append(x1, in[i].lane(j).x)
				}
				for i := range op.lanes {
					v1 = append(v1, in[op.blocks+i].lane(j).x)
				}
				alone := newBlock[T](got.d, Lanes, Lanes)
				op.run(alone.x, x1, v1, d, Lanes, Lanes)
				for c := range Lanes {
					for i := range got.d {
						k := i*ld + j
						if op.vector {
							k = j
						}
						require.Equal(t, got.x[k], alone.x[i*Lanes+c], "%s %v: sample %d alone", op.name, s, j)
					}
				}
			}
			if !op.vector { // in place
				for i := range op.blocks {
					y := in[i].clone()
					x2 := append([][]T(nil), x...)
					x2[i] = y.x
					op.run(y.x, x2, v, d, n, ld)
					for r := range d {
						equalBits(t, got.x[r*ld:][:n], y.x[r*ld:][:n], op.name+" in place")
					}
				}
			}
		}
	}
}

func TestRows(t *testing.T) { bothPrecisions(t, testRows[float64], testRows[float32]) }

// testRows covers the operations on whole rows, whose bits are the same at every level.
func testRows[T Float](t testing.TB) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, s := range shapes {
		d, n, ld := s[0], s[1], s[2]
		x := newBlock[T](d, n, ld).random(rng)
		b := vector[T](rng, d)

		y := newBlock[T](d, n, ld)
		FillRows(y.x, b.x, d, n, ld)
		z := x.clone()
		AddBias(z.x, b.x, d, n, ld)
		for i := range d {
			for j := range n {
				require.Equal(t, b.x[i], y.x[i*ld+j])
				require.Equal(t, x.x[i*ld+j]+b.x[i], z.x[i*ld+j])
			}
		}
		y.check(t)
		z.check(t)

		got, want := newBlock[T](1, d, d), newBlock[T](1, d, d)
		RowSums(got.x, x.x, d, n, ld)
		oracle(func() { RowSums(want.x, x.x, d, n, ld) })
		equalBits(t, want.x, got.x, "RowSums")
		got.check(t)
		for i := range d {
			var s float64
			for _, v := range x.x[i*ld:][:n] {
				s += float64(v)
			}
			assert.InDelta(t, s, float64(got.x[i]), 64*eps[T]()*math.Sqrt(float64(n+1)))
		}

		q, check := guarded[float64](n)
		SumSquares(q, x.x, d, n, ld)
		p := make([]float64, n)
		oracle(func() { SumSquares(p, x.x, d, n, ld) })
		near(t, p, q, 1e-15*float64(d+1), "SumSquares")
		check(t)
	}
}

func TestNormsOfExtremes(t *testing.T) {
	bothPrecisions(t, func(t testing.TB) {
		norms(t, []float64{0, 5e-324, 1e-310, 1e-200, 1e-150, 1e-141, 1e-139, 1, 1e139, 1e141, 1e200, 1e308, math.Inf(1), math.Inf(-1), math.NaN(), -3})
	}, func(t testing.TB) {
		norms(t, []float32{0, 1e-45, 1e-40, 1e-30, 1e-20, 1e-18, 1, 1e10, 1e18, 1e20, 1e30, 1e38, 3e38, float32(math.Inf(1)), float32(math.NaN()), -3})
	})
}

// norms puts each value in one lane as 3v, 4v, and as v beside small numbers.
func norms[T Float](t testing.TB, vs []T) {
	x := newBlock[T](3, Lanes, Lanes).fill(func(i, j int) T { return [...]T{3, 4, 0}[i] / 5 * vs[j] })
	r := newBlock[T](1, Lanes, Lanes)
	Norms(r.x, x.x, 3, Lanes, Lanes)
	for j, v := range vs {
		want := math.Abs(float64(v))
		if math.IsInf(want, 0) { // 0·∞ in the third row
			require.True(t, r.x[j] != r.x[j] || math.IsInf(float64(r.x[j]), 1), "%v", v)
			continue
		}
		near(t, []T{T(math.Hypot(float64(x.x[j]), float64(x.x[Lanes+j])))}, r.x[j:j+1], 3*eps[T](), "norm")
	}
	r.check(t)
}

func TestShapeErrors(t *testing.T) {
	bothPrecisions(t, shapeErrors[float64], shapeErrors[float32])
}

func shapeErrors[T Float](t testing.TB) {
	x := make([]T, 64)
	for name, f := range map[string]func(){
		"short block":      func() { ScaleRows(x, x[:63], x, 4, 16, 16) },
		"short result":     func() { ScaleRows(x[:47], x, x, 3, 16, 16) },
		"short vector":     func() { ScaleRows(x, x, x[:15], 4, 16, 16) },
		"broken lanes":     func() { ScaleRows(x, x, x, 2, 17, 17) },
		"short stride":     func() { ScaleRows(x, x, x, 2, 32, 16) },
		"negative":         func() { ScaleRows(x, x, x, -1, 16, 16) },
		"negative lanes":   func() { ScaleRows(x, x, x, 1, -16, 16) },
		"stride overflows": func() { ScaleRows(x, x, x, math.MaxInt, 16, 16) },
		"norms":            func() { Norms(x[:15], x, 1, 16, 16) },
		"dots":             func() { RowDots(x, x, x[:16], 2, 16, 16) },
		"combine":          func() { Combine(x, x, x, x, x[:8], 2, 16, 16) },
		"vjp":              func() { RadialVJP(x, x, x[:16], x, x, 2, 16, 16) },
		"bias":             func() { AddBias(x, x[:1], 2, 16, 16) },
		"fill":             func() { FillRows(x, x[:1], 2, 16, 16) },
		"sums":             func() { RowSums(x[:1], x, 2, 16, 16) },
		"squares":          func() { SumSquares(make([]float64, 15), x, 1, 16, 16) },
		"radial":           func() { Radial(&Profile{}, x, x, x[:3], x, 2, 16, 16) },
		"kind":             func() { Radial(&Profile{Kind: kinds}, x, x, x, x, 2, 16, 16) },
		"shifted kind":     func() { Radial(&Profile{Kind: Tanh, Shift: 1}, x, x, x, x, 2, 16, 16) },
		"profiles":         func() { Profiles(&Profile{}, x, x, x[:3], 16) },
		"exp":              func() { Exp(x, x[:16]) },
		"exp lanes":        func() { Exp(x[:3], x[:3]) },
		"map":              func() { Pointwise(maps, 0, x, x) },
		"map vjp":          func() { PointwiseVJP(MapTanh, 0, x, x, x, nil) },
		"axpy":             func() { Axpy(1, x, make([]float64, 63)) },
		"add":              func() { Add(x, x[:63]) },
		"error":            func() { SquaredError(x, x, x[:16], 1, 16, 2, 16, 16) },
		"labels":           func() { SoftmaxLabels(x, x, make([]int32, 15), 1, 3, 2, 16, 16) },
		"label":            func() { SoftmaxLabels(x, x, []int32{0, 2, 15: 0}, 1, 3, 2, 16, 16) },
		"samples":          func() { SoftmaxCE(x, x, x, 1, 17, 2, 16, 16) },
	} {
		func() {
			defer func() {
				switch err := recover().(type) {
				case *ShapeError:
					assert.NotContains(t, []string{"kind", "shifted kind", "map", "label"}, name)
				case *ValueError:
					assert.Equal(t, name, err.What)
				default:
					assert.Fail(t, name, "%v", err)
				}
			}()
			f()
		}()
	}
	assert.EqualError(t, &ValueError{"Radial", "kind", 99, 13}, "vec: Radial: there is no kind 99; want 0…12")
	assert.EqualError(t, &ShapeError{"Norms", 31, 2, 16, 16}, "vec: Norms: a block of 2×16 with stride 16 does not fit a slice of length 31; want a multiple of 16 lanes, a stride of at least that, and (d−1)·stride + lanes numbers")
	ScaleRows(x[:63], x[:63], x, 3, 16, 23) // ends at the last number: 2·23 + 16 = 62
}
