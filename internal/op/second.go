package op

import (
	"fmt"

	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/quiver"
)

// ActVJP2 returns ∇_z⟨u, Dρ(z)ᵀg⟩ row by row. For radial activations, with λ₁ = λ′/r
// and λ₂ = λ₁′/r,
//
//	λ₁[(u·g)z + (z·u)g + (z·g)u] + λ₂(z·g)(z·u)z,
//
// for pointwise ones σ″(z)∘g∘u, for others their own VJP2. Any other activation gives an
// OrderError.
func ActVJP2(owner string, act quiver.Activation, z, g, u *gorgonia.Node) (*gorgonia.Node, error) {
	k := derivative(KindActVJP2, act, func(in [][2]int) ([2]int, error) { return same(in) }, 4)
	switch act.(type) {
	case quiver.RadialJet, quiver.PointJet, quiver.SecondOrder:
	default:
		return nil, &OrderError{2, owner, act.String()}
	}
	k.f64 = func(d Mat[float64], in []Mat[float64], tmp []float64) { vjp2Rows(act, d, in, tmp) }
	k.f32 = func(d Mat[float32], in []Mat[float32], tmp []float64) { vjp2Rows(act, d, in, tmp) }
	k.back = func(o *Op, in gorgonia.Nodes, _, w *gorgonia.Node, wanted []bool) (gorgonia.Nodes, error) {
		e, err := expand2(o.owner, act, in[0], in[1], in[2])
		if err != nil {
			return nil, err
		}
		return expandedGradients(e, w, in, wanted)
	}
	return Apply(newOp(k, owner, fmt.Sprintf("D²ρ[%s](%s,%s)", owner, g.Name(), u.Name()), 3), z, g, u)
}

func vjp2Rows[T Float](act quiver.Activation, d Mat[T], in []Mat[T], tmp []float64) {
	n := d.C
	z, g, u, out := tmp[:n], tmp[n:2*n], tmp[2*n:3*n], tmp[3*n:4*n]
	for i := range d.R {
		widen(z, in[0].row(i))
		widen(g, in[1].row(i))
		widen(u, in[2].row(i))
		switch a := act.(type) {
		case quiver.SecondOrder:
			a.VJP2(out, z, g, u)
		case quiver.PointJet:
			for j := range out {
				out[j] = a.PointJet(2, z[j]) * g[j] * u[j]
			}
		case quiver.RadialJet:
			radialVJP2(a, out, z, g, u)
		}
		narrow(d.row(i), out)
	}
}

func radialVJP2(act quiver.RadialJet, out, z, g, u []float64) {
	r := norm(z)
	if r == 0 { // every term has a factor z
		clear(out)
		return
	}
	var zg, zu, gu float64
	for i, x := range z { // with unit vectors, so that large and small norms are safe
		zg += x / r * g[i]
		zu += x / r * u[i]
		gu += g[i] * u[i]
	}
	l1 := act.RadialJet(1, r) * r
	l2 := act.RadialJet(2, r) * r * r * r
	for i, x := range z {
		out[i] = l1*(gu*(x/r)+zu*g[i]+zg*u[i]) + l2*zg*zu*(x/r)
	}
}

// expand2 writes ActVJP2 in the algebra, which differentiates to every order.
func expand2(owner string, act quiver.Activation, z, g, u *gorgonia.Node) (*gorgonia.Node, error) {
	var b Builder
	name := func(s string) string { return s + "[" + owner + "]" }
	do := func(f func() (*gorgonia.Node, error)) *gorgonia.Node {
		if b.Err != nil {
			return nil
		}
		return b.Put(f())
	}
	dot := func(s string, x, y *gorgonia.Node) *gorgonia.Node {
		return do(func() (*gorgonia.Node, error) { return RowDot(owner, name(s), x, y) })
	}
	had := func(s string, x, y *gorgonia.Node) *gorgonia.Node {
		return do(func() (*gorgonia.Node, error) { return Hadamard(owner, name(s), x, y) })
	}
	scaled := func(s string, x, y *gorgonia.Node) *gorgonia.Node {
		return do(func() (*gorgonia.Node, error) { return RowScale(owner, name(s), x, y) })
	}
	switch a := act.(type) {
	case quiver.PointJet:
		gu := had("g∘u", g, u)
		j := do(func() (*gorgonia.Node, error) { return PointJet(owner, a, 2, z) })
		return had("σ₂∘g∘u", j, gu), b.Err
	case quiver.RadialJet:
		l1 := do(func() (*gorgonia.Node, error) { return RadialJet(owner, a, 1, z) })
		l2 := do(func() (*gorgonia.Node, error) { return RadialJet(owner, a, 2, z) })
		zg, zu, gu := dot("⟨z,g⟩", z, g), dot("⟨z,u⟩", z, u), dot("⟨g,u⟩", g, u)
		t1 := scaled("λ₁⟨g,u⟩z", z, had("λ₁⟨g,u⟩", l1, gu))
		t2 := scaled("λ₁⟨z,u⟩g", g, had("λ₁⟨z,u⟩", l1, zu))
		t3 := scaled("λ₁⟨z,g⟩u", u, had("λ₁⟨z,g⟩", l1, zg))
		t4 := scaled("λ₂⟨z,g⟩⟨z,u⟩z", z, had("λ₂⟨z,g⟩⟨z,u⟩", l2, had("⟨z,g⟩⟨z,u⟩", zg, zu)))
		return do(func() (*gorgonia.Node, error) { return Add(owner, name("D²ρ"), t1, t2, t3, t4) }), b.Err
	}
	return nil, &OrderError{3, owner, act.String()}
}

