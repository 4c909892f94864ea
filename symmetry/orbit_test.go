package symmetry_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
)

// sample returns a network of a mix: over-wide, narrow, with skips, residual.
func sample(t testing.TB, n int) *quiver.Rep {
	t.Helper()
	rng := rand.New(rand.NewPCG(uint64(n), 3))
	act := []quiver.Activation{squash, tanh, sigmoid}[n%3]
	var q *quiver.Quiver
	switch n % 5 {
	case 0:
		q = mlp(t, act, 1+rng.IntN(3), 1+rng.IntN(8), 1+rng.IntN(8), 1+rng.IntN(3))
	case 1:
		q = mlp(t, act, 2, 9, 3)
	case 2:
		q = must(layers.DenseNet(act, 2, 3, 4, 5, 2))(t)
	case 3:
		q = must(layers.Residual(act, 2, 5, 4, 1, 2))(t)
	default:
		q = build(t, act, "*:b", "a:i2", "b:h6", "c:o2", "d:h3", "e:o2", "a>b", "a>b", "b>c", "c>d", "d>e", "*>d", "*>b")
	}
	w := random(q, uint64(n))
	w.Scale(2)
	return w
}

// otherFree returns a network with the same reduced network and another free part, turned
// by a random element; false where there is no free part.
func otherFree(t testing.TB, w *quiver.Rep, seed uint64) (*quiver.Rep, bool) {
	t.Helper()
	c := compress(t, w)
	if c.Reduced.Quiver().NumParams() == w.Quiver().NumParams() {
		return nil, false
	}
	p := must(c.Subspace())(t)
	base := must(c.Rotated())(t)
	base.AddScaled(1, random(base.Quiver(), seed))
	require.NoError(t, p.Project(base))
	return actsOn(t, must(p.Embed(c.Reduced, base))(t), seed), true
}

func TestSameOrbit(t *testing.T) {
	undecided, others := 0, 0
	const pairs = 400 // of each kind
	for n := range pairs {
		w := sample(t, n)
		o := must(symmetry.SameOrbit(w, actsOn(t, w, uint64(n)), 1e-8))(t)
		require.NotEqual(t, symmetry.No, o.Full, "%d", n)
		require.NotEqual(t, symmetry.No, o.Reduced, "%d", n)
		if o.Full == symmetry.Yes {
			require.LessOrEqual(t, o.Distance, 1e-8)
		}
		v := actsOn(t, w, uint64(n))
		v.Data()[n%len(v.Data())] += 1e-3
		p := must(symmetry.SameOrbit(w, v, 1e-8))(t)
		require.NotEqual(t, symmetry.Yes, p.Full, "%d", n)
		for _, x := range []symmetry.Verdict{o.Full, o.Reduced, p.Full} {
			if x == symmetry.Undecided {
				undecided++
			}
		}
		if v, ok := otherFree(t, w, uint64(n)); ok {
			others++
			o = must(symmetry.SameOrbit(w, v, 1e-8))(t)
			require.NotEqual(t, symmetry.Yes, o.Full, "%d", n)
			require.NotEqual(t, symmetry.No, o.Reduced, "%d", n)
			for _, x := range []symmetry.Verdict{o.Full, o.Reduced} {
				if x == symmetry.Undecided {
					undecided++
				}
			}
		}
	}
	t.Logf("%d undecided; %d pairs with another free part", undecided, others)
	assert.LessOrEqual(t, undecided, pairs*2/100)
	assert.Greater(t, others, 60)
}

