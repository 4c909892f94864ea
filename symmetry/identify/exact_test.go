package identify

import (
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

func TestExactLine(t *testing.T) {
	w := chain(t, []int{1, 2, 2, 1}, []float64{3, -2}, []float64{3, -3}, []float64{-3, 1, 3, 3}, []float64{2, -3}, []float64{-1, 2}, []float64{0})
	r, err := ExactDimension(w)
	require.NoError(t, err)
	var cuts []string
	for _, b := range r.Breakpoints {
		cuts = append(cuts, b.RatString())
	}
	require.Equal(t, []string{"-2", "-3/2", "-1", "-7/9", "-2/3"}, cuts)
	require.Equal(t, 12, r.Samples)
	require.Equal(t, 9, r.Dimension)
	require.True(t, r.Full())
	net, err := compile(w)
	require.NoError(t, err)
	bs, err := net.breakpoints()
	require.NoError(t, err)
	var points []string
	for i := range len(bs) + 1 {
		for k := int64(1); k <= 2; k++ {
			points = append(points, between(bs, i, k).String())
		}
	}
	require.Equal(t, []string{"-4", "-3", "-11/6", "-5/3", "-4/3", "-7/6", "-25/27", "-23/27", "-20/27", "-19/27", "1/3", "4/3"}, points)

	// random batches underestimate
	rng := rand.New(rand.NewPCG(4, 4))
	for _, c := range []struct{ n, lo, hi int }{{10, 2, 6}, {20, 3, 7}, {50, 5, 9}, {1000, 9, 9}} {
		b, err := BatchDimension(w, batch(normal(rng, c.n, 1)), Options{Drop: true})
		require.NoError(t, err)
		require.GreaterOrEqual(t, b.Dimension, c.lo)
		require.LessOrEqual(t, b.Dimension, c.hi)
	}
}

// TestClip is the disconnected fiber of min(max(x,0),1): two points of full dimension
// that no rescaling and permutation relates.
func TestClip(t *testing.T) {
	a := chain(t, []int{1, 2, 1}, []float64{1, 1}, []float64{0, -1}, []float64{1, -1}, []float64{0})
	b := chain(t, []int{1, 2, 1}, []float64{-1, -1}, []float64{0, 1}, []float64{1, -1}, []float64{1})
	z := column(-2, -1, .25, .5, .75, 2, 3)
	for _, w := range []interface {
		Eval(...*mat.Dense) ([]*mat.Dense, error)
	}{a, b} {
		y, err := w.Eval(z)
		require.NoError(t, err)
		require.Equal(t, []float64{0, 0, .25, .5, .75, 1, 1}, mat.Col(nil, 0, y[0]))
	}
	for _, w := range []*quiver.Rep{a, b} {
		e, err := ExactRank(w, batch(z), Options{})
		require.NoError(t, err)
		require.Equal(t, 5, e.Rank)
		r, err := ExactDimension(w)
		require.NoError(t, err)
		require.Equal(t, 5, r.Dimension)
		require.True(t, r.Full())
	}
	same, err := EqualModPermutation(a, b, 1e-9)
	require.NoError(t, err)
	require.Equal(t, No, same.Verdict)
}

// TestExactPlaneAgrees compares the exact dimension on a box with a dense sample, and
// in one dimension with the line.
func TestExactPlaneAgrees(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	for seed := range uint64(12) {
		w := heChain(t, relu, seed, 2, 3, 2, 1)
		r, err := ExactDimensionOn(w, Cube(2, 3))
		require.NoError(t, err)
		d, err := Dimension(w, Search{Sampler: Uniform(Cube(2, 3)), Points: 3000, Lines: 0.5, Source: rand.NewPCG(seed, 1), Patience: -1})
		require.NoError(t, err)
		require.GreaterOrEqual(t, r.Dimension, d.Dimension, "%v\n%v", r, d)
		require.LessOrEqual(t, r.Dimension-d.Dimension, 2)

		u := heChain(t, relu, seed, 1, 3, 3, 1)
		line, err := ExactDimension(u)
		require.NoError(t, err)
		far := Cube(1, 1e6)
		strip, err := ExactDimensionOn(u, far)
		require.NoError(t, err)
		require.Equal(t, line.Dimension, strip.Dimension)
		require.Equal(t, line.Patterns, strip.Patterns)
		small, err := ExactDimensionOn(u, Cube(1, 0.05))
		require.NoError(t, err)
		require.LessOrEqual(t, small.Dimension, line.Dimension)
	}
	_ = rng
}

// TestFractions compares the arithmetic of int64 fractions with big.Rat, at sizes
// where it overflows.
func TestFractions(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	draw := func() (frac, *big.Rat) {
		n, d := rng.Int64()>>rng.IntN(63), 1+rng.Int64()>>rng.IntN(63)
		if rng.IntN(2) == 0 {
			n = -n
		}
		r := big.NewRat(n, max(d, 1))
		return fracRat(r), r
	}
	for range 5000 {
		a, x := draw()
		b, y := draw()
		check := func(f frac, r *big.Rat) {
			t.Helper()
			require.Zero(t, f.rat().Cmp(r))
			require.Equal(t, r.Sign(), f.sign())
		}
		check(a.add(b), new(big.Rat).Add(x, y))
		check(a.sub(b), new(big.Rat).Sub(x, y))
		check(a.mul(b), new(big.Rat).Mul(x, y))
		k := rng.IntN(80)
		check(a.shift(k), new(big.Rat).Mul(x, new(big.Rat).SetInt(new(big.Int).Lsh(big.NewInt(1), uint(k)))))
		if !b.isZero() {
			check(a.quo(b), new(big.Rat).Quo(x, y))
		}
		require.Equal(t, x.Cmp(y), a.cmp(b))
		for which := range uint8(2) {
			ra, ok1 := residueFrac(a, which)
			rb, ok2 := residueFrac(b, which)
			rp, ok3 := residueFrac(a.mul(b), which)
			rs, ok4 := residueFrac(a.add(b), which)
			if ok1 && ok2 && ok3 && ok4 {
				require.Equal(t, rp, ra.mul(rb))
				require.Equal(t, rs, ra.add(rb))
			}
		}
		f := rng.NormFloat64() * float64(int64(1)<<rng.IntN(40))
		r, ok := residueFrac(fracFloat(f), 0)
		require.True(t, ok)
		require.Equal(t, r, residueFloat(f, 0))
	}
}

// TestBareiss compares the exact rank with planted ranks.
func TestBareiss(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	for range 60 {
		n, m, r := 1+rng.IntN(8), 1+rng.IntN(8), rng.IntN(5)
		r = min(r, n, m)
		a, b := make([][]frac, n), make([][]frac, r)
		coef := func() frac { return fracInt(int64(rng.IntN(201) - 100)).quo(fracInt(int64(1 + rng.IntN(9)))) }
		for k := range b {
			for range m {
				b[k] = append(b[k], coef())
			}
		}
		for i := range a {
			a[i] = make([]frac, m)
			for j := range a[i] {
				a[i][j] = fracInt(0)
			}
			for k := range b {
				c := coef()
				for j := range a[i] {
					a[i][j] = a[i][j].add(c.mul(b[k][j]))
				}
			}
		}
		got := rankFracs(a)
		var whole [][]*big.Int
		for _, row := range a {
			whole = append(whole, integers(row))
		}
		require.Equal(t, got, rankIntegers(whole))
		require.LessOrEqual(t, got, r)
		require.GreaterOrEqual(t, got, r-1) // a random combination may vanish
		e := &rankMod{p: primes[0]}
		for _, row := range a {
			x := make([]uint64, m)
			for j := range row {
				v, _ := residueFrac(row[j], 0)
				x[j] = v.v
			}
			e.add(x)
		}
		require.Equal(t, got, len(e.rows))
	}
}

// TestManyPrimes: a determinant that is not 0 but a multiple of the first primes is not
// taken for 0, and Hadamard's bound asks for more primes than these.
func TestManyPrimes(t *testing.T) {
	p := new(big.Int).SetUint64(primes[0])
	q := new(big.Int).SetUint64(primeBelow(primes[0]))
	require.Equal(t, primes[1], q.Uint64())
	big1 := func(x int64) *big.Int { return big.NewInt(x) }
	m := [][]*big.Int{{p, big1(0)}, {big1(5), q}}
	require.Equal(t, 1, rankModulo(m, primes[0]))
	require.Equal(t, 1, rankModulo(m, primes[1]))
	require.Equal(t, 2, rankIntegers(m))
	require.Greater(t, hadamard(m, 2), 120)
	require.Equal(t, 0, hadamard(m, 3))
	twice := [][]*big.Int{{p, q}, {new(big.Int).Mul(p, q), new(big.Int).Mul(q, q)}}
	require.Equal(t, 1, rankIntegers(twice))
	require.Equal(t, 0, rankIntegers(nil))
	require.Equal(t, 0, rankIntegers([][]*big.Int{{big1(0), big1(0)}}))
}
