package paths

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/pieces"
	"github.com/quivernet/quivernet/internal/pieces/piecestest"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

func value(t *testing.T, w *quiver.Rep, q float64) float64 {
	t.Helper()
	n, err := PathNorm(w, q)
	require.NoError(t, err)
	v, ok := n.Value()
	require.True(t, ok)
	require.InDelta(t, math.Log10(v), n.Log10, 1e-12)
	return v
}

func TestPathNormValues(t *testing.T) {
	a, b := piecestest.NetA1(t), piecestest.NetT1(t)
	require.Equal(t, 15.0, value(t, a, 1))
	require.InDelta(t, 6.5574385243, value(t, a, 2), 1e-10)
	require.InDelta(t, 4.6083359884, value(t, a, 4), 1e-10)
	require.Equal(t, 4.0, value(t, a, math.Inf(1)))
	require.Equal(t, 43.0, value(t, b, 1))
	require.InDelta(t, 14.5945195193, value(t, b, 2), 1e-10)
	require.InDelta(t, 9.8194170947, value(t, b, 4), 1e-10)

	scaled := a.Clone()
	net, err := pieces.Of(scaled)
	require.NoError(t, err)
	h, _ := a.Quiver().VertexIndex("h1")
	net.ScaleUnit(h, 0, 2)
	net.ScaleUnit(h, 1, 5)
	for _, q := range []float64{0.5, 1, 2, 4, math.Inf(1)} {
		require.InDelta(t, value(t, a, q), value(t, scaled, q), 1e-12)
	}
	// the product of the ∞-operator norms does change
	operators := func(w *quiver.Rep) float64 {
		return mat.Norm(w.Arrow("x->h1"), math.Inf(1)) * mat.Norm(w.Arrow("h1->y"), math.Inf(1))
	}
	require.Equal(t, 12.0, operators(a))
	require.Equal(t, 24.0, operators(scaled))

	s, err := PathSaliency(a)
	require.NoError(t, err)
	m, err := s.Mass()
	require.NoError(t, err)
	require.InDeltaSlice(t, []float64{2, 4, 3, 1, 2, 0, 8, 4, 3}, m.Data(), 1e-14)
}

// TestPathNormIsEnumeration compares passes with the embedding, on every shape.
func TestPathNormIsEnumeration(t *testing.T) {
	for _, in := range piecestest.Instances(t, 20, 4, 2, piecestest.Gauss, piecestest.ReLU, piecestest.Leaky, quiver.Identity) {
		phi, err := PathEmbedding(in.Rep, 0)
		require.NoError(t, err)
		for _, q := range []float64{0.5, 1, 2, 3, math.Inf(1)} {
			want := 0.0
			for _, x := range flat(phi) {
				if math.IsInf(q, 1) {
					want = max(want, math.Abs(x))
				} else {
					want += math.Pow(math.Abs(x), q)
				}
			}
			if !math.IsInf(q, 1) {
				want = math.Pow(want, 1/q)
			}
			n, err := PathNorm(in.Rep, q)
			require.NoError(t, err)
			got, ok := n.Value()
			require.True(t, ok)
			require.InEpsilon(t, want, got, 1e-12, "%s q=%v", in.Name, q)
			// the pass in logarithms agrees
			net, err := pieces.Of(in.Rep)
			require.NoError(t, err)
			l := sumLog(net, normPass{q: q})
			if !math.IsInf(q, 1) {
				l /= q
			}
			require.InDelta(t, math.Log(want), l, 1e-11)
		}
	}
}

