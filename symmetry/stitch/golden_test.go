package stitch_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/symmetry"
	"github.com/quivernet/quivernet/symmetry/stitch"
)

func must[T any](x T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		require.NoError(t, err)
		return x
	}
}

func h1() *mat.Dense {
	return mat.NewDense(6, 3, []float64{1, 0, 2, 0, 1, 1, 2, 1, 0, 1, 3, 1, 0, 2, 2, 3, 0, 1})
}

func h2() *mat.Dense {
	return mat.NewDense(6, 3, []float64{2, 1, 0, 1, 0, 1, 0, 2, 1, 1, 1, 3, 2, 0, 2, 1, 3, 1})
}

// apply returns h·mᵀ.
func apply(h, m mat.Matrix) *mat.Dense {
	var p mat.Dense
	p.Mul(h, m.T())
	return &p
}

// TestWorkedExample holds the numbers of six samples of three channels.
func TestWorkedExample(t *testing.T) {
	f, g := stitch.Flat(h1()), stitch.Flat(h2())
	relu := must(stitch.GProcrustes(stitch.PositiveMonomial, f, g))(t)
	assert.InDelta(t, 0.0727486122, relu.D, 1e-10)
	assert.InDelta(t, 0.9272513878, relu.Similarity(), 1e-10)
	assert.Equal(t, []int{1, 2, 0}, relu.Perm)
	ortho := must(stitch.OrthogonalProcrustes(f, g))(t)
	assert.InDelta(t, 0.0632442244, ortho.D, 1e-10)
	assert.InDelta(t, 0.9367557756, ortho.Similarity(), 1e-10)
	assert.InDelta(t, 0.9375414292, must(stitch.GCKA(f, g, stitch.Max))(t), 1e-10)
	assert.InDelta(t, 0.9575613469, must(stitch.ChannelCKA(f, g))(t), 1e-10)
	assert.InDelta(t, 0.9430664700, must(stitch.LinearCKA(f, g))(t), 1e-10)

	m := must(stitch.Fit(stitch.PositiveMonomial, h1(), h2()))(t)
	assert.Equal(t, []float64{0, 0, 1, 1, 0, 0, 0, 1, 0}, m.M.RawMatrix().Data)
	assert.Equal(t, 1.0, m.Residual)
	assert.InDelta(t, 1.0/42, m.Relative, 1e-15)
	assert.InDelta(t, 0.3144067797, must(stitch.Fit(stitch.Linear, h1(), h2()))(t).Residual, 1e-10)
	assert.InDelta(t, 0.6699482204, must(stitch.Fit(stitch.Orthogonal, h1(), h2()))(t).Residual, 1e-10)

	// A copy on the orbit of the ReLU group.
	copied := mat.NewDense(3, 3, []float64{0, 0, 2, 5, 0, 0, 0, 0.5, 0}) // h[:, [2,0,1]]·diag(2, 5, ½)
	g = stitch.Flat(apply(h1(), copied))
	assert.InDelta(t, 0, must(stitch.GProcrustes(stitch.PositiveMonomial, f, g))(t).D, 1e-7)
	assert.InDelta(t, 1, must(stitch.GCKA(f, g, stitch.Max))(t), 1e-14)
	assert.InDelta(t, 1, must(stitch.ChannelCKA(f, g))(t), 1e-14)
	assert.InDelta(t, 0.2847530622, must(stitch.OrthogonalProcrustes(f, g))(t).D, 1e-10)

	// A rotated copy.
	turned := mat.NewDense(3, 3, []float64{.6, .8, 0, -.8, .6, 0, 0, 0, 1}) // h·Q
	g = stitch.Flat(apply(h1(), turned))
	assert.InDelta(t, 0.3744857472, must(stitch.GProcrustes(stitch.PositiveMonomial, f, g))(t).D, 1e-10)
	assert.InDelta(t, 0.7334820730, must(stitch.GCKA(f, g, stitch.Max))(t), 1e-10)
	assert.InDelta(t, 0.9315235425, must(stitch.ChannelCKA(f, g))(t), 1e-10)
	assert.InDelta(t, 1, must(stitch.LinearCKA(f, g))(t), 1e-14)
	assert.InDelta(t, 0, must(stitch.OrthogonalProcrustes(f, g))(t).D, 1e-7)
}

