package symmetry_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/golden"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/quiver/quivertest"
	"github.com/quivernet/quivernet/symmetry"
)

// twoLayers is the ReLU network of the worked example: f(x) = W2·relu(W1·x + b1) + b2.
func twoLayers(t testing.TB, act quiver.Activation) *quiver.Rep {
	t.Helper()
	w := quiver.Zero(mlp(t, act, 2, 2, 1))
	for name, xs := range map[string][]float64{"x->h1": {1, 2, -3, 1}, "one->h1": {1, 0}, "h1->y": {2, -1}, "one->y": {3}} {
		copy(w.Arrow(name).RawMatrix().Data, xs)
	}
	return w
}

// TestWorkedExample: the action on weights and features, exactly.
func TestWorkedExample(t *testing.T) {
	w := twoLayers(t, layers.Pointwise(layers.ReLU))
	x := mat.NewDense(5, 2, []float64{1, 1, -1, 2, 2, -3, 1, 0, -2, -1})
	f := []float64{11, 6, 3, 7, -2}
	h := mat.NewDense(5, 2, []float64{4, 0, 4, 5, 0, 0, 2, 0, 0, 5})
	assert.Equal(t, f, must(w.Eval(x))(t)[0].RawMatrix().Data)

	a := mat.NewDense(2, 2, []float64{0, 5, 2, 0})
	g := must(symmetry.Identity(w.Quiver()).With("h1", a))(t)
	v := must(symmetry.Act(g, w))(t)
	assert.Equal(t, []float64{-15, 5, 2, 4}, mat.DenseCopyOf(v.Arrow("x->h1")).RawMatrix().Data)
	assert.Equal(t, []float64{0, 2}, mat.DenseCopyOf(v.Arrow("one->h1")).RawMatrix().Data)
	assert.Equal(t, []float64{-0.2, 1}, mat.DenseCopyOf(v.Arrow("h1->y")).RawMatrix().Data)
	assert.Equal(t, []float64{3}, mat.DenseCopyOf(v.Arrow("one->y")).RawMatrix().Data)
	assert.Equal(t, f, must(v.Eval(x))(t)[0].RawMatrix().Data)
	assert.Equal(t, []float64{0, 8, 25, 8, 0, 0, 0, 4, 25, 0}, must(g.ActAfter("h1", h))(t).RawMatrix().Data)
	back := must(symmetry.Act(g.Inverse(), v))(t)
	assert.LessOrEqual(t, distance(w, back), 1e-15)
	// The wrong order of the factors is another function.
	wrong := must(symmetry.Act(must(symmetry.Identity(w.Quiver()).With("h1", mat.DenseCopyOf(a.T())))(t).Inverse(), w))(t)
	assert.LessOrEqual(t, gap(t, w, wrong, x), 1e-15)
	assert.Greater(t, distance(v, wrong), 1e-3)
}

// mixed returns random quivers with pointwise, radial and linear vertices.
func mixed(t testing.TB, n int, acts ...quiver.Activation) *quiver.Quiver {
	t.Helper()
	rng := rand.New(rand.NewPCG(uint64(n), 17))
	act := func() quiver.Activation { return acts[rng.IntN(len(acts))] }
	dim := func() int { return 1 + rng.IntN(6) }
	parts := []quiver.Part{quiver.Input("x", 1+rng.IntN(3)), quiver.Bias("one"), quiver.Hidden("a", dim(), act()), quiver.Hidden("b", dim(), act()),
		quiver.Hidden("c", dim(), act()), quiver.Output("y", 2, nil), quiver.Connect("x", "a"), quiver.Connect("one", "a"), quiver.Connect("a", "b"),
		quiver.Connect("one", "b"), quiver.Connect("b", "c"), quiver.Connect("c", "y"), quiver.Connect("one", "y")}
	switch n % 4 {
	case 0: // a skip, and parallel arrows
		parts = append(parts, quiver.Connect("x", "c"), quiver.Connect("a", "b", quiver.Named("again")))
	case 1: // a second output, which goes on
		parts = append(parts, quiver.Output("z", 2, act()), quiver.Connect("a", "z"), quiver.Connect("z", "c"))
	case 2: // a diamond and a dead vertex
		parts = append(parts, quiver.Hidden("d", dim(), act()), quiver.Connect("a", "d"), quiver.Connect("d", "c"), quiver.Hidden("dead", 3, act()), quiver.Connect("a", "dead"))
	}
	return must(quiver.New(parts...))(t)
}

