package op

import (
	"fmt"

	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/quiver"
)

// The algebra: linear combinations, products by rows, by entries and by scalars,
// sums, and jets. It is closed under differentiation.

// both makes the two precisions of a kernel from one generic function.
type both struct {
	is    Kind
	order int // of a derivative
	size  func(in [][2]int) ([2]int, error)
	tmp   func(in [][2]int) int
	f64   func(dst Mat[float64], in []Mat[float64], tmp []float64)
	f32   func(dst Mat[float32], in []Mat[float32], tmp []float64)
	back  func(o *Op, in gorgonia.Nodes, out, grad *gorgonia.Node, wanted []bool) (gorgonia.Nodes, error)
}

func (k *both) kind() Kind                        { return k.is }
func (k *both) shape(in [][2]int) ([2]int, error) { return k.size(in) }
func (k *both) run64(d Mat[float64], in []Mat[float64], tmp []float64) error {
	k.f64(d, in, tmp)
	return nil
}
func (k *both) run32(d Mat[float32], in []Mat[float32], tmp []float64) error {
	k.f32(d, in, tmp)
	return nil
}
func (k *both) scratch(in [][2]int) int {
	if k.tmp == nil {
		return 0
	}
	return k.tmp(in)
}
func (k *both) sym(o *Op, in gorgonia.Nodes, out, grad *gorgonia.Node, wanted []bool) (gorgonia.Nodes, error) {
	return k.back(o, in, out, grad, wanted)
}

// Builder collects nodes and the first error.
type Builder struct{ Err error }

// Put keeps the error, if it is the first, and returns the node.
func (b *Builder) Put(n *gorgonia.Node, err error) *gorgonia.Node {
	if b.Err == nil {
		b.Err = err
	}
	return n
}

// gradients makes the list of gradients at the inputs, calling only what is wanted.
func gradients(wanted []bool, make ...func() (*gorgonia.Node, error)) (gorgonia.Nodes, error) {
	gs := gorgonia.Nodes{}
	for i, f := range make {
		if !wanted[i] {
			gs = append(gs, nil)
			continue
		}
		n, err := f()
		if err != nil {
			return nil, err
		}
		gs = append(gs, n)
	}
	return gs, nil
}

func same(in [][2]int) ([2]int, error) {
	for _, s := range in[1:] {
		if s != in[0] {
			return s, fmt.Errorf("sizes %d×%d and %d×%d, want equal ones", in[0][0], in[0][1], s[0], s[1])
		}
	}
	return in[0], nil
}

// Add returns Σ xs; of a single x, x itself.
func Add(owner, label string, xs ...*gorgonia.Node) (*gorgonia.Node, error) {
	if len(xs) == 1 {
		return xs[0], nil
	}
	c := make([]float64, len(xs))
	for i := range c {
		c[i] = 1
	}
	return Combine(owner, label, c, xs...)
}

// Combine returns Σ c_i x_i for constants c_i and x_i of one size.
func Combine(owner, label string, c []float64, xs ...*gorgonia.Node) (*gorgonia.Node, error) {
	c = append([]float64(nil), c...)
	k := &both{is: KindCombine, size: same,
		f64: func(d Mat[float64], in []Mat[float64], _ []float64) { combine(d, in, c) },
		f32: func(d Mat[float32], in []Mat[float32], _ []float64) { combine(d, in, c) },
	}
	k.back = func(o *Op, in gorgonia.Nodes, _, g *gorgonia.Node, wanted []bool) (gorgonia.Nodes, error) {
		gs := make(gorgonia.Nodes, len(in))
		for i := range in {
			switch {
			case !wanted[i]:
			case c[i] == 1:
				gs[i] = g
			default:
				n, err := Combine(o.owner, fmt.Sprintf("%g·%s", c[i], g.Name()), c[i:i+1], g)
				if err != nil {
					return nil, err
				}
				gs[i] = n
			}
		}
		return gs, nil
	}
	o := newOp(k, owner, label, len(xs))
	o.coefficients = c
	return o.like(xs...)
}

func combine[T Float](d Mat[T], in []Mat[T], c []float64) {
	for j, x := range in {
		s := T(c[j])
		for i, v := range x.Data {
			if j == 0 {
				d.Data[i] = s * v
			} else {
				d.Data[i] += s * v
			}
		}
	}
}

