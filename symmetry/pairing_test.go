package symmetry_test

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/quiver/quivertest"
	"github.com/quivernet/quivernet/symmetry"
)

// mixtures are pointwise activations alone, and with radial and linear vertices.
var mixtures = [][]quiver.Activation{
	{layers.Pointwise(layers.ReLU)}, {layers.Pointwise(layers.Tanh)}, {layers.Pointwise(layers.Abs)}, {layers.Pointwise(layers.GELU)},
	{layers.Pointwise(layers.Square)}, {layers.Pointwise(layers.Sigmoid)},
	{layers.Pointwise(layers.ReLU), squash}, {layers.Pointwise(layers.Tanh), tanh, quiver.Identity},
	append([]quiver.Activation{squash, tanh, quiver.Identity}, pointwise...),
}

// TestPointwiseOrbit: g·w is on the orbit of w, with the element that shows it; a network with
// one number changed is not, nor is another one.
func TestPointwiseOrbit(t *testing.T) {
	count := map[string]map[symmetry.Verdict]int{"orbit": {}, "changed": {}, "other": {}, "reduced": {}}
	const each = 16
	for n := range each * len(mixtures) {
		w := random(mixed(t, n, mixtures[n/each]...), uint64(n))
		v := actsOn(t, w, uint64(n))
		o := must(symmetry.SameOrbit(w, v, 1e-8))(t)
		require.NotEqual(t, symmetry.No, o.Full, "%d", n)
		require.NotEqual(t, symmetry.No, o.Reduced, "%d", n)
		count["orbit"][o.Full]++
		if o.Full == symmetry.Yes {
			require.LessOrEqual(t, distance(v, must(symmetry.Act(o.Element, w))(t)), 1e-7*norm(v))
		}
		c := v.Clone()
		noise := random(w.Quiver(), uint64(n+1000))
		c.AddScaled(0.5e-8*v.Norm()/noise.Norm(), noise)
		require.NotEqual(t, symmetry.No, must(symmetry.SameOrbit(w, c, 1e-8))(t).Full, "%d: half of the tolerance away", n)
		c = v.Clone()
		c.Data()[n%len(c.Data())] += 1e-2 * norm(v)
		o = must(symmetry.SameOrbit(w, c, 1e-8))(t)
		require.NotEqual(t, symmetry.Yes, o.Full, "%d", n)
		count["changed"][o.Full]++
		o = must(symmetry.SameOrbit(w, random(w.Quiver(), uint64(n+1)), 1e-8))(t)
		require.NotEqual(t, symmetry.Yes, o.Full)
		count["other"][o.Full]++
		count["reduced"][o.Reduced]++
	}
	t.Log(count)
	total := each * len(mixtures)
	assert.GreaterOrEqual(t, count["orbit"][symmetry.Yes], total*98/100)
	assert.GreaterOrEqual(t, count["changed"][symmetry.No], total*90/100)
	assert.GreaterOrEqual(t, count["other"][symmetry.No], total*90/100)
}

// TestPointwiseOrbitTies: twins, units without input, parallel arrows and tied arrows.
func TestPointwiseOrbitTies(t *testing.T) {
	for n, act := range []quiver.Activation{layers.Pointwise(layers.ReLU), layers.Pointwise(layers.Tanh), layers.Pointwise(layers.Sigmoid), layers.Pointwise(layers.Abs), layers.Pointwise(layers.Square)} {
		w := random(mlp(t, act, 3, 6, 5, 2), uint64(n))
		copy(w.Arrow("x->h1").RawRowView(4), w.Arrow("x->h1").RawRowView(1)) // twins
		w.Arrow("one->h1").Set(4, 0, w.Arrow("one->h1").At(1, 0))
		clear(w.Arrow("x->h1").RawRowView(2)) // no input
		w.Arrow("one->h1").Set(2, 0, 0)
		clear(w.Arrow("h1->h2").RawRowView(3)) // one unit of the second layer without
		w.Arrow("one->h2").Set(3, 0, 0)
		v := actsOn(t, w, uint64(n+10))
		o := must(symmetry.SameOrbit(w, v, 1e-9))(t)
		assert.Equal(t, symmetry.Yes, o.Full, act.String())
		v.Data()[0] += 0.1
		assert.Equal(t, symmetry.Undecided, must(symmetry.SameOrbit(w, v, 1e-9))(t).Full, "another assignment might do")

		w = random(unrolled(t, act, 5, 3), 1)
		assert.Equal(t, symmetry.Yes, must(symmetry.SameOrbit(w, actsOn(t, w, 5), 1e-9))(t).Full, "tied %s", act)
	}
}

