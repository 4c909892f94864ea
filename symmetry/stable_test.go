package symmetry_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/quiver/quivertest"
	"github.com/quivernet/quivernet/symmetry"
)

// plantStable adds to each ReLU vertex that no fixed or tied arrow touches units that are off
// on the box, and units on one line that are on there. It returns the numbers of both.
func plantStable(t testing.TB, w *quiver.Rep, boxes []*mat.Dense, rng *rand.Rand) (wide *quiver.Rep, off, on map[string][]int) {
	q := w.Quiver()
	vs, as := q.Vertices(), q.Arrows()
	off, on = map[string][]int{}, map[string][]int{}
	grow := map[string]int{}
	for v, vertex := range vs {
		if vertex.Kind != quiver.KindHidden || vertex.Act.String() != "pointwise(relu)" {
			continue
		}
		biased, touched := false, false
		for _, i := range append(append([]int(nil), q.In(v)...), q.Out(v)...) {
			touched = touched || as[i].Fixed || as[i].TiedTo != "" || tiedTo(as, as[i].Name)
			biased = biased || vs[as[i].Source].Kind == quiver.KindBias
		}
		if biased && !touched {
			d := vertex.Dim
			off[vertex.Name], on[vertex.Name] = []int{d, d + 1}, []int{d + 2, d + 3, d + 4, d + 5, d + 6}
			grow[vertex.Name] = 7
		}
	}
	wide = quiver.Zero(must(q.Derive(func(v quiver.Vertex) quiver.Vertex { v.Dim += grow[v.Name]; return v }, nil))(t))
	at := func(i int) *mat.Dense { return wide.Matrix(i).(*mat.Dense) }
	for i, a := range as {
		if !a.Fixed && a.TiedTo == "" && a.Rows*a.Cols > 0 {
			at(i).Slice(0, a.Rows, 0, a.Cols).(*mat.Dense).Copy(w.Matrix(i))
		}
	}
	most := map[string][]float64{} // bounds of the values: all activations here have |σ(z)| ≤ |z|
	for i, name := range q.Inputs() {
		d := q.Dims()[name]
		most[name] = make([]float64, d)
		for j := range d {
			most[name][j] = max(-boxes[i].At(0, j), boxes[i].At(1, j))
		}
	}
	for v, vertex := range wide.Quiver().Vertices() {
		if vertex.Kind == quiver.KindBias {
			most[vertex.Name] = []float64{1}
		}
		if vertex.Kind == quiver.KindInput || vertex.Kind == quiver.KindBias {
			continue
		}
		old := vs[v].Dim
		bias := -1
		line := map[int][]float64{}
		for _, i := range q.In(v) {
			if vs[as[i].Source].Kind == quiver.KindBias {
				bias = i
			}
			line[i] = make([]float64, wide.Quiver().Arrows()[i].Cols)
			for k := range line[i] {
				line[i][k] = rng.NormFloat64()
			}
		}
		for j := old; j < vertex.Dim; j++ {
			var size float64
			scale := rng.NormFloat64()
			for _, i := range q.In(v) {
				if vs[as[i].Source].Kind == quiver.KindBias {
					continue
				}
				for k := range line[i] {
					x := scale * line[i][k]
					if j < old+2 {
						x = rng.NormFloat64()
					}
					at(i).Set(j, k, x)
					size += math.Abs(x) * most[as[i].From][k]
				}
			}
			b := 1.01*size + 0.01*rng.Float64()
			if j < old+2 {
				b = -b
			}
			at(bias).Set(j, 0, b)
			for _, i := range q.Out(v) {
				for r := range as[i].Rows {
					at(i).Set(r, j, 0.1*rng.NormFloat64())
				}
			}
		}
		most[vertex.Name] = make([]float64, vertex.Dim)
		radial := 0.0
		for j := range vertex.Dim {
			for _, i := range q.In(v) {
				a := wide.Quiver().Arrows()[i]
				for k := range a.Cols {
					most[vertex.Name][j] += math.Abs(wide.Matrix(i).At(j, k)) * most[a.From][k]
				}
			}
			radial += most[vertex.Name][j] * most[vertex.Name][j]
		}
		if vertex.Kind == quiver.KindHidden && vertex.Act.String() != "pointwise(relu)" { // |ρ(z)_i| ≤ |z|
			for j := range most[vertex.Name] {
				most[vertex.Name][j] = math.Sqrt(radial)
			}
		}
	}
	return wide, off, on
}