func random(rng *rand.Rand, r, c int) *mat.Dense {
	m := mat.NewDense(r, c, nil)
	for i := range r {
		for j := range c {
			m.Set(i, j, rng.NormFloat64())
		}
	}
	return m
}

// spatial returns random features with positions, and the same with a monomial on channels.
func spatial(rng *rand.Rand, n, c, h, w int, m symmetry.Monomial) (f, g stitch.Features) {
	x := random(rng, n, c*h*w)
	return stitch.Features{Samples: n, Channels: c, Height: h, Width: w, Data: x.RawMatrix().Data},
		stitch.Features{Samples: n, Channels: c, Height: h, Width: w, Data: must2(m.Spread(h * w).Features(x)).RawMatrix().Data}
}

func must2[T any](x T, err error) T {
	if err != nil {
		panic(err)
	}
	return x
}

// TestInvariance: what is unchanged under each group, and what is not.
func TestInvariance(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	positive := symmetry.Group{Kind: symmetry.PositiveMonomial, Degree: 1}
	signed := symmetry.Group{Kind: symmetry.SignedPermutations, Parity: -1}
	for range 30 {
		n, c := 5+rng.IntN(6), 2+rng.IntN(4)
		other, _ := spatial(rng, n, c, 2, 3, positive.RandomMonomial(c, rng))
		f, g := spatial(rng, n, c, 2, 3, positive.RandomMonomial(c, rng))
		a, b := must(stitch.GProcrustes(stitch.PositiveMonomial, f, other))(t), must(stitch.GProcrustes(stitch.PositiveMonomial, g, other))(t)
		require.InDelta(t, a.D, b.D, 1e-12)
		require.True(t, a.D > 0 && a.D <= 1)
		require.InDelta(t, a.D, must(stitch.GProcrustes(stitch.PositiveMonomial, other, f))(t).D, 1e-12, "symmetric")
		for _, r := range []stitch.Reduce{stitch.Max, stitch.Median} {
			require.InDelta(t, must(stitch.GCKA(f, other, r))(t), must(stitch.GCKA(g, other, r))(t), 1e-12)
		}
		require.InDelta(t, must(stitch.ChannelCKA(f, other))(t), must(stitch.ChannelCKA(g, other))(t), 1e-12)
		require.Greater(t, math.Abs(must(stitch.OrthogonalProcrustes(f, other))(t).D-must(stitch.OrthogonalProcrustes(g, other))(t).D), 1e-6, "scales of channels count there")

		f, g = spatial(rng, n, c, 2, 3, signed.RandomMonomial(c, rng))
		require.InDelta(t, must(stitch.GProcrustes(stitch.SignedPermutation, f, other))(t).D, must(stitch.GProcrustes(stitch.SignedPermutation, g, other))(t).D, 1e-12)
		require.InDelta(t, 0, must(stitch.GProcrustes(stitch.SignedPermutation, f, g))(t).D, 1e-7)
		require.InDelta(t, must(stitch.OrthogonalProcrustes(f, other))(t).D, must(stitch.OrthogonalProcrustes(g, other))(t).D, 1e-12, "signed permutations are orthogonal")
	}
	// Rotations and one scale.
	for range 30 {
		x, y := random(rng, 8, 4), random(rng, 8, 4)
		q := symmetry.Group{Kind: symmetry.Orthogonal}.Random(4, rng)
		z := apply(x, q)
		z.Scale(3, z)
		f, g, other := stitch.Flat(x), stitch.Flat(z), stitch.Flat(y)
		require.InDelta(t, must(stitch.OrthogonalProcrustes(f, other))(t).D, must(stitch.OrthogonalProcrustes(g, other))(t).D, 1e-12)
		require.InDelta(t, must(stitch.LinearCKA(f, other))(t), must(stitch.LinearCKA(g, other))(t), 1e-12)
		require.Greater(t, math.Abs(must(stitch.ChannelCKA(f, other))(t)-must(stitch.ChannelCKA(g, other))(t)), 1e-7)
		require.Greater(t, math.Abs(must(stitch.GProcrustes(stitch.PositiveMonomial, f, other))(t).D-must(stitch.GProcrustes(stitch.PositiveMonomial, g, other))(t).D), 1e-7)
		require.Greater(t, math.Abs(must(stitch.GCKA(f, other, stitch.Max))(t)-must(stitch.GCKA(g, other, stitch.Max))(t)), 1e-7)
	}
}

