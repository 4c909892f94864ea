package main

import (
	"fmt"
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/quivernet/quivernet/internal/blas"
	"github.com/quivernet/quivernet/internal/cpu"
)

// result is what one set of kernels gave.
type result struct {
	Library string
	From    map[string]int64     // the crossover of each form; 0 if the library never wins
	Ratio   map[string][]float64 // time of the library / ours, the median of each octave of m·n·k
}

// form is one of the products that can be handed over.
type form struct {
	name string
	pair func(l blas.Library, m, n, k int) (ours, theirs func())
}

var forms = []form{
	{"gemm64", gemm64}, {"gemm32", gemm32}, {"dots64", dots64}, {"dots32", dots32},
}

// shapes are m, n and k of cubes, of layers on a batch (forward, backward, gradient) and of flat products.
func shapes() [][3]int {
	var s [][3]int
	for _, d := range []int{4, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512} {
		s = append(s, [3]int{d, d, d})
	}
	for _, l := range [][2]int{{2, 3}, {5, 6}, {2, 16}, {16, 64}, {64, 128}, {128, 16}, {32, 32}, {512, 10}, {784, 512}} {
		in, out := l[0], l[1]
		for _, batch := range []int{16, 128, 512} {
			s = append(s, [3]int{out, batch, in}, [3]int{in, batch, out}, [3]int{out, in, batch})
		}
	}
	return s
}

// first and last are the octaves of m·n·k that are reported.
const first, last = 6, 27

// margin is how much faster the library must be.
const margin = 0.95

func measure(l blas.Library) result {
	r := result{l.Name(), map[string]int64{}, map[string][]float64{}}
	for _, f := range forms {
		octaves := make([][]float64, last+1)
		for _, s := range shapes() {
			o := bits.Len(uint(s[0]*s[1]*s[2])) - 1
			ours, theirs := f.pair(l, s[0], s[1], s[2])
			a, b := race(ours, theirs)
			octaves[min(o, last)] = append(octaves[min(o, last)], b/a)
		}
		medians := make([]float64, last+1)
		for o, x := range octaves {
			medians[o] = -1 // nothing of this size
			if len(x) > 0 {
				slices.Sort(x)
				medians[o] = x[len(x)/2]
			}
		}
		r.Ratio[f.name] = medians
		r.From[f.name] = from(medians)
	}
	return r
}

// from is the size from which the library wins in every octave that was measured, or 0.
func from(medians []float64) int64 {
	var w int64
	for o, x := range slices.Backward(medians) {
		if x >= margin {
			break
		}
		if x >= 0 {
			w = 1 << o
		}
	}
	return w
}

// race returns the least nanoseconds of a call of each, from turns of some tens of microseconds.
func race(a, b func()) (ta, tb float64) {
	turn := func(f func(), n int) float64 {
		t := time.Now()
		for range n {
			f()
		}
		return float64(time.Since(t).Nanoseconds()) / float64(n)
	}
	times := func(f func()) int {
		f()
		return int(max(1, 5e4/max(1, min(turn(f, 2), turn(f, 2)))))
	}
	na, nb := times(a), times(b)
	ta, tb = math.Inf(1), math.Inf(1)
	begin := time.Now()
	for round := 0; round < 7 || round < 60 && time.Since(begin) < 20*time.Millisecond; round++ {
		ta, tb = min(ta, turn(a, na)), min(tb, turn(b, nb))
	}
	return ta, tb
}

func gemm64(l blas.Library, m, n, k int) (ours, theirs func()) {
	a, b, c := block[float64](m, k), block[float64](k, n), block[float64](m, n)
	return func() { blas.Gemm(m, n, k, a, k, 1, b, n, true, c, n) },
		func() { l.Dgemm(false, false, m, n, k, a, k, b, n, 1, c, n) }
}

func gemm32(l blas.Library, m, n, k int) (ours, theirs func()) {
	a, b, c := block[float32](m, k), block[float32](k, n), block[float32](m, n)
	return func() { blas.Gemm(m, n, k, a, k, 1, b, n, true, c, n) },
		func() { l.Sgemm(false, false, m, n, k, a, k, b, n, 1, c, n) }
}

func dots64(l blas.Library, m, n, k int) (ours, theirs func()) {
	a, b, c := block[float64](m, k), block[float64](n, k), block[float64](m, n)
	return func() { blas.Dots(m, n, k, a, k, b, k, true, c, n) },
		func() { l.Dgemm(false, true, m, n, k, a, k, b, k, 1, c, n) }
}

func dots32(l blas.Library, m, n, k int) (ours, theirs func()) {
	a, b, c := block[float32](m, k), block[float32](n, k), block[float32](m, n)
	return func() { blas.Dots(m, n, k, a, k, b, k, true, c, n) },
		func() { l.Sgemm(false, true, m, n, k, a, k, b, k, 1, c, n) }
}

// block is r×c numbers so small that no number of additions overflows.
func block[T blas.Float](r, c int) []T {
	rng := rand.New(rand.NewPCG(1, 2))
	x := make([]T, r*c)
	for i := range x {
		x[i] = T(1e-3 * rng.NormFloat64())
	}
	return x
}

// table is the ratios of one set of kernels for a person.
func (r result) table(l cpu.Level) string {
	var b strings.Builder
	fmt.Fprintf(&b, "kernels %v, %s: time of the library / ours\n  log2 m·n·k", l, r.Library)
	for o := first; o <= last; o++ {
		fmt.Fprintf(&b, "%6d", o)
	}
	for _, f := range forms {
		fmt.Fprintf(&b, "\n  %-10s", f.name)
		for o := first; o <= last; o++ {
			if x := r.Ratio[f.name][o]; x < 0 {
				b.WriteString("     –")
			} else {
				fmt.Fprintf(&b, "%6.2f", x)
			}
		}
		fmt.Fprintf(&b, "  from %d", r.From[f.name])
	}
	return b.String() + "\n"
}
