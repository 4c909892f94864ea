package symmetry_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
)

// sine sets the deterministic generic weights W[r,c] = ½sin(1+i+2r+3c+rc+r²c) and
// b[r] = ½cos(1+i+2r+r²) of layer i = 1, 2, ….
func sine(w *quiver.Rep) *quiver.Rep {
	q := w.Quiver()
	layer := 0
	for _, v := range q.Vertices() {
		if v.Kind == quiver.KindInput || v.Kind == quiver.KindBias {
			continue
		}
		layer++
		i, _ := q.VertexIndex(v.Name)
		for _, k := range q.In(i) {
			a := q.Arrows()[k]
			m := w.Arrow(a.Name)
			for r := range a.Rows {
				for c := range a.Cols {
					R, C, L := float64(r), float64(c), float64(layer)
					x := math.Sin(1+L+2*R+3*C+R*C+R*R*C) / 2
					if q.Vertices()[a.Source].Kind == quiver.KindBias {
						x = math.Cos(1+L+2*R+R*R) / 2
					}
					m.Set(r, c, x)
				}
			}
		}
	}
	return w
}

// TestWidths holds the parameter counts of the chains of arXiv 2107.02550 and of some
// others.
func TestWidths(t *testing.T) {
	for _, tc := range []struct {
		dims, reduced           []int
		params, red, triangular int
	}{
		{[]int{1, 8, 16, 8, 1}, []int{1, 2, 3, 4, 1}, 305, 34, 24},
		{[]int{1, 6, 7, 1}, []int{1, 2, 3, 1}, 69, 17, 13},
		{[]int{2, 16, 64, 128, 16, 2}, []int{2, 3, 4, 5, 6, 2}, 11554, 100, 66},
		{[]int{1, 4, 4, 1}, []int{1, 2, 3, 1}, 33, 17, 13},
		{[]int{784, 785, 786, 3}, []int{784, 785, 786, 3}, 1236382, 1236382, 620157},
		{[]int{5, 4, 3, 2}, []int{5, 4, 3, 2}, 47, 47, 38},
		{[]int{3, 3, 3, 3}, []int{3, 3, 3, 3}, 36, 36, 30},
		{[]int{3, 1, 1, 2}, []int{3, 1, 1, 2}, 10, 10, 10},
		{[]int{2, 9, 20}, []int{2, 3, 20}, 227, 89, 86},
	} {
		t.Run(fmt.Sprint(tc.dims), func(t *testing.T) {
			w := random(mlp(t, sigmoid, tc.dims...), 1)
			before := slices.Clone(w.Data())
			c := compress(t, w)
			require.Equal(t, before, w.Data(), "the input is not changed")
			names := []string{"x"}
			for i := range len(tc.dims) - 2 {
				names = append(names, fmt.Sprintf("h%d", i+1))
			}
			assert.Equal(t, tc.reduced, widths(c, append(names, "y")...))
			assert.Equal(t, tc.params, w.Quiver().NumParams())
			assert.Equal(t, tc.red, c.Reduced.Quiver().NumParams())
			zeros := 0
			for _, x := range c.Reduced.Data() {
				if x == 0 {
					zeros++
				}
			}
			assert.Equal(t, tc.triangular, tc.red-zeros, "the reduced matrices are triangular")
			assert.LessOrEqual(t, c.Certificate.Gap, 1e-13)
			assert.True(t, c.Certificate.Exact)
			require.NoError(t, c.Reduced.Check())
		})
	}
}

func TestGoldenDiagonal(t *testing.T) {
	w := sine(quiver.Zero(mlp(t, sigmoid, 1, 6, 7, 1)))
	c := compress(t, w)
	ys := must(c.Reduced.Eval(mat.NewDense(4, 1, []float64{-1, 0, 0.5, 2})))(t)[0]
	for i, want := range []float64{-0.113910190297523, -0.101651079173628, -0.0803253875557765, -0.0330676948377331} {
		assert.InEpsilon(t, want, ys.At(i, 0), 1e-11)
	}
	diag := func(bias, m *mat.Dense) (d []float64) {
		r, _ := bias.Dims()
		for i := range r {
			if i == 0 {
				d = append(d, bias.At(0, 0))
			} else {
				d = append(d, m.At(i, i-1))
			}
		}
		return d
	}
	assert.InDeltaSlice(t, []float64{0.713750936788, 0.72239415967}, diag(c.Reduced.Arrow("one->h1"), c.Reduced.Arrow("x->h1")), 1e-11)
	assert.InDeltaSlice(t, []float64{0.985691821216, 1.02793456868, 0.920668401485}, diag(c.Reduced.Arrow("one->h2"), c.Reduced.Arrow("h1->h2")), 1e-11)

	shifted := layers.Radial(layers.Shift(layers.ReLU, 0.5))
	c = compress(t, sine(quiver.Zero(mlp(t, shifted, 1, 6, 7, 1))))
	ys = must(c.Reduced.Eval(mat.NewDense(4, 1, []float64{-1, 0, 0.5, 2})))(t)[0]
	for i, want := range []float64{-0.0906791444445332, -0.0961726557278328, -0.0944978198347307, 0.00211898347081285} {
		assert.InEpsilon(t, want, ys.At(i, 0), 1e-11)
	}
	c = compress(t, sine(quiver.Zero(mlp(t, sigmoid, 2, 16, 64, 128, 16, 2))))
	ys = must(c.Reduced.Eval(mat.NewDense(1, 2, []float64{1, -2})))(t)[0]
	assert.InDeltaSlice(t, []float64{0.85594944, -0.91183522}, ys.RawRowView(0), 1e-7)
}