var pointwise = func() (as []quiver.Activation) {
	for _, f := range []layers.Func{layers.ReLU, layers.LeakyReLU(0.2), layers.Abs, layers.Tanh, layers.Sigmoid, layers.GELU, layers.SiLU, layers.Softplus, layers.ELU, layers.Square, layers.Sin, layers.Squash, layers.Power(3)} {
		as = append(as, layers.Pointwise(f))
	}
	return as
}()

// TestMixedInvariance: a random element moves the weights and not the function, for
// each pointwise activation and for mixtures with radial ones, blocks and linear ones.
func TestMixedInvariance(t *testing.T) {
	all := append([]quiver.Activation{squash, tanh, layers.RMSNorm(7, 1e-3), quiver.Identity, layers.Radial(layers.Square), layers.Rescaling("onenorm", layers.OneNorm{}), layers.Pointwise(layers.LeakyReLU(1))}, pointwise...)
	for n := range 200 {
		acts := all
		if n < 4*len(pointwise) {
			acts = pointwise[n/4 : n/4+1]
		}
		q := mixed(t, n, acts...)
		w := random(q, uint64(n))
		g := symmetry.RandomElement(q, rand.NewPCG(uint64(n), 1))
		v := must(symmetry.Act(g, w))(t)
		require.Equal(t, q.Layout(), v.Quiver().Layout())
		xs := inputs(q, 8, uint64(n))
		require.LessOrEqual(t, gap(t, w, v, xs...), 1e-10, "%d", n)
		for name, group := range symmetry.GroupsOf(q) {
			require.NoError(t, group.Contains(g.Factor(name)), "%d %s", n, name)
		}
		// Laws of the action.
		h := symmetry.RandomElement(q, rand.NewPCG(uint64(n), 2))
		size := norm(w) * 1e3
		require.LessOrEqual(t, distance(must(symmetry.Act(g.Mul(h), w))(t), must(symmetry.Act(g, must(symmetry.Act(h, w))(t)))(t)), 1e-10*size)
		require.LessOrEqual(t, distance(w, must(symmetry.Act(g.Inverse(), v))(t)), 1e-12*size)
	}
	b := must(quiver.New(quiver.Input("x", 2), quiver.Bias("one"), quiver.Hidden("h", 5, layers.Blocks(layers.Tanh, 2, 2, 1)), quiver.Output("y", 2, nil),
		quiver.Connect("x", "h"), quiver.Connect("one", "h"), quiver.Connect("h", "y")))(t)
	w := random(b, 1)
	v := actsOn(t, w, 1)
	assert.LessOrEqual(t, gap(t, w, v, inputs(b, 8, 1)...), 1e-13)
	assert.Greater(t, distance(w, v), 1e-3)
	assert.Equal(t, b.Layout(), v.Quiver().Layout())
}

func norm(w *quiver.Rep) (m float64) {
	for _, x := range w.Data() {
		m = max(m, x, -x)
	}
	return max(m, 1)
}

// TestEverywhere: all kinds of the generator, ties and fixed arrows among them, with one pointwise
// activation or with a mix.
func TestEverywhere(t *testing.T) {
	var mix []quivertest.Act
	for _, a := range append([]quiver.Activation{squash, tanh}, pointwise...) {
		if s := a.String(); s != "pointwise(square)" && s != "pointwise(power(3))" { // they overflow in deep networks
			mix = append(mix, quivertest.Act{Activation: a, Size: 1.2})
		}
	}
	moved, asked := 0, 0
	for n := range uint64(300) {
		acts := mix
		if n%2 == 0 {
			acts = mix[int(n/2)%len(mix):][:1]
		}
		in := quivertest.Generate(n, acts...)
		g := symmetry.RandomElement(in.Rep.Quiver(), rand.NewPCG(n, 2))
		v := must(symmetry.Act(g, in.Rep))(t)
		require.LessOrEqual(t, gap(t, in.Rep, v, in.Inputs...), 1e-10, "%s %s", in.Name, acts[0])
		if in.Exempt == "" {
			asked++
			if distance(in.Rep, v) > 1e-3 {
				moved++
			}
		}
	}
	t.Logf("%d of %d moved", moved, asked)
	assert.Greater(t, moved, asked*9/10)
}

