package stitch_test

import (
	"errors"
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
	"github.com/quivernet/quivernet/symmetry/stitch"
)

var relu = layers.Pointwise(layers.ReLU)

// skip is a network with a path around its second layer.
func skip(t testing.TB, act quiver.Activation, seed uint64) *quiver.Rep {
	t.Helper()
	q := must(quiver.New(quiver.Input("x", 3), quiver.Bias("one"), quiver.Hidden("h1", 6, act), quiver.Hidden("h2", 5, act), quiver.Output("y", 2, nil),
		quiver.Connect("x", "h1"), quiver.Connect("one", "h1"), quiver.Connect("h1", "h2"), quiver.Connect("one", "h2"), quiver.Connect("h1", "y", quiver.Named("around")),
		quiver.Connect("h2", "y"), quiver.Connect("one", "y")))(t)
	w := quiver.Random(q, nil, rand.NewPCG(seed, 1))
	w.Scale(2)
	return w
}

func gap(t testing.TB, a, b *quiver.Rep, x *mat.Dense) float64 {
	t.Helper()
	y, z := must(a.Eval(x))(t)[0], must(b.Eval(x))(t)[0]
	var d mat.Dense
	d.Sub(y, z)
	return mat.Norm(&d, 2) / mat.Norm(y, 2)
}

// TestStitch: a network stitched to a copy on its orbit by the fitted map is the network.
func TestStitch(t *testing.T) {
	for _, tc := range []struct {
		act   quiver.Activation
		class stitch.Class
	}{
		{relu, stitch.PositiveMonomial}, {layers.Pointwise(layers.Tanh), stitch.SignedPermutation}, {layers.Pointwise(layers.GELU), stitch.Permutation},
		{layers.Pointwise(layers.Power(3)), stitch.Monomial}, {layers.Pointwise(layers.Square), stitch.PositiveMonomial}, {layers.Pointwise(layers.Squash), stitch.Permutation},
		{layers.Radial(layers.Squash), stitch.Orthogonal}, {layers.Trainable(layers.Tanh, 0.1, 1.2), stitch.Orthogonal},
	} {
		require.Equal(t, tc.class, stitch.Of(symmetry.GroupOf(tc.act, 6)), tc.act.String())
		w := skip(t, tc.act, 1)
		g := symmetry.RandomElement(w.Quiver(), rand.NewPCG(3, 4))
		v := must(symmetry.Act(g, w))(t)
		x := random(rand.New(rand.NewPCG(5, 6)), 40, 3)
		for _, h := range []string{"h1", "h2"} {
			a, b := must(stitch.At(w, h, x))(t), must(stitch.At(v, h, x))(t)
			after := must(g.ActAfter(h, a))(t)
			require.LessOrEqual(t, norm(after, b), 1e-12*mat.Norm(b, 2))
			m := must(stitch.Fit(tc.class, a, b))(t)
			require.LessOrEqual(t, m.Relative, 1e-20, "%s at %s", tc.act, h)
			s := must(stitch.Network(w, h, v, h, m.M))(t)
			assert.LessOrEqual(t, gap(t, w, s, x), 1e-9, "%s at %s", tc.act, h)
			r, c := m.M.Dims()
			for _, arrow := range s.Quiver().Arrows() {
				assert.Equal(t, arrow.Name != stitch.Arrow, arrow.Fixed, "only the map can be trained")
			}
			eye := mat.NewDense(r, c, nil)
			for i := range r {
				eye.Set(i, i, 1)
			}
			assert.Greater(t, gap(t, w, must(stitch.Network(w, h, v, h, eye))(t), x), 1e-3, "the identity is another map")
		}
		// Layers of different widths.
		m := must(stitch.Fit(stitch.Linear, must(stitch.At(w, "h1", x))(t), must(stitch.At(v, "h2", x))(t)))(t)
		s := must(stitch.Network(w, "h1", v, "h2", m.M))(t)
		require.NoError(t, s.Check())
		require.Equal(t, []string{"y"}, s.Quiver().Outputs())
	}
}

func norm(a, b *mat.Dense) float64 {
	var d mat.Dense
	d.Sub(a, b)
	return mat.Norm(&d, 2)
}

// squared is a learner by the reference gradient: ½Σ|F−y|²/n.
type squared struct{}

