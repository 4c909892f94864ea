package recovery

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/internal/pieces"
	"github.com/quivernet/quivernet/internal/pieces/piecestest"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry/identify"
)

func checkP(t testing.TB, w *quiver.Rep, b quiver.Box) *PReport {
	t.Helper()
	r, err := CheckP(w, b, POptions{})
	require.NoError(t, err)
	return r
}

// row returns, for each layer, which of P.a to P.d hold, as "+-".
func row(r *PReport) string {
	var s []string
	for _, l := range r.Layers {
		x := ""
		for _, c := range l.Conditions {
			x += map[Status]string{Certified: "+", Refuted: "-", Unknown: "?"}[c.Status]
		}
		s = append(s, x)
	}
	return strings.Join(s, " ")
}

func TestConditionPTable(t *testing.T) {
	for _, c := range []struct {
		r    float64
		want string
		dim  int
	}{
		{0.25, "+-+- +-++", 6}, {0.5, "+++- +-++", 9}, {1, "+++- +-++", 9}, {2, "+++- +-++", 11},
		{3, "+++- ++++", 11}, {4, "+++- ++++", 11}, {5, "++++ ++++", 11}, {6, "++++ ++++", 11},
		{8, "++++ ++++", 11}, {10, "++++ ++++", 11}, {20, "++++ ++++", 11}, {100, "++++ ++++", 11},
	} {
		r := checkP(t, piecestest.NetQ1(t), quiver.Cube(2, c.r))
		require.Equal(t, c.want, row(r), "R = %v\n%v", c.r, r)
		require.Equal(t, c.want == "++++ ++++", r.Overall == Certified)
		d, err := identify.ExactDimensionOn(piecestest.NetQ1(t), quiver.Cube(2, c.r))
		require.NoError(t, err)
		require.Equal(t, c.dim, d.Dimension, "R = %v", c.r)
	}
	require.Equal(t, Certified, checkP(t, piecestest.NetQ1(t), quiver.Whole(2)).Overall)
	for _, c := range []struct {
		r    float64
		line string
	}{{0.5, "u0+2/3·u1-2/9=0"}, {1, "u0+2/3·u1-2/9=0"}, {3, "u0+4/3·u1+8/3=0"}, {4, "u0+4/3·u1+8/3=0"}} {
		require.Contains(t, checkP(t, piecestest.NetQ1(t), quiver.Cube(2, c.r)).Layers[0].Conditions[3].Witness, c.line)
	}
	piecestest.Golden(t, "condition_p.txt", checkP(t, piecestest.NetQ1(t), quiver.Cube(2, 3)).String()+checkP(t, piecestest.NetQ1(t), quiver.Cube(2, 5)).String())
}

func TestConditionPVariants(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(w *quiver.Rep)
		want   string
		dim    int
	}{
		{"dependent rows", func(w *quiver.Rep) { w.Arrow("x->h1").SetRow(1, []float64{-6, -4}) }, "-++- +-++", 11},
		{"always on", func(w *quiver.Rep) { w.Arrow("one->h1").Set(1, 0, 200) }, "+-++ +-++", 6},
		{"no outgoing weight", func(w *quiver.Rep) { w.Arrow("h2->y").Set(0, 1, 0) }, "++-+ ++-+", 9},
		{"dead", func(w *quiver.Rep) { w.Arrow("h1->h2").SetRow(1, []float64{-3, -3}) }, "++-+ +-++", 8},
	} {
		w := piecestest.NetQ1(t)
		c.change(w)
		r := checkP(t, w, quiver.Cube(2, 10))
		require.Equal(t, c.want, row(r), "%s\n%v", c.name, r)
		require.Equal(t, Refuted, r.Overall)
		d, err := identify.ExactDimensionOn(w, quiver.Cube(2, 10))
		require.NoError(t, err)
		require.Equal(t, c.dim, d.Dimension, c.name)
	}
	// a unit that is 0 on an open region
	w := piecestest.Chain(t, []int{2, 2, 2, 1}, []float64{2, -1, 1, -1}, []float64{3, 2}, []float64{1, -1, -1, 2}, []float64{0, 3}, []float64{-3, 3}, []float64{1})
	r := checkP(t, w, quiver.Cube(2, 10))
	require.Equal(t, Refuted, r.Layers[0].Conditions[3].Status, "%v", r)
	require.Contains(t, r.Layers[0].Conditions[3].Witness, "is 0 on an open set")
	var ns *pieces.NotSmoothError
	_, err := identify.ExactDimensionOn(w, quiver.Cube(2, 10))
	require.ErrorAs(t, err, &ns)
}

