package symmetry_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/golden"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
)

func TestRank(t *testing.T) {
	dims := []int{3, 10, 12, 9, 2}
	zero := func(w *quiver.Rep, names ...string) {
		for _, n := range names {
			w.Arrow(n).Zero()
		}
	}
	for _, tc := range []struct {
		name  string
		spoil func(w *quiver.Rep)
		want  []int
	}{
		{"generic", func(*quiver.Rep) {}, []int{4, 5, 6}},
		{"zero biases", func(w *quiver.Rep) { zero(w, "one->h1", "one->h2", "one->h3", "one->y") }, []int{3, 3, 3}},
		{"first matrix of rank one", func(w *quiver.Rep) { outer(w.Arrow("x->h1")) }, []int{2, 3, 4}},
		{"second layer zero", func(w *quiver.Rep) { zero(w, "h1->h2", "one->h2") }, []int{4, 0, 1}},
		{"equal rows", func(w *quiver.Rep) {
			for _, n := range []string{"x->h1", "one->h1"} {
				m := w.Arrow(n)
				for i := range 10 {
					copy(m.RawRowView(i), m.RawRowView(0))
				}
			}
		}, []int{1, 2, 3}},
		{"a tiny column counts", func(w *quiver.Rep) {
			m := w.Arrow("x->h1")
			for i := range 10 {
				m.Set(i, 1, 1e-12*m.At(i, 1))
			}
		}, []int{4, 5, 6}},
		{"all zero", func(w *quiver.Rep) { w.Scale(0) }, []int{0, 0, 0}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := random(mlp(t, squash, dims...), 5)
			tc.spoil(w)
			c := compress(t, w, symmetry.Rank(0))
			assert.Equal(t, tc.want, widths(c, "h1", "h2", "h3"))
			require.True(t, c.Certificate.Exact)
			xs := inputs(w.Quiver(), 9, 1)
			assert.LessOrEqual(t, gap(t, w, c.Reduced, xs...), 1e-12)
			assert.LessOrEqual(t, gap(t, w, must(c.Rotated())(t), xs...), 1e-12)
			assert.LessOrEqual(t, distance(w, must(c.Lift(c.Reduced))(t)), 1e-13)
			assert.LessOrEqual(t, c.Certificate.Gap, c.Certificate.Bound)
			again := compress(t, c.Reduced, symmetry.Rank(0))
			assert.Equal(t, c.Reduced.Quiver().Dims(), again.Reduced.Quiver().Dims())
			projected(t, w, 40, 0.01, 1e-11, symmetry.Rank(0))
		})
	}
}

// TestRankGolden: deterministic weights of rank at most 2 by the addition formula.
func TestRankGolden(t *testing.T) {
	for _, tc := range []struct{ dims, want []int }{
		{[]int{1, 6, 7, 1}, []int{2, 2}},
		{[]int{2, 16, 64, 128, 16, 2}, []int{2, 2, 2, 2}},
	} {
		q := mlp(t, sigmoid, tc.dims...)
		w := quiver.Zero(q)
		names := q.Hidden()
		for i, name := range append(names, "y") {
			from := "x"
			if i > 0 {
				from = names[i-1]
			}
			m := w.Arrow(from + "->" + name)
			m.Apply(func(r, c int, _ float64) float64 { return math.Sin(1+100*float64(i+1)+10*float64(r)+float64(c)) / 2 }, m)
			b := w.Arrow("one->" + name)
			b.Apply(func(r, _ int, _ float64) float64 { return math.Cos(1+100*float64(i+1)+10*float64(r)) / 2 }, b)
		}
		c := compress(t, w, symmetry.Rank(0))
		assert.Equal(t, tc.want, widths(c, names...))
		assert.LessOrEqual(t, gap(t, w, c.Reduced, inputs(q, 30, 1)...), 1e-11)
	}
}

