package symmetry_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
)

// TestCanonicalIdleUnits: units that are 0 for every input have a canonical sign, too, which what goes
// out of them decides.
func TestCanonicalIdleUnits(t *testing.T) {
	for _, act := range []quiver.Activation{layers.Pointwise(layers.Tanh), layers.Pointwise(layers.ReLU)} {
		w := random(must(quiver.New(quiver.Input("x", 3), quiver.Bias("one"), quiver.Hidden("h1", 5, act), quiver.Hidden("h2", 4, layers.Pointwise(layers.GELU)), quiver.Output("y", 2, nil),
			quiver.Connect("x", "h1"), quiver.Connect("one", "h1"), quiver.Connect("h1", "h2"), quiver.Connect("one", "h2"), quiver.Connect("h2", "y")))(t), 1)
		for _, idle := range []int{1, 3} {
			copy(w.Arrow("x->h1").RawRowView(idle), make([]float64, 3))
			w.Arrow("one->h1").Set(idle, 0, 0)
		}
		want := must(symmetry.Canonical(w))(t)
		for seed := range uint64(4) {
			assert.LessOrEqual(t, distance(want, must(symmetry.Canonical(actsOn(t, w, seed)))(t)), 1e-12, "%s %d", act, seed)
		}
		w.Arrow("h1->h2").Set(0, 1, 7)
		assert.Greater(t, distance(want, must(symmetry.Canonical(w))(t)), 0.1)
	}
}

// TestRigidEnds: the ends of a fixed arrow that is no identity stay, whether it widens or narrows.
func TestRigidEnds(t *testing.T) {
	for _, width := range []int{2, 3, 4} {
		frozen := mat.NewDense(width, 3, nil)
		for i := range frozen.RawMatrix().Data {
			frozen.RawMatrix().Data[i] = float64(i + 2)
		}
		q := must(quiver.New(quiver.Input("x", 2), quiver.Hidden("h", 3, layers.Pointwise(layers.ReLU)), quiver.Hidden("k", width, layers.Pointwise(layers.ReLU)), quiver.Output("y", 1, nil),
			quiver.Connect("x", "h"), quiver.Connect("h", "k", quiver.Frozen(frozen)), quiver.Connect("x", "k"), quiver.Connect("k", "y")))(t)
		a := must(symmetry.AlignedRigid(random(q, 1), random(q, 2)))(t)
		require.True(t, mat.Equal(eye(3), a.Element.Factor("h")), "%d", width)
		require.True(t, mat.Equal(eye(width), a.Element.Factor("k")), "%d", width)
	}
}

// TestGroupOfNoDimension: a dimension below 0 is refused by name; 0 is a dimension.
func TestGroupOfNoDimension(t *testing.T) {
	for _, act := range []quiver.Activation{squash, layers.Pointwise(layers.Tanh)} {
		assert.PanicsWithError(t, (&symmetry.MembershipError{Row: -1, Col: -1, Value: -1, Reason: "a dimension of -1; want 0 or more, and matrices that fit into memory"}).Error(), func() { symmetry.GroupOf(act, -1) })
		assert.NotPanics(t, func() { symmetry.GroupOf(act, 0).Random(0, rand.NewPCG(1, 1)) })
	}
}

// TestDetectedSigns: signs need σ(−t) = ±σ(t); a factor that the tolerance lets through is none.
func TestDetectedSigns(t *testing.T) {
	for left, want := range map[float64]symmetry.Kind{1: symmetry.FullMonomial, 0.8: symmetry.PositiveMonomial} {
		g := must(symmetry.DetectGroup(func(x float64) float64 {
			if x < 0 {
				return left * x * x * x
			}
			return x * x * x
		}, 0.5))(t)
		assert.Equal(t, want, g.Kind, "%v", left)
	}
}

// TestDetectedLines: how far a line may be missed depends on the size of its terms, which may cancel.
func TestDetectedLines(t *testing.T) {
	const tol, shift = 1e-4, -512.0
	for off, want := range map[float64]symmetry.Kind{0: symmetry.UnitRowSum, 1.5: symmetry.UnitRowSum, 4: symmetry.Permutations} {
		g := must(symmetry.DetectGroup(func(x float64) float64 {
			if x == 1024 {
				return x + shift + off*tol*512
			}
			return x + shift
		}, tol))(t)
		assert.Equal(t, want, g.Kind, "%v", off)
	}
}

