package symmetry_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// TestQuivers holds the reduced dimensions of the quivers of arXiv 2207.12773 and of the
// usual architectures.
func TestQuivers(t *testing.T) {
	residual := must(layers.Residual(squash, 2, 16, 20, 2, 2))(t)
	dense := must(layers.DenseNet(squash, 2, 8, 16, 32, 64, 3))(t)
	unet := must(layers.UNet(squash, 3, 16, 32, 64, 32, 16, 3))(t)
	for _, tc := range []struct {
		name  string
		q     *quiver.Quiver
		names []string
		want  []int
	}{
		{"skip", build(t, squash, "*:b", "a:i2", "b:h4", "c:h8", "d:o2", "a>b", "a>c", "b>c", "c>d", "*>b", "*>c", "*>d"), []string{"a", "b", "c", "d"}, []int{2, 3, 6, 2}},
		{"two inputs, two heads", build(t, squash, "*:b", "a:i1", "b:i2", "c:h8", "d:o2", "e:o6", "a>c", "b>c", "c>d", "c>e", "*>c", "*>d", "*>e"), []string{"a", "b", "c", "d", "e"}, []int{1, 2, 4, 2, 6}},
		{"diamond", build(t, squash, "*:b", "a:i2", "b:h4", "c:h4", "d:h8", "e:o2", "a>b", "a>c", "b>d", "c>d", "d>e", "*>b", "*>c", "*>d", "*>e"), []string{"b", "c", "d", "e"}, []int{3, 3, 7, 2}},
		{"diamond without bias", build(t, squash, "a:i2", "b:h3", "c:h3", "d:h6", "e:o2", "a>b", "a>c", "b>d", "c>d", "d>e"), []string{"b", "c", "d", "e"}, []int{2, 2, 4, 2}},
		{"parallel", build(t, squash, "*:b", "a:i2", "b:h9", "c:o2", "a>b", "a>b", "b>c", "*>b", "*>c"), []string{"a", "b", "c"}, []int{2, 5, 2}},
		{"isolated output", build(t, squash, "*:b", "a:i2", "b:h9", "c:o2", "e:o3", "a>b", "b>c", "*>b", "*>c"), []string{"b", "e"}, []int{3, 3}},
		{"isolated hidden", build(t, squash, "a:i2", "b:h9", "c:o2", "e:h3", "a>b", "b>c"), []string{"b", "e"}, []int{2, 0}},
		{"decreasing", build(t, squash, "*:b", "a:i6", "b:h3", "c:o2", "a>b", "b>c", "*>b", "*>c"), []string{"a", "b", "c"}, []int{6, 3, 2}},
		{"residual", residual, []string{"h0", "b1.u", "b1", "b2.u", "b2", "y"}, []int{3, 4, 7, 8, 15, 2}},
		{"dense net", dense, []string{"h1", "h2", "h3", "h4", "y"}, []int{3, 6, 12, 24, 3}},
		{"u-net", unet, []string{"h1", "h2", "h3", "h4", "h5", "y"}, []int{4, 5, 6, 12, 16, 3}},
		{"two components", build(t, squash, "a:i2", "b:i3", "c:h7", "d:h8", "e:o1", "f:o1", "a>c", "b>d", "c>e", "d>f"), []string{"c", "d", "e", "f"}, []int{2, 3, 1, 1}},
		{"two biases", build(t, squash, "p:b", "q:b", "a:i2", "b:h9", "c:o2", "a>b", "p>b", "q>b", "b>c", "p>c"), []string{"b"}, []int{4}},
		{"no input", build(t, squash, "*:b", "b:h9", "c:o2", "*>b", "b>c"), []string{"b"}, []int{1}},
		{"dimension 0", build(t, squash, "*:b", "a:i0", "b:h0", "c:h5", "d:o2", "e:o0", "a>b", "b>c", "*>b", "*>c", "c>d", "c>e"), []string{"b", "c", "e"}, []int{0, 1, 0}},
		{"nothing arrives", build(t, squash, "a:i2", "b:h9", "c:h8", "d:o2", "b>c", "c>d", "a>d"), []string{"b", "c"}, []int{0, 0}},
		{"no way out", build(t, squash, "*:b", "a:i2", "b:h9", "c:h8", "d:o2", "a>b", "b>c", "a>d", "*>b"), []string{"b", "c"}, []int{0, 0}},
		{"output with a way on", build(t, squash, "*:b", "a:i2", "b:h9", "c:o5", "d:h20", "e:o2", "a>b", "*>b", "b>c", "c>d", "d>e"), []string{"b", "c", "d"}, []int{3, 5, 5}},
		{"source to sink", build(t, squash, "*:b", "a:i2", "d:o2", "a>d", "*>d"), []string{"d"}, []int{2}},
		{"alone", build(t, squash, "d:o2"), []string{"d"}, []int{2}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := random(tc.q, 3)
			c := compress(t, w)
			assert.Equal(t, tc.want, widths(c, tc.names...))
			rotated, lifted := must(c.Rotated())(t), must(c.Lift(c.Reduced))(t)
			xs := inputs(tc.q, 9, 5)
			assert.LessOrEqual(t, gap(t, w, c.Reduced, xs...), 1e-13)
			assert.LessOrEqual(t, gap(t, w, rotated, xs...), 1e-13)
			assert.LessOrEqual(t, distance(w, lifted), 1e-14)
			require.NoError(t, c.Reduced.Check())
			require.NoError(t, rotated.Check())
			again := compress(t, c.Reduced)
			assert.Equal(t, c.Reduced.Quiver().Dims(), again.Reduced.Quiver().Dims())
			assert.LessOrEqual(t, gap(t, w, again.Reduced, xs...), 1e-13)
			projected(t, w, 20, 0.05, 1e-12)
		})
	}
}