// TestConditionPIsConsistent: over random integer networks no certified network has a
// functional dimension below parameters − units; many others have the full one too.
func TestConditionPIsConsistent(t *testing.T) {
	n := 3000
	if testing.Short() {
		n = 300
	}
	rng := rand.New(rand.NewPCG(60, 1))
	q, err := layers.MLP(piecestest.ReLU, 2, 2, 2, 1)
	require.NoError(t, err)
	certified, full, kept := 0, 0, 0
	for range n {
		w := quiver.Random(q, piecestest.Integers, rng)
		r := checkP(t, w, quiver.Cube(2, 10))
		for _, l := range r.Layers {
			for _, c := range l.Conditions {
				require.NotEqual(t, Unknown, c.Status)
			}
		}
		if r.Overall != Certified && kept > n/20 {
			continue
		}
		d, err := identify.ExactDimensionOn(w, quiver.Cube(2, 10))
		if r.Overall == Certified {
			certified++
			require.NoError(t, err)
			require.True(t, d.Full(), "%v\n%v\n%v", r, d, w.Data())
			continue
		}
		kept++
		if err == nil && d.Full() {
			full++
		}
	}
	t.Logf("%d certified of %d; %d of %d others have full dimension", certified, n, full, kept)
	require.Greater(t, full, 0)
	if !testing.Short() {
		require.GreaterOrEqual(t, certified, 45)
	}
}

// TestConditionPInvariance: permutation and rescaling do not change the report.
func TestConditionPInvariance(t *testing.T) {
	rng := rand.New(rand.NewPCG(61, 1))
	q, err := layers.MLP(piecestest.ReLU, 2, 2, 2, 1)
	require.NoError(t, err)
	for range 60 {
		w := quiver.Random(q, piecestest.Integers, rng)
		b := w.Clone()
		net, err := pieces.Of(b)
		require.NoError(t, err)
		for i := range net.Vertices {
			if v := &net.Vertices[i]; v.Kind == quiver.KindHidden {
				for u := range v.Dim {
					net.ScaleUnit(i, u, math.Ldexp(1, rng.IntN(7)-3)) // exact
				}
				net.Permute(i, rng.Perm(v.Dim))
			}
		}
		require.Equal(t, row(checkP(t, w, quiver.Cube(2, 7))), row(checkP(t, b, quiver.Cube(2, 7))))
	}
}