// Hadamard returns the entrywise product a∘b.
func Hadamard(owner, label string, a, b *gorgonia.Node) (*gorgonia.Node, error) {
	k := &both{is: KindHadamard, size: same, f64: hadamard[float64], f32: hadamard[float32]}
	k.back = func(o *Op, in gorgonia.Nodes, _, g *gorgonia.Node, wanted []bool) (gorgonia.Nodes, error) {
		return gradients(wanted,
			func() (*gorgonia.Node, error) { return Hadamard(o.owner, g.Name()+"∘"+in[1].Name(), g, in[1]) },
			func() (*gorgonia.Node, error) { return Hadamard(o.owner, g.Name()+"∘"+in[0].Name(), g, in[0]) })
	}
	return newOp(k, owner, label, 2).like(a, b)
}

func hadamard[T Float](d Mat[T], in []Mat[T], _ []float64) {
	for i, v := range in[0].Data {
		d.Data[i] = v * in[1].Data[i]
	}
}

// RowDot returns the n×1 inner products of the rows of a and b, both n×d.
func RowDot(owner, label string, a, b *gorgonia.Node) (*gorgonia.Node, error) {
	k := &both{is: KindRowDot, size: func(in [][2]int) ([2]int, error) {
		s, err := same(in)
		return [2]int{s[0], 1}, err
	}, f64: rowDot[float64], f32: rowDot[float32]}
	k.back = func(o *Op, in gorgonia.Nodes, _, g *gorgonia.Node, wanted []bool) (gorgonia.Nodes, error) {
		return gradients(wanted,
			func() (*gorgonia.Node, error) {
				return RowScale(o.owner, "diag("+g.Name()+")·"+in[1].Name(), in[1], g)
			},
			func() (*gorgonia.Node, error) {
				return RowScale(o.owner, "diag("+g.Name()+")·"+in[0].Name(), in[0], g)
			})
	}
	return Apply(newOp(k, owner, label, 2), a, b)
}

func rowDot[T Float](d Mat[T], in []Mat[T], _ []float64) {
	for i := range d.Data {
		var s float64
		for j, v := range in[0].row(i) {
			s += float64(v) * float64(in[1].row(i)[j])
		}
		d.Data[i] = T(s)
	}
}

// RowScale returns the matrix whose row i is s_i times row i of v; v is n×d, s is n×1.
func RowScale(owner, label string, v, s *gorgonia.Node) (*gorgonia.Node, error) {
	k := &both{is: KindRowScale, size: func(in [][2]int) ([2]int, error) {
		if in[1] != [2]int{in[0][0], 1} {
			return in[0], fmt.Errorf("rows scaled by %d×%d, want %d×1", in[1][0], in[1][1], in[0][0])
		}
		return in[0], nil
	}, f64: rowScale[float64], f32: rowScale[float32]}
	k.back = func(o *Op, in gorgonia.Nodes, _, g *gorgonia.Node, wanted []bool) (gorgonia.Nodes, error) {
		return gradients(wanted,
			func() (*gorgonia.Node, error) {
				return RowScale(o.owner, "diag("+in[1].Name()+")·"+g.Name(), g, in[1])
			},
			func() (*gorgonia.Node, error) {
				return RowDot(o.owner, "⟨"+in[0].Name()+","+g.Name()+"⟩", in[0], g)
			})
	}
	return Apply(newOp(k, owner, label, 2), v, s)
}

func rowScale[T Float](d Mat[T], in []Mat[T], _ []float64) {
	for i := range d.R {
		s := in[1].Data[i]
		for j, v := range in[0].row(i) {
			d.Data[i*d.C+j] = s * v
		}
	}
}

// Dot returns the 1×1 inner product of two matrices, summed row by row.
func Dot(owner, label string, a, b *gorgonia.Node) (*gorgonia.Node, error) {
	k := &both{is: KindDot, size: func(in [][2]int) ([2]int, error) {
		_, err := same(in)
		return [2]int{1, 1}, err
	}, f64: dotAll[float64], f32: dotAll[float32]}
	k.back = func(o *Op, in gorgonia.Nodes, _, g *gorgonia.Node, wanted []bool) (gorgonia.Nodes, error) {
		if in[0] == in[1] && wanted[0] { // |a|²: both gradients at once
			n, err := Scale(o.owner, g.Name()+"·"+in[0].Name(), in[0], g)
			if err == nil {
				n, err = Combine(o.owner, "2·"+n.Name(), []float64{2}, n)
			}
			return gorgonia.Nodes{n, nil}, err
		}
		return gradients(wanted,
			func() (*gorgonia.Node, error) { return Scale(o.owner, g.Name()+"·"+in[1].Name(), in[1], g) },
			func() (*gorgonia.Node, error) { return Scale(o.owner, g.Name()+"·"+in[0].Name(), in[0], g) })
	}
	return Apply(newOp(k, owner, label, 2), a, b)
}

