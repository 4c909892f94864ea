package verify

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"

	"github.com/quivernet/quivernet/quiver"
)

// lipschitz: an activation that knows its constants says that on a shell lo ≤ |z| ≤ hi no derivative is longer than lip and no value longer than
// sup; proved error bounds are made of these. What is measured at some points of the shell is a lower bound of the suprema, so that a
// claim below it is false: at each pre-activation, at the same length along each coordinate and along the diagonal, and between
// these points and the origin.
func (a *actCheck) lipschitz() {
	claim, ok := a.act.(quiver.Lipschitz)
	if _, par := a.act.(quiver.Parametric); !ok || par {
		return
	}
	const room = 1e-12 // of a length that was computed
	gap, worst := 0.0, ""
	see := func(what string, got, claimed, lo, hi float64) {
		if got <= claimed*(1+1e-9) {
			return
		}
		if g := got/claimed - 1; !(g <= gap) {
			if math.IsNaN(g) {
				g = math.Inf(1)
			}
			gap, worst = g, fmt.Sprintf("on the shell %.6g ≤ |z| ≤ %.6g it says %s is at most %.8g, and %.8g occurs", lo, hi, what, claimed, got)
		}
	}
	for _, z := range a.z {
		r := floats.Norm(z, 2)
		if r == 0 || math.IsInf(r, 1) {
			continue
		}
		outer := r * (1 + room)
		shells := [][2]float64{{r * (1 - room), outer}, {0, outer}}
		for s, shell := range shells {
			lip, sup := claim.Lipschitz(shell[0], shell[1])
			for _, p := range directions(z) {
				for _, t := range []float64{1, 0.5, 1e-3}[:1+2*s] {
					x := append([]float64(nil), p...)
					floats.Scale(t*r/floats.Norm(p, 2), x)
					see("|ρ(z)|", floats.Norm(a.apply(x), 2), sup, shell[0], shell[1])
					see("the derivative", a.stretch(x), lip, shell[0], shell[1])
				}
			}
		}
	}
	a.judge("Lipschitz: bounds what occurs", a.where, gap, 1e-9, fmt.Sprintf("Lipschitz of %s is too small: %s", a.act, worst))
}

// directions returns z, the diagonal, and up to four coordinates.
func directions(z []float64) [][]float64 {
	n := len(z)
	diagonal := make([]float64, n)
	for i := range diagonal {
		diagonal[i] = 1
	}
	ps := [][]float64{z, diagonal}
	for i := range min(n, 4) {
		e := make([]float64, n)
		e[i*n/min(n, 4)] = 1
		ps = append(ps, e)
	}
	return ps
}

// stretch returns the largest |Dρ(z)ᵀg|/|g| over some g, which is at most the norm of the derivative.
func (a *actCheck) stretch(z []float64) (most float64) {
	for _, g := range append(directions(z), a.random(len(z))) {
		for range 2 {
			d := make([]float64, len(z))
			a.r.vjp(a.v, d, nil, z, g)
			size := floats.Norm(d, 2)
			most = max(most, size/floats.Norm(g, 2))
			if g = d; size == 0 || math.IsNaN(size) || math.IsInf(size, 1) {
				break
			}
		}
	}
	return most
}