// TestBiasAndActivationMatter guards the tests above against networks on which any
// compression would look right.
func TestBiasAndActivationMatter(t *testing.T) {
	q := build(t, squash, "*:b", "a:i2", "b:h4", "c:h8", "d:o2", "a>b", "a>c", "b>c", "c>d", "*>b", "*>c", "*>d")
	w := random(q, 3)
	xs := inputs(q, 9, 5)
	w0 := w.Clone()
	for _, a := range []string{"*->b", "*->c", "*->d"} {
		w0.Arrow(a).Zero()
	}
	assert.Greater(t, gap(t, w, w0, xs...), 1e-3, "biases matter")
	twice := mat.NewDense(9, 2, nil)
	twice.Scale(2, xs[0])
	y, y2 := must(w0.Eval(xs...))(t)[0], must(w0.Eval(twice))(t)[0]
	y.Scale(2, y)
	assert.Greater(t, relative(y, y2), 1e-3, "the activation is not linear")
	r := compress(t, w).Reduced
	r0 := r.Clone()
	for _, a := range []string{"*->b", "*->c", "*->d"} {
		r0.Arrow(a).Zero()
	}
	assert.Greater(t, gap(t, w, r0, xs...), 1e-3)
}

// TestGoldenSkip holds the outputs of the skip quiver with deterministic weights.
func TestGoldenSkip(t *testing.T) {
	q := build(t, squash, "*:b", "a:i2", "b:h4", "c:h8", "d:o2", "a>b", "a>c", "b>c", "c>d", "*>b", "*>c", "*>d")
	w := quiver.Zero(q)
	for k, name := range []string{"a->b", "a->c", "b->c", "c->d", "*->b", "*->c", "*->d"} {
		m := w.Arrow(name)
		m.Apply(func(r, c int, _ float64) float64 {
			R, C := float64(r), float64(c)
			return math.Sin(2+float64(k)+2*R+3*C+R*C+R*R*C) / 2
		}, m)
	}
	want := mat.NewDense(2, 2, []float64{0.40529641579729, -0.234246374849028, 0.59307160645708, 0.0584600416418602})
	c := compress(t, w)
	for _, r := range []*quiver.Rep{w, c.Reduced, must(c.Rotated())(t)} {
		assert.LessOrEqual(t, relative(want, must(r.Eval(mat.NewDense(2, 2, []float64{1, 0.25, -0.5, 2})))(t)[0]), 1e-11)
	}
}
