package symmetry_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
)

func descend(t testing.TB, w *quiver.Rep, xs, ys []*mat.Dense, rate float64, p *symmetry.Subspace) float64 {
	t.Helper()
	loss, g := halfSumOfSquares(t, w, xs, ys)
	if p != nil {
		require.NoError(t, p.Project(g))
	}
	w.AddScaled(-rate, g)
	return loss
}

// projected trains the rotated network with projection and the reduced one without, and
// holds them together: E2. It also holds E1 where the rotated quiver is the original one.
// Where training amplifies rounding, it does so without a compression too: a twin of the reduced network that
// starts one unit in the last place away measures by how much, and the two may then be as far apart as a few twins are.
func projected(t testing.TB, w *quiver.Rep, steps int, rate, tol float64, opts ...symmetry.Option) {
	t.Helper()
	c := compress(t, w, opts...)
	p := must(c.Subspace())(t)
	rotated, reduced := must(c.Rotated())(t), c.Reduced.Clone()
	start := rotated.Clone()
	require.True(t, p.Contains(rotated))
	g := must(c.Element())(t)
	full, free := must(symmetry.Act(g, rotated))(t), rotated.Clone()
	xs, ys := inputs(w.Quiver(), 6, 21), targets(w.Quiver(), 6, 22)
	twin, apart := reduced.Clone(), 0.0
	for i, x := range twin.Data() {
		twin.Data()[i] = math.Nextafter(x, math.Inf(1))
	}
	for k := range steps {
		a := descend(t, rotated, xs, ys, rate, p)
		b := descend(t, reduced, xs, ys, rate, nil)
		size := max(b, math.SmallestNonzeroFloat64)
		apart = max(apart, math.Abs(descend(t, twin, xs, ys, rate, nil)-b)/size)
		require.InDelta(t, 0, (a-b)/size, max(tol, 4*apart), "losses at step %d", k)
		descend(t, full, xs, ys, rate, nil)
		descend(t, free, xs, ys, rate, nil)
	}
	require.LessOrEqual(t, distance(reduced, must(p.Reduce(rotated))(t)), tol)
	// The free part U has not moved by a bit; by no more than rounding where the rotated
	// network has activations of its own.
	u, v := must(p.Embed(reduced, start))(t), must(p.Embed(reduced, rotated))(t)
	require.LessOrEqual(t, distance(u, v), 1e-14)
	if start.Quiver().Layout() == w.Quiver().Layout() {
		require.Equal(t, u.Data(), v.Data())
	}
	require.True(t, p.Contains(rotated))
	// γᵏ(W) = Q·γᵏ(T).
	back := must(symmetry.Act(g, free))(t)
	require.LessOrEqual(t, distance(full, back), tol)
	lifted := must(c.Lift(reduced))(t)
	require.LessOrEqual(t, gap(t, lifted, reduced, xs...), 1e-12)
	if back := must(symmetry.Act(g, rotated))(t); back.Quiver().Layout() == lifted.Quiver().Layout() {
		require.LessOrEqual(t, distance(back, lifted), tol)
	}
}

func TestProjectedEqualsReduced(t *testing.T) {
	for _, act := range []quiver.Activation{sigmoid, squash, layers.Trainable(layers.Sigmoid, 0.3, 1.1)} {
		for _, steps := range []int{1, 2, 10, 100} {
			projected(t, random(mlp(t, act, 1, 6, 7, 1), uint64(steps)), steps, 0.01, 1e-12)
		}
	}
}