func (squared) LossGrad(grad, w *quiver.Rep, xs, ys []*mat.Dense) (float64, error) {
	out, err := w.Eval(xs...)
	if err != nil {
		return 0, err
	}
	n, _ := out[0].Dims()
	out[0].Sub(out[0], ys[0])
	f := mat.Norm(out[0], 2)
	out[0].Scale(1/float64(n), out[0])
	g, _, err := w.VJP(xs, out)
	if err != nil {
		return 0, err
	}
	grad.CopyFrom(g)
	return f * f / 2 / float64(n), nil
}

// TestTrain: the loss falls, the map is in its class, and a planted permutation is found from
// a random start.
func TestTrain(t *testing.T) {
	w := skip(t, relu, 1)
	v := must(symmetry.Act(symmetry.RandomElement(w.Quiver(), rand.NewPCG(3, 4)), w))(t)
	x := random(rand.New(rand.NewPCG(5, 6)), 60, 3)
	ys := must(w.Eval(x))(t)
	data := func(int) (xs, zs []*mat.Dense) { return []*mat.Dense{x}, ys }
	fit := must(stitch.Fit(stitch.PositiveMonomial, must(stitch.At(w, "h2", x))(t), must(stitch.At(v, "h2", x))(t)))(t)
	start := mat.DenseCopyOf(fit.M)
	start.Apply(func(_, _ int, x float64) float64 { return 1.3 * x }, start)
	s := must(stitch.Network(w, "h2", v, "h2", start))(t)
	loss := func(w *quiver.Rep) float64 { return must(squared{}.LossGrad(w.Like(), w, []*mat.Dense{x}, ys))(t) }
	before := loss(s)
	require.Greater(t, before, 1e-4)
	for class, share := range map[stitch.Class]float64{stitch.PositiveMonomial: 0.5, stitch.Linear: 0.5} {
		r := must(stitch.Train(class, s, squared{}, data, stitch.Settings{Steps: 600, Rate: 0.02, Alpha: 0.01, Settle: 200}))(t)
		assert.Less(t, loss(r), share*before, class.String())
		if class == stitch.PositiveMonomial {
			pattern(t, r.Arrow(stitch.Arrow), fit.M)
		}
	}
	assert.Equal(t, start.RawMatrix().Data, mat.DenseCopyOf(s.Arrow(stitch.Arrow)).RawMatrix().Data, "the argument is not changed")

	// Two GELU networks: the permutation is planted, the start is random.
	w = skip(t, layers.Pointwise(layers.GELU), 2)
	v = must(symmetry.Act(symmetry.RandomElement(w.Quiver(), rand.NewPCG(7, 4)), w))(t)
	ys = must(w.Eval(x))(t)
	fit = must(stitch.Fit(stitch.Permutation, must(stitch.At(w, "h1", x))(t), must(stitch.At(v, "h1", x))(t)))(t)
	s = must(stitch.Network(w, "h1", v, "h1", fit.M))(t)
	found := 0
	for seed := range uint64(6) {
		r := must(stitch.Train(stitch.Permutation, s, squared{}, data, stitch.Settings{Steps: 300, Rate: 0.05, Alpha: 0.01, Source: rand.NewPCG(seed, 1)}))(t)
		if mat.Equal(fit.M, r.Arrow(stitch.Arrow)) {
			found++
			assert.LessOrEqual(t, loss(r), 1e-20)
		}
	}
	t.Logf("found from %d of 6 random starts", found)
	assert.Positive(t, found)

	// Radial networks: the map stays orthogonal.
	w = skip(t, layers.Radial(layers.Squash), 3)
	v = skip(t, layers.Radial(layers.Squash), 4)
	ys = must(v.Eval(x))(t)
	fit = must(stitch.Fit(stitch.Orthogonal, must(stitch.At(w, "h1", x))(t), must(stitch.At(v, "h1", x))(t)))(t)
	s = must(stitch.Network(w, "h1", v, "h1", fit.M))(t)
	before = loss(s)
	r := must(stitch.Train(stitch.Orthogonal, s, squared{}, data, stitch.Settings{Steps: 200, Rate: 0.1}))(t)
	assert.Less(t, loss(r), before)
	assert.NoError(t, symmetry.Group{Kind: symmetry.Orthogonal}.Contains(r.Arrow(stitch.Arrow)))
}