func dotAll[T Float](d Mat[T], in []Mat[T], _ []float64) {
	var s float64
	for i, v := range in[0].Data {
		s += float64(v) * float64(in[1].Data[i])
	}
	d.Data[0] = T(s)
}

// Scale returns s·x for a 1×1 node s.
func Scale(owner, label string, x, s *gorgonia.Node) (*gorgonia.Node, error) {
	k := &both{is: KindScale, size: func(in [][2]int) ([2]int, error) {
		if in[1] != [2]int{1, 1} {
			return in[0], fmt.Errorf("scaled by %d×%d, want 1×1", in[1][0], in[1][1])
		}
		return in[0], nil
	}, f64: scale[float64], f32: scale[float32]}
	k.back = func(o *Op, in gorgonia.Nodes, _, g *gorgonia.Node, wanted []bool) (gorgonia.Nodes, error) {
		return gradients(wanted,
			func() (*gorgonia.Node, error) { return Scale(o.owner, in[1].Name()+"·"+g.Name(), g, in[1]) },
			func() (*gorgonia.Node, error) { return Dot(o.owner, "⟨"+in[0].Name()+","+g.Name()+"⟩", in[0], g) })
	}
	return Apply(newOp(k, owner, label, 2), x, s)
}

func scale[T Float](d Mat[T], in []Mat[T], _ []float64) {
	s := in[1].Data[0]
	for i, v := range in[0].Data {
		d.Data[i] = s * v
	}
}

// RadialJet returns the n×1 values λ_k(|z_i|) of the rows of z.
func RadialJet(owner string, act quiver.RadialJet, order int, z *gorgonia.Node) (*gorgonia.Node, error) {
	k := &both{is: KindRadialJet, order: order, size: func(in [][2]int) ([2]int, error) { return [2]int{in[0][0], 1}, nil },
		tmp: func(in [][2]int) int { return in[0][1] },
		f64: func(d Mat[float64], in []Mat[float64], tmp []float64) { radialJet(d, in, tmp, act, order) },
		f32: func(d Mat[float32], in []Mat[float32], tmp []float64) { radialJet(d, in, tmp, act, order) },
	}
	k.back = func(o *Op, in gorgonia.Nodes, _, g *gorgonia.Node, _ []bool) (gorgonia.Nodes, error) {
		var b Builder // ∇λ_k(|z|) = λ_{k+1}(|z|)·z
		next := b.Put(RadialJet(o.owner, act, order+1, in[0]))
		if b.Err == nil {
			next = b.Put(Hadamard(o.owner, g.Name()+"∘"+next.Name(), g, next))
		}
		if b.Err == nil {
			next = b.Put(RowScale(o.owner, "diag("+next.Name()+")·"+in[0].Name(), in[0], next))
		}
		return gorgonia.Nodes{next}, b.Err
	}
	return Apply(newOp(k, owner, fmt.Sprintf("λ%s[%s]", subscript(order), owner), 1), z)
}

func radialJet[T Float](d Mat[T], in []Mat[T], tmp []float64, act quiver.RadialJet, order int) {
	for i := range d.R {
		d.Data[i] = T(act.RadialJet(order, norm(widen(tmp, in[0].row(i)))))
	}
}

// PointJet returns the entrywise σ⁽ᵏ⁾(z).
func PointJet(owner string, act quiver.PointJet, order int, z *gorgonia.Node) (*gorgonia.Node, error) {
	k := &both{is: KindPointJet, order: order, size: same,
		f64: func(d Mat[float64], in []Mat[float64], _ []float64) { pointJet(d, in, act, order) },
		f32: func(d Mat[float32], in []Mat[float32], _ []float64) { pointJet(d, in, act, order) },
	}
	k.back = func(o *Op, in gorgonia.Nodes, _, g *gorgonia.Node, _ []bool) (gorgonia.Nodes, error) {
		next, err := PointJet(o.owner, act, order+1, in[0])
		if err == nil {
			next, err = Hadamard(o.owner, g.Name()+"∘"+next.Name(), g, next)
		}
		return gorgonia.Nodes{next}, err
	}
	return Apply(newOp(k, owner, fmt.Sprintf("σ%s[%s]", subscript(order), owner), 1), z)
}

func pointJet[T Float](d Mat[T], in []Mat[T], act quiver.PointJet, order int) {
	for i, v := range in[0].Data {
		d.Data[i] = T(act.PointJet(order, float64(v)))
	}
}

// Subscript writes a number below the line: λ₁.
func Subscript(k int) string { return subscript(k) }

func subscript(k int) string {
	s := ""
	for _, r := range fmt.Sprint(k) {
		s += string('₀' + r - '0')
	}
	return s
}
