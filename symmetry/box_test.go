package symmetry_test

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
)

// hull returns the least box around the inputs, as Boxes takes it.
func hull(xs []*mat.Dense) []*mat.Dense {
	var out []*mat.Dense
	for _, x := range xs {
		if x.IsEmpty() {
			out = append(out, nil)
			continue
		}
		_, c := x.Dims()
		b := mat.NewDense(2, c, nil)
		for j := range c {
			col := x.ColView(j).(*mat.VecDense)
			b.Set(0, j, mat.Min(col))
			b.Set(1, j, mat.Max(col))
		}
		out = append(out, b)
	}
	return out
}

// inside returns n random points of boxes.
func inside(boxes []*mat.Dense, like []*mat.Dense, n int, rng *rand.Rand) []*mat.Dense {
	var out []*mat.Dense
	for i, b := range boxes {
		if b == nil {
			out = append(out, like[i])
			continue
		}
		_, c := b.Dims()
		x := mat.NewDense(n, c, nil)
		for r := range n {
			for j := range c {
				u := rng.Float64()
				if r%3 == 0 {
					u = math.Round(u)
				}
				x.Set(r, j, b.At(0, j)*(1-u)+b.At(1, j)*u)
			}
		}
		out = append(out, x)
	}
	return out
}

// TestOffOnTheData: a unit that is off on the data and on elsewhere goes only where samples are
// given.
func TestOffOnTheData(t *testing.T) {
	relu := layers.Pointwise(layers.ReLU)
	w := random(mlp(t, relu, 2, 6, 5, 2), 3)
	xs := inputs(w.Quiver(), 30, 4)
	f := must(w.Features(xs...))(t)
	var z mat.Dense
	z.Mul(f["h1"], w.Arrow("h1->h2").T())
	w.Arrow("one->h2").Set(2, 0, -mat.Max(z.ColView(2).(*mat.VecDense))-1e-9)
	far := inputs(w.Quiver(), 30, 5)
	far[0].Scale(20, far[0])
	for _, opts := range [][]symmetry.Option{nil, {symmetry.Pointwise()}, {symmetry.Data(xs...)}, {symmetry.Box(-60, 60)}} {
		c := compress(t, w, opts...)
		assert.Equal(t, []int{6, 5}, widths(c, "h1", "h2"))
		assert.LessOrEqual(t, gap(t, w, c.Reduced, far...), 1e-12)
	}
	c := compress(t, w, symmetry.Samples(xs...))
	var found bool
	for _, u := range c.Units {
		found = found || u.Vertex == "h2" && u.Unit == 2 && u.Fate == symmetry.Constant && u.Value == 0 && u.On == "the 30 given samples"
	}
	assert.True(t, found, "%v", c.Units)
	assert.LessOrEqual(t, gap(t, w, c.Reduced, xs...), 1e-13)
	assert.Greater(t, gap(t, w, c.Reduced, far...), 1e-3)
	assert.True(t, c.Certificate.Exact)
	assert.Equal(t, "holds on the 30 given samples, measured on 30 of them", c.Certificate.On)
	assert.LessOrEqual(t, c.Certificate.Gap, c.Certificate.Bound)
	// One more sample on which it is on.
	more := mat.NewDense(31, 2, nil)
	more.Slice(0, 30, 0, 2).(*mat.Dense).Copy(xs[0])
	for r := range 30 {
		more.SetRow(30, far[0].RawRowView(r))
		g := must(w.Features(more))(t)["h2"]
		if g.At(30, 2) > 0 {
			break
		}
	}
	for _, u := range compress(t, w, symmetry.Samples(more)).Units {
		assert.False(t, u.Vertex == "h2" && u.Unit == 2, "%v", u)
	}
}

