package op

import (
	"fmt"
	"math"

	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/quiver"
)

// The elementary operations: what activations are made of. They act entry by entry or row by
// row, and are differentiable too.

// entrywise returns f of each entry of x, computed in double precision. derivative makes f′(x).
func entrywise(owner string, kind Kind, label string, order int, x *gorgonia.Node, f func(float64) float64, derivative func(x *gorgonia.Node) (*gorgonia.Node, error)) (*gorgonia.Node, error) {
	k := &both{is: kind, order: order, size: likeZ,
		f64: func(d Mat[float64], in []Mat[float64], _ []float64) { each(d, in[0], f) },
		f32: func(d Mat[float32], in []Mat[float32], _ []float64) { each(d, in[0], f) },
	}
	k.back = func(o *Op, in gorgonia.Nodes, _, g *gorgonia.Node, _ []bool) (gorgonia.Nodes, error) {
		n, err := derivative(in[0])
		if err == nil {
			n, err = Hadamard(o.owner, g.Name()+"∘"+n.Name(), g, n)
		}
		return gorgonia.Nodes{n}, err
	}
	return newOp(k, owner, label, 1).like(x)
}

func each[T Float](d, x Mat[T], f func(float64) float64) {
	for i, v := range x.Data {
		d.Data[i] = T(f(float64(v)))
	}
}

// Jets is a scalar function with all its derivatives: Jets(k, x) = f⁽ᵏ⁾(x).
type Jets func(k int, x float64) float64

// Function returns f⁽ᵏ⁾ of each entry of x; name is that of f.
func Function(owner, name string, f Jets, k int, x *gorgonia.Node) (*gorgonia.Node, error) {
	n, err := entrywise(owner, KindFunction, name, k, x, func(v float64) float64 { return f(k, v) },
		func(x *gorgonia.Node) (*gorgonia.Node, error) { return Function(owner, name, f, k+1, x) })
	return n, err
}

// Power returns xᵖ of each entry.
func Power(owner string, x *gorgonia.Node, p float64) (*gorgonia.Node, error) {
	f := func(v float64) float64 { return math.Pow(v, p) }
	switch p {
	case 2:
		f = func(v float64) float64 { return v * v }
	case 0.5:
		f = math.Sqrt
	case -1:
		f = func(v float64) float64 { return 1 / v }
	case -0.5:
		f = func(v float64) float64 { return 1 / math.Sqrt(v) }
	}
	n, err := entrywise(owner, KindPower, "^"+fmt.Sprint(p), 0, x, f, func(x *gorgonia.Node) (*gorgonia.Node, error) {
		if p == 0 || p == 1 {
			return Affine(owner, x, 0, p)
		}
		n, err := Power(owner, x, p-1)
		if err != nil {
			return nil, err
		}
		return Affine(owner, n, p, 0)
	})
	if err == nil {
		n.Op().(*Op).coefficients = []float64{p}
	}
	return n, err
}

// Affine returns a·x + b of each entry, for constants a and b.
func Affine(owner string, x *gorgonia.Node, a, b float64) (*gorgonia.Node, error) {
	k := &both{is: KindAffine, size: likeZ,
		f64: func(d Mat[float64], in []Mat[float64], _ []float64) {
			each(d, in[0], func(v float64) float64 { return a*v + b })
		},
		f32: func(d Mat[float32], in []Mat[float32], _ []float64) {
			each(d, in[0], func(v float64) float64 { return a*v + b })
		}}
	k.back = func(o *Op, _ gorgonia.Nodes, _, g *gorgonia.Node, _ []bool) (gorgonia.Nodes, error) {
		n, err := Combine(o.owner, fmt.Sprintf("%g·%s", a, g.Name()), []float64{a}, g)
		return gorgonia.Nodes{n}, err
	}
	o := newOp(k, owner, "affine", 1)
	o.coefficients = []float64{a, b}
	return o.like(x)
}

// RowNorm returns the n×1 norms of the rows of z; the gradient at a row of zeros is 0.
func RowNorm(owner, label string, z *gorgonia.Node) (*gorgonia.Node, error) {
	k := &both{is: KindRowNorm, size: column, tmp: func(in [][2]int) int { return in[0][1] }, f64: rowNorm[float64], f32: rowNorm[float32]}
	k.back = func(o *Op, in gorgonia.Nodes, out, g *gorgonia.Node, _ []bool) (gorgonia.Nodes, error) {
		n, err := Ratio(o.owner, g, out, 0)
		if err == nil {
			n, err = RowScale(o.owner, "diag("+g.Name()+"/|z|)·"+in[0].Name(), in[0], n)
		}
		return gorgonia.Nodes{n}, err
	}
	return Apply(newOp(k, owner, label, 1), z)
}