// pattern checks that m is a permutation with scales ≥ 0, of the pattern of want.
func pattern(t *testing.T, m, want *mat.Dense) {
	t.Helper()
	r, c := m.Dims()
	for i := range r {
		for j := range c {
			if want.At(i, j) > 0 { // not at units that are off on all samples
				assert.Positive(t, m.At(i, j), "(%d,%d)", i, j)
			}
		}
	}
}

func TestSinkhorn(t *testing.T) {
	u := mat.NewDense(2, 2, []float64{1, 2, 3, 4})
	stitch.Sinkhorn(u, 16)
	assert.InDelta(t, 0.449489742783178, u.At(0, 0), 1e-14)
	assert.InDelta(t, 1/(1+math.Sqrt(1.5)), u.At(1, 1), 1e-14)
	u = mat.NewDense(2, 2, []float64{0, 0, 3, 4})
	stitch.Sinkhorn(u, 3)
	assert.False(t, math.IsNaN(mat.Sum(u)), "zero sums count as 1")
	stitch.Sinkhorn(&mat.Dense{}, 3)
}

// TestAlong: the line to a copy on the orbit has a barrier, and none once it is aligned.
func TestAlong(t *testing.T) {
	w := skip(t, relu, 1)
	v := must(symmetry.Act(symmetry.RandomElement(w.Quiver(), rand.NewPCG(3, 4)), w))(t)
	x := random(rand.New(rand.NewPCG(5, 6)), 60, 3)
	ys := must(w.Eval(x))(t)
	loss := func(r *quiver.Rep) (float64, error) { return squared{}.LossGrad(r.Like(), r, []*mat.Dense{x}, ys) }
	p := must(stitch.Along(w, v, 11, loss))(t)
	assert.Equal(t, []float64{0, 1}, []float64{p.T[0], p.T[10]})
	assert.Greater(t, p.Barrier, 1e-3)
	al := must(symmetry.Aligned(w, v))(t)
	q := must(stitch.Along(must(symmetry.Act(al.Element, w))(t), v, 11, loss))(t)
	assert.LessOrEqual(t, q.Barrier, 1e-18)
	_, err := stitch.Along(w, quiver.Zero(must(layers.MLP(relu, 2, 2))(t)), 11, loss)
	var layout *quiver.LayoutError
	require.ErrorAs(t, err, &layout)
}

