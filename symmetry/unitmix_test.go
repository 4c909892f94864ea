package symmetry_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"github.com/quivernet/quivernet/internal/golden"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/quiver/quivertest"
	"github.com/quivernet/quivernet/symmetry"
)

// TestPointwiseWithOtherOptions: the reduction of units keeps its promises beside each other
// option, on all kinds of quivers, degenerate ones included.
func TestPointwiseWithOtherOptions(t *testing.T) {
	family := append(acts("relu", "abs", "tanh", "gelu"), mix...)
	family = append(family, quivertest.Act{Activation: layers.Pointwise(layers.Sigmoid), Size: 1.2}, quivertest.Act{Activation: layers.Pointwise(layers.StepReLU), Size: 1.2}, quivertest.Act{Activation: quiver.Identity, Size: 1.2})
	others := map[string]func(quivertest.Instance) symmetry.Option{
		"none":          func(quivertest.Instance) symmetry.Option { return nil },
		"Rank":          func(quivertest.Instance) symmetry.Option { return symmetry.Rank(0) },
		"Tolerance":     func(quivertest.Instance) symmetry.Option { return symmetry.Tolerance(0.05) },
		"MergeParallel": func(quivertest.Instance) symmetry.Option { return symmetry.MergeParallel },
		"Observe":       func(quivertest.Instance) symmetry.Option { return symmetry.Observe() },
		"PathSum":       func(quivertest.Instance) symmetry.Option { return symmetry.PathSum() },
		"Data":          func(in quivertest.Instance) symmetry.Option { return symmetry.Data(in.Inputs...) },
		"Keep": func(in quivertest.Instance) symmetry.Option {
			if h := in.Rep.Quiver().Hidden(); len(h) > 0 {
				return symmetry.Keep(h[0])
			}
			return nil
		},
	}
	sets := map[string]func(quivertest.Instance) symmetry.Option{
		"Pointwise": func(quivertest.Instance) symmetry.Option { return symmetry.Pointwise() },
		"Boxes":     func(in quivertest.Instance) symmetry.Option { return symmetry.Boxes(hull(in.Inputs)...) },
		"Samples":   func(in quivertest.Instance) symmetry.Option { return symmetry.Samples(in.Inputs...) },
	}
	changed, lifts := 0, 0
	for other, with := range others {
		for set, on := range sets {
			for seed := range uint64(len(quivertest.Kinds())) {
				in := quivertest.Generate(seed+20*uint64(len(other)+3*len(set)), family...)
				what := fmt.Sprintf("%s: %s, %s", in.Name, set, other)
				c, err := symmetry.Compress(in.Rep, on(in), with(in))
				if set == "Samples" && err != nil {
					require.Contains(t, err.Error(), "no samples", what)
					continue
				}
				require.NoError(t, err, what)
				require.NoError(t, c.Reduced.Check(), what)
				require.NotPanics(t, func() { _ = c.String() }, what)
				g := gap(t, in.Rep, c.Reduced, in.Inputs...)
				if c.Certificate.Exact {
					require.LessOrEqual(t, g, 1e-12, "%s\n%s", what, c)
				}
				require.False(t, c.Certificate.Gap > c.Certificate.Bound, "%s: %s", what, c.Certificate)
				b, err := c.BoundOn(in.Inputs...)
				require.NoError(t, err, what)
				require.False(t, g > b, "%s: %g above %g", what, g, b)
				rotated, err := c.Rotated()
				require.NoError(t, err, what)
				if c.Certificate.Exact {
					require.LessOrEqual(t, gap(t, in.Rep, rotated, in.Inputs...), 1e-12, what)
				}
				if len(c.Units) == 0 {
					continue
				}
				changed++
				lifted, err := c.Lift(c.Reduced)
				var noRoom *symmetry.LiftError
				switch {
				case errors.As(err, &noRoom):
				case err != nil:
					require.NoError(t, err, what)
				default:
					lifts++
					require.Equal(t, in.Rep.Quiver().Layout(), lifted.Quiver().Layout(), what)
					require.LessOrEqual(t, gap(t, c.Reduced, lifted, in.Inputs...), 1e-12, "%s\n%s", what, c)
				}
				_, err = c.Subspace()
				var none *symmetry.SubspaceError
				require.ErrorAs(t, err, &none, what)
				_, err = c.OriginalSubspace()
				require.ErrorAs(t, err, &none, what)
				if c.Certificate.Exact && other != "Data" && other != "Keep" {
					again := compress(t, c.Reduced, on(in), with(in))
					require.Equal(t, c.Reduced.Quiver().Dims(), again.Reduced.Quiver().Dims(), "%s\n%s\n%s", what, c, again)
				}
			}
		}
	}
	assert.Greater(t, changed, 100)
	assert.Greater(t, lifts, changed/4)
}