// TestGoldenDescent holds the losses after 100 steps of gradient descent.
func TestGoldenDescent(t *testing.T) {
	x, y := mat.NewDense(121, 1, nil), mat.NewDense(121, 1, nil)
	for i := range 121 {
		v := -3 + float64(i)/20
		x.Set(i, 0, v)
		y.Set(i, 0, math.Exp(-v*v))
	}
	xs, ys := []*mat.Dense{x}, []*mat.Dense{y}
	w := sine(quiver.Zero(mlp(t, sigmoid, 1, 6, 7, 1)))
	c := compress(t, w)
	p, rotated := must(c.Subspace())(t), must(c.Rotated())(t)
	free, reduced := rotated.Clone(), c.Reduced.Clone()
	loss := func(w *quiver.Rep) float64 { l, _ := halfSumOfSquares(t, w, xs, ys); return 2 * l / 121 }
	assert.InDelta(t, 0.269923394082123, loss(w), 1e-11)
	for range 100 { // the mean loss with rate 0.05
		const rate = 0.05 * 2 / 121
		descend(t, w, xs, ys, rate, nil)
		descend(t, reduced, xs, ys, rate, nil)
		descend(t, rotated, xs, ys, rate, p)
		descend(t, free, xs, ys, rate, nil)
	}
	assert.InDelta(t, 0.0911708487452555, loss(w), 1e-11)
	assert.InDelta(t, 0.0911708487452555, loss(free), 1e-11)
	assert.InDelta(t, 0.0957334836356667, loss(reduced), 1e-11)
	assert.InDelta(t, 0.0957334836356667, loss(rotated), 1e-11)
}

// adam is Adam with ε outside the root, bias-corrected.
type adam struct {
	m, v []float64
	k    float64
}

func (o *adam) step(w, g *quiver.Rep, rate float64) {
	if o.m == nil {
		o.m, o.v = make([]float64, len(g.Data())), make([]float64, len(g.Data()))
	}
	o.k++
	for i, x := range g.Data() {
		o.m[i] = 0.9*o.m[i] + 0.1*x
		o.v[i] = 0.999*o.v[i] + 0.001*x*x
		m, v := o.m[i]/(1-math.Pow(0.9, o.k)), o.v[i]/(1-math.Pow(0.999, o.k))
		w.Data()[i] -= rate * m / (math.Sqrt(v) + 1e-8)
	}
}

// TestAdam: a method that works entry by entry, and does not commute with rotations,
// keeps the equality too, thanks to exact zeros; and the free part stays bit for bit.
func TestAdam(t *testing.T) {
	x, y := mat.NewDense(121, 1, nil), mat.NewDense(121, 1, nil)
	for i := range 121 {
		v := -3 + float64(i)/20
		x.Set(i, 0, v)
		y.Set(i, 0, math.Exp(-v*v))
	}
	xs, ys := []*mat.Dense{x}, []*mat.Dense{y}
	w := sine(quiver.Zero(mlp(t, sigmoid, 1, 6, 7, 1)))
	c := compress(t, w)
	p, rotated := must(c.Subspace())(t), must(c.Rotated())(t)
	start, free, reduced := rotated.Clone(), rotated.Clone(), c.Reduced.Clone()
	loss := func(w *quiver.Rep) (float64, *quiver.Rep) {
		l, g := halfSumOfSquares(t, w, xs, ys)
		g.Scale(2.0 / 121)
		return 2 * l / 121, g
	}
	var full, masked, small, unmasked adam
	for range 100 {
		_, g := loss(w)
		full.step(w, g, 0.01)
		_, g = loss(reduced)
		small.step(reduced, g, 0.01)
		_, g = loss(rotated)
		require.NoError(t, p.Project(g))
		masked.step(rotated, g, 0.01)
		_, g = loss(free)
		unmasked.step(free, g, 0.01)
	}
	value := func(w *quiver.Rep) float64 { l, _ := loss(w); return l }
	assert.InDelta(t, 0.0519814994734, value(reduced), 1e-7)
	assert.InDelta(t, 0.0519814994734, value(rotated), 1e-7)
	assert.InDelta(t, 0.00626272190585, value(w), 1e-7)
	assert.Greater(t, math.Abs(value(free)-value(w)), 1e-4, "Adam does not commute with rotations")
	assert.Equal(t, must(p.Embed(reduced, start))(t).Data(), must(p.Embed(reduced, rotated))(t).Data())
}

