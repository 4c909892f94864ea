package quivertest

import (
	"math"

	"github.com/quivernet/quivernet/quiver"
)

// jets checks that each jet is the derivative of the one before.
func (c *contract) jets(z []float64) {
	r := math.Sqrt(dot(z, z))
	if a, ok := c.act.(quiver.RadialJet); ok {
		y := c.apply(z)
		l := a.RadialJet(0, r)
		want := make([]float64, len(z))
		for i := range z {
			want[i] = l * z[i]
		}
		if d, ok := near(y, want, 1e-12); !ok {
			c.fail("RadialJet(0, %.3g)·z is %.1e away from Apply", r, d)
		}
		for k := range 3 {
			fd := differ([]float64{r}, 0, func(x []float64) float64 { return a.RadialJet(k, x[0]) }) / r
			if got := a.RadialJet(k+1, r); !(math.Abs(got-fd) <= 1e-5*(math.Abs(got)+math.Abs(a.RadialJet(k, r))/(r*r)+1e-9)) {
				c.fail("RadialJet(%d, %.3g) is %.6g, want λ′/r = %.6g", k+1, r, got, fd)
			}
		}
	}
	if a, ok := c.act.(quiver.PointJet); ok {
		for i, x := range z {
			if y := c.apply(z)[i]; !(math.Abs(a.PointJet(0, x)-y) <= 1e-12*(1+math.Abs(y))) {
				c.fail("PointJet(0, %.3g) differs from Apply", x)
			}
			for k := range 3 {
				fd := differ([]float64{x}, 0, func(x []float64) float64 { return a.PointJet(k, x[0]) })
				if got := a.PointJet(k+1, x); !(math.Abs(got-fd) <= 1e-5*(1+math.Abs(got))) {
					c.fail("PointJet(%d, %.3g) is %.6g, want the derivative %.6g", k+1, x, got, fd)
				}
			}
		}
	}
}

// parameters checks VJPP against central differences of ApplyP, and that Apply uses the
// initial parameters.
func (c *contract) parameters(z []float64) {
	a, ok := c.act.(quiver.Parametric)
	if !ok {
		return
	}
	p := make([]float64, a.NumParams(len(z)))
	a.InitParams(p)
	y := make([]float64, len(z))
	a.ApplyP(y, z, p)
	if d, ok := near(y, c.apply(z), 1e-12); !ok {
		c.fail("Apply differs from ApplyP with the initial parameters by %.1e", d)
	}
	for i := range p {
		p[i] += 0.1 * c.rng.NormFloat64()
	}
	g := c.vector(len(z), 1)
	value := func(z, p []float64) float64 {
		y := make([]float64, len(z))
		a.ApplyP(y, z, p)
		return dot(g, y)
	}
	dz, dp := make([]float64, len(z)), make([]float64, len(p))
	for i := range dp {
		dp[i] = 3 // VJPP adds
	}
	a.VJPP(dz, dp, z, g, p)
	wantZ, wantP := make([]float64, len(z)), make([]float64, len(p))
	for i := range z {
		wantZ[i] = differ(z, i, func(z []float64) float64 { return value(z, p) })
	}
	for i := range p {
		wantP[i] = 3 + differ(p, i, func(p []float64) float64 { return value(z, p) })
	}
	if d, ok := near(dz, wantZ, 1e-6); !ok {
		c.fail("VJPP at %.3v is %.1e away from central differences of ApplyP in z", z, d)
	}
	if d, ok := near(dp, wantP, 1e-6); !ok {
		c.fail("VJPP must add the derivative in the parameters to dp; it is %.1e away from central differences", d)
	}
	c.secondOrderP(a, z, p)
}

func (c *contract) secondOrderP(a quiver.Parametric, z, p []float64) {
	so, ok := a.(quiver.ParametricSecondOrder)
	if !ok {
		return
	}
	n := len(z)
	g, u, v := c.vector(n, 1), c.vector(n, 1), c.vector(len(p), 1)
	s := func(z, g, p []float64) float64 {
		d, dp := make([]float64, n), make([]float64, len(p))
		a.VJPP(d, dp, z, g, p)
		return dot(u, d) + dot(v, dp)
	}
	dz, dg, dp := make([]float64, n), make([]float64, n), make([]float64, len(p))
	so.VJP2P(dz, dg, dp, z, g, p, u, v)
	check := func(what string, got, at []float64, f func([]float64) float64) {
		want := make([]float64, len(got))
		for i := range want {
			want[i] = differ(at, i, f)
		}
		if d, ok := near(got, want, 1e-5); !ok {
			c.fail("VJP2P in %s is %.1e away from central differences", what, d)
		}
	}
	check("z", dz, z, func(x []float64) float64 { return s(x, g, p) })
	check("g", dg, g, func(x []float64) float64 { return s(z, x, p) })
	check("p", dp, p, func(x []float64) float64 { return s(z, g, x) })
}

func (c *contract) secondOrder(z []float64) {
	a, ok := c.act.(quiver.SecondOrder)
	if !ok {
		return
	}
	n := len(z)
	g, u := c.vector(n, 1), c.vector(n, 1)
	got := make([]float64, n)
	a.JVP(got, z, u)
	if l, r := dot(g, got), dot(u, c.vjp(z, g)); !(math.Abs(l-r) <= 1e-10*(1+math.Abs(l))) {
		c.fail("⟨g, JVP(u)⟩ = %.6g and ⟨u, VJP(g)⟩ = %.6g", l, r)
	}
	a.VJP2(got, z, g, u)
	want := make([]float64, n)
	for i := range z {
		want[i] = differ(z, i, func(z []float64) float64 { return dot(u, c.vjp(z, g)) })
	}
	if d, ok := near(got, want, 1e-5); !ok {
		c.fail("VJP2 is %.1e away from central differences of VJP", d)
	}
}