// TestEdgesOfABox: verdicts are exact at the ends of the box.
func TestEdgesOfABox(t *testing.T) {
	for _, tc := range []struct {
		name string
		row  []float64
		opt  symmetry.Option
		want []symmetry.Fate
	}{
		{"off, by a touch", []float64{1, 2, -3}, symmetry.Box(-1, 1), []symmetry.Fate{symmetry.Constant}},
		{"on almost nowhere", []float64{1, 2, -3 * (1 - 1e-9)}, symmetry.Box(-1, 1), nil},
		{"off in exact arithmetic", []float64{0.1, 0.2, -0.30000000000000004}, symmetry.Box(-1, 1), []symmetry.Fate{symmetry.Constant}},
		{"on by 3e-17", []float64{0.1, 0.2, -0.3}, symmetry.Box(-1, 1), nil},
		{"on without a bias", []float64{1, 2, 0}, symmetry.Box(0, 1), []symmetry.Fate{symmetry.Linear}},
		{"on without a bias, and without an end", []float64{1, 2, 0}, symmetry.Box(0, math.Inf(1)), []symmetry.Fate{symmetry.Linear}},
		{"on, all but a corner", []float64{1, 2, 0}, symmetry.Box(-1e-300, 1), nil},
		{"off on half of the plane", []float64{-1, -2, 0}, symmetry.Box(0, math.Inf(1)), []symmetry.Fate{symmetry.Constant}},
		{"one coordinate unbounded", []float64{1, 0, -3}, symmetry.Boxes(mat.NewDense(2, 2, []float64{-1, math.Inf(-1), 1, math.Inf(1)})), []symmetry.Fate{symmetry.Constant}},
		{"the other one", []float64{0, 1, -3}, symmetry.Boxes(mat.NewDense(2, 2, []float64{-1, math.Inf(-1), 1, math.Inf(1)})), nil},
		{"a point", []float64{1, 1, 0}, symmetry.Box(2, 2), []symmetry.Fate{symmetry.Constant}},
		{"a coordinate that stands still", []float64{0, 1, -1}, symmetry.Boxes(mat.NewDense(2, 2, []float64{-1, 2, 1, 2})), []symmetry.Fate{symmetry.Constant}},
		{"one that does not", []float64{1e-9, 1, -2}, symmetry.Boxes(mat.NewDense(2, 2, []float64{-1, 2, 1, 2})), nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := single(t, layers.ReLU, 2, [][]float64{tc.row}, [][]float64{{1}})
			var got []symmetry.Fate
			c := compress(t, w, tc.opt)
			for _, u := range c.Units {
				got = append(got, u.Fate)
			}
			assert.Equal(t, tc.want, got)
			assert.Zero(t, c.Certificate.Gap)
		})
	}
}

// TestVerdictsAtARounding: a bias is minus the largest value of the rest, rounded. The verdict
// is that of rational numbers.
func TestVerdictsAtARounding(t *testing.T) {
	rng := rngOf(5)
	off := 0
	for range 400 {
		n := 1 + rng.IntN(12)
		row, lo, hi := make([]float64, n+1), make([]float64, n), make([]float64, n)
		most := new(big.Rat)
		for j := range n {
			row[j] = rng.NormFloat64()
			lo[j] = rng.NormFloat64()
			hi[j] = lo[j] + rng.Float64()
			end := hi[j]
			if row[j] < 0 {
				end = lo[j]
			}
			most.Add(most, new(big.Rat).Mul(new(big.Rat).SetFloat64(row[j]), new(big.Rat).SetFloat64(end)))
		}
		bias, _ := most.Float64()
		row[n] = -bias
		most.Add(most, new(big.Rat).SetFloat64(row[n]))
		w := single(t, layers.ReLU, n, [][]float64{row}, [][]float64{{1}})
		b := mat.NewDense(2, n, nil)
		b.SetRow(0, lo)
		b.SetRow(1, hi)
		c := compress(t, w, symmetry.Boxes(b))
		want := []int{1}
		if most.Sign() <= 0 {
			want[0] = 0
			off++
		}
		require.Equal(t, want, widths(c, "h"))
	}
	assert.InDelta(t, 200, off, 60)
}

// TestTheProgramDecides: z = 3/2 − relu(x) − relu(−x) is at least 1/2 on [−1, 1]; intervals say
// −1/2, and the linear program 1/2.
func TestTheProgramDecides(t *testing.T) {
	relu := layers.Pointwise(layers.ReLU)
	q := must(quiver.New(
		quiver.Input("x", 1), quiver.Bias("one"), quiver.Hidden("a", 2, relu), quiver.Hidden("b", 3, relu), quiver.Output("y", 1, nil),
		quiver.Connect("x", "a"), quiver.Connect("a", "b"), quiver.Connect("one", "b"), quiver.Connect("b", "y")))(t)
	w := quiver.Zero(q)
	w.Arrow("x->a").SetCol(0, []float64{1, -1})
	for i, r := range [][]float64{{-1, -1, 1.5}, {1, 1, -0.3}, {-1, -1, 0.75}} {
		w.Arrow("a->b").SetRow(i, r[:2])
		w.Arrow("one->b").Set(i, 0, r[2])
	}
	w.Arrow("b->y").SetRow(0, []float64{1, 1, 1})
	c := compress(t, w, symmetry.Box(-1, 1))
	assert.Equal(t, []symmetry.UnitChange{{Vertex: "b", Unit: 0, Fate: symmetry.Linear, On: "the box [-1, 1]"}}, c.Units)
	assert.LessOrEqual(t, gap(t, w, c.Reduced, mat.NewDense(5, 1, []float64{-1, -0.3, 0, 0.4, 1})), 1e-15)
	assert.Len(t, compress(t, w, symmetry.Box(-1.4, 1.4)).Units, 1)
	assert.Empty(t, compress(t, w, symmetry.Box(-1.6, 1.6)).Units, "at 1.6 the unit is off")
}