func TestSameOrbitDegenerate(t *testing.T) {
	w := random(mlp(t, squash, 3, 8, 7, 2), 1)
	w.Arrow("h1->h2").Zero()
	w.Arrow("one->h1").Zero()
	o := must(symmetry.SameOrbit(w, actsOn(t, w, 4), 1e-9))(t)
	assert.Equal(t, symmetry.Yes, o.Full)
	assert.LessOrEqual(t, o.Distance, 1e-12)
	moved := must(symmetry.Act(o.Element, w))(t)
	assert.LessOrEqual(t, distance(moved, actsOn(t, w, 4)), 1e-12)

	// A pointwise network: units are matched, and a "no" is one. Where a group is not
	// searched it is not claimed.
	w = random(mlp(t, layers.Pointwise(layers.Tanh), 2, 4, 2), 1)
	assert.Equal(t, symmetry.Yes, must(symmetry.SameOrbit(w, w.Clone(), 1e-9))(t).Full)
	assert.Equal(t, symmetry.No, must(symmetry.SameOrbit(w, random(w.Quiver(), 2), 1e-9))(t).Full)
	w = random(mlp(t, layers.Gain(tanh, false), 2, 4, 2), 1)
	assert.Equal(t, symmetry.Yes, must(symmetry.SameOrbit(w, w.Clone(), 1e-9))(t).Full)
	assert.Equal(t, symmetry.Undecided, must(symmetry.SameOrbit(w, random(w.Quiver(), 2), 1e-9))(t).Full)

	// Trainable parameters count.
	w = random(mlp(t, layers.Trainable(layers.Tanh, 0.1, 1), 2, 4, 2), 1)
	v := actsOn(t, w, 2)
	assert.Equal(t, symmetry.Yes, must(symmetry.SameOrbit(w, v, 1e-9))(t).Full)
	v.Params("h1")[0] += 0.01
	assert.Equal(t, symmetry.No, must(symmetry.SameOrbit(w, v, 1e-9))(t).Full)

	// Tied weights share their factor.
	w = random(unrolled(t, squash, 4, 3), 1)
	assert.Equal(t, symmetry.Yes, must(symmetry.SameOrbit(w, actsOn(t, w, 5), 1e-9))(t).Full)

	_, err := symmetry.SameOrbit(w, random(mlp(t, squash, 2, 2), 1), 1e-9)
	var layout *quiver.LayoutError
	require.ErrorAs(t, err, &layout)
	v = w.Clone()
	v.Data()[0] = math.NaN()
	_, err = symmetry.SameOrbit(w, v, 1e-9)
	var finite *quiver.NonFiniteError
	require.ErrorAs(t, err, &finite)
	assert.Equal(t, "yes no undecided", symmetry.Yes.String()+" "+symmetry.No.String()+" "+symmetry.Undecided.String())
}

// TestCanonical: rotated copies have one canonical form.
func TestCanonical(t *testing.T) {
	worst, moved := 0.0, 0
	for n := range 200 {
		w := sample(t, n)
		a := must(symmetry.Canonical(w))(t)
		b := must(symmetry.Canonical(actsOn(t, w, uint64(n))))(t)
		require.Equal(t, a.Quiver().Layout(), b.Quiver().Layout(), "%d", n)
		d := distance(a, b)
		worst = max(worst, d)
		require.LessOrEqual(t, d, 1e-8, "%d", n)
		require.LessOrEqual(t, gap(t, w, a, inputs(w.Quiver(), 5, 1)...), 1e-11)
		v := w.Clone()
		v.Data()[n%len(v.Data())] += 1e-3
		if c := must(symmetry.Canonical(v))(t); a.Fits(c) != nil || distance(a, c) > 1e-6 {
			moved++
		}
	}
	t.Logf("worst %.1e; a change of 1e-3 shows in %d of 200", worst, moved)
	assert.Greater(t, moved, 150)

	// A leading column that depends on earlier ones.
	w := random(mlp(t, squash, 3, 8, 7, 2), 1)
	m := w.Arrow("x->h1")
	for i := range 8 {
		m.Set(i, 0, 2*w.Arrow("one->h1").At(i, 0))
	}
	a, b := must(symmetry.Canonical(w))(t), must(symmetry.Canonical(actsOn(t, w, 9)))(t)
	assert.Equal(t, 3, a.Quiver().Dims()["h1"])
	assert.LessOrEqual(t, distance(a, b), 1e-10)
	assert.Zero(t, a.Arrow("x->h1").At(1, 0), "the second row starts where the columns become independent")

	_, err := symmetry.Canonical(random(unrolled(t, squash, 4, 3), 1))
	var tie *quiver.TieError
	require.ErrorAs(t, err, &tie)
}

func TestFingerprint(t *testing.T) {
	edges, seen := 0, map[string]bool{}
	for n := range 150 {
		w := sample(t, n)
		f, err := symmetry.Fingerprint(w)
		g, err2 := symmetry.Fingerprint(actsOn(t, w, uint64(n)))
		r, err3 := symmetry.Fingerprint(compress(t, w).Reduced)
		var edge *symmetry.EdgeError
		if err != nil || err2 != nil || err3 != nil {
			edges++
			for _, e := range []error{err, err2, err3} {
				if e != nil {
					require.ErrorAs(t, e, &edge)
				}
			}
			continue
		}
		require.Equal(t, f, g, "%d", n)
		require.Equal(t, f, r, "%d", n)
		v := w.Clone()
		for i := range v.Data() {
			v.Data()[i] *= 1.01
		}
		if h, err := symmetry.Fingerprint(v); err == nil {
			require.NotEqual(t, f, h, "%d", n)
		}
		seen[f] = true
	}
	t.Logf("%d on an edge", edges)
	assert.LessOrEqual(t, edges, 3)
	assert.Greater(t, len(seen), 140)
	w := sample(t, 1)
	w.Data()[0] = math.Inf(1)
	_, err := symmetry.Fingerprint(w)
	require.Error(t, err)
}