// TestPointwiseCanonical: g·w has the canonical form of w.
func TestPointwiseCanonical(t *testing.T) {
	worst, shows, differ := 0.0, 0, 0
	const each = 16
	for n := range each * len(mixtures) {
		w := random(mixed(t, n, mixtures[n/each]...), uint64(n))
		a := must(symmetry.Canonical(w))(t)
		b := must(symmetry.Canonical(actsOn(t, w, uint64(n))))(t)
		require.NoError(t, a.Fits(b))
		d := distance(a, b) / norm(a)
		worst = max(worst, d)
		if d > 1e-7 {
			differ++
			t.Logf("%d differs by %.1e", n, d)
		}
		require.LessOrEqual(t, gap(t, w, a, inputs(w.Quiver(), 5, 1)...), 1e-9, "%d", n)
		v := w.Clone()
		v.Data()[n%len(v.Data())] += 1e-2 * norm(w)
		if c := must(symmetry.Canonical(v))(t); a.Fits(c) != nil || distance(a, c) > 1e-4 {
			shows++
		}
	}
	t.Logf("worst %.1e, %d differ; a change of 1e-2 shows in %d of %d", worst, differ, shows, each*len(mixtures))
	assert.Zero(t, differ)
	assert.Greater(t, shows, each*len(mixtures)*8/10)
}

// TestCanonicalReLU: rows of norm 1, as NormalizeIncoming has them.
func TestCanonicalReLU(t *testing.T) {
	w := random(mlp(t, layers.Pointwise(layers.ReLU), 3, 5, 4, 2), 1)
	c := must(symmetry.Canonical(actsOn(t, w, 3)))(t)
	for _, h := range []string{"h1", "h2"} {
		from := map[string]string{"h1": "x", "h2": "h1"}[h]
		rows, _ := c.Arrow(from + "->" + h).Dims()
		for i := range rows {
			s := c.Arrow("one->"+h).At(i, 0) * c.Arrow("one->"+h).At(i, 0)
			for _, x := range c.Arrow(from + "->" + h).RawRowView(i) {
				s += x * x
			}
			assert.InDelta(t, 1, s, 1e-13)
		}
	}
	src := rand.NewPCG(1, 1)
	d := must(symmetry.Canonical(must(symmetry.Act(symmetry.RandomElement(w.Quiver(), src), c))(t)))(t)
	assert.LessOrEqual(t, distance(c, d), 1e-12, "canonical forms are their own")
}

// TestOrbitEverywhere: all kinds of the generator, ties, fixed identities and degenerate networks
// among them, with pointwise and radial vertices.
func TestOrbitEverywhere(t *testing.T) {
	var mix []quivertest.Act
	for _, a := range []quiver.Activation{squash, layers.Pointwise(layers.ReLU), layers.Pointwise(layers.Tanh), layers.Pointwise(layers.Abs), layers.Pointwise(layers.GELU)} {
		mix = append(mix, quivertest.Act{Activation: a, Size: 1.2})
	}
	count, canonical, differ := map[string]int{}, 0, 0
	for n := range uint64(120) {
		acts := mix
		if n%2 == 0 {
			acts = mix[1+int(n/2)%4:][:1]
		}
		in := quivertest.Generate(n, acts...)
		v := must(symmetry.Act(symmetry.RandomElement(in.Rep.Quiver(), rand.NewPCG(n, 2)), in.Rep))(t)
		o := must(symmetry.SameOrbit(in.Rep, v, 1e-8))(t)
		require.NotEqual(t, symmetry.No, o.Full, "%s %v", in.Name, acts[0])
		require.NotEqual(t, symmetry.No, o.Reduced, "%s %v", in.Name, acts[0])
		count[o.Full.String()]++
		if o.Full != symmetry.Yes {
			t.Logf("%s %s: %s", in.Name, acts[0], o.Full)
		}
		a, err := symmetry.Canonical(in.Rep)
		var tie *quiver.TieError
		if errors.As(err, &tie) {
			continue
		}
		require.NoError(t, err)
		b := must(symmetry.Canonical(v))(t)
		canonical++
		if a.Fits(b) != nil || distance(a, b) > 1e-6*norm(a) {
			differ++
			t.Logf("%s %s: canonical forms differ", in.Name, acts[0])
		}
	}
	t.Log(count, canonical, differ)
	assert.Equal(t, 120, count["yes"])
	assert.Greater(t, canonical, 100)
	assert.Zero(t, differ)
}