// TestRigidEmptyArrow: a fixed arrow without entries holds nobody.
func TestRigidEmptyArrow(t *testing.T) {
	for _, act := range []quiver.Activation{layers.Pointwise(layers.ReLU), layers.Pointwise(layers.Abs)} {
		for _, way := range [][2]string{{"h", "k"}, {"k", "h"}} {
			q := must(quiver.New(quiver.Input("x", 2), quiver.Hidden("h", 3, act), quiver.Hidden("k", 0, act), quiver.Output("y", 1, nil), quiver.Connect("x", "h"),
				quiver.Connect("x", "k"), quiver.Connect(way[0], way[1], quiver.Frozen(&mat.Dense{})), quiver.Connect("h", "y"), quiver.Connect("k", "y")))(t)
			w := random(q, 1)
			v := actsOn(t, w, 2)
			require.Greater(t, distance(w, v), 0.1)
			assert.LessOrEqual(t, must(symmetry.AlignedRigid(w, v))(t).Upper, 1e-12*norm(v), "%s %s", act, way)
		}
	}
}

// TestWeighRefusesOtherColumns: data that do not fit the inputs are refused, and not left out of the choice.
func TestWeighRefusesOtherColumns(t *testing.T) {
	w := random(mlp(t, squash, 3, 5, 2), 1)
	for cols, fits := range map[int]bool{2: false, 3: true, 4: false} {
		_, err := symmetry.Compress(w, symmetry.Tolerance(0.1), symmetry.Weigh(mat.NewDense(4, cols, []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 8, 7, 6, 5, 4, 3, 2}[:4*cols])))
		if fits {
			assert.NoError(t, err)
			continue
		}
		assert.ErrorContains(t, err, "want 4×3 (samples × dim x)", "%d", cols)
	}
}

// TestAlignedRotationsAreBest: beside pointwise vertices, too, no other rotation of a radial vertex alone brings the aligned
// network nearer: the trace of Σ V_in·W_inᵀ + Σ V_outᵀ·W_out is the sum of its singular values.
func TestAlignedRotationsAreBest(t *testing.T) {
	q := must(quiver.New(quiver.Input("x", 3), quiver.Hidden("r", 4, squash), quiver.Hidden("p", 5, layers.Pointwise(layers.Tanh)), quiver.Output("y", 2, nil),
		quiver.Connect("x", "r"), quiver.Connect("r", "p"), quiver.Connect("p", "y")))(t)
	short := func(w, v *quiver.Rep) float64 {
		var in, out mat.Dense
		in.Mul(v.Arrow("x->r"), w.Arrow("x->r").T())
		out.Mul(v.Arrow("r->p").T(), w.Arrow("r->p"))
		in.Add(&in, &out)
		var svd mat.SVD
		require.True(t, svd.Factorize(&in, mat.SVDNone))
		best := 0.0
		for _, s := range svd.Values(nil) {
			best += s
		}
		return (best - mat.Trace(&in)) / best
	}
	for seed := range uint64(3) {
		w, v := random(q, seed), random(q, seed+10)
		a := must(symmetry.Aligned(w, v))(t)
		assert.LessOrEqual(t, short(must(symmetry.Act(a.Element, w))(t), v), 1e-4, "%d", seed)
		assert.Greater(t, short(w, v), 0.1)
	}
}

// TestAlignedFromManyStarts: the random starts, which are the same at each call, find what is nearer than what the others lead to.
func TestAlignedFromManyStarts(t *testing.T) {
	q := mlp(t, squash, 3, 8, 7, 6, 2)
	w, v := random(q, 0), random(q, 10)
	a := must(symmetry.Aligned(w, v))(t)
	assert.InDelta(t, 1.56165, a.Upper, 1e-3)
	assert.InEpsilon(t, a.Upper, floats.Distance(must(symmetry.Act(a.Element, w))(t).Data(), v.Data(), 2), 1e-9)
	assert.Equal(t, a.Upper, must(symmetry.Aligned(w, v))(t).Upper)
}