// TestNotInTheGroup: what is in the group of another activation only changes the function.
func TestNotInTheGroup(t *testing.T) {
	scale, sign := eye(4), eye(4)
	scale.Set(1, 1, 2)
	sign.Set(2, 2, -1)
	for _, tc := range []struct {
		act layers.Func
		a   *mat.Dense
	}{{layers.GELU, scale}, {layers.ReLU, sign}, {layers.Tanh, scale}, {layers.Sigmoid, sign}} {
		q := mlp(t, layers.Pointwise(tc.act), 3, 4, 2)
		w := random(q, 1)
		// The element acts where it may, in a linear network of the same shape.
		other := quiver.Zero(mlp(t, layers.Pointwise(layers.LeakyReLU(1)), 3, 4, 2))
		copy(other.Data(), w.Data())
		moved := must(symmetry.Act(must(symmetry.Identity(other.Quiver()).With("h1", tc.a))(t), other))(t)
		require.LessOrEqual(t, gap(t, other, moved, inputs(q, 9, 1)...), 1e-13)
		v := quiver.Zero(q)
		copy(v.Data(), moved.Data())
		assert.Greater(t, gap(t, w, v, inputs(q, 9, 1)...), 1e-3, tc.act.String())
	}
}

// TestTiedGroups: tied vertices act by a group that they have in common.
func TestTiedGroups(t *testing.T) {
	for _, act := range []quiver.Activation{layers.Pointwise(layers.ReLU), layers.Pointwise(layers.Tanh), layers.Pointwise(layers.Abs)} {
		q := unrolled(t, act, 4, 3)
		w := random(q, 1)
		v := actsOn(t, w, 2)
		assert.LessOrEqual(t, gap(t, w, v, inputs(q, 7, 1)...), 1e-12)
		assert.Greater(t, distance(w, v), 1e-3)
	}
	tied := func(a, b quiver.Activation) symmetry.Group {
		q := must(quiver.New(quiver.Input("x", 2), quiver.Input("z", 2), quiver.Hidden("a", 6, a), quiver.Hidden("b", 6, b), quiver.Output("y", 2, nil),
			quiver.Connect("x", "a"), quiver.Connect("z", "b", quiver.Tied("x->a")), quiver.Connect("a", "y"), quiver.Connect("b", "y", quiver.Named("y2"))))(t)
		w := random(q, 1)
		v := actsOn(t, w, 3)
		assert.LessOrEqual(t, gap(t, w, v, inputs(q, 7, 1)...), 1e-12, "%s %s", a, b)
		return symmetry.GroupsOf(q)["b"]
	}
	p := layers.Pointwise
	assert.Equal(t, symmetry.PositiveMonomial, tied(p(layers.ReLU), p(layers.Abs)).Kind)
	assert.Equal(t, symmetry.Permutations, tied(p(layers.ReLU), p(layers.Square)).Kind, "the degrees differ")
	assert.Equal(t, symmetry.Permutations, tied(p(layers.Tanh), p(layers.Abs)).Kind, "the parities differ")
	assert.Equal(t, symmetry.SignedPermutations, tied(p(layers.Tanh), squash).Kind)
	assert.Equal(t, symmetry.Orthogonal, tied(quiver.Identity, squash).Kind)
	assert.Equal(t, symmetry.GeneralLinear, tied(quiver.Identity, p(layers.Power(1))).Kind)
}

// TestFeatures: pre-activations and features of g·w are those of w, acted on.
func TestFeatures(t *testing.T) {
	for _, act := range append([]quiver.Activation{squash}, pointwise...) {
		q := mlp(t, act, 3, 5, 2)
		w := random(q, 1)
		g := symmetry.RandomElement(q, rand.NewPCG(1, 1))
		v := must(symmetry.Act(g, w))(t)
		x := inputs(q, 6, 1)[0]
		z, h := layer(w, act, x)
		z2, h2 := layer(v, act, x)
		assert.LessOrEqual(t, relative(z2, must(g.ActBefore("h1", z))(t)), 1e-13)
		assert.LessOrEqual(t, relative(h2, must(g.ActAfter("h1", h))(t)), 1e-12, act.String())
	}
	g := symmetry.Identity(mlp(t, squash, 3, 5, 2))
	_, err := g.ActAfter("h1", mat.NewDense(2, 4, nil))
	require.ErrorContains(t, err, "features are 2×4, want 5 columns")
	_, err = g.ActBefore("nobody", mat.NewDense(2, 4, nil))
	require.ErrorContains(t, err, "no such vertex")
}