// expandedGradients sweeps back from an expansion e to the inputs of the node that it
// replaces. An input that stands twice gets its whole gradient at the first place.
func expandedGradients(e, seed *gorgonia.Node, in gorgonia.Nodes, wanted []bool) (gorgonia.Nodes, error) {
	first := make(map[*gorgonia.Node]int)
	var wrt gorgonia.Nodes
	for i, n := range in {
		if _, dup := first[n]; wanted[i] && !dup {
			first[n] = len(wrt)
			wrt = append(wrt, n)
		}
	}
	grads, err := backprop(nil, gorgonia.Nodes{e}, gorgonia.Nodes{seed}, wrt, true)
	if err != nil {
		return nil, err
	}
	back := make(gorgonia.Nodes, len(in))
	for i, n := range in {
		if j, ok := first[n]; wanted[i] && ok {
			back[i] = grads[j]
			delete(first, n)
		}
	}
	return back, nil
}

// secondParams is secondOrder for an activation with parameters, inputs z, g, p.
func secondParams(owner string, act quiver.Activation, in gorgonia.Nodes, u, v *gorgonia.Node, wanted []bool) (gorgonia.Nodes, error) {
	so, ok := act.(quiver.ParametricSecondOrder)
	if !ok {
		return nil, &OrderError{2, owner, act.String()}
	}
	part := func(which int, label string) func() (*gorgonia.Node, error) {
		return func() (*gorgonia.Node, error) { return secondPart(owner, label, so, which, in, u, v) }
	}
	return gradients(wanted, part(0, "∂²z["+owner+"]"), part(1, "∂²g["+owner+"]"), part(2, "∂²p["+owner+"]"))
}

// secondPart is one of the three gradients of VJP2P: at z, g or p.
func secondPart(owner, label string, act quiver.ParametricSecondOrder, which int, in gorgonia.Nodes, u, v *gorgonia.Node) (*gorgonia.Node, error) {
	k := derivative(KindActVJP2Params, act, func(s [][2]int) ([2]int, error) { return s[which], nil }, 5)
	k.tmp = func(s [][2]int) int { return 5*s[0][1] + 3*s[2][1] }
	hasU, hasV := u != nil, v != nil
	k.f64 = func(d Mat[float64], in []Mat[float64], tmp []float64) { secondRows(act, which, hasU, hasV, d, in, tmp) }
	k.f32 = func(d Mat[float32], in []Mat[float32], tmp []float64) { secondRows(act, which, hasU, hasV, d, in, tmp) }
	k.back = func(*Op, gorgonia.Nodes, *gorgonia.Node, *gorgonia.Node, []bool) (gorgonia.Nodes, error) {
		return nil, &OrderError{3, owner, act.String()}
	}
	all := append(gorgonia.Nodes(nil), in...)
	if hasU {
		all = append(all, u)
	}
	if hasV {
		all = append(all, v)
	}
	return Apply(newOp(k, owner, label, len(all)), all...)
}

func secondRows[T Float](act quiver.ParametricSecondOrder, which int, hasU, hasV bool, d Mat[T], in []Mat[T], tmp []float64) {
	n, np := in[0].C, in[2].C
	vec := func(i int) []float64 { return tmp[i*n : (i+1)*n] }
	z, g, u, dz, dg := vec(0), vec(1), vec(2), vec(3), vec(4)
	p, v, dp := tmp[5*n:5*n+np], tmp[5*n+np:5*n+2*np], tmp[5*n+2*np:5*n+3*np]
	widen(p, in[2].Data)
	clear(u)
	clear(v)
	clear(dp)
	if hasV {
		widen(v, in[len(in)-1].Data)
	}
	for i := range in[0].R {
		widen(z, in[0].row(i))
		widen(g, in[1].row(i))
		if hasU {
			widen(u, in[3].row(i))
		}
		act.VJP2P(dz, dg, dp, z, g, p, u, v)
		switch which {
		case 0:
			narrow(d.row(i), dz)
		case 1:
			narrow(d.row(i), dg)
		}
	}
	if which == 2 {
		narrow(d.Data, dp)
	}
}
