package layers

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/quiver"
)

var shells = [][2]float64{{0, 0.3}, {0, 1}, {0, 5}, {0.01, 0.02}, {0.2, 0.9}, {0.4, 0.6}, {0.5, 0.5}, {0.9, 1.1}, {1, 1}, {1.2, 4}, {2, 60}, {4.4, 4.6}, {7, 9}, {30, 31}}

// sampled returns the largest max(|h′|, |h/r|) and |h| on a fine grid of the shell.
func sampled(a quiver.Activation, lo, hi float64) (lip, sup float64) {
	const points = 4000
	for i := range points + 1 {
		r := lo + (hi-lo)*float64(i)/points
		if r == 0 {
			r = hi * 1e-9
		}
		z := []float64{r, 0}
		sup = max(sup, norm(apply(a, z)))
		lip = max(lip, math.Abs(vjp(a, z, []float64{1, 0})[0]), math.Abs(vjp(a, z, []float64{0, 1})[1]))
	}
	return lip, sup
}

// TestRadialLipschitz: never below a sample, infinite exactly where a jump lies in the closed
// shell, and else attained to a thousandth.
func TestRadialLipschitz(t *testing.T) {
	as := []quiver.Activation{RMSNorm(8, 1e-5), RMSNorm(8, 0.5), RMSNorm(8, 0), DeadZone(Radial(Sigmoid), 0.5), DeadZone(Radial(Shift(ReLU, 0.5)), 0.3), DeadZone(Radial(Tanh), 0), quiver.Identity}
	for _, h := range allFuncs() {
		as = append(as, Radial(h))
	}
	for _, a := range as {
		for _, s := range shells {
			lip, sup := a.(quiver.Lipschitz).Lipschitz(s[0], s[1])
			l, m := sampled(a, s[0], s[1])
			what := a.String()
			require.GreaterOrEqualf(t, lip, l*(1-1e-12), "%s on %v", what, s)
			require.GreaterOrEqualf(t, sup, m*(1-1e-12), "%s on %v", what, s)
			if s[0] > 0 || what != "radial(power(-1))" { // which is infinite at 0
				require.LessOrEqualf(t, sup, m*1.001+1e-12, "%s on %v", what, s)
			}
			if jumps(a, s[0], s[1]) {
				require.Truef(t, math.IsInf(lip, 1), "%s on %v: %g", what, s, lip)
			} else {
				// At a kink on the edge of the shell the other side counts too.
				require.LessOrEqualf(t, lip, 1.002*outer(a, s[0], s[1], l)+1e-12, "%s on %v", what, s)
			}
		}
	}
}

// outer is l, or the slope just outside the shell where that is larger.
func outer(a quiver.Activation, lo, hi, l float64) float64 {
	for _, r := range []float64{lo * (1 - 1e-12), hi * (1 + 1e-12)} {
		if r > 0 {
			l = max(l, math.Abs(vjp(a, []float64{r}, []float64{1})[0]))
		}
	}
	return l
}

// jumps is written down by hand for the activations of the test.
func jumps(a quiver.Activation, lo, hi float64) bool {
	in := func(x float64) bool { return lo <= x && x <= hi }
	switch s := a.String(); s {
	case "radial(steprelu)":
		return in(1)
	case "radial(shift(steprelu,-0.4))":
		return in(0.6)
	case "deadzone(radial(sigmoid),0.5)":
		return in(0.5)
	case "deadzone(radial(shift(relu,0.5)),0.3)", "deadzone(radial(tanh),0)", "identity":
		return false
	case "rmsnorm(8,0)":
		return in(0)
	case "radial(power(-1))", "radial(power(0.5))": // infinite slope at 0
		return in(0)
	}
	return lo == 0 && norm(apply(a, []float64{1e-12})) > 1e-3
}

