package symmetry_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/trials"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
)

// crooked draws a small network with what a reduction of units may stumble over: parallel and tied
// arrows, skips, weights of very different sizes, and units that are dead, constant, always on or
// twins up to rounding, some of which nearly cancel at what follows.
func crooked(t testing.TB, rng *rand.Rand, h layers.Func) *quiver.Rep {
	act := layers.Pointwise(h)
	n := 2 + rng.IntN(3)
	parts := []quiver.Part{quiver.Input("x", 1+rng.IntN(3)), quiver.Bias("one")}
	names, dim := []string{"x"}, 1+rng.IntN(5)
	tied := rng.IntN(6) == 0
	linear := rng.IntN(2) == 0 // then nothing nearly cancels: a rotation of such rows has a rounding of its own
	for i := range n {
		name := fmt.Sprintf("h%d", i)
		a := act
		if linear && rng.IntN(3) == 0 {
			a = quiver.Identity
		}
		if !tied {
			dim = 1 + rng.IntN(5)
		}
		parts = append(parts, quiver.Hidden(name, dim, a))
		names = append(names, name)
	}
	parts = append(parts, quiver.Output("y", 1+rng.IntN(2), nil))
	names = append(names, "y")
	for i := 1; i < len(names); i++ {
		parts = append(parts, quiver.Connect("one", names[i]))
		for j := range i {
			if j == i-1 || rng.IntN(3) == 0 {
				var opts []quiver.ArrowOption
				if tied && j == i-1 && i > 2 && names[i] != "y" {
					opts = append(opts, quiver.Tied("h0->h1"))
				}
				parts = append(parts, quiver.Connect(names[j], names[i], opts...))
				if rng.IntN(4) == 0 {
					parts = append(parts, quiver.Connect(names[j], names[i], quiver.Named(fmt.Sprintf("again.%d.%d", j, i))))
				}
			}
		}
	}
	q := must(quiver.New(parts...))(t)
	w := quiver.Random(q, nil, rng)
	for i := range w.Data() {
		w.Data()[i] += 0.3 * rng.NormFloat64()
	}
	for _, v := range names[1 : len(names)-1] {
		plantIn(w, v, rng, h, !linear)
	}
	return w
}

// plantIn makes some units of a vertex redundant.
func plantIn(w *quiver.Rep, vertex string, rng *rand.Rand, h layers.Func, cancel bool) {
	q := w.Quiver()
	v, _ := q.VertexIndex(vertex)
	n := q.Vertices()[v].Dim
	rows := func(do func(m *mat.Dense, bias bool)) {
		for _, i := range q.In(v) {
			if a := q.Arrows()[i]; a.TiedTo == "" && a.Rows*a.Cols > 0 {
				do(w.Arrow(a.Name), a.From == "one")
			}
		}
	}
	columns := func(do func(m *mat.Dense)) {
		for _, i := range q.Out(v) {
			if a := q.Arrows()[i]; a.TiedTo == "" && a.Rows*a.Cols > 0 {
				do(w.Arrow(a.Name))
			}
		}
	}
	for j := range n {
		switch rng.IntN(8) {
		case 0: // dead or constant
			rows(func(m *mat.Dense, bias bool) {
				for k := range m.RawRowView(j) {
					if !bias {
						m.Set(j, k, 0)
					}
				}
			})
		case 1: // far on one side
			side := 20 * (rng.Float64() - 0.5)
			rows(func(m *mat.Dense, bias bool) {
				if bias {
					m.Set(j, 0, side)
				}
			})
		case 2: // nobody looks, or hardly
			size := []float64{0, 0, 1e-18}[rng.IntN(3)]
			columns(func(m *mat.Dense) {
				for r := range m.RawMatrix().Rows {
					m.Set(r, j, size*m.At(r, j))
				}
			})
		case 3, 4: // a twin
			i := rng.IntN(n)
			c := math.Exp(rng.NormFloat64())
			if h == layers.Tanh || h == layers.Sin {
				c = float64(1 - 2*rng.IntN(2))
			} else if h == layers.Sigmoid {
				c = 1
			}
			if i == j {
				continue
			}
			rows(func(m *mat.Dense, _ bool) {
				for k, x := range m.RawRowView(i) {
					m.Set(j, k, c*x)
				}
			})
			if cancel && rng.IntN(3) == 0 { // and large where the other nearly undoes it
				size := math.Exp(30 * rng.Float64())
				columns(func(m *mat.Dense) {
					for r := range m.RawMatrix().Rows {
						m.Set(r, i, m.At(r, i)+size)
						m.Set(r, j, m.At(r, j)-size/c)
					}
				})
			}
		}
	}
}

// worst looks for the input at which two networks differ most: corners, random points, and a climb
// from the best of them. inside moves a point into the set.
func worst(rng *rand.Rand, dim int, distance func(x []float64) float64, inside func(x []float64)) []float64 {
	var best []float64
	most := -1.0
	try := func(x []float64) {
		inside(x)
		if d := distance(x); d > most {
			best, most = append([]float64(nil), x...), d
		}
	}
	for k := range 12 {
		x := make([]float64, dim)
		for j := range x {
			x[j] = rng.NormFloat64()
			if k%3 == 0 {
				x[j] = 1e6 * float64(1-2*rng.IntN(2)) // a corner, once it is moved
			}
		}
		try(x)
	}
	step := 0.5
	for range 12 {
		x := append([]float64(nil), best...)
		for j := range x {
			x[j] += step * rng.NormFloat64() * (1 + math.Abs(x[j]))
		}
		if before := most; true {
			try(x)
			if most == before {
				step *= 0.7
			}
		}
	}
	return best
}

