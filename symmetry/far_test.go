package symmetry_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
)

// buried returns a network in which a large bias hides what inputs of size 1 do: one row into h is
// (e, b), of the input and the bias, and y takes it by 1/e, so that F(x) is about x far out and b/e
// near 0.
func buried(t *testing.T, act quiver.Activation, e, b float64) *quiver.Rep {
	t.Helper()
	w := quiver.Zero(build(t, act, "x:i1", "one:b", "h:h5", "y:o1", "x>h", "one>h", "h>y"))
	w.Arrow("x->h").Copy(mat.NewDense(5, 1, []float64{1, e, 0.3, 0.7, -0.4}))
	w.Arrow("one->h").Copy(mat.NewDense(5, 1, []float64{1, b, 1, 0.1, 0.9}))
	w.Arrow("h->y").Copy(mat.NewDense(1, 5, []float64{0.2, 1 / e, 0.1, 0.5, 0.4}))
	return w
}

// TestFarInputs: what holds for every input holds where inputs are large too, and a bias that is
// large beside the rest of its row hides nothing.
func TestFarInputs(t *testing.T) {
	taken := 0
	for _, act := range []quiver.Activation{quiver.Identity, layers.Radial(layers.SiLU), layers.Radial(layers.Softplus), layers.Radial(layers.Shift(layers.ReLU, 0.5))} {
		for _, e := range []float64{1e-16, 3e-18, 1e-20} {
			for _, b := range []float64{1, 1e-3, 1e-6, 1e-9, 0} {
				w := buried(t, act, e, b)
				c, err := symmetry.Compress(w)
				require.NoError(t, err)
				require.True(t, c.Certificate.Exact)
				for _, size := range []float64{1, 1e3, 1e9, 1e15, 1e20} {
					x := mat.NewDense(3, 1, []float64{size, -0.7 * size, 0.1 * size})
					for s := range 3 { // each by itself, beside its own output and what rounding in z does to it
						y := x.Slice(s, s+1, 0, 1).(*mat.Dense)
						full := must(w.Eval(y))(t)[0].At(0, 0)
						allowed := 1e-13*math.Abs(full) + 1e-13*(b/e+math.Abs(y.At(0, 0)))
						assert.InDelta(t, full, must(c.Reduced.Eval(y))(t)[0].At(0, 0), allowed, "%s, e %g, b %g at %g\n%s", act, e, b, y.At(0, 0), c)
					}
				}
				if c.Widths[0].To == 5 {
					taken++
				}
			}
		}
	}
	assert.Positive(t, taken, "some cuts had to be taken back")
	assert.Equal(t, []int{2}, widths(compress(t, buried(t, quiver.Identity, 1, 1)), "h"), "without units the rank is found")
}
