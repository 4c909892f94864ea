package symmetry_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/golden"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
)

func quadraticOn(n int) quiver.Activation {
	m := mat.NewDense(n, n, nil)
	a := make([]float64, n)
	for i := range n {
		a[i] = math.Sin(float64(3 * i))
		for j := range n {
			m.Set(i, j, math.Cos(float64(i*j)+float64(i+j)))
		}
	}
	return layers.Quadratic(layers.Sigmoid, m, a, 0.3)
}

// TestRescaling: activations λ(v)·v, λ not a function of the norm, compress with the
// restricted activation and with no other.
func TestRescaling(t *testing.T) {
	for name, act := range map[string]func(n int) quiver.Activation{
		"one-norm":  func(int) quiver.Activation { return layers.Rescaling("onenorm", layers.OneNorm{}) },
		"quadratic": quadraticOn,
	} {
		q := must(quiver.New(quiver.Input("x", 2), quiver.Bias("one"),
			quiver.Hidden("h1", 9, act(9)), quiver.Hidden("h2", 12, act(12)), quiver.Output("y", 3, nil),
			quiver.Connect("x", "h1"), quiver.Connect("one", "h1"), quiver.Connect("h1", "h2"), quiver.Connect("one", "h2"), quiver.Connect("x", "h2"),
			quiver.Connect("h2", "y"), quiver.Connect("one", "y")))(t)
		w := random(q, 4)
		w.Scale(3)
		c := compress(t, w)
		assert.Equal(t, []int{3, 6}, widths(c, "h1", "h2"), name)
		xs := inputs(q, 20, 1)
		assert.LessOrEqual(t, gap(t, w, c.Reduced, xs...), 1e-10, name)
		rotated := must(c.Rotated())(t)
		assert.LessOrEqual(t, gap(t, w, rotated, xs...), 1e-10, name)
		// The old formula on the smaller space is wrong.
		if name == "one-norm" {
			wrong := quiver.Zero(must(c.Reduced.Quiver().Derive(func(v quiver.Vertex) quiver.Vertex {
				if v.Kind == quiver.KindHidden {
					v.Act = act(v.Dim)
				}
				return v
			}, nil))(t))
			copy(wrong.Data(), c.Reduced.Data())
			assert.Greater(t, gap(t, w, wrong, xs...), 1e-3)
		}
		assert.NotEqual(t, q.Layout(), rotated.Quiver().Layout(), "the rotated network has activations of its own")
		projected(t, w, 30, 0.002, 1e-10)
		again := compress(t, c.Reduced)
		assert.Equal(t, c.Reduced.Quiver().Dims(), again.Reduced.Quiver().Dims())
		assert.LessOrEqual(t, gap(t, w, again.Reduced, xs...), 1e-10)
	}
}

// TestRMSNorm: the width inside the norm stays the original one.
func TestRMSNorm(t *testing.T) {
	w := random(mlp(t, layers.RMSNorm(24, 1e-5), 3, 24, 24, 2), 1)
	c := compress(t, w)
	xs := inputs(w.Quiver(), 10, 1)
	assert.LessOrEqual(t, gap(t, w, c.Reduced, xs...), 1e-12)
	wrong := quiver.Zero(must(c.Reduced.Quiver().Derive(func(v quiver.Vertex) quiver.Vertex {
		if v.Kind == quiver.KindHidden {
			v.Act = layers.RMSNorm(v.Dim, 1e-5)
		}
		return v
	}, nil))(t))
	copy(wrong.Data(), c.Reduced.Data())
	assert.Greater(t, gap(t, w, wrong, xs...), 1e-3)
}

// TestMixed: vertices whose activation keeps no subspace keep their dimension, and the
// report says why.
func TestMixed(t *testing.T) {
	tan, sig := layers.Pointwise(layers.Tanh), layers.Pointwise(layers.Sigmoid)
	gain := layers.Gain(layers.RMSNorm(9, 1e-3), true)
	q := must(quiver.New(quiver.Input("x", 2), quiver.Bias("one"),
		quiver.Hidden("a", 9, tan), quiver.Hidden("b", 8, sig), quiver.Hidden("c", 20, squash), quiver.Hidden("d", 9, gain), quiver.Output("y", 3, sig),
		quiver.Connect("x", "a"), quiver.Connect("one", "a"), quiver.Connect("x", "b"), quiver.Connect("a", "c"), quiver.Connect("b", "c"),
		quiver.Connect("x", "d"), quiver.Connect("c", "y"), quiver.Connect("d", "y")))(t)
	w := random(q, 4)
	c := compress(t, w)
	assert.Equal(t, []int{9, 8, 17, 9}, widths(c, "a", "b", "c", "d"))
	xs := inputs(q, 9, 1)
	assert.LessOrEqual(t, gap(t, w, c.Reduced, xs...), 1e-13)
	projected(t, w, 30, 0.01, 1e-11)
	golden.Check(t, "mixed.txt", stable(c.String()))

	// Dead coordinates of a pointwise vertex go where σ(0) = 0, and stay where it is not.
	for _, name := range []string{"x->a", "one->a", "x->b"} {
		m := w.Arrow(name)
		for _, i := range []int{1, 4, 7} {
			clear(m.RawRowView(i))
		}
	}
	c = compress(t, w)
	assert.Equal(t, []int{6, 8, 14, 9}, widths(c, "a", "b", "c", "d"))
	assert.LessOrEqual(t, gap(t, w, c.Reduced, xs...), 1e-13)
	rotated := must(c.Rotated())(t)
	assert.LessOrEqual(t, gap(t, w, rotated, xs...), 1e-13)
	projected(t, w, 30, 0.01, 1e-11)
}