// TestErrors holds what a person reads.
func TestErrors(t *testing.T) {
	f, g := stitch.Flat(h1()), stitch.Flat(h2())
	few := stitch.Flat(h1().Slice(0, 3, 0, 3))
	nan := stitch.Flat(h1())
	nan.Data[4] = math.NaN()
	zero := stitch.Flat(mat.NewDense(6, 3, nil))
	constant := stitch.Flat(mat.NewDense(6, 1, []float64{2, 2, 2, 2, 2, 2}))
	short := stitch.Features{Samples: 6, Channels: 3, Height: 2, Width: 1, Data: f.Data}
	w := skip(t, relu, 1)
	s := must(stitch.Network(w, "h1", w, "h2", mat.NewDense(5, 6, nil)))(t)
	square := must(stitch.Network(w, "h1", w, "h1", mat.NewDense(6, 6, nil)))(t)
	data := func(int) (xs, ys []*mat.Dense) {
		return []*mat.Dense{mat.NewDense(1, 3, nil)}, []*mat.Dense{mat.NewDense(1, 2, []float64{math.Inf(1), 0})}
	}
	other := quiver.Zero(must(layers.MLP(relu, 4, 5, 2))(t))
	var text []byte
	for _, tc := range []struct {
		name string
		do   func() error
	}{
		{"samples differ", func() error { _, err := stitch.GProcrustes(stitch.Permutation, f, few); return err }},
		{"NaN", func() error { _, err := stitch.OrthogonalProcrustes(f, nan); return err }},
		{"sizes", func() error { _, err := stitch.LinearCKA(short, g); return err }},
		{"three samples", func() error { _, err := stitch.GCKA(few, few, stitch.Max); return err }},
		{"constant", func() error { _, err := stitch.GCKA(f, constant, stitch.Max); return err }},
		{"zero, CKA", func() error { _, err := stitch.LinearCKA(zero, f); return err }},
		{"zero, Procrustes", func() error { _, err := stitch.OrthogonalProcrustes(f, zero); return err }},
		{"zero, permutations", func() error { _, err := stitch.GProcrustes(stitch.Permutation, zero, f); return err }},
		{"linear distance", func() error { _, err := stitch.GProcrustes(stitch.Linear, f, f); return err }},
		{"no samples", func() error { _, err := stitch.Fit(stitch.Linear, &mat.Dense{}, &mat.Dense{}); return err }},
		{"unknown class", func() error { _, err := stitch.Fit(stitch.Class(99), h1(), h2()); return err }},
		{"rank 0", func() error { _, err := stitch.FitRank(0, h1(), h2()); return err }},
		{"unknown vertex", func() error { _, err := stitch.Network(w, "h9", w, "h1", h1()); return err }},
		{"at an output", func() error { _, err := stitch.Network(w, "h1", w, "y", h1()); return err }},
		{"map of another size", func() error { _, err := stitch.Network(w, "h1", w, "h2", h1()); return err }},
		{"inputs differ", func() error { _, err := stitch.Network(w, "h1", other, "h1", mat.NewDense(5, 6, nil)); return err }},
		{"not stitched", func() error { _, err := stitch.Train(stitch.Linear, w, squared{}, data, stitch.Settings{}); return err }},
		{"not square", func() error {
			_, err := stitch.Train(stitch.Permutation, s, squared{}, data, stitch.Settings{})
			return err
		}},
		{"no training", func() error {
			_, err := stitch.Train(stitch.Monomial, s, squared{}, data, stitch.Settings{})
			return err
		}},
		{"settings", func() error {
			_, err := stitch.Train(stitch.Linear, s, squared{}, data, stitch.Settings{Rate: -1})
			return err
		}},
		{"diverged", func() error {
			_, err := stitch.Train(stitch.Permutation, square, squared{}, data, stitch.Settings{})
			return err
		}},
		{"one point", func() error { _, err := stitch.Along(w, w, 1, nil); return err }},
	} {
		err := tc.do()
		require.Error(t, err, tc.name)
		var feature *stitch.FeatureError
		var diverged *stitch.DivergedError
		var shape *quiver.ShapeError
		var kind *quiver.KindError
		var vertex *quiver.UnknownVertexError
		assert.True(t, errors.As(err, &feature) || errors.As(err, &diverged) || errors.As(err, &shape) || errors.As(err, &kind) || errors.As(err, &vertex), tc.name)
		text = fmt.Appendf(text, "%s\n\t%v\n", tc.name, err)
	}
	golden.Check(t, "errors.txt", string(text))
}

// TestDegenerate: what must have an answer has one.
func TestDegenerate(t *testing.T) {
	f := stitch.Flat(h1())
	one := stitch.Flat(mat.NewDense(6, 1, []float64{1, 2, 0, 1, 0, 3}))
	withZero := stitch.Flat(mat.NewDense(6, 2, []float64{1, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3, 0}))
	for _, g := range []stitch.Features{one, withZero, stitch.Flat(mat.NewDense(6, 3, nil))} {
		d := must(stitch.GProcrustes(stitch.PositiveMonomial, f, g))(t)
		assert.True(t, d.D >= 0 && d.D <= 1, "%v", d)
		assert.Len(t, d.Perm, 3)
	}
	d := must(stitch.GProcrustes(stitch.PositiveMonomial, one, f))(t)
	assert.Equal(t, []int{0}, d.Perm)
	a, b := must(stitch.GProcrustes(stitch.PositiveMonomial, withZero, f))(t), must(stitch.GProcrustes(stitch.PositiveMonomial, one, f))(t)
	assert.InDelta(t, a.D, b.D, 1e-15, "a zero channel counts as none")

	// A smaller map is repeated: nearest neighbours.
	small := stitch.Features{Samples: 4, Channels: 2, Height: 1, Width: 2, Data: random(rand.New(rand.NewPCG(1, 1)), 4, 4).RawMatrix().Data}
	large := stitch.Features{Samples: 4, Channels: 2, Height: 2, Width: 4}
	for m := range 8 {
		x, y := small.Data[2*m], small.Data[2*m+1]
		large.Data = append(large.Data, x, x, y, y, x, x, y, y)
	}
	assert.InDelta(t, 0, must(stitch.GProcrustes(stitch.PositiveMonomial, small, large))(t).D, 1e-7)
	assert.InDelta(t, 1, must(stitch.GCKA(large, small, stitch.Median))(t), 1e-12)
	assert.InDelta(t, 12.5, stitch.Penalty(0.9, 0.95, 0.8), 1e-12)
}