// TestRankTolerance: a tolerance that drops what is not zero is no equality, and says so.
func TestRankTolerance(t *testing.T) {
	w := random(mlp(t, squash, 3, 10, 12, 2), 5)
	m := w.Arrow("x->h1")
	for i := range 10 { // almost of rank two
		m.Set(i, 2, m.At(i, 0)-m.At(i, 1)+1e-4*math.Cos(float64(i*i)))
	}
	assert.Equal(t, []int{4}, widths(compress(t, w, symmetry.Rank(0)), "h1"))
	c := compress(t, w, symmetry.Rank(1e-3))
	assert.Equal(t, []int{3}, widths(c, "h1"))
	assert.False(t, c.Certificate.Exact)
	assert.Greater(t, c.Certificate.Gap, 1e-9)
	assert.Less(t, c.Certificate.Gap, 1e-2)
	assert.LessOrEqual(t, c.Certificate.Gap, c.Certificate.Bound)
	assert.Less(t, c.Certificate.Bound, 1.0)
	_, err := c.Subspace()
	var none *symmetry.SubspaceError
	require.ErrorAs(t, err, &none)
	// Rotated is the original all the same, Lift the reduced network.
	xs := inputs(w.Quiver(), 9, 1)
	assert.LessOrEqual(t, gap(t, w, must(c.Rotated())(t), xs...), 1e-13)
	lifted := must(c.Lift(c.Reduced))(t)
	assert.LessOrEqual(t, gap(t, c.Reduced, lifted, xs...), 1e-13)
	assert.Greater(t, gap(t, w, lifted, xs...), 1e-9)
	golden.Check(t, "inexact.txt", stable(c.String()))
}

func TestMergeParallel(t *testing.T) {
	q := build(t, squash, "*:b", "a:i2", "b:h9", "c:o2", "e:o3", "a>b", "a>b", "b>c", "b>e", "b>e", "*>b", "*>c")
	w := random(q, 1)
	c := compress(t, w, symmetry.MergeParallel)
	assert.Equal(t, []int{3}, widths(c, "b"))
	assert.Equal(t, []int{5}, widths(compress(t, w), "b"))
	xs := inputs(q, 9, 1)
	assert.LessOrEqual(t, gap(t, w, c.Reduced, xs...), 1e-13)
	assert.Equal(t, q.Outputs(), c.Reduced.Quiver().Outputs())
	lifted := must(c.Lift(c.Reduced))(t)
	assert.Equal(t, q.Layout(), lifted.Quiver().Layout())
	assert.LessOrEqual(t, distance(w, lifted), 1e-14)
	r := c.Reduced.Clone()
	r.Scale(0.9)
	assert.LessOrEqual(t, gap(t, r, must(c.Lift(r))(t), xs...), 1e-13)
	projected(t, w, 30, 0.01, 1e-12, symmetry.MergeParallel)

	// The merged arrow with rate η is the pair with rate η/2 each: with the same rate it is not.
	merged := must(compress(t, w, symmetry.MergeParallel, symmetry.Keep("b")).Rotated())(t)
	for _, tc := range []struct {
		share float64
		equal bool
	}{{0.5, true}, {1, false}} {
		m, p := merged.Clone(), w.Clone()
		ys := targets(q, 9, 2)
		for range 20 {
			descend(t, m, xs, ys, 0.02, nil)
			_, g := halfSumOfSquares(t, p, xs, ys)
			for _, name := range []string{"a->b", "a.b.2", "b->e", "b.e.2"} {
				d := g.Arrow(name)
				d.Scale(tc.share, mat.DenseCopyOf(d))
			}
			p.AddScaled(-0.02, g)
		}
		if d := gap(t, m, p, xs...); tc.equal {
			assert.LessOrEqual(t, d, 1e-12)
		} else {
			assert.Greater(t, d, 1e-4)
		}
	}

	// A fixed arrow never merges with a trainable one; fixed ones merge with each other.
	q = must(quiver.New(quiver.Input("a", 2), quiver.Hidden("b", 2, squash), quiver.Output("c", 1, nil), quiver.Connect("a", "b"),
		quiver.Connect("a", "b", quiver.Named("i"), quiver.Frozen(quiver.Eye(2))), quiver.Connect("a", "b", quiver.Named("j"), quiver.Frozen(quiver.Eye(2))), quiver.Connect("b", "c")))(t)
	w = random(q, 1)
	c = compress(t, w, symmetry.MergeParallel)
	assert.Equal(t, 3, c.Reduced.Quiver().NumArrows())
	assert.LessOrEqual(t, gap(t, w, c.Reduced, inputs(q, 9, 1)...), 1e-13)
	none := compress(t, random(skip(), 1), symmetry.MergeParallel)
	assert.Equal(t, compress(t, random(skip(), 1)).Reduced.Data(), none.Reduced.Data())
}