// TestConditionPOther dimensions: one input, three inputs, widening layers.
func TestConditionPOtherShapes(t *testing.T) {
	wide := piecestest.HeChain(t, piecestest.ReLU, 1, 2, 3, 2, 1)
	r := checkP(t, wide, quiver.Cube(2, 1))
	require.Equal(t, Refuted, r.Overall)
	require.Equal(t, Refuted, r.Layers[0].Conditions[0].Status)
	require.Equal(t, Unknown, r.Layers[0].Conditions[1].Status)

	line := piecestest.Chain(t, []int{1, 1, 1}, []float64{2}, []float64{1}, []float64{3}, []float64{0})
	require.Equal(t, Certified, checkP(t, line, quiver.Cube(1, 1)).Overall)
	require.Equal(t, Refuted, checkP(t, line, quiver.Box{Lo: []float64{0}, Hi: []float64{1}}).Overall)
	require.Equal(t, Certified, checkP(t, line, quiver.Whole(1)).Overall)

	rng := rand.New(rand.NewPCG(62, 1))
	counts := map[Status]int{}
	for seed := range uint64(25) {
		w := piecestest.HeChain(t, piecestest.ReLU, seed, 3, 3, 2, 1)
		r, err := CheckP(w, quiver.Cube(3, 5), POptions{Lines: 150, Source: rng})
		require.NoError(t, err)
		require.Equal(t, identify.Sampled, r.Method)
		require.NotEqual(t, Certified, r.Overall) // P.d of the first layer cannot be
		counts[r.Layers[0].Conditions[1].Status]++
		counts[r.Overall]++
	}
	require.Greater(t, counts[Certified], 15) // P.b
	dead := piecestest.HeChain(t, piecestest.ReLU, 3, 3, 3, 2, 1)
	dead.Arrow("one->h1").Set(0, 0, -1e3)
	r = checkP(t, dead, quiver.Cube(3, 5))
	require.Equal(t, Refuted, r.Layers[0].Conditions[1].Status, "%v", r)
	mute := piecestest.HeChain(t, piecestest.ReLU, 3, 3, 3, 2, 1)
	mute.Arrow("h2->y").Set(0, 1, 0)
	r = checkP(t, mute, quiver.Cube(3, 5))
	require.Equal(t, Refuted, r.Layers[1].Conditions[2].Status, "%v", r)
	on := piecestest.HeChain(t, piecestest.ReLU, 4, 3, 3, 2, 1)
	on.Arrow("one->h1").SetCol(0, []float64{1e3, 1e3, 1e3})
	r = checkP(t, on, quiver.Cube(3, 5))
	require.Equal(t, Refuted, r.Overall)

	// the plane, looked at by sampling, never contradicts the exact answer
	for range 40 {
		w := quiver.Random(wide3(t), piecestest.Integers, rng)
		exact := checkP(t, w, quiver.Cube(2, 10))
		net, err := pieces.Of(w)
		require.NoError(t, err)
		l, err := layersOf(net, "", onlyReLU)
		require.NoError(t, err)
		s := &PReport{Layers: make([]PLayer, len(exact.Layers))}
		for k := range s.Layers {
			for c := range s.Layers[k].Conditions {
				s.Layers[k].Conditions[c].Status = Unknown
			}
			s.Layers[k].Conditions[0] = l.conditionA(k + 1)
		}
		newLineCheck(l, quiver.Cube(2, 10), POptions{Lines: 60}).run(s)
		for k := range s.Layers {
			for c, got := range s.Layers[k].Conditions {
				if got.Status != Unknown {
					require.Equal(t, exact.Layers[k].Conditions[c].Status, got.Status, "layer %d %v\n%v\n%v\n%v", k, got, exact, s, w.Data())
				}
			}
		}
	}
}

// TestConditionPProves: above two inputs, what floating point takes for an invisible switch
// is not believed: 10¹⁶ + 1 − 10¹⁶ is 1, not 0. Where it is 0 the condition is refuted.
func TestConditionPProves(t *testing.T) {
	for _, c := range []struct {
		middle float64
		want   Status
	}{{1, Unknown}, {0, Refuted}} {
		w := piecestest.Chain(t, []int{3, 3, 3, 1}, []float64{1, 0, 0, 0, 1, 0, 0, 0, 1}, []float64{0, 0, 0}, []float64{1, 0, 0, 1, 2, 0, 1, 0, 3}, []float64{9, 9, 9}, []float64{1e16, c.middle, -1e16}, []float64{0})
		net, err := pieces.Of(w)
		require.NoError(t, err)
		l, err := layersOf(net, "", onlyReLU)
		require.NoError(t, err)
		p := newLineCheck(l, quiver.Cube(3, 1), POptions{})
		seen, proven := 0, 0
		for range 40 {
			for _, k := range p.kinks() {
				if k.layer == 1 && k.unit == 0 && p.gradient(k) {
					if seen++; p.provenInvisible(k) {
						proven++
					}
				}
			}
		}
		require.Greater(t, seen, 5)
		require.Equal(t, c.want == Refuted, proven > 0)
		r := checkP(t, w, quiver.Cube(3, 1))
		require.Equal(t, c.want, r.Layers[0].Conditions[2].Status, "%v", r)
		require.Equal(t, Certified, r.Layers[0].Conditions[1].Status, "%v", r)
	}
}

func wide3(t testing.TB) *quiver.Quiver {
	q, err := layers.MLP(piecestest.ReLU, 2, 2, 2, 1)
	require.NoError(t, err)
	return q
}
