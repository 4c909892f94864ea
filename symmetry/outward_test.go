package symmetry

import (
	"testing"

	"github.com/quivernet/quivernet/internal/linalg"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// TestSumsOfIntervals: the interval of a sum holds what the slack of a weight allows, a weight of 0 included, and that of
// the negated sum is its mirror image.
func TestSumsOfIntervals(t *testing.T) {
	from := &site{reading: reading{xlo: []float64{1, 0.3}, xhi: []float64{2, 0.7}}}
	sum := func(slack []float64, w ...float64) (lo, hi float64) {
		return (&site{flows: []flow{{s: from, m: linalg.Matrix{Rows: 1, Cols: 2, Data: w}, slack: slack}}}).sum(0)
	}
	lo, hi := sum([]float64{0.5, 0}, 0, 1)
	assert.InDelta(t, -0.7, lo, 1e-12) // −½·2 + 0.3
	assert.InDelta(t, 1.7, hi, 1e-12)
	assert.Less(t, lo, -0.7)
	assert.Greater(t, hi, 1.7)
	lo, hi = sum(nil, 0, 1)
	assert.InDelta(t, 0.3, lo, 1e-12)
	assert.InDelta(t, 0.7, hi, 1e-12)
	for _, w := range [][]float64{{0.1, 0.2}, {0.1, -0.7}, {3, 1e9}} {
		lo, hi = sum(nil, w...)
		down, up := sum(nil, -w[0], -w[1])
		assert.Equal(t, [2]float64{-up, -down}, [2]float64{lo, hi}, "%v", w)
	}
}

// TestHalvesBoundTheirSide: on its side of the bend every slope that a half allows gives a line below, or above, the activation.
func TestHalvesBoundTheirSide(t *testing.T) {
	for _, f := range []layers.Func{layers.ReLU, layers.LeakyReLU(0.25), layers.Abs} {
		w := chainOf(t, layers.Pointwise(f), 1, 1)
		s := newDraft(w, nil).sites[2]
		require.Equal(t, quiver.KindHidden, s.Kind)
		s.resize()
		s.zlo[0], s.zhi[0] = -1, 2
		s.activate()
		l := s.lay()
		before := [2]float64{l.slope[0][0], l.slope[1][0]}
		for side, zs := range [][]float64{{-1, -0.5, 0}, {0, 1, 2}} {
			undo := l.half(0, side)
			for k, sign := range []float64{1, -1} {
				for _, slope := range []float64{-3, -1, 0, 0.25, 0.5, 1, 4} {
					if slope < l.least[k][0] || slope > l.most[k][0] {
						continue
					}
					l.turn(k, 0, slope)
					for _, z := range zs {
						assert.LessOrEqual(t, sign*(l.slope[k][0]*z+l.cut[k][0]), sign*f.Value(z)+1e-12, "%s, side %d, slope %v at %v", f, side, slope, z)
					}
				}
			}
			undo()
			assert.Equal(t, before, [2]float64{l.slope[0][0], l.slope[1][0]})
		}
	}
}

// TestRoundingOfActivations: an activation that is computed rounds its value; the identity does not.
func TestRoundingOfActivations(t *testing.T) {
	e := map[string]float64{}
	for _, act := range []quiver.Activation{quiver.Identity, layers.Pointwise(layers.ReLU)} {
		w := chainOf(t, act, 2, 3)
		k := sketchOf(w)
		_, x := k.sizes(1)
		v := k.at["h1"]
		e[act.String()] = k.rounding(1)[v] / (0x1p-52 * x[v])
	}
	assert.Greater(t, e["pointwise(relu)"], 64.0)
	assert.Less(t, e[quiver.Identity.String()], 64.0)
	assert.Positive(t, e[quiver.Identity.String()])
}

// TestSmallRowsThatMatter: what a cut by singular values leaves out is no rounding where a large weight
// behind the vertex brings it back.
func TestSmallRowsThatMatter(t *testing.T) {
	for behind, exact := range map[float64]bool{1: true, 1e18: false} {
		w := chainOf(t, layers.Radial(layers.Squash), 2, 2)
		require.NoError(t, w.Set("one->h1", mat.NewDense(2, 1, nil)))
		require.NoError(t, w.Set("x->h1", mat.NewDense(2, 2, []float64{1, 0.5, 0, 1e-18})))
		require.NoError(t, w.Set("h1->y", mat.NewDense(1, 2, []float64{1, behind})))
		v, _ := w.Quiver().VertexIndex("h1")
		a := mat.NewDense(2, 3, []float64{0, 1, 0.5, 0, 0, 1e-18})
		p := newChooser(w, options{rule: byError{tol: 1e-12}}).span(v, a)
		assert.Equal(t, 1, linalg.Width(p.b), "%v", behind)
		assert.Equal(t, exact, p.exact, "%v", behind)
	}
}
