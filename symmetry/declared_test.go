package symmetry_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
)

// prelu is a user's activation: a slope of its own below 0 for each channel.
type prelu struct{ slopes []float64 }

func (a prelu) String() string { return "prelu(0.1,0.1,0.1,0.5,0.5)" }
func (a prelu) Dim() int       { return len(a.slopes) }
func (a prelu) Apply(dst, z []float64) {
	for i, x := range z {
		if dst[i] = x; x < 0 {
			dst[i] = a.slopes[i] * x
		}
	}
}

func (a prelu) VJP(dst, z, g []float64) {
	for i, x := range z {
		d := g[i]
		if x < 0 {
			d *= a.slopes[i]
		}
		dst[i] = d
	}
}

func (a prelu) Restrict(b *mat.Dense) (quiver.Activation, bool) {
	n, k := b.Dims()
	return a, n == k && mat.Equal(b, eye(n))
}

// Group allows permutations among equal slopes only.
func (a prelu) Group(int) symmetry.Group {
	g := symmetry.Group{Kind: symmetry.PositiveMonomial, Degree: 1}
	number := map[float64]int{}
	for _, s := range a.slopes {
		if _, ok := number[s]; !ok {
			number[s] = len(number)
		}
		g.Classes = append(g.Classes, number[s])
	}
	return g
}

// TestDeclared: an activation that declares a group with classes takes part in everything.
func TestDeclared(t *testing.T) {
	act := prelu{[]float64{0.1, 0.1, 0.1, 0.5, 0.5}}
	q := must(quiver.New(quiver.Input("x", 3), quiver.Bias("one"), quiver.Hidden("h", 5, act), quiver.Hidden("k", 6, squash), quiver.Output("y", 2, nil),
		quiver.Connect("x", "h"), quiver.Connect("one", "h"), quiver.Connect("h", "k"), quiver.Connect("k", "y"), quiver.Connect("h", "y")))(t)
	assert.Equal(t, "positive monomial, degree 1, classes [0 0 0 1 1] (declared)", symmetry.GroupsOf(q)["h"].String())
	for seed := range uint64(20) {
		w := random(q, seed)
		v := actsOn(t, w, seed)
		require.LessOrEqual(t, gap(t, w, v, inputs(q, 7, 1)...), 1e-12)
		require.Equal(t, symmetry.Yes, must(symmetry.SameOrbit(w, v, 1e-9))(t).Full)
		require.LessOrEqual(t, distance(must(symmetry.Canonical(w))(t), must(symmetry.Canonical(v))(t)), 1e-11*norm(w))
		require.LessOrEqual(t, must(symmetry.Aligned(w, v))(t).Upper, 1e-10*norm(v))
		require.Equal(t, symmetry.No, must(symmetry.SameOrbit(w, random(q, seed+100), 1e-9))(t).Full)
	}
	// Channels of different slopes cannot change places: as plain ReLUs these would be one network.
	w := random(q, 1)
	swap := symmetry.Monomial{Perm: []int{3, 1, 2, 0, 4}}
	_, err := symmetry.Identity(q).With("h", eyeTimes(swap, 2))
	require.ErrorContains(t, err, "different classes")
	relu := quiver.Zero(must(q.Derive(func(v quiver.Vertex) quiver.Vertex {
		if v.Name == "h" {
			v.Act = layers.Pointwise(layers.ReLU)
		}
		return v
	}, nil))(t))
	copy(relu.Data(), w.Data())
	moved := must(symmetry.Act(must(symmetry.Identity(relu.Quiver()).With("h", eyeTimes(swap, 2)))(t), relu))(t)
	v := quiver.Zero(q)
	copy(v.Data(), moved.Data())
	require.Equal(t, symmetry.Yes, must(symmetry.SameOrbit(relu, moved, 1e-9))(t).Full)
	require.Equal(t, symmetry.No, must(symmetry.SameOrbit(w, v, 1e-9))(t).Full)
}

func eyeTimes(m symmetry.Monomial, s float64) *mat.Dense {
	d := m.Dense()
	d.Scale(s, d)
	return d
}

// TestMultiplier holds b(2) and b(−1) of the worked example.
func TestMultiplier(t *testing.T) {
	for _, tc := range []struct {
		f     layers.Func
		two   float64 // 0: not in the group
		minus float64
	}{
		{layers.ReLU, 2, 0}, {layers.LeakyReLU(0.1), 2, 0}, {layers.Square, 4, 1}, {layers.Power(3), 8, -1}, {layers.Abs, 2, 1},
		{layers.Sigmoid, 0, 0}, {layers.Tanh, 0, -1}, {layers.GELU, 0, 0}, {layers.SiLU, 0, 0}, {layers.ELU, 0, 0}, {layers.Softplus, 0, 0}, {layers.Sin, 0, -1}, {layers.Exp, 0, 0},
	} {
		for _, g := range []symmetry.Group{symmetry.GroupOf(layers.Pointwise(tc.f), 2), must(symmetry.DetectGroup(tc.f.Value, 0))(t)} {
			b, ok := g.Multiplier(2)
			assert.Equal(t, tc.two != 0, ok, tc.f.String())
			assert.InDelta(t, tc.two, b, 1e-12)
			b, ok = g.Multiplier(-1)
			assert.Equal(t, tc.minus != 0, ok, tc.f.String())
			assert.InDelta(t, tc.minus, b, 1e-12)
		}
	}
}

// TestInhomogeneity holds the values for GELU.
func TestInhomogeneity(t *testing.T) {
	gelu := layers.GELU.Value
	for lambda, want := range map[float64]float64{0.1: 0.035220, 0.25: 0.064964, 0.389: 0.072567, 0.5: 0.068734, 1: 0, 1.5: 0.090038, 2: 0.176699, 10: 1.261139} {
		assert.InDelta(t, want, symmetry.Inhomogeneity(gelu, lambda), 6e-7, "%v", lambda)
	}
	assert.InDelta(t, 0.1267538539, symmetry.Inhomogeneity(gelu, 1e5)/1e5, 1e-6)
	assert.Zero(t, symmetry.Inhomogeneity(layers.ReLU.Value, 2.5))
	assert.Greater(t, symmetry.Inhomogeneity(layers.Square.Value, 2.5), 1.0)
}