func layer(w *quiver.Rep, act quiver.Activation, x *mat.Dense) (z, h *mat.Dense) {
	z = &mat.Dense{}
	z.Mul(x, w.Arrow("x->h1").T())
	r, _ := z.Dims()
	for i := range r {
		row := z.RawRowView(i)
		for j := range row {
			row[j] += w.Arrow("one->h1").At(j, 0)
		}
	}
	h = mat.DenseCopyOf(z)
	for i := range r {
		act.Apply(h.RawRowView(i), h.RawRowView(i))
	}
	return z, h
}

// TestGroupElementErrors holds the texts of elements that do not fit.
func TestGroupElementErrors(t *testing.T) {
	diag := func(xs ...float64) *mat.Dense { return mat.DenseCopyOf(mat.NewDiagDense(len(xs), xs)) }
	var text []byte
	for _, tc := range []struct {
		act quiver.Activation
		a   *mat.Dense
	}{
		{layers.Pointwise(layers.ReLU), diag(1, -2)},
		{layers.Pointwise(layers.Tanh), diag(1, 3)},
		{layers.Pointwise(layers.GELU), diag(1, 3)},
		{squash, diag(1, 3)},
		{layers.Gain(tanh, false), diag(1, 3)},
		{layers.Radial(layers.Square), diag(1, 3)},
	} {
		q := mlp(t, tc.act, 2, 2, 1)
		_, err := symmetry.Identity(q).With("h1", tc.a)
		var bad *symmetry.ElementError
		require.ErrorAs(t, err, &bad)
		text = fmt.Appendf(text, "%s\n\t%v\n", tc.act, err)
	}
	// An element for one activation acts on another.
	g := must(symmetry.Identity(mlp(t, layers.Pointwise(layers.ReLU), 2, 2, 1)).With("h1", diag(1, 3)))(t)
	_, err := symmetry.Act(g, random(mlp(t, layers.Pointwise(layers.Tanh), 2, 2, 1), 1))
	var entry *symmetry.MembershipError
	require.ErrorAs(t, err, &entry)
	assert.Equal(t, [2]int{1, 1}, [2]int{entry.Row, entry.Col})
	text = fmt.Appendf(text, "a ReLU element at a tanh vertex\n\t%v\n", err)
	golden.Check(t, "group_elements.txt", string(text))
}

// TestGeneralElements: elements that are neither monomial nor orthogonal, at every kind of group.
func TestGeneralElements(t *testing.T) {
	for _, act := range []quiver.Activation{
		quiver.Identity, layers.Pointwise(layers.Power(1)), layers.Pointwise(layers.Shift(layers.Power(1), 0.5)), layers.Pointwise(layers.Unit),
		layers.Radial(layers.Square), layers.Radial(layers.Power(0.5)), layers.RMSNorm(4, 0), softmax{}, layerNorm{}, layers.Blocks(layers.Tanh, 2, 2), layers.Rescaling("onenorm", layers.OneNorm{}),
	} {
		q := mlp(t, act, 3, 4, 2)
		w := random(q, 1)
		group := symmetry.GroupsOf(q)["h1"]
		a, b := group.Random(4, rand.NewPCG(1, 2)), group.Random(4, rand.NewPCG(3, 4))
		g, h := must(symmetry.Identity(q).With("h1", a))(t), must(symmetry.Identity(q).With("h1", b))(t)
		assert.LessOrEqual(t, relative(a, g.Factor("h1")), 1e-15)
		v := must(symmetry.Act(g, w))(t)
		xs := inputs(q, 9, 1)
		assert.Equal(t, q.Layout(), v.Quiver().Layout(), act.String())
		assert.LessOrEqual(t, gap(t, w, v, xs...), 1e-12, act.String())
		assert.Greater(t, distance(w, v), 1e-3)
		assert.LessOrEqual(t, distance(w, must(symmetry.Act(g.Inverse(), v))(t)), 1e-12, act.String())
		both := must(symmetry.Act(h.Mul(g), w))(t)
		assert.LessOrEqual(t, distance(both, must(symmetry.Act(h, v))(t)), 1e-11*norm(both), act.String())
		z, y := layer(w, act, xs[0])
		z2, y2 := layer(v, act, xs[0])
		assert.LessOrEqual(t, relative(z2, must(g.ActBefore("h1", z))(t)), 1e-12)
		assert.LessOrEqual(t, relative(y2, must(g.ActAfter("h1", y))(t)), 1e-12, act.String())
	}
	wrong := prelu{[]float64{0.1, 0.2}}
	assert.PanicsWithError(t, "symmetry: not in the group (positive monomial): prelu(0.1,0.1,0.1,0.5,0.5) declares classes of 2 coordinates at dimension 3", func() { symmetry.GroupOf(wrong, 3) })
}