// TestFit compares the assignment with all partial permutations, and checks that nothing in the class
// does better.
func TestFit(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		n, c1, c2 := 1+rng.IntN(6), 1+rng.IntN(4), 1+rng.IntN(4)
		x, y := random(rng, n, c1), random(rng, n, c2)
		if rng.IntN(4) == 0 {
			for i := range n {
				x.Set(i, 0, 0)
			}
		}
		size := math.Pow(mat.Norm(y, 2), 2)
		for class := stitch.Permutation; class <= stitch.Monomial; class++ {
			m := must(stitch.Fit(class, x, y))(t)
			require.InDelta(t, brute(class, x, y), m.Residual, 1e-11*(1+size), "%s %d→%d", class, c1, c2)
		}
		linear := must(stitch.Fit(stitch.Linear, x, y))(t).Residual
		for r := 1; r <= c2; r++ {
			fit := must(stitch.FitRank(r, x, y))(t)
			require.GreaterOrEqual(t, fit.Residual, linear-1e-12)
			require.GreaterOrEqual(t, must(stitch.FitRank(1, x, y))(t).Residual, fit.Residual-1e-12)
			var svd mat.SVD
			require.True(t, svd.Factorize(fit.M, mat.SVDNone))
			for _, s := range svd.Values(nil)[min(r, min(c1, c2)):] {
				require.LessOrEqual(t, s, 1e-12)
			}
			guess := mat.NewDense(c2, c1, nil) // a random map of rank 1 is no better
			guess.Outer(1, mat.NewVecDense(c2, random(rng, c2, 1).RawMatrix().Data), mat.NewVecDense(c1, random(rng, c1, 1).RawMatrix().Data))
			require.GreaterOrEqual(t, residual(guess, x, y), fit.Residual-1e-12)
		}
		o := must(stitch.Fit(stitch.Orthogonal, x, y))(t)
		require.GreaterOrEqual(t, o.Residual, linear-1e-12)
		if c1 == c2 {
			require.GreaterOrEqual(t, residual(symmetry.Group{Kind: symmetry.Orthogonal}.Random(c1, rng), x, y), o.Residual-1e-10)
		}
	}
}

func residual(m, x, y mat.Matrix) float64 {
	var d mat.Dense
	d.Mul(x, m.T())
	d.Sub(&d, y)
	n := mat.Norm(&d, 2)
	return n * n
}

// brute tries all partial permutations, each pair at its best scale.
func brute(class stitch.Class, x, y *mat.Dense) float64 {
	_, c1 := x.Dims()
	_, c2 := y.Dims()
	best := math.Inf(1)
	m := mat.NewDense(c2, c1, nil)
	used := make([]bool, c1)
	var try func(i, left int)
	try = func(i, left int) {
		if i == c2 {
			if left == 0 {
				best = math.Min(best, residual(m, x, y))
			}
			return
		}
		if c2-i > left {
			try(i+1, left)
		}
		for j := range c1 {
			if used[j] || left == 0 {
				continue
			}
			used[j] = true
			dot, norm := mat.Dot(y.ColView(i), x.ColView(j)), mat.Dot(x.ColView(j), x.ColView(j))
			scales := []float64{1}
			switch class {
			case stitch.SignedPermutation:
				scales = []float64{1, -1}
			case stitch.Monomial, stitch.PositiveMonomial:
				scales = []float64{0}
				if norm > 0 && (dot > 0 || class == stitch.Monomial) {
					scales = []float64{dot / norm}
				}
			}
			for _, s := range scales {
				m.Set(i, j, s)
				try(i+1, left-1)
			}
			m.Set(i, j, 0)
			used[j] = false
		}
	}
	try(0, min(c1, c2))
	return best
}