// TestStableUnits: on random quivers of all kinds, units that are always off or always on in a
// box are found, the function stays on the box and not elsewhere, and a network without any
// loses nothing.
func TestStableUnits(t *testing.T) {
	family := append(acts("relu", "relu", "tanh"), quivertest.Act{Activation: squash, Size: 1.2})
	tried, units, boxed, elsewhere := 0, 0, 0, 0
	for seed := uint64(0); tried < 150; seed++ {
		in := quivertest.Generate(seed, family...)
		if in.Exempt != "" || lively(in) != "" || in.Kind == "dimension0" || in.Kind == "components" {
			require.Less(t, seed, uint64(3000), "too few networks")
			continue
		}
		rng := rand.New(rand.NewPCG(seed, 8))
		boxes := hull(in.Inputs)
		bounds := symmetry.Boxes(boxes...)
		base := compress(t, in.Rep, bounds)
		require.Empty(t, base.Units, in.Name)
		wide, off, on := plantStable(t, in.Rep, boxes, rng)
		if len(off) == 0 {
			continue
		}
		tried++
		c := compress(t, wide, bounds)
		gone := map[string]map[int]symmetry.Fate{}
		for _, u := range c.Units {
			if gone[u.Vertex] == nil {
				gone[u.Vertex] = map[int]symmetry.Fate{}
			}
			gone[u.Vertex][u.Unit] = u.Fate
		}
		for v, list := range off {
			for _, i := range list {
				f, ok := gone[v][i]
				require.True(t, ok && f == symmetry.Constant, "%s: %s %d is off\n%s", in.Name, v, i, c)
				units++
			}
		}
		for v, list := range on {
			for _, i := range list {
				f, ok := gone[v][i]
				require.True(t, ok && f == symmetry.Linear, "%s: %s %d is on\n%s", in.Name, v, i, c)
				units++
			}
		}
		xs := inside(boxes, in.Inputs, 30, rng)
		for v, units := range gone { // what else went, since planted units move others, is on one side
			if _, ok := wide.Quiver().VertexIndex(v); !ok {
				continue // a linear vertex of an earlier round
			}
			z := preactivation(t, wide, v, xs)
			for i := range units {
				col := z.ColView(i).(*mat.VecDense)
				require.True(t, mat.Min(col) >= -1e-12 || mat.Max(col) <= 1e-12, "%s: %s %d", in.Name, v, i)
			}
		}
		require.LessOrEqual(t, gap(t, wide, c.Reduced, xs...), 1e-12, "%s\n%s", in.Name, c)
		require.LessOrEqual(t, c.Certificate.Gap, c.Certificate.Bound)
		bound := slices.ContainsFunc(c.Units, func(u symmetry.UnitChange) bool { return u.On != "every input" })
		require.Equal(t, bound, strings.HasPrefix(c.Certificate.On, "holds on the given box"))
		require.Equal(t, !bound, strings.HasPrefix(c.Certificate.On, "holds for every input"))
		if !bound { // behind a bounded activation
			continue
		}
		boxed++
		for _, x := range xs {
			x.Scale(30, x)
		}
		if gap(t, wide, c.Reduced, xs...) > 1e-6 {
			elsewhere++
		}
		again := compress(t, c.Reduced, bounds)
		require.Empty(t, again.Units, "%s\n%s\n%s", in.Name, c, again)
		require.Equal(t, c.Reduced.Quiver().Dims(), again.Reduced.Quiver().Dims(), in.Name)
		require.NotContains(t, compress(t, wide, symmetry.Pointwise()).Certificate.On, "box")
	}
	assert.Greater(t, boxed, tried/2)
	assert.GreaterOrEqual(t, elsewhere, 9*boxed/10, "outside the box the function is another one")
	t.Logf("%d networks, %d units planted; of %d on the box alone %d differ outside", tried, units, boxed, elsewhere)
}
