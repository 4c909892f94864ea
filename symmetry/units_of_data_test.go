package symmetry_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
)

// column returns values as samples of one feature.
func column(x ...float64) *mat.Dense { return mat.NewDense(len(x), 1, x) }

// TestDataOffset: rows far from the origin that differ by 1 are no line through it: y = x − 1e8
// keeps its values. The same with an offset of 1e15, where a unit has few bits left, and of 1e-8 in
// units of 1e-16.
func TestDataOffset(t *testing.T) {
	for _, tc := range []struct{ offset, step float64 }{{1e8, 1}, {-1e8, 1}, {1e12, 1}, {1e15, 1}, {1e-8, 1e-16}, {1.7e9, 0.001}} {
		q := must(quiver.New(quiver.Input("x", 1), quiver.Bias("one"), quiver.Hidden("h", 3, quiver.Identity), quiver.Output("y", 1, nil),
			quiver.Connect("x", "h"), quiver.Connect("one", "h"), quiver.Connect("h", "y")))(t)
		w := quiver.Zero(q)
		w.Arrow("x->h").Set(0, 0, 1)
		w.Arrow("one->h").Set(0, 0, -tc.offset)
		w.Arrow("h->y").Set(0, 0, 1)
		x := column(tc.offset, tc.offset+tc.step, tc.offset+2*tc.step, tc.offset+3*tc.step)
		c := compress(t, w, symmetry.Data(x))
		y := must(c.Reduced.Eval(x))(t)[0]
		for i := range 4 {
			assert.InDelta(t, x.At(i, 0)-tc.offset, y.At(i, 0), 1e-3*tc.step, "%v: row %d", tc, i)
		}
		assert.LessOrEqual(t, c.Certificate.Gap, c.Certificate.Rounding)
		assert.NotContains(t, c.Reduced.Quiver().Dims(), "x.joint", "two rows of (1, x) span the plane")
	}
	// One value only is a line, in any unit.
	for _, v := range []float64{1e8, 1, 1e-27} {
		w := random(mlp(t, tanh, 1, 4, 1), 1)
		c := compress(t, w, symmetry.Data(column(v, v, v)))
		assert.Equal(t, []int{1, 1}, widths(c, "x.joint", "h1"), "at %g", v)
		assert.LessOrEqual(t, gap(t, w, c.Reduced, column(v, v, v)), 1e-13)
	}
}

// spread returns rows of which each feature has an offset and a spread of its own.
func spread(rng *rand.Rand, rows int, offset, width []float64) *mat.Dense {
	x := mat.NewDense(rows, len(offset), nil)
	x.Apply(func(_, j int, _ float64) float64 { return offset[j] + width[j]*rng.NormFloat64() }, x)
	return x
}