// TestPathNormOverflow: a residual-like network whose norm is far beyond float64.
func TestPathNormOverflow(t *testing.T) {
	q, err := layers.Residual(piecestest.ReLU, 2, 3, 3, 60, 1)
	require.NoError(t, err)
	w := quiver.Random(q, piecestest.Gauss, rand.NewPCG(1, 1))
	n, err := PathNorm(w, 1)
	require.NoError(t, err)
	small, ok := n.Value()
	require.True(t, ok)
	w.Scale(1e6)
	n, err = PathNorm(w, 1)
	require.NoError(t, err)
	_, ok = n.Value()
	require.False(t, ok)
	require.Greater(t, n.Log10, 308.0)
	require.Less(t, n.Log10, 1500.0)
	require.Contains(t, n.String(), "1e+")
	require.False(t, math.IsInf(n.Log10, 0))
	require.Greater(t, n.Log10, math.Log10(small))

	s, err := PathSaliency(w)
	require.NoError(t, err)
	require.NoError(t, s.Share.CheckFinite())
	var oe *pieces.OverflowError
	_, err = s.Mass()
	require.ErrorAs(t, err, &oe)
	// every path from the input goes through the first arrows
	first, one := 0.0, 0.0
	for _, x := range s.Share.Arrow("x->h0").RawMatrix().Data {
		first += x
	}
	for name, m := range s.Share.All() {
		if name != "x->h0" && len(name) > 5 && name[:5] == "one->" {
			one += mat.Sum(m)
		}
	}
	require.InDelta(t, 1, first+one+mat.Sum(s.Share.Arrow("one->h0"))*0, 1e-9)
	pruned, r, err := PruneByPaths(w, 0.5, PruneOptions{})
	require.NoError(t, err)
	require.Equal(t, r.Pruned, (q.NumParams()+1)/2)
	require.LessOrEqual(t, r.After.Log10, r.Before.Log10)
	require.NotNil(t, pruned)
}

// TestMetricHolds checks the bound and the Lipschitz constant on random pairs.
func TestMetricHolds(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	worst, worstLip, equalities := 0.0, 0.0, 0
	for _, in := range piecestest.Instances(t, 21, 12, 30, piecestest.Gauss, piecestest.ReLU, piecestest.Leaky) {
		b := in.Rep.Clone()
		kind := rng.IntN(3)
		for j, x := range b.Data() {
			switch kind {
			case 0:
				b.Data()[j] = x * rng.Float64() // dominated
			case 1:
				b.Data()[j] = x * 2 * rng.Float64() // same signs
			default:
				b.Data()[j] = x + 0.3*rng.NormFloat64()
			}
		}
		m, err := PathMetric(in.Rep, b)
		require.NoError(t, err)
		require.Equal(t, kind == 0, m.Dominated)
		require.True(t, kind == 2 || m.SameSigns)
		bound, ok := m.Bound.Value()
		require.True(t, ok)
		if kind == 0 {
			pa, err := PathEmbedding(in.Rep, 0)
			require.NoError(t, err)
			pb, err := PathEmbedding(b, 0)
			require.NoError(t, err)
			d := 0.0
			fb := flat(pb)
			for i, x := range flat(pa) {
				d += math.Abs(x - fb[i])
			}
			if tied := in.Rep.Quiver().NumArrows(); tied > 0 {
				require.InEpsilon(t, d, bound, 1e-9, in.Name)
				equalities++
			}
		}
		ya, err := in.Rep.Eval(in.Inputs...)
		require.NoError(t, err)
		yb, err := b.Eval(in.Inputs...)
		require.NoError(t, err)
		lip, err := Lipschitz(in.Rep)
		require.NoError(t, err)
		k, ok := lip.Value()
		require.True(t, ok)
		for i := range 30 {
			size, diff, step, move := 1.0, 0.0, 0.0, 0.0
			for _, x := range in.Inputs {
				for c := range x.RawRowView(i) {
					size = max(size, math.Abs(x.At(i, c)))
					step = max(step, math.Abs(x.At(i, c)-x.At((i+1)%30, c)))
				}
			}
			for o := range ya {
				for c := range ya[o].RawRowView(i) {
					diff += math.Abs(ya[o].At(i, c) - yb[o].At(i, c))
					move += math.Abs(ya[o].At(i, c) - ya[o].At((i+1)%30, c))
				}
			}
			worst = max(worst, diff/(size*bound))
			worstLip = max(worstLip, move/(k*step))
		}
	}
	t.Logf("largest ratios: metric %.3f, Lipschitz %.3f, %d exact distances", worst, worstLip, equalities)
	require.LessOrEqual(t, worst, 1+1e-12)
	require.LessOrEqual(t, worstLip, 1+1e-12)
	require.Greater(t, worst, 0.3)
	require.Greater(t, worstLip, 0.3)
	require.Greater(t, equalities, 20)
}