// TestKnownConstants: exact values.
func TestKnownConstants(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		a                quiver.Activation
		lo, hi, lip, sup float64
	}{
		{Radial(Squash), 0, inf, 3 * math.Sqrt(3) / 8, 1},
		{Radial(Tanh), 0, inf, 1, 1},
		{Radial(Arctan), 0, inf, 1, math.Pi / 2},
		{Radial(StepReLU), 0, 0.999, 0, 0},
		{Radial(StepReLU), 0, 1, inf, 1},
		{Radial(StepReLU), 1, 2, inf, 2},
		{Radial(StepReLU), 1.001, 2, 1, 2},
		{Radial(ReLU), 0, 3, 1, 3},
		{Radial(LeakyReLU(-3)), 0, 3, 1, 3},
		{Radial(Sigmoid), 0, 1, inf, Sigmoid.Value(1)},
		{Radial(Sigmoid), 0, 0, inf, 0},
		{Radial(Tanh), 0, 0, 1, 0},
		{Radial(Unit), 0.25, 9, 4, 1},
		{Radial(Exp), 1, 2, math.Exp(2), math.Exp(2)},
		{Radial(Softplus), 1, inf, Softplus.Value(1), inf},
		{Radial(GELU), 0, inf, GELU.Slope(math.Sqrt2), inf},
		{Radial(Square), 0, 3, 6, 9},
		{Radial(Sin), 0, inf, 1, 1},
		{Radial(Power(0.5)), 0, 4, inf, 2},
		{RMSNorm(9, 0.25), 0, inf, 2, 3},
		{quiver.Identity, 0, 7, 1, 7},
		{Pointwise(Tanh), 0, 7, 1, 7},
		{Pointwise(Sigmoid), 0, 7, 0.25, inf},
		{Pointwise(ReLU), 0, 7, 1, 7},
		{Pointwise(StepReLU), 0, 0.5, 0, 0},
		{Pointwise(StepReLU), 2, 3, inf, 3},
		{Pointwise(Sin), 0, 20, 1, 20},
		{Pointwise(LeakyReLU(-3)), 1, 2, 3, 6},
		{Pointwise(Square), 0, 0, 0, 0},
		{Trainable(Tanh, 0, -2), 0, 3, 2, 2 * math.Tanh(3)},
		{Blocks(Unit, 2, 3, 4), 1, 2, inf, math.Sqrt(3)},
		{Blocks(ReLU, 2, 3, 4), 1, 2, 1, 2},
		{Blocks(Tanh, 5), 1, 2, Tanh.Value(1), Tanh.Value(2)},
	} {
		lip, sup := c.a.(quiver.Lipschitz).Lipschitz(c.lo, c.hi)
		requireNear(t, c.lip, lip, "%s: lip on [%g, %g]", c.a, c.lo, c.hi)
		requireNear(t, c.sup, sup, "%s: sup on [%g, %g]", c.a, c.lo, c.hi)
	}
}

func requireNear(t *testing.T, want, got float64, msg string, args ...any) {
	t.Helper()
	if math.IsInf(want, 1) {
		assert.Truef(t, math.IsInf(got, 1), msg, args...)
		return
	}
	assert.InDeltaf(t, want, got, 1e-12*(1+want), msg, args...)
}

// TestLipschitzBoundsPairs: everything is bounded by their constants on random pairs in a ball.
func TestLipschitzBoundsPairs(t *testing.T) {
	rng := newRand(31)
	const n = 4
	for _, a := range everything(n) {
		l, ok := a.(quiver.Lipschitz)
		if !ok {
			continue
		}
		for _, hi := range []float64{0.3, 1.5, 6} {
			lip, sup := l.Lipschitz(0, hi)
			for range 60 {
				x, y := ofNorm(rng, n, hi*rng.Float64()), ofNorm(rng, n, hi*rng.Float64())
				if rng.IntN(2) == 0 { // a near pair
					for i := range y {
						y[i] = x[i] * (1 + 1e-4*rng.NormFloat64())
					}
					if norm(y) > hi {
						continue
					}
				}
				fx, fy := apply(a, x), apply(a, y)
				if p, ok := a.(*pointwise); ok && math.IsNaN(p.h.Value(-1)) {
					continue
				}
				require.LessOrEqualf(t, norm(fx), sup*(1+1e-12), "%s at %v", a, x)
				var d, e float64
				for i := range x {
					d += (x[i] - y[i]) * (x[i] - y[i])
					e += (fx[i] - fy[i]) * (fx[i] - fy[i])
				}
				require.LessOrEqualf(t, math.Sqrt(e), lip*math.Sqrt(d)*(1+1e-9)+1e-12, "%s between %v and %v", a, x, y)
			}
		}
	}
}

// TestQuadraticBoundIsAttained: where M = 0 the bound on |ρ| is attained.
func TestQuadraticBoundIsAttained(t *testing.T) {
	a := Quadratic(Sigmoid, nil, []float64{0, 2}, -1)
	_, sup := a.(quiver.Lipschitz).Lipschitz(0, 3)
	assert.InDelta(t, norm(apply(a, []float64{0, 3})), sup, 1e-12)
}