// TestRandomBoxes: on any box, whatever the options find, the function stays on the box, and
// nothing is lost where the samples show both sides (a property test over sizes, weights and
// boxes).
func TestRandomBoxes(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		h := rapid.SampledFrom([]layers.Func{layers.ReLU, layers.Abs, layers.LeakyReLU(0.3), layers.ELU, layers.StepReLU, layers.Shift(layers.ReLU, 0.5), layers.Sigmoid}).Draw(rt, "h")
		dims := rapid.SliceOfN(rapid.IntRange(1, 7), 3, 5).Draw(rt, "dims")
		w := random(mlp(t, layers.Pointwise(h), dims...), rapid.Uint64().Draw(rt, "seed"))
		grid := rapid.Bool().Draw(rt, "whole numbers")
		for i := range w.Data() {
			if grid {
				w.Data()[i] = math.Round(2 * w.Data()[i])
			} else {
				w.Data()[i] += rapid.Float64Range(-1, 1).Draw(rt, "w")
			}
		}
		lo := float64(rapid.IntRange(-8, 8).Draw(rt, "lo")) / 4 // far from sizes at which the output is rounding
		hi := lo + float64(rapid.IntRange(0, 8).Draw(rt, "side"))/4
		c := compress(t, w, symmetry.Box(lo, hi))
		b := hullOf(dims[0], 0)
		for j := range dims[0] {
			b.Set(0, j, lo)
			b.Set(1, j, hi)
		}
		xs := inside([]*mat.Dense{b}, nil, 40, rngOf(7))
		if h == layers.StepReLU && grid {
			return // rounding may fall on either side of a jump
		}
		// Where terms cancel, the output is as small as their rounding.
		if diff, size := apart(t, w, c.Reduced, xs); diff > 1e-12*size && diff > 1e-14*magnitude(w, max(math.Abs(lo), math.Abs(hi))) {
			rt.Fatalf("difference %g of %g\n%s", diff, size, c)
		}
		if c.Certificate.Gap > c.Certificate.Bound {
			rt.Fatalf("%s", c.Certificate)
		}
		for _, u := range c.Units {
			if u.Vertex == "h1" && u.Fate == symmetry.Constant && u.Value == 0 && u.On != "every input" && h == layers.ReLU {
				z := preactivation(t, w, "h1", xs)
				if mat.Max(z.ColView(u.Unit).(*mat.VecDense)) > 1e-12 {
					rt.Fatalf("%v is seen on", u)
				}
			}
		}
		if again := compress(t, c.Reduced, symmetry.Box(lo, hi)); len(again.Units) > 0 {
			rt.Fatalf("more at the second time:\n%s\n%s", c, again)
		}
	})
}

// TestUnitReports holds the texts.
func TestUnitReports(t *testing.T) {
	relu := layers.Pointwise(layers.ReLU)
	w := random(mlp(t, relu, 2, 9, 7, 1), 6)
	set := func(v string, i int, x ...float64) {
		from := map[string]string{"h1": "x", "h2": "h1"}[v]
		w.Arrow(from+"->"+v).SetRow(i, x[:len(x)-1])
		w.Arrow("one->"+v).Set(i, 0, x[len(x)-1])
	}
	set("h1", 0, 0, 0, 0.5)
	set("h1", 1, 0, 0, -0.5)
	set("h1", 2, 0, 0, -0.25)
	set("h1", 3, 1, 1, 3)
	set("h1", 4, 0.5, 0.5, -2)
	for i := range 9 {
		w.Arrow("h1->h2").Set(1, i, 2.5*w.Arrow("h1->h2").At(0, i))
	}
	w.Arrow("one->h2").Set(0, 0, 0.125)
	w.Arrow("one->h2").Set(1, 0, 2.5*0.125)
	w.Arrow("h2->y").Set(0, 6, 0)
	golden.Check(t, "units.txt", stable(compress(t, w, symmetry.Pointwise()).String()))
	golden.Check(t, "units_box.txt", stable(compress(t, w, symmetry.Box(-1, 1)).String()))

	xs := inputs(w.Quiver(), 6, 2)
	golden.Check(t, "units_samples.txt", stable(compress(t, w, symmetry.Samples(xs...), symmetry.Keep("h2")).String()))
}