func column(in [][2]int) ([2]int, error) { return [2]int{in[0][0], 1}, nil }

func rowNorm[T Float](d Mat[T], in []Mat[T], tmp []float64) {
	for i := range d.R {
		d.Data[i] = T(norm(widen(tmp, in[0].row(i))))
	}
}

// Profile returns λ_k(r) of each entry of r for a radial activation.
func Profile(owner string, act quiver.RadialJet, order int, r *gorgonia.Node) (*gorgonia.Node, error) {
	return entrywise(owner, KindProfile, fmt.Sprintf("λ%s(r)[%s]", subscript(order), owner), order, r, func(v float64) float64 { return act.RadialJet(order, v) },
		func(r *gorgonia.Node) (*gorgonia.Node, error) { // λ_k′ = r·λ_{k+1}
			n, err := Profile(owner, act, order+1, r)
			if err == nil {
				n, err = Hadamard(owner, "r∘"+n.Name(), r, n)
			}
			return n, err
		})
}

// Ratio returns a/b entry by entry, and origin where b is 0: a function of the norm at a
// row of zeros, where its limit is known and 0/0 is not. a and b have one size.
func Ratio(owner string, a, b *gorgonia.Node, origin float64) (*gorgonia.Node, error) {
	k := &both{is: KindRatio, size: same,
		f64: func(d Mat[float64], in []Mat[float64], _ []float64) { ratio(d, in, origin) },
		f32: func(d Mat[float32], in []Mat[float32], _ []float64) { ratio(d, in, origin) }}
	k.back = func(o *Op, in gorgonia.Nodes, out, g *gorgonia.Node, wanted []bool) (gorgonia.Nodes, error) {
		return gradients(wanted,
			func() (*gorgonia.Node, error) { return Ratio(o.owner, g, in[1], 0) },
			func() (*gorgonia.Node, error) { // −g·(a/b)/b
				n, err := Hadamard(o.owner, g.Name()+"∘"+out.Name(), g, out)
				if err == nil {
					n, err = Ratio(o.owner, n, in[1], 0)
				}
				if err == nil {
					n, err = Combine(o.owner, "−"+n.Name(), []float64{-1}, n)
				}
				return n, err
			})
	}
	o := newOp(k, owner, "ratio", 2)
	o.coefficients = []float64{origin}
	return o.like(a, b)
}

func ratio[T Float](d Mat[T], in []Mat[T], origin float64) {
	for i, b := range in[1].Data {
		if b == 0 {
			d.Data[i] = T(origin)
		} else {
			d.Data[i] = in[0].Data[i] / b
		}
	}
}

// Slope returns λ′(r) of each entry of r for a radial activation; λ′ = r·λ₁.
func Slope(owner string, act quiver.RadialJet, r *gorgonia.Node) (*gorgonia.Node, error) {
	return entrywise(owner, KindSlope, "λ′(r)["+owner+"]", 0, r, func(v float64) float64 { return v * act.RadialJet(1, v) },
		func(*gorgonia.Node) (*gorgonia.Node, error) {
			return nil, &NodeError{"λ′", "an opened activation is not differentiated again; differentiate first and open then"}
		})
}

// RatioOr is Ratio with the value where b is 0 in a 1×1 node.
func RatioOr(owner string, a, b, origin *gorgonia.Node) (*gorgonia.Node, error) {
	k := &both{is: KindRatio, size: func(in [][2]int) ([2]int, error) {
		if in[2] != [2]int{1, 1} {
			return in[0], fmt.Errorf("a limit of %d×%d, want 1×1", in[2][0], in[2][1])
		}
		return same(in[:2])
	},
		f64: func(d Mat[float64], in []Mat[float64], _ []float64) { ratio(d, in, in[2].Data[0]) },
		f32: func(d Mat[float32], in []Mat[float32], _ []float64) { ratio(d, in, float64(in[2].Data[0])) }}
	k.back = unexpandable
	return Apply(newOp(k, owner, "ratio", 3), a, b, origin)
}