// TestRandomWidths: 400 random width vectors, the function of the reduced and of the
// rotated network.
func TestRandomWidths(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	acts := []quiver.Activation{sigmoid, squash, tanh, layers.Radial(layers.Shift(layers.ReLU, 0.5)), layers.RMSNorm(7, 1e-3)}
	sensitive, shrunk := 0, 0
	var worst float64
	for n := range 400 {
		var dims []int
		for range 2 + rng.IntN(5) {
			dims = append(dims, 1+rng.IntN(12))
		}
		w := random(mlp(t, acts[n%len(acts)], dims...), uint64(n))
		c := compress(t, w)
		rotated := must(c.Rotated())(t)
		xs := inputs(w.Quiver(), 8, uint64(n))
		e := max(gap(t, w, c.Reduced, xs...), gap(t, w, rotated, xs...))
		require.LessOrEqual(t, e, 1e-12, "widths %v, %s", dims, acts[n%len(acts)])
		worst = max(worst, e)
		if c.Reduced.Quiver().NumParams() < w.Quiver().NumParams() {
			shrunk++
		}
		// The equality means something only where a change of the weights shows.
		other := w.Clone()
		for i := range other.Data() {
			other.Data()[i] += 1e-3 * rng.NormFloat64()
		}
		if gap(t, w, other, xs...) > 1e-9 {
			sensitive++
		}
	}
	t.Logf("worst gap %.1e; %d of 400 sensitive, %d shrink", worst, sensitive, shrunk)
	assert.GreaterOrEqual(t, sensitive, 360)
	assert.GreaterOrEqual(t, shrunk, 200)
}

// TestSmallNetwork is experiment 1 of arXiv 2107.02550: ten random networks (1,6,7,1).
func TestSmallNetwork(t *testing.T) {
	x := mat.NewDense(121, 1, nil)
	for i := range 121 {
		x.Set(i, 0, -3+float64(i)/20)
	}
	var sum float64
	for seed := range uint64(10) {
		w := random(mlp(t, sigmoid, 1, 6, 7, 1), seed)
		c := compress(t, w)
		a, b := must(w.Eval(x))(t)[0], must(c.Reduced.Eval(x))(t)[0]
		for i := range 121 {
			sum += math.Abs(a.At(i, 0) - b.At(i, 0))
		}
	}
	assert.LessOrEqual(t, sum/1210, 1e-15)
}

func TestIdempotentAndDeterministic(t *testing.T) {
	q := must(layers.DenseNet(squash, 30, 90, 130, 170, 3))(t)
	w := random(q, 4)
	first := compress(t, w)
	rotated := must(first.Rotated())(t)
	again := compress(t, first.Reduced)
	assert.Equal(t, first.Reduced.Data(), again.Reduced.Data(), "a second pass finds nothing to do")
	for _, n := range []int{1, 2, 8} {
		old := runtime.GOMAXPROCS(n)
		c := compress(t, w)
		r := must(c.Rotated())(t)
		l := must(c.Lift(c.Reduced))(t)
		runtime.GOMAXPROCS(old)
		require.Equal(t, first.Reduced.Data(), c.Reduced.Data(), "GOMAXPROCS %d", n)
		require.Equal(t, rotated.Data(), r.Data(), "GOMAXPROCS %d", n)
		require.Equal(t, must(first.Lift(first.Reduced))(t).Data(), l.Data(), "GOMAXPROCS %d", n)
		require.Equal(t, first.Certificate, c.Certificate)
		require.Equal(t, first.String(), c.String())
	}
}

func TestNoHidden(t *testing.T) {
	w := random(mlp(t, sigmoid, 4, 3), 1)
	c := compress(t, w)
	assert.Equal(t, w.Data(), c.Reduced.Data())
	assert.Equal(t, w.Quiver().Layout(), c.Reduced.Quiver().Layout())
	assert.Zero(t, c.Certificate.Gap)
	assert.Empty(t, c.Widths)
	assert.Equal(t, w.Data(), must(c.Rotated())(t).Data())
	s := must(c.Subspace())(t)
	g := random(w.Quiver(), 2)
	before := slices.Clone(g.Data())
	require.NoError(t, s.Project(g))
	assert.Equal(t, before, g.Data())
}