// TestDataUnits: features in units of any size count alike, and whether a direction is empty does
// not depend on them.
func TestDataUnits(t *testing.T) {
	for _, tc := range []struct {
		name          string
		offset, width []float64
	}{
		{"hertz", []float64{2.4e9, 0}, []float64{1e7, 1}},
		{"unix seconds", []float64{1.7e9, 0}, []float64{3e5, 1}},
		{"identities", []float64{1e8, 0}, []float64{1e4, 1}},
		{"coulombs", []float64{1e-27, 0}, []float64{1e-28, 1}},
		{"years, metres of a galaxy, electron volts in joules", []float64{2020, 3e20, 1.6e-19}, []float64{5, 1e20, 1e-20}},
		{"temperatures in millikelvin beside light years", []float64{293150, 0, 9e15}, []float64{2, 1e-3, 1e15}},
	} {
		d := len(tc.offset)
		rng := rngOf(3)
		for _, opts := range [][]symmetry.Option{nil, {symmetry.Rank(0)}, {symmetry.MergeParallel}} {
			// The first matrix brings each feature to size 1, as a trained network does.
			w := random(mlp(t, tanh, d, 8, 5, 2), 1)
			m, b := w.Arrow("x->h1"), w.Arrow("one->h1")
			for i := range 8 {
				for j := range d {
					m.Set(i, j, m.At(i, j)/tc.width[j])
					b.Set(i, 0, b.At(i, 0)-m.At(i, j)*tc.offset[j])
				}
			}
			x := spread(rng, 50, tc.offset, tc.width)
			c := compress(t, w, append(opts, symmetry.Data(x))...)
			assert.LessOrEqual(t, gap(t, w, c.Reduced, x), 1e-9, tc.name)
			assert.NotContains(t, c.Reduced.Quiver().Dims(), "x.joint", tc.name)

			// Half of the directions empty: found, whatever the units.
			wide := mat.NewDense(50, 2*d, nil)
			for i := range 50 {
				for j := range d {
					wide.Set(i, j, x.At(i, j))
					wide.Set(i, d+j, 3*tc.width[j]-x.At(i, j)/2)
				}
			}
			v := random(mlp(t, tanh, 2*d, 9, 2), 2)
			m, b = v.Arrow("x->h1"), v.Arrow("one->h1")
			for i := range 9 {
				for j := range 2 * d {
					f := tc.width[j%d]
					m.Set(i, j, m.At(i, j)/f)
					mean := tc.offset[j%d]
					if j >= d {
						mean = 3*f - mean/2
					}
					b.Set(i, 0, b.At(i, 0)-m.At(i, j)*mean)
				}
			}
			c = compress(t, v, append(opts, symmetry.Data(wide))...)
			off := must(c.OffData(wide))(t)
			assert.LessOrEqual(t, mat.Max(mat.NewVecDense(50, off)), 1e-6, tc.name)
			assert.LessOrEqual(t, gap(t, v, c.Reduced, wide), max(1e-9, c.Certificate.Rounding), tc.name)
			assert.Equal(t, d+1, c.Reduced.Quiver().Dims()["x.joint"], tc.name)
			beyond := mat.DenseCopyOf(wide)
			beyond.Set(7, d, beyond.At(7, d)+tc.width[0]) // off the span by as much as the data go
			off = must(c.OffData(beyond))(t)
			assert.Greater(t, off[7], 1e-3, tc.name)
			assert.LessOrEqual(t, off[8], 1e-6, tc.name)
		}
	}
}

// TestDataUnitsChangeNothing: powers of two as units of features, undone by the first matrix, give the
// same widths, and the same values of the reduced network up to rounding.
func TestDataUnitsChangeNothing(t *testing.T) {
	for seed := range uint64(20) {
		rng := rngOf(seed)
		w := random(mlp(t, tanh, 5, 9, 2), seed)
		x := affine(30, 5, 1+int(seed)%3, seed)
		want := compress(t, w, symmetry.Data(x))
		v, y := w.Clone(), mat.DenseCopyOf(x)
		m := v.Arrow("x->h1")
		for j := range 5 {
			unit := math.Ldexp(1, rng.IntN(120)-60)
			for i := range 9 {
				m.Set(i, j, m.At(i, j)/unit)
			}
			for i := range 30 {
				y.Set(i, j, y.At(i, j)*unit)
			}
		}
		got := compress(t, v, symmetry.Data(y))
		require.Equal(t, want.Reduced.Quiver().Dims(), got.Reduced.Quiver().Dims(), "seed %d", seed)
		require.Contains(t, got.Reduced.Quiver().Dims(), "x.joint")
		assert.LessOrEqual(t, gap(t, v, got.Reduced, y), 1e-10, "seed %d", seed)
	}
}

// TestDataWithoutBias: the span of the rows alone, in units of their own.
func TestDataWithoutBias(t *testing.T) {
	q := build(t, tanh, "x:i3", "h:h6", "k:h5", "y:o1", "x>h", "h>k", "k>y")
	for _, unit := range []float64{1, 1e8, 1e-27} {
		w := random(q, 1)
		m := w.Arrow("x->h")
		x := mat.NewDense(20, 3, nil)
		rng := rngOf(1)
		for i := range 20 {
			a, b := rng.NormFloat64(), rng.NormFloat64()
			x.SetRow(i, []float64{a, unit * b, unit * (a - b)})
		}
		for i := range 6 {
			m.Set(i, 1, m.At(i, 1)/unit)
			m.Set(i, 2, m.At(i, 2)/unit)
		}
		c := compress(t, w, symmetry.Data(x))
		assert.Equal(t, []int{2, 2}, widths(c, "x.span", "h"))
		assert.LessOrEqual(t, gap(t, w, c.Reduced, x), 1e-12)
	}
}
