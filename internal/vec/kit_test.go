package vec

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/quivernet/quivernet/internal/cpu"
)

// everyLevel runs f at each level that the processor has, and says whether its kernels are assembly.
func everyLevel(t testing.TB, f func(t testing.TB)) {
	best := level
	defer func() { level = best }()
	for l := cpu.Go; l <= best; l++ {
		level = l
		switch t := t.(type) {
		case *testing.T:
			t.Run(l.String(), func(t *testing.T) { f(t) })
		}
	}
}

// oracle runs f at level Go.
func oracle(f func()) {
	l := level
	level = cpu.Go
	f()
	level = l
}

// guarded returns n numbers between two fields of NaN, and a function that checks that the fields are
// untouched.
func guarded[T Float](n int) (x []T, check func(t testing.TB)) {
	const pad = 70
	all := make([]T, n+2*pad)
	nan := T(math.NaN())
	for i := range all {
		all[i] = nan
	}
	return all[pad : pad+n : pad+n], func(t testing.TB) {
		for i := range pad {
			if all[i] == all[i] || all[n+pad+i] == all[n+pad+i] {
				assert.Fail(t, "written outside the block")
				return
			}
		}
	}
}

// block is d×n numbers with a stride that ends at the last of them, NaN between the rows.
type block[T Float] struct {
	d, n, ld int
	x        []T
	check    func(t testing.TB)
}

func newBlock[T Float](d, n, ld int) block[T] {
	length := 0
	if d > 0 {
		length = (d-1)*ld + n
	}
	x, check := guarded[T](length)
	return block[T]{d, n, ld, x, func(t testing.TB) {
		check(t)
		for i := range max(d-1, 0) {
			for j := n; j < ld; j++ {
				if v := x[i*ld+j]; v == v {
					assert.Fail(t, "written between the rows")
					return
				}
			}
		}
	}}
}

func (b block[T]) fill(f func(i, j int) T) block[T] {
	for i := range b.d {
		for j := range b.n {
			b.x[i*b.ld+j] = f(i, j)
		}
	}
	return b
}

func (b block[T]) random(rng *rand.Rand) block[T] {
	return b.fill(func(_, _ int) T { return T(rng.NormFloat64()) })
}

func (b block[T]) clone() block[T] {
	c := newBlock[T](b.d, b.n, b.ld)
	return c.fill(func(i, j int) T { return b.x[i*b.ld+j] })
}

// lane returns sample j alone: a block whose lanes are all copies of it.
func (b block[T]) lane(j int) block[T] {
	return newBlock[T](b.d, Lanes, Lanes).fill(func(i, _ int) T { return b.x[i*b.ld+j] })
}

func vector[T Float](rng *rand.Rand, n int) block[T] { return newBlock[T](1, n, n).random(rng) }

// near asserts that the numbers differ by at most tol times their size; equal infinities and NaNs are close.
func near[T Float](t testing.TB, want, got []T, tol float64, msg string) {
	for i := range want {
		a, b := float64(want[i]), float64(got[i])
		if a == b || a != a && b != b || math.Abs(a-b) <= tol*math.Abs(a) {
			continue
		}
		assert.Fail(t, fmt.Sprintf("%s: [%d] want %v, got %v", msg, i, a, b))
		return
	}
}

// equalBits asserts that the numbers have the same bits.
func equalBits[T Float](t testing.TB, want, got []T, msg string) {
	for i := range want {
		if math.Float64bits(float64(want[i])) != math.Float64bits(float64(got[i])) {
			assert.Fail(t, fmt.Sprintf("%s: [%d] want %v, got %v", msg, i, want[i], got[i]))
			return
		}
	}
}

// shapes are d, n, ld with strides equal to n and greater, and every remainder of the vector loops.
var shapes = [][3]int{
	{1, 16, 16}, {2, 16, 16}, {3, 32, 32}, {2, 48, 64}, {5, 80, 96}, {6, 128, 128}, {7, 176, 176}, {33, 144, 160}, {1, 112, 113}, {0, 16, 16}, {3, 0, 16}, {0, 0, 0},
}

func eps[T Float]() float64 {
	if wide[T]() {
		return 0x1p-52
	}
	return 0x1p-23
}

// bothPrecisions runs a generic test in each precision.
func bothPrecisions(t *testing.T, f64, f32 func(t testing.TB)) {
	t.Run("float64", func(t *testing.T) { everyLevel(t, f64) })
	t.Run("float32", func(t *testing.T) { everyLevel(t, f32) })
}

// value returns h(x), and a number that is not finite where x is not.
func (m Map) value(x, c float64) float64 {
	if h := entries[m].ValueAt; h != nil {
		return h(x, c) + 0*x
	}
	return entries[m].Value(x) + 0*x
}

// slope returns h′(x).
func (m Map) slope(x, c float64) float64 {
	if h := entries[m].SlopeAt; h != nil {
		return h(x, c)
	}
	return entries[m].Slope(x)
}
