package symmetry_test

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
)

// softsign is a user's pointwise activation, x/(1+|x|).
type softsign struct{}

func (softsign) String() string { return "softsign" }
func (softsign) Apply(dst, z []float64) {
	for i, x := range z {
		dst[i] = x / (1 + math.Abs(x))
	}
}
func (s softsign) VJP(dst, z, g []float64) {
	for i, x := range z {
		dst[i] = g[i] * s.PointJet(1, x)
	}
}
func (softsign) Restrict(b *mat.Dense) (quiver.Activation, bool) { return nil, false }
func (softsign) PointJet(k int, x float64) float64 {
	if k == 0 {
		return x / (1 + math.Abs(x))
	}
	return 1 / ((1 + math.Abs(x)) * (1 + math.Abs(x)))
}

// declared is a softsign that says it is odd.
type declared struct{ softsign }

func (declared) String() string { return "declared" }
func (declared) Group(int) symmetry.Group {
	return symmetry.Group{Kind: symmetry.SignedPermutations, Parity: -1}
}

// plain is a softsign without derivatives.
type plain struct{ in softsign }

func (plain) String() string                                    { return "plain" }
func (p plain) Apply(dst, z []float64)                          { p.in.Apply(dst, z) }
func (p plain) VJP(dst, z, g []float64)                         { p.in.VJP(dst, z, g) }
func (p plain) Restrict(*mat.Dense) (quiver.Activation, bool)   { return nil, false }
func (p turning) Restrict(*mat.Dense) (quiver.Activation, bool) { return nil, false }

// turning is a user's activation that does not work entry by entry.
type turning struct{ plain }

func (turning) String() string { return "turning" }
func (turning) Apply(dst, z []float64) {
	r := mat.Norm(mat.NewVecDense(len(z), append([]float64(nil), z...)), 2)
	for i, x := range z {
		dst[i] = x / (1 + r)
	}
}

// TestAUsersActivationIsToldWhatHelps: one that seems to work entry by entry and does not say so is
// told of the interface; others are not.
func TestAUsersActivationIsToldWhatHelps(t *testing.T) {
	for _, tc := range []struct {
		act  quiver.Activation
		told bool
	}{{plain{}, true}, {softsign{}, false}, {turning{}, false}, {layers.Radial(layers.Tanh), false}, {layers.Gain(layers.RMSNorm(3, 1e-3), true), false}} {
		w := random(mlp(t, tc.act, 4, 3, 1), 1)
		for _, opt := range []symmetry.Option{symmetry.Pointwise(), symmetry.Box(-1, 1)} {
			told := compress(t, w, opt).Widths[0].Reason
			assert.Equal(t, tc.told, strings.Contains(told, "implement quiver.PointJet"), "%s: %s", tc.act, told)
		}
		assert.NotContains(t, compress(t, w).Widths[0].Reason, "PointJet")
	}
}

// TestAUsersActivation: equality is always safe; a law counts where the activation declares it,
// not where samples suggest it.
func TestAUsersActivation(t *testing.T) {
	for _, tc := range []struct {
		act  quiver.Activation
		want int
	}{{softsign{}, 3}, {declared{}, 2}} {
		w := random(mlp(t, tc.act, 2, 5, 1), 1)
		for i, c := range []float64{1, 1, -1} { // units 2 and 3 are equal to 0, and 3 mirrored
			for _, a := range []string{"x->h1", "one->h1"} {
				m := w.Arrow(a)
				for k := range m.RawRowView(0) {
					m.Set(i+1, k, c*m.At(0, k))
				}
			}
		}
		w.Arrow("x->h1").SetRow(4, []float64{0, 0})
		c := compress(t, w, symmetry.Pointwise())
		assert.Equal(t, []int{tc.want - 1}, widths(c, "h1"), "%s", c)
		assert.LessOrEqual(t, gap(t, w, c.Reduced, inputs(w.Quiver(), 9, 1)...), 1e-14)
		assert.Equal(t, math.Inf(1), c.Certificate.Bound, "it does not know its Lipschitz constant")
	}
}