// TestWhatGoesStays: whatever units go, where the certificate says that the function is the same it
// is, up to rounding that does not show; no error that a search finds, in exact arithmetic where
// the network is made of lines, is above BoundBall or BoundOn.
func TestWhatGoesStays(t *testing.T) {
	hs := []layers.Func{layers.ReLU, layers.LeakyReLU(0.3), layers.Abs, layers.Tanh, layers.Sigmoid, layers.Sin}
	count, removed, finite, searched, kept := 0, 0, 0, 0, 0
	tightest := math.Inf(1)
	for seed := range uint64(trials.Count(150, 12000)) {
		rng := rand.New(rand.NewPCG(seed, 21))
		h := hs[rng.IntN(len(hs))]
		w := crooked(t, rng, h)
		dim := w.Quiver().Dims()["x"]
		lo, hi := filledWith(dim, math.Inf(-1)), filledWith(dim, math.Inf(1))
		var opts []symmetry.Option
		var rows *mat.Dense
		kind := rng.IntN(5)
		switch kind {
		case 0, 1:
			opts = append(opts, symmetry.Pointwise())
		case 2:
			lo, hi = filledWith(dim, -1), filledWith(dim, 1.5)
			opts = append(opts, symmetry.Box(-1, 1.5))
		case 3:
			b := mat.NewDense(2, dim, nil)
			for j := range dim {
				lo[j] = rng.NormFloat64() - 1
				hi[j] = lo[j] + 2*rng.Float64()
				b.Set(0, j, lo[j])
				b.Set(1, j, hi[j])
			}
			opts = append(opts, symmetry.Boxes(b))
		case 4:
			rows = inputs(w.Quiver(), 3, seed)[0]
			opts = append(opts, symmetry.Samples(rows))
		}
		if rng.IntN(3) == 0 {
			opts = append(opts, symmetry.MergeParallel)
		}
		what := fmt.Sprintf("seed %d, %s", seed, h)
		c, err := symmetry.Compress(w, opts...)
		require.NoError(t, err, what)
		count++
		if len(c.Units) == 0 {
			kept++
		} else {
			removed += len(c.Units)
		}
		inside := func(x []float64) {
			if rows != nil {
				copy(x, rows.RawRowView(rng.IntN(3)))
				return
			}
			for j := range x {
				x[j] = min(hi[j], max(lo[j], x[j]))
			}
		}
		everywhere := func([]float64) {}
		if c.Certificate.Exact {
			var size float64
			x := worst(rng, dim, func(x []float64) float64 {
				_, d, s := distances(t, w, c.Reduced, h, x)
				size = max(size, s/(1+extentOf(x)))
				return d / (1 + extentOf(x))
			}, inside)
			_, d, _ := distances(t, w, c.Reduced, h, x)
			searched++
			require.LessOrEqual(t, d, 1e-8*size*(1+extentOf(x))+4*noise(w, h, x), "%s at %v\n%s", what, x, c)
			b, err := c.BoundOn(mat.NewDense(1, dim, x))
			require.NoError(t, err)
			_, d, s := distances(t, w, c.Reduced, h, x)
			require.False(t, d > b*s*(1+1e-12)+1e-300, "%s: %g above %g of %g", what, d, b, s)
		}
		for _, r := range []float64{0.3, 1, 40} {
			bound := c.BoundBall(r)["y"]
			if math.IsInf(bound, 1) {
				continue
			}
			finite++
			x := worst(rng, dim, func(x []float64) float64 {
				n, _, _ := distances(t, w, c.Reduced, h, x)
				return n
			}, func(x []float64) {
				everywhere(x)
				if n := extentOf(x); n > r {
					for j := range x {
						x[j] *= r / n * (1 - 1e-15)
					}
				}
			})
			n, _, _ := distances(t, w, c.Reduced, h, x)
			require.LessOrEqual(t, n, bound, "%s: %v in the ball of %g\n%s", what, x, r, c)
			if n > 0 {
				tightest = min(tightest, bound/n)
			}
		}
	}
	t.Logf("%d networks, %d units went, %d networks without any; %d searches of what is exact, %d of balls with a bound; the least bound is %.1f times the error", count, removed, kept, searched, finite, tightest)
	assert.Greater(t, removed, count)
	assert.Greater(t, finite, count)
	assert.Greater(t, searched, count/2)
}

// noise bounds what rounding does to the value of a network as Rep.Eval computes it; 0 where the
// comparison is exact.
func noise(w *quiver.Rep, h layers.Func, x []float64) float64 {
	if _, _, lines := layers.Line(h, -2, -1); lines {
		return 0
	}
	return 1e-14 * magnitude(w, extentOf(x))
}

func filledWith(n int, x float64) []float64 {
	s := make([]float64, n)
	for i := range s {
		s[i] = x
	}
	return s
}

func extentOf(x []float64) float64 {
	return mat.Norm(mat.NewVecDense(len(x), append([]float64(nil), x...)), 2)
}