// TestBound: on random quivers, cut by every means, the bound is never below the gap.
func TestBound(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	acts := []quiver.Activation{squash, tanh, layers.RMSNorm(8, 1e-2), layers.Radial(layers.Shift(layers.ReLU, 0.3)), layers.Radial(layers.StepReLU), sigmoid, layers.Pointwise(layers.Tanh)}
	finite, cut, zero := 0, 0, 0
	var loose []float64
	for n := range 3000 {
		act := acts[n%len(acts)]
		var q *quiver.Quiver
		switch n % 4 {
		case 0:
			q = mlp(t, act, 2+rng.IntN(3), 4+rng.IntN(6), 4+rng.IntN(6), 1+rng.IntN(3))
		case 1:
			q = must(layers.DenseNet(act, 2, 5, 6, 7, 2))(t)
		case 2:
			q = must(layers.Residual(act, 3, 8, 9, 2, 2))(t)
		default:
			q = build(t, act, "*:b", "a:i2", "b:h9", "c:o3", "d:h6", "e:o2", "a>b", "a>b", "b>c", "c>d", "d>e", "*>d", "*>b")
		}
		w := random(q, uint64(n))
		w.Scale(2)
		fade(w, rng)
		var opt symmetry.Option
		switch n % 3 {
		case 0:
			opt = symmetry.Tolerance(math.Pow(10, -1-4*rng.Float64()))
		case 1:
			opt = symmetry.Rank(math.Pow(10, -1-4*rng.Float64()))
		default:
			k := map[string]int{}
			for _, h := range q.Hidden() {
				k[h] = 1 + rng.IntN(5)
				if act != sigmoid { // it jumps at the origin, where a vertex of width 0 stands
					k[h]--
				}
			}
			opt = symmetry.Widths(k)
		}
		c, err := symmetry.Compress(w, opt)
		if n%7 == 6 && refused(w, err) { // a pointwise vertex keeps no smaller subspace
			continue
		}
		require.NoError(t, err)
		xs := inputs(q, 10, uint64(n))
		measured, bound := gap(t, w, c.Reduced, xs...), must(c.BoundOn(xs...))(t)
		require.LessOrEqual(t, measured, bound, "case %d, %s", n, act)
		require.LessOrEqual(t, c.Certificate.Gap, c.Certificate.Bound)
		lifted := must(c.Lift(c.Reduced))(t)
		require.LessOrEqual(t, gap(t, c.Reduced, lifted, xs...), 1e-12, "case %d, %s", n, act)
		require.LessOrEqual(t, gap(t, w, must(c.Rotated())(t), xs...), 1e-12)
		if measured == 0 {
			zero++
		}
		if !c.Certificate.Exact {
			cut++
			if !math.IsInf(bound, 1) {
				finite++
				if measured > 0 { // a gap may vanish on ten samples
					loose = append(loose, bound/measured)
				}
			}
		}
	}
	t.Logf("%d cut, %d with a bound, %d without any gap; bound/gap %s", cut, finite, zero, quartiles(loose))
	assert.Greater(t, cut, 500)
	assert.Greater(t, finite, 250)
}

// fade gives the trainable matrices singular values that fall off.
func fade(w *quiver.Rep, rng *rand.Rand) {
	for _, m := range w.All() {
		_, c := m.Dims()
		if c < 2 {
			continue
		}
		var qr mat.QR
		g := mat.NewDense(c, c, nil)
		g.Apply(func(_, _ int, _ float64) float64 { return rng.NormFloat64() }, g)
		qr.Factorize(g)
		qr.QTo(g)
		g.Apply(func(i, _ int, x float64) float64 { return x * math.Pow(10, -6*float64(i)/float64(c)) }, g)
		m.Mul(mat.DenseCopyOf(m), g)
	}
}

func quartiles(x []float64) string {
	v := mat.NewVecDense(len(x), x)
	best, worst, sum := math.Inf(1), 0.0, 0.0
	for i := range v.Len() {
		best, worst, sum = min(best, v.AtVec(i)), max(worst, v.AtVec(i)), sum+math.Log(v.AtVec(i))
	}
	return fmt.Sprintf("from %.3g to %.3g, geometric mean %.3g", best, worst, math.Exp(sum/float64(len(x))))
}

// TestExactBound: the bound of an exact compression is rounding.
func TestExactBound(t *testing.T) {
	c := compress(t, random(mlp(t, squash, 2, 16, 64, 128, 16, 2), 1))
	assert.LessOrEqual(t, c.Certificate.Gap, c.Certificate.Bound)
	assert.Less(t, c.Certificate.Bound, 1e-9)
	// No bound without a constant.
	one := compress(t, random(mlp(t, layers.Rescaling("onenorm", layers.OneNorm{}), 2, 8, 2), 1), symmetry.Tolerance(0.5))
	assert.True(t, math.IsInf(one.Certificate.Bound, 1))
	assert.Contains(t, one.String(), "does not know its Lipschitz constant")
}

