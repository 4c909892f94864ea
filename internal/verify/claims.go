package verify

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"

	"github.com/quivernet/quivernet/quiver"
)

// worst returns the largest |got−want| over all samples relative to the largest |want|.
func (a *actCheck) worst(got, want func(z []float64) []float64) float64 {
	var diff, size float64
	for _, z := range a.z {
		x, y := got(z), want(z)
		diff = max(diff, floats.Distance(x, y, math.Inf(1)))
		size = max(size, floats.Norm(y, math.Inf(1)))
	}
	if diff == 0 {
		return 0
	}
	return diff / size
}

func (a *actCheck) apply(z []float64) []float64 {
	x := make([]float64, len(z))
	a.r.act(a.v, x, z)
	return x
}

// radial: an activation with radial jets says that it is λ(|z|)·z, that it commutes with
// rotations, and that λ_{k+1} = λ_k′/r.
func (a *actCheck) radial() {
	rad, ok := a.act.(quiver.RadialJet)
	if !ok {
		return
	}
	gap := a.worst(a.apply, func(z []float64) []float64 {
		x := append([]float64(nil), z...)
		floats.Scale(rad.RadialJet(0, floats.Norm(z, 2)), x)
		return x
	})
	a.judge("radial: ρ(z) = λ(|z|)·z", a.where, gap, 1e-10, fmt.Sprintf("%s claims to be radial (it has RadialJet) and its Apply is another function", a.act))
	if len(a.z) > 0 && len(a.z[0]) > 1 {
		turn := householder(a.random(len(a.z[0])))
		gap = a.worst(func(z []float64) []float64 { return a.apply(turn(z)) }, func(z []float64) []float64 { return turn(a.apply(z)) })
		a.judge("radial: ρ(Qz) = Qρ(z)", a.where, gap, 1e-10, fmt.Sprintf("%s claims to be radial (it has RadialJet) and does not commute with rotations", a.act))
	}
	for k := range 2 {
		a.jets(k, "radial jets", func(k int, r float64) float64 { return rad.RadialJet(k, r) }, func(z []float64) float64 { return floats.Norm(z, 2) },
			func(r float64) float64 { return r })
	}
}

// householder returns a random reflection, which is orthogonal and mixes all coordinates.
func householder(u []float64) func(z []float64) []float64 {
	floats.Scale(1/floats.Norm(u, 2), u)
	return func(z []float64) []float64 {
		x := append([]float64(nil), z...)
		floats.AddScaled(x, -2*floats.Dot(u, z), u)
		return x
	}
}

// pointwise: an activation with point jets says that it acts entry by entry.
func (a *actCheck) pointwise() {
	pt, ok := a.act.(quiver.PointJet)
	if !ok {
		return
	}
	gap := a.worst(a.apply, func(z []float64) []float64 {
		x := make([]float64, len(z))
		for i, t := range z {
			x[i] = pt.PointJet(0, t)
		}
		return x
	})
	a.judge("pointwise: ρ(z)_i = σ(z_i)", a.where, gap, 1e-10, fmt.Sprintf("%s claims to be pointwise (it has PointJet) and its Apply is another function", a.act))
	for k := range 2 {
		a.jets(k, "point jets", pt.PointJet, func(z []float64) float64 { return z[0] }, func(float64) float64 { return 1 })
	}
}

// jets: jet k+1 times factor is the derivative of jet k, at one number per sample.
func (a *actCheck) jets(k int, name string, jet func(k int, x float64) float64, at func(z []float64) float64, factor func(float64) float64) {
	var xs, want []float64
	for _, z := range a.z {
		x := at(z)
		if underflows := math.Abs(jet(k, x))/(math.Abs(x)*math.Abs(factor(x))) < 1e-290 && jet(k, x) != 0; x != 0 && !underflows {
			xs, want = append(xs, x), append(want, jet(k+1, x)*factor(x)*math.Abs(x))
		}
	}
	if len(xs) == 0 {
		return
	}
	d := differentiate(func(t float64) []float64 {
		var out []float64
		for _, x := range xs {
			out = append(out, jet(k, x+t*math.Abs(x)))
		}
		return out
	})
	a.settle(fmt.Sprintf("%s: order %d from order %d", name, k+1, k), fmt.Sprintf("the derivatives of order %d that %s gives are wrong", k+1, a.act), d, want)
}

// second: JVP is the derivative, and VJP2 that of VJP.
func (a *actCheck) second() {
	so, ok := a.act.(quiver.SecondOrder)
	if _, par := a.act.(quiver.Parametric); !ok || par {
		return
	}
	gs := make([][]float64, len(a.z))
	vs := make([][]float64, len(a.z))
	for s, z := range a.z {
		gs[s], vs[s] = a.random(len(z)), a.random(len(z))
	}
	a.along("JVP = differences of Apply", fmt.Sprintf("JVP of %s is not the derivative of its Apply", a.act),
		func(s int, z, u []float64) float64 {
			d := make([]float64, len(z))
			so.JVP(d, z, u)
			return floats.Dot(gs[s], d)
		},
		func(s int, z []float64) float64 { return floats.Dot(gs[s], a.apply(z)) })
	a.along("VJP2 = differences of VJP", fmt.Sprintf("VJP2 of %s is not the derivative of its VJP", a.act),
		func(s int, z, u []float64) float64 {
			d := make([]float64, len(z))
			so.VJP2(d, z, gs[s], vs[s])
			return floats.Dot(d, u)
		},
		func(s int, z []float64) float64 {
			d := append([]float64(nil), gs[s]...)
			so.VJP(d, z, d)
			return floats.Dot(vs[s], d)
		})
}