func TestDeepAndNarrow(t *testing.T) {
	dims := []int{2}
	for range 199 {
		dims = append(dims, 2)
	}
	w := random(mlp(t, tanh, append(dims, 1)...), 1)
	c := compress(t, w)
	assert.LessOrEqual(t, gap(t, w, c.Reduced, inputs(w.Quiver(), 5, 1)...), 1e-12)
}

func TestKeep(t *testing.T) {
	w := random(mlp(t, squash, 2, 8, 9, 3), 1)
	c := compress(t, w, symmetry.Keep("h1"))
	assert.Equal(t, []int{8, 9}, widths(c, "h1", "h2"))
	a, b := must(w.Features(inputs(w.Quiver(), 4, 1)...))(t), must(c.Reduced.Features(inputs(w.Quiver(), 4, 1)...))(t)
	assert.LessOrEqual(t, relative(a["h1"], b["h1"]), 1e-15, "a kept vertex keeps its value")
	c = compress(t, w, symmetry.Keep("h2"))
	assert.Equal(t, []int{3, 9}, widths(c, "h1", "h2"))

	dead := build(t, squash, "a:i2", "b:h9", "c:h8", "d:o2", "a>b", "b>c", "a>d")
	w = random(dead, 2)
	c = compress(t, w, symmetry.Keep("c"))
	assert.Equal(t, []int{2, 8}, widths(c, "b", "c"))
	a, b = must(w.Features(inputs(dead, 4, 1)...))(t), must(c.Reduced.Features(inputs(dead, 4, 1)...))(t)
	assert.LessOrEqual(t, relative(a["c"], b["c"]), 1e-14, "even where nobody looks at it")
}

func TestCompressErrors(t *testing.T) {
	w := random(mlp(t, squash, 2, 8, 3), 1)
	_, err := symmetry.Compress(w, symmetry.Keep("h7"))
	var unknown *quiver.UnknownVertexError
	require.ErrorAs(t, err, &unknown)
	assert.Equal(t, "h7", unknown.Vertex)

	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		w := w.Clone()
		w.Arrow("h1->y").Set(1, 2, bad)
		_, err = symmetry.Compress(w)
		var nonfinite *quiver.NonFiniteError
		require.ErrorAs(t, err, &nonfinite)
		assert.ErrorContains(t, err, `arrow "h1->y"`)
	}
	c := compress(t, w)
	_, err = c.Lift(w)
	var layout *quiver.LayoutError
	require.ErrorAs(t, err, &layout)
	s := must(c.Subspace())(t)
	require.ErrorAs(t, s.Project(c.Reduced), &layout)
	_, err = s.Reduce(c.Reduced)
	require.ErrorAs(t, err, &layout)
	_, err = s.Embed(w, w)
	require.ErrorAs(t, err, &layout)
}

func TestWide(t *testing.T) {
	if testing.Short() {
		t.Skip("allocates tens of megabytes")
	}
	w := random(mlp(t, squash, 2, 200000, 3), 1)
	runtime.GC()
	var a, b runtime.MemStats
	runtime.ReadMemStats(&a)
	c := compress(t, w)
	runtime.ReadMemStats(&b)
	assert.Equal(t, []int{3}, widths(c, "h1"))
	assert.LessOrEqual(t, c.Certificate.Gap, 1e-12)
	total := (b.TotalAlloc - a.TotalAlloc) >> 20
	t.Logf("%d MB allocated in all", total)
	assert.Less(t, total, uint64(250), "megabytes, live or not")
	// The full orthogonal factor, 200000×200000, is never formed.
	rotated := must(c.Rotated())(t)
	xs := inputs(w.Quiver(), 3, 1)
	assert.LessOrEqual(t, gap(t, w, rotated, xs...), 1e-12)
	assert.LessOrEqual(t, distance(w, must(c.Lift(c.Reduced))(t)), 1e-13)
}

func TestLongChain(t *testing.T) {
	parts := []quiver.Part{quiver.Input("x", 2), quiver.Bias("one"), quiver.Output("y", 1, nil)}
	from := "x"
	const n = 10000
	for i := n; i > 0; i-- { // declared against the order
		h := fmt.Sprintf("h%d", i)
		if i == n {
			parts = append(parts, quiver.Connect(h, "y"))
		} else {
			parts = append(parts, quiver.Connect(h, fmt.Sprintf("h%d", i+1)))
		}
		parts = append(parts, quiver.Hidden(h, 3, tanh))
	}
	parts = append(parts, quiver.Connect(from, "h1"))
	q := must(quiver.New(parts...))(t)
	w := quiver.Random(q, quiver.Orthogonal, rand.NewPCG(1, 1))
	c := compress(t, w)
	assert.Len(t, c.Widths, n)
	assert.Equal(t, []int{2, 2}, widths(c, "h1", "h10000"))
	assert.LessOrEqual(t, gap(t, w, c.Reduced, inputs(q, 2, 1)...), 1e-10)
}