// TestCompressThenTrainDiffers: without projection there is no equality.
func TestCompressThenTrainDiffers(t *testing.T) {
	w := random(mlp(t, sigmoid, 1, 6, 7, 1), 3)
	c := compress(t, w)
	rotated, reduced := must(c.Rotated())(t), c.Reduced.Clone()
	p := must(c.Subspace())(t)
	xs, ys := inputs(w.Quiver(), 10, 1), targets(w.Quiver(), 10, 2)
	for range 20 {
		descend(t, rotated, xs, ys, 0.1, nil)
		descend(t, reduced, xs, ys, 0.1, nil)
	}
	a, _ := halfSumOfSquares(t, rotated, xs, ys)
	b, _ := halfSumOfSquares(t, reduced, xs, ys)
	assert.Greater(t, math.Abs(a-b), 1e-4)
	assert.False(t, p.Contains(rotated), "unprojected steps leave the subspace")
}

// TestNoFreePart: where U = 0 the projection has nothing to do.
func TestNoFreePart(t *testing.T) {
	c := compress(t, random(mlp(t, sigmoid, 1, 6, 7, 1), 3))
	p, rotated := must(c.Subspace())(t), must(c.Rotated())(t)
	zero := rotated.Like()
	with, without := must(p.Embed(c.Reduced, zero))(t), must(p.Embed(c.Reduced, zero))(t)
	xs, ys := inputs(zero.Quiver(), 10, 1), targets(zero.Quiver(), 10, 2)
	for range 20 {
		descend(t, with, xs, ys, 0.01, p)
		descend(t, without, xs, ys, 0.01, nil)
	}
	assert.LessOrEqual(t, distance(with, without), 1e-13)
}

// TestGradientIdentity: Σ_{a→v} G_a W_aᵀ − Σ_{v→a} W_aᵀ G_a is symmetric at each hidden
// vertex that commutes with rotations.
func TestGradientIdentity(t *testing.T) {
	q := must(layers.DenseNet(squash, 2, 5, 6, 3))(t)
	for name, act := range map[string]quiver.Activation{"radial": squash, "pointwise": layers.Pointwise(layers.Tanh)} {
		q := must(q.Derive(func(v quiver.Vertex) quiver.Vertex {
			if v.Kind == quiver.KindHidden {
				v.Act = act
			}
			return v
		}, nil))(t)
		w := random(q, 5)
		_, g := halfSumOfSquares(t, w, inputs(q, 6, 1), targets(q, 6, 2))
		for _, v := range q.Hidden() {
			i, _ := q.VertexIndex(v)
			n := q.Dims()[v]
			m := mat.NewDense(n, n, nil)
			for _, a := range q.In(i) {
				var p mat.Dense
				p.Mul(g.Matrix(a), w.Matrix(a).T())
				m.Add(m, &p)
			}
			for _, a := range q.Out(i) {
				var p mat.Dense
				p.Mul(w.Matrix(a).T(), g.Matrix(a))
				m.Sub(m, &p)
			}
			if name == "radial" {
				assert.LessOrEqual(t, relative(m, m.T()), 1e-12)
			} else {
				assert.Greater(t, relative(m, m.T()), 1e-6)
			}
		}
	}
}

// TestFrozen: fixed arrows take part, become other matrices, and never change.
func TestFrozen(t *testing.T) {
	q := must(layers.Residual(squash, 2, 16, 20, 2, 2))(t)
	w := random(q, 3)
	c := compress(t, w)
	for i, a := range c.Reduced.Quiver().Arrows() {
		if a.Fixed {
			_, copied := c.Reduced.Fixed(i).(quiver.Inclusion)
			assert.False(t, copied, "the skip is no identity any more")
		}
	}
	projected(t, w, 50, 0.01, 1e-11)
	// An identity that nobody rotates stays one.
	c = compress(t, w, symmetry.Keep("h0", "b1", "b2"))
	for i, a := range c.Reduced.Quiver().Arrows() {
		if a.Fixed {
			assert.IsType(t, quiver.Inclusion{}, c.Reduced.Fixed(i))
		}
	}
}
