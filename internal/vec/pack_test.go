package vec

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPack(t *testing.T) { bothPrecisions(t, testPack[float64], testPack[float32]) }

// testPack packs and unpacks at sizes around whole tiles.
func testPack[T Float](t testing.TB) {
	rng := rand.New(rand.NewPCG(21, 22))
	for _, d := range []int{0, 1, 2, 3, 4, 5, 7, 8, 9, 16, 23} {
		for _, m := range []int{0, 1, 3, 4, 8, 9, 15, 16, 31, 32} {
			for _, gap := range []int{0, 3} {
				const n, ld = 32, 37
				x, checkX := guarded[T](max(0, (m-1)*(d+gap)+d))
				y := newBlock[T](d, n, ld)
				for j := range m {
					for i := range d {
						x[j*(d+gap)+i] = T(rng.NormFloat64())
					}
				}
				Pack(y.x, x, m, d, d+gap, n, ld)
				y.check(t)
				for i := range d {
					for j := range n {
						want := T(0)
						if m > 0 {
							want = x[min(j, m-1)*(d+gap)+i]
						}
						require.Equal(t, want, y.x[i*ld+j], "%d samples of %d: feature %d of sample %d", m, d, i, j)
					}
				}
				back, checkBack := guarded[T](len(x))
				Unpack(back, y.x, m, d, d+gap, n, ld)
				for j := range m {
					equalBits(t, x[j*(d+gap):][:d], back[j*(d+gap):][:d], "Unpack")
					for i := d; i < d+gap && j < m-1; i++ {
						require.True(t, math.IsNaN(float64(back[j*(d+gap)+i])), "between the rows")
					}
				}
				checkX(t)
				checkBack(t)
			}
		}
	}
	x := make([]T, 64)
	for name, f := range map[string]func(){
		"block":        func() { Pack(x[:31], x, 3, 2, 2, 16, 16) },
		"rows":         func() { Pack(x, x[:5], 3, 2, 2, 16, 16) },
		"stride":       func() { Unpack(x, x, 3, 2, 1, 16, 16) },
		"more samples": func() { Unpack(x, x, 17, 2, 2, 16, 16) },
	} {
		assert.Panics(t, f, name)
	}
}