// TestUnitErrorTexts: each error says what was given, what is wanted, and what to do.
func TestUnitErrorTexts(t *testing.T) {
	q := mlp(t, layers.Pointwise(layers.ReLU), 2, 5, 3)
	w := random(q, 1)
	w.Arrow("one->h1").SetCol(0, []float64{9, 9, 9, 9, 9})
	c := compress(t, w, symmetry.Box(-1, 1)) // h1 becomes x->y
	opt := func(opts ...symmetry.Option) func() error {
		return func() error { _, err := symmetry.Compress(w, opts...); return err }
	}
	var b strings.Builder
	for _, tc := range []struct {
		what string
		do   func() error
	}{
		{"a box upside down", opt(symmetry.Box(1, -1))},
		{"a box that is not a number", opt(symmetry.Box(math.NaN(), 1))},
		{"a box at infinity", opt(symmetry.Box(math.Inf(1), math.Inf(1)))},
		{"too many boxes", opt(symmetry.Boxes(nil, nil))},
		{"bounds of the wrong size", opt(symmetry.Boxes(mat.NewDense(3, 2, nil)))},
		{"bounds upside down", opt(symmetry.Boxes(mat.NewDense(2, 2, []float64{0, 0, 1, -1})))},
		{"samples of the wrong width", opt(symmetry.Samples(mat.NewDense(4, 3, nil)))},
		{"samples for too many inputs", opt(symmetry.Samples(nil, nil))},
		{"no samples", opt(symmetry.Samples(nil))},
		{"samples with a NaN", opt(symmetry.Samples(mat.NewDense(2, 2, []float64{0, 0, math.NaN(), 0})))},
		{"data outside the box", opt(symmetry.Box(0, 1), symmetry.Data(mat.NewDense(2, 2, []float64{0, 1, 0.5, 2})))},
		{"two sets", opt(symmetry.Box(0, 1), symmetry.Samples(mat.NewDense(2, 2, nil)))},
		{"an unknown vertex", opt(symmetry.Pointwise(), symmetry.Keep("h7"))},
		{"Subspace", func() error { _, err := c.Subspace(); return err }},
		{"OriginalSubspace", func() error { _, err := c.OriginalSubspace(); return err }},
		{"Lift", func() error { _, err := c.Lift(c.Reduced); return err }},
	} {
		err := tc.do()
		require.Error(t, err, tc.what)
		fmt.Fprintf(&b, "%s\n\t%v\n", tc.what, err)
	}
	golden.Check(t, "unit_errors.txt", b.String())
}

// apart returns max|F_a − F_b| and max|F_a|.
func apart(t testing.TB, a, b *quiver.Rep, xs []*mat.Dense) (diff, size float64) {
	t.Helper()
	ya, yb := must(a.Eval(xs...))(t), must(b.Eval(xs...))(t)
	for i := range ya {
		r, c := ya[i].Dims()
		for j := range r * c {
			x, y := ya[i].At(j/c, j%c), yb[i].At(j/c, j%c)
			diff, size = max(diff, math.Abs(x-y)), max(size, math.Abs(x))
		}
	}
	return diff, size
}

// magnitude bounds the terms that a network adds up, for inputs of at most x: what its rounding is
// measured by.
func magnitude(w *quiver.Rep, x float64) float64 {
	q := w.Quiver()
	vs, as := q.Vertices(), q.Arrows()
	m := make([]float64, len(vs))
	var most float64
	for v := range vs {
		m[v] = max(x, 1)
		for _, i := range q.In(v) {
			m[v] += mat.Norm(w.Matrix(i), math.Inf(1)) * m[as[i].Source]
		}
		most = max(most, m[v])
	}
	return most
}