// TestBlocks: radial on each block of coordinates, with the sum of the projections as the
// smallest subspace.
func TestBlocks(t *testing.T) {
	q := must(quiver.New(quiver.Input("x", 2), quiver.Bias("one"),
		quiver.Hidden("h", 18, layers.Blocks(layers.Squash, 8, 2, 8)), quiver.Output("y", 3, nil),
		quiver.Connect("x", "h"), quiver.Connect("one", "h"), quiver.Connect("h", "y")))(t)
	w := random(q, 4)
	c := compress(t, w)
	assert.Equal(t, []int{3 + 2 + 3}, widths(c, "h"))
	xs := inputs(q, 9, 1)
	assert.LessOrEqual(t, gap(t, w, c.Reduced, xs...), 1e-13)
	assert.LessOrEqual(t, gap(t, w, must(c.Rotated())(t), xs...), 1e-13)
	projected(t, w, 30, 0.01, 1e-11)
}

// TestLinear: with the identity everywhere the network is the sum over its paths.
func TestLinear(t *testing.T) {
	q := build(t, quiver.Identity, "*:b", "a:i2", "b:h6", "c:h9", "d:o3", "a>b", "a>c", "b>c", "c>d", "b>d", "*>b", "*>c", "*>d")
	w := random(q, 2)
	var ab, cd, bd, one, y mat.Dense
	x := inputs(q, 5, 1)[0]
	ones := mat.NewDense(5, 1, []float64{1, 1, 1, 1, 1})
	ab.Mul(x, w.Arrow("a->b").T())
	one.Mul(ones, w.Arrow("*->b").T())
	ab.Add(&ab, &one) // b
	var c, part mat.Dense
	c.Mul(x, w.Arrow("a->c").T())
	part.Mul(&ab, w.Arrow("b->c").T())
	c.Add(&c, &part)
	part.Reset()
	part.Mul(ones, w.Arrow("*->c").T())
	c.Add(&c, &part)
	cd.Mul(&c, w.Arrow("c->d").T())
	bd.Mul(&ab, w.Arrow("b->d").T())
	y.Mul(ones, w.Arrow("*->d").T())
	y.Add(&y, &cd)
	y.Add(&y, &bd)
	for _, r := range []*quiver.Rep{w, compress(t, w).Reduced, actsOn(t, w, 3)} {
		assert.LessOrEqual(t, relative(&y, must(r.Eval(x))(t)[0]), 1e-12)
	}
}

// TestJump: exactly at a zero of the pre-activation an activation with h(0) ≠ 0 may land on
// either side; with a dead zone it does not.
func TestJump(t *testing.T) {
	for _, tc := range []struct {
		act   quiver.Activation
		equal bool
	}{{squash, true}, {tanh, true}, {layers.DeadZone(sigmoid, 1e-12), true}, {sigmoid, false}} {
		worst := 0.0
		for seed := range uint64(40) {
			w := random(mlp(t, tc.act, 2, 9, 8, 2), seed)
			for _, a := range []string{"one->h1", "one->h2"} {
				w.Arrow(a).Zero()
			}
			// The second row cancels in the first layer: x₂ = −x₁ along equal columns.
			m := w.Arrow("x->h1")
			for i := range 9 {
				m.Set(i, 1, m.At(i, 0))
			}
			c := compress(t, w)
			xs := mat.NewDense(3, 2, []float64{1, 2, 0.7, -0.7, 0, 0})
			worst = max(worst, gap(t, w, c.Reduced, xs))
		}
		if tc.equal {
			assert.LessOrEqual(t, worst, 1e-12, tc.act.String())
		} else {
			t.Logf("%s without a dead zone: worst gap %.2g on the jump", tc.act, worst)
		}
	}
	var xs []float64
	for i := range 200 {
		xs = append(xs, math.Cos(float64(i)), math.Sin(float64(i)))
	}
	w := random(mlp(t, layers.Radial(layers.StepReLU), 2, 9, 8, 2), 3)
	w.Scale(2)
	c := compress(t, w)
	f := must(w.Features(mat.NewDense(200, 2, xs)))(t)
	require.NotNil(t, f)
	assert.LessOrEqual(t, gap(t, w, c.Reduced, mat.NewDense(200, 2, xs)), 1e-12, "off the unit sphere the sides agree")
}

// TestExtremes: huge and tiny entries neither overflow nor vanish on the way.
func TestExtremes(t *testing.T) {
	for _, scale := range []float64{1e150, 1e-150, 5e-320} {
		w := random(mlp(t, layers.Radial(layers.Unit), 2, 9, 8, 2), 3)
		w.Arrow("x->h1").Scale(scale, mat.DenseCopyOf(w.Arrow("x->h1")))
		w.Arrow("one->h1").Scale(scale, mat.DenseCopyOf(w.Arrow("one->h1")))
		c := compress(t, w)
		tol := 1e-12
		if scale < 1e-300 {
			tol = 1e-2 // subnormal numbers have few digits
		}
		assert.LessOrEqual(t, gap(t, w, c.Reduced, inputs(w.Quiver(), 5, 1)...), tol, "%g", scale)
	}
}

func TestCertificateOnGivenInputs(t *testing.T) {
	w := random(mlp(t, squash, 2, 9, 8, 2), 3)
	c := compress(t, w, symmetry.MeasureOn(inputs(w.Quiver(), 5, 1)...))
	assert.Contains(t, c.Certificate.On, "the given inputs")
	_, err := symmetry.Compress(w, symmetry.MeasureOn(mat.NewDense(2, 3, nil)))
	var shape *quiver.ShapeError
	require.ErrorAs(t, err, &shape)
}
