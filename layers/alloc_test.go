package layers

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/quivernet/quivernet/quiver"
)

// TestNoAllocation: a training step calls these once for each sample.
func TestNoAllocation(t *testing.T) {
	if racing {
		t.Skip("sync.Pool allocates under the race detector")
	}
	rng := newRand(71)
	const n = 12
	z, g, d := gaussian(rng, n), gaussian(rng, n), make([]float64, n)
	none := func(f func(), what string, a quiver.Activation) {
		t.Helper()
		f()
		assert.Lessf(t, testing.AllocsPerRun(50, f), 0.5, "%s of %s", what, a)
	}
	for _, a := range everything(n) {
		if p, ok := a.(quiver.ParametricSecondOrder); ok {
			w := make([]float64, p.NumParams(n))
			p.InitParams(w)
			dp, dg := make([]float64, len(w)), make([]float64, n)
			none(func() { p.ApplyP(d, z, w) }, "ApplyP", a)
			none(func() { p.VJPP(d, dp, z, g, w) }, "VJPP", a)
			none(func() { p.VJP2P(d, dg, dp, z, g, w, z, w) }, "VJP2P", a)
			continue
		}
		none(func() { a.Apply(d, z) }, "Apply", a)
		none(func() { a.VJP(d, z, g) }, "VJP", a)
		if s, ok := a.(quiver.SecondOrder); ok {
			none(func() { s.JVP(d, z, g) }, "JVP", a)
			none(func() { s.VJP2(d, z, g, g) }, "VJP2", a)
		}
		if r, ok := a.(quiver.RadialJet); ok {
			none(func() { r.RadialJet(2, 0.3); r.RadialJet(2, 3) }, "RadialJet", a)
		}
		if r, ok := a.(quiver.PointJet); ok {
			none(func() { r.PointJet(3, 0.3) }, "PointJet", a)
		}
	}
}