// TestTolerance: more tolerance, fewer directions, larger gap.
func TestTolerance(t *testing.T) {
	w := random(mlp(t, tanh, 8, 20, 30, 3), 2)
	last, wide := -1.0, 1000
	for _, eps := range []float64{0, 0.05, 0.2, 0.6} {
		c := compress(t, w, symmetry.Tolerance(eps))
		k := widths(c, "h1", "h2")
		assert.LessOrEqual(t, k[0]+k[1], wide)
		assert.GreaterOrEqual(t, c.Certificate.Gap, last)
		last, wide = c.Certificate.Gap, k[0]+k[1]
	}
	assert.Greater(t, last, 1e-2)
	c := compress(t, w, symmetry.Widths(map[string]int{"h1": 4}))
	assert.Equal(t, []int{4, 5}, widths(c, "h1", "h2"))
}

// TestWeigh: on data that favour some directions, the same widths lose less.
func TestWeigh(t *testing.T) {
	better, all := 0, 0
	for seed := range uint64(30) {
		w := random(mlp(t, tanh, 8, 24, 24, 3), seed)
		x := inputs(w.Quiver(), 60, seed)[0]
		x.Apply(func(_, j int, v float64) float64 { return v * math.Pow(10, -float64(j)/3) }, x)
		k := map[string]int{"h1": 4, "h2": 4}
		a := compress(t, w, symmetry.Widths(k), symmetry.MeasureOn(x))
		b := compress(t, w, symmetry.Widths(k), symmetry.MeasureOn(x), symmetry.Weigh(x))
		assert.Equal(t, []int{4, 4}, widths(b, "h1", "h2"))
		assert.LessOrEqual(t, b.Certificate.Gap, b.Certificate.Bound)
		assert.LessOrEqual(t, gap(t, b.Reduced, must(b.Lift(b.Reduced))(t), x), 1e-12)
		all++
		if b.Certificate.Gap < a.Certificate.Gap {
			better++
		}
	}
	t.Logf("better in %d of %d", better, all)
	assert.Greater(t, better, 25)
	w := random(mlp(t, tanh, 3, 9, 2), 1)
	c := compress(t, w, symmetry.Tolerance(0), symmetry.Weigh(inputs(w.Quiver(), 60, 1)...))
	assert.LessOrEqual(t, c.Certificate.Gap, 1e-12, "data that span everything leave nothing out")
}

func TestOptionErrors(t *testing.T) {
	w := random(mlp(t, tanh, 2, 5, 3), 2)
	for _, tc := range []struct {
		opts []symmetry.Option
		want string
	}{
		{[]symmetry.Option{symmetry.Rank(-1)}, "symmetry: Rank(-1): want 0 ≤ tol < 1; 0 is the rounding of the machine"},
		{[]symmetry.Option{symmetry.Rank(math.NaN())}, "symmetry: Rank(NaN): want 0 ≤ tol < 1; 0 is the rounding of the machine"},
		{[]symmetry.Option{symmetry.Tolerance(1)}, "symmetry: Tolerance(1): want 0 ≤ eps < 1"},
		{[]symmetry.Option{symmetry.Widths(map[string]int{"h1": -2})}, "symmetry: Widths: h1 -2: want a width of 0 or more"},
		{[]symmetry.Option{symmetry.Rank(0), symmetry.Weigh(mat.NewDense(1, 2, nil))}, "symmetry: Weigh: there is nothing to weigh; give Tolerance or Widths too"},
		{[]symmetry.Option{symmetry.Rank(0), symmetry.Tolerance(0.1)}, "symmetry: Rank with Tolerance: each decides the widths; give one of them"},
	} {
		_, err := symmetry.Compress(w, tc.opts...)
		var bad *symmetry.OptionError
		require.ErrorAs(t, err, &bad)
		assert.EqualError(t, err, tc.want)
	}
	_, err := symmetry.Compress(w, symmetry.Widths(map[string]int{"h9": 2}))
	var unknown *quiver.UnknownVertexError
	require.ErrorAs(t, err, &unknown)
	assert.NotNil(t, must(symmetry.Compress(w, nil))(t), "a nil option is none")
}
