package op

import (
	"fmt"

	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/quiver"
)

// applyRows stores ρ of each row of z in d, which may be z. p are the parameters, or
// nil. Rows are computed in double precision.
func applyRows[T Float](act quiver.Activation, d, z Mat[T], p []T, tmp []float64) {
	if act == quiver.Identity {
		copy(d.Data, z.Data)
		return
	}
	par, trained := act.(quiver.Parametric)
	trained = trained && p != nil
	x := tmp[:z.C]
	if trained {
		tmp = widen(tmp[z.C:], p)
	}
	for i := range z.R {
		widen(x, z.row(i))
		if overflowed(x, x) {
		} else if trained {
			par.ApplyP(x, x, tmp)
		} else {
			act.Apply(x, x)
		}
		narrow(d.row(i), x)
	}
}

// derivative is a kernel whose inputs begin with z, g: n×d both.
func derivative(kind Kind, act quiver.Activation, size func(in [][2]int) ([2]int, error), rows int) *both {
	return &both{is: kind, size: func(in [][2]int) ([2]int, error) {
		if _, err := same(in[:2]); err != nil {
			return in[0], err
		}
		return size(in)
	}, tmp: func(in [][2]int) int {
		n := rows * in[0][1]
		if par, ok := act.(quiver.Parametric); ok {
			n += 3 * par.NumParams(in[0][1])
		}
		return n
	}}
}

func likeZ(in [][2]int) ([2]int, error) { return in[0], nil }

// ActVJP returns δ = Dρ(z)ᵀg, row by row, n×d. params is nil or 1×p.
func ActVJP(owner, label string, act quiver.Activation, z, g, params *gorgonia.Node) (*gorgonia.Node, error) {
	if act == quiver.Identity {
		return g, nil
	}
	k := derivative(KindActVJP, act, likeZ, 2)
	k.f64 = func(d Mat[float64], in []Mat[float64], tmp []float64) { vjpRows(act, d, in, tmp) }
	k.f32 = func(d Mat[float32], in []Mat[float32], tmp []float64) { vjpRows(act, d, in, tmp) }
	k.back = func(o *Op, in gorgonia.Nodes, _, u *gorgonia.Node, wanted []bool) (gorgonia.Nodes, error) {
		return secondOrder(o.owner, act, in, u, nil, wanted)
	}
	in := gorgonia.Nodes{z, g}
	if params != nil {
		in = append(in, params)
	}
	o := newOp(k, owner, label, len(in))
	o.act = act
	return Apply(o, in...)
}

func vjpRows[T Float](act quiver.Activation, d Mat[T], in []Mat[T], tmp []float64) {
	n := d.C
	z, g, rest := tmp[:n], tmp[n:2*n], tmp[2*n:]
	par, _ := act.(quiver.Parametric)
	var p, dp []float64
	if len(in) == 3 {
		p = widen(rest, in[2].Data)
		dp = rest[len(p) : 2*len(p)]
	}
	for i := range d.R {
		widen(z, in[0].row(i))
		widen(g, in[1].row(i))
		if overflowed(g, z) {
		} else if p != nil {
			par.VJPP(g, dp, z, g, p)
		} else {
			act.VJP(g, z, g)
		}
		narrow(d.row(i), g)
	}
}

// ActVJPParams returns Σ_rows D_pρ(z;p)ᵀg, 1×p.
func ActVJPParams(owner, label string, act quiver.Activation, z, g, params *gorgonia.Node) (*gorgonia.Node, error) {
	par := act.(quiver.Parametric)
	k := derivative(KindActVJPParams, act, func(in [][2]int) ([2]int, error) { return in[2], nil }, 2)
	k.f64 = func(d Mat[float64], in []Mat[float64], tmp []float64) { paramRows(par, d, in, tmp) }
	k.f32 = func(d Mat[float32], in []Mat[float32], tmp []float64) { paramRows(par, d, in, tmp) }
	k.back = func(o *Op, in gorgonia.Nodes, _, v *gorgonia.Node, wanted []bool) (gorgonia.Nodes, error) {
		return secondOrder(o.owner, act, in, nil, v, wanted)
	}
	return Apply(newOp(k, owner, label, 3), z, g, params)
}

func paramRows[T Float](par quiver.Parametric, d Mat[T], in []Mat[T], tmp []float64) {
	n := in[0].C
	z, g, rest := tmp[:n], tmp[n:2*n], tmp[2*n:]
	p := widen(rest, in[2].Data)
	dp := rest[len(p) : 2*len(p)]
	clear(dp)
	for i := range in[0].R {
		widen(z, in[0].row(i))
		widen(g, in[1].row(i))
		if !overflowed(dp, z) {
			par.VJPP(g, dp, z, g, p)
		}
	}
	narrow(d.Data, dp)
}

// ActJVP returns Dρ(z)u row by row for a SecondOrder activation.
func ActJVP(owner, label string, act quiver.SecondOrder, z, u *gorgonia.Node) (*gorgonia.Node, error) {
	k := derivative(KindActJVP, act, likeZ, 3)
	k.f64 = func(d Mat[float64], in []Mat[float64], tmp []float64) { jvpRows(act, d, in, tmp) }
	k.f32 = func(d Mat[float32], in []Mat[float32], tmp []float64) { jvpRows(act, d, in, tmp) }
	k.back = func(o *Op, in gorgonia.Nodes, _, w *gorgonia.Node, wanted []bool) (gorgonia.Nodes, error) {
		return gradients(wanted, // ⟨w, Dρ u⟩ = ⟨u, Dρᵀw⟩
			func() (*gorgonia.Node, error) { return ActVJP2(o.owner, act, in[0], w, in[1]) },
			func() (*gorgonia.Node, error) { return ActVJP(o.owner, "Dρᵀ"+w.Name(), act, in[0], w, nil) })
	}
	return Apply(newOp(k, owner, label, 2), z, u)
}

func jvpRows[T Float](act quiver.SecondOrder, d Mat[T], in []Mat[T], tmp []float64) {
	n := d.C
	z, u, out := tmp[:n], tmp[n:2*n], tmp[2*n:3*n]
	for i := range d.R {
		widen(z, in[0].row(i))
		widen(u, in[1].row(i))
		if !overflowed(out, z) {
			act.JVP(out, z, u)
		}
		narrow(d.row(i), out)
	}
}

// secondOrder returns the gradients of ⟨u, D_zρᵀg⟩ + ⟨v, D_pρᵀg⟩ at z, g and, where there
// are parameters, p; u or v may be nil.
func secondOrder(owner string, act quiver.Activation, in gorgonia.Nodes, u, v *gorgonia.Node, wanted []bool) (gorgonia.Nodes, error) {
	if len(in) == 3 {
		return secondParams(owner, act, in, u, v, wanted)
	}
	z, g := in[0], in[1]
	return gradients(wanted,
		func() (*gorgonia.Node, error) { return ActVJP2(owner, act, z, g, u) },
		func() (*gorgonia.Node, error) {
			label := fmt.Sprintf("Dρ[%s]·%s", owner, u.Name())
			if so, ok := act.(quiver.SecondOrder); ok {
				return ActJVP(owner, label, so, z, u)
			}
			if _, radial := act.(quiver.RadialJet); !radial {
				if _, point := act.(quiver.PointJet); !point {
					return nil, &OrderError{2, owner, act.String()} // Dρ·u is not Dρᵀu
				}
			}
			return ActVJP(owner, label, act, z, u, nil) // radial and pointwise Jacobians are symmetric
		})
}