// TestShiftedUnitsOn: x − s needs a bias at the target, which counts as a number.
func TestShiftedUnitsOn(t *testing.T) {
	act := layers.Pointwise(layers.Shift(layers.ReLU, 0.5))
	for _, tc := range []struct{ width, numbers int }{{1, 1*1 + 1*3}, {2, 1*3 + 3}} {
		q := must(quiver.New(quiver.Input("x", 1), quiver.Hidden("h", tc.width, act), quiver.Output("y", 3, nil), quiver.Connect("x", "h"), quiver.Connect("h", "y")))(t)
		w := random(q, 1)
		w.Arrow("x->h").Set(0, 0, 1)
		if tc.width == 2 {
			w.Arrow("x->h").Set(1, 0, 2)
		}
		c := compress(t, w, symmetry.Box(1, 2))
		assert.Equal(t, tc.numbers, c.Reduced.Quiver().NumParams(), "%s", c)
		assert.LessOrEqual(t, gap(t, w, c.Reduced, mat.NewDense(3, 1, []float64{1, 1.7, 2})), 1e-15)
	}
}

// TestWholeLayerOn: a layer that is on everywhere becomes a matrix past it, or a linear vertex,
// whichever is smaller.
func TestWholeLayerOn(t *testing.T) {
	relu := layers.Pointwise(layers.ReLU)
	on := func(dims ...int) *quiver.Rep {
		w := random(mlp(t, relu, dims...), 2)
		for i := range dims[1] {
			w.Arrow("one->h1").Set(i, 0, 20)
		}
		return w
	}
	w := on(2, 6, 3)
	c := compress(t, w, symmetry.Box(-1, 1))
	assert.Equal(t, 2*3+3, c.Reduced.Quiver().NumParams(), "x->y and one->y")
	assert.Equal(t, []int{0}, widths(c, "h1"))
	assert.LessOrEqual(t, gap(t, w, c.Reduced, inside([]*mat.Dense{mat.NewDense(2, 2, []float64{-1, -1, 1, 1})}, nil, 20, rand.New(rand.NewPCG(1, 1)))...), 1e-13)

	w = on(20, 3, 20) // 3·(20+1+20) numbers and 20 biases; a matrix past it would have 400
	c = compress(t, w, symmetry.Box(-1, 1))
	assert.Empty(t, c.Units)

	w = on(20, 5, 20)        // of rank 3
	for i := 2; i < 5; i++ { // no twins, but combinations of two rows and the constant
		w.Arrow("x->h1").SetRow(i, w.Arrow("x->h1").RawRowView(i%2))
		w.Arrow("one->h1").Set(i, 0, 20+float64(i))
	}
	c = compress(t, w, symmetry.Box(-0.1, 0.1))
	assert.Equal(t, []int{3}, widths(c, "h1"))
	v, _ := c.Reduced.Quiver().VertexIndex("h1")
	assert.Equal(t, quiver.Identity, c.Reduced.Quiver().Vertices()[v].Act)
	assert.LessOrEqual(t, gap(t, w, c.Reduced, inside([]*mat.Dense{hullOf(20, 0.1)}, nil, 20, rand.New(rand.NewPCG(1, 1)))...), 1e-13)
}

func hullOf(n int, r float64) *mat.Dense {
	b := mat.NewDense(2, n, nil)
	for j := range n {
		b.Set(0, j, -r)
		b.Set(1, j, r)
	}
	return b
}

// preactivation returns z of a vertex of a network without fixed arrows to it.
func preactivation(t testing.TB, w *quiver.Rep, vertex string, xs []*mat.Dense) *mat.Dense {
	f := must(w.Features(xs...))(t)
	q := w.Quiver()
	v, _ := q.VertexIndex(vertex)
	rows, _ := f[vertex].Dims()
	z := mat.NewDense(rows, q.Vertices()[v].Dim, nil)
	for _, i := range q.In(v) {
		if a := q.Arrows()[i]; a.Cols > 0 {
			var p mat.Dense
			p.Mul(f[a.From], w.Matrix(i).T())
			z.Add(z, &p)
		}
	}
	return z
}
