package op

import (
	"fmt"

	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/blas"
	"github.com/quivernet/quivernet/quiver"
)

// ArrowDW returns δᵀx, the gradient at an arrow's matrix: δ is n×r, x is n×c, the
// result r×c.
func ArrowDW(owner, label string, delta, x *gorgonia.Node) (*gorgonia.Node, error) {
	k := &both{is: KindArrowDW, size: func(in [][2]int) ([2]int, error) {
		if in[0][0] != in[1][0] {
			return in[0], fmt.Errorf("%d and %d samples", in[0][0], in[1][0])
		}
		return [2]int{in[0][1], in[1][1]}, nil
	}, f64: arrowDW[float64], f32: arrowDW[float32]}
	k.back = func(o *Op, in gorgonia.Nodes, _, g *gorgonia.Node, wanted []bool) (gorgonia.Nodes, error) {
		return gradients(wanted,
			func() (*gorgonia.Node, error) {
				return Sum(o.owner, in[1].Name()+"·"+g.Name()+"ᵀ", []Term{{X: in[1], W: g}})
			},
			func() (*gorgonia.Node, error) { return ArrowDX(o.owner, in[0].Name()+"·"+g.Name(), in[0], Term{W: g}) })
	}
	return Apply(newOp(k, owner, label, 2), delta, x)
}

func arrowDW[T Float](d Mat[T], in []Mat[T], _ []float64) {
	clear(d.Data)
	blas.TN(d.Data, in[0].Data, in[1].Data, in[0].R, in[0].C, in[1].C)
}

// ArrowDX returns δW, what an arrow sends back to its source: δ is n×r, the matrix of
// the term r×c, the result n×c. The term's X does not matter.
func ArrowDX(owner, label string, delta *gorgonia.Node, t Term) (*gorgonia.Node, error) {
	if t.W == nil {
		return inclusionBack(owner, label, delta, t.Fixed)
	}
	k := &both{is: KindArrowDX, size: func(in [][2]int) ([2]int, error) {
		if in[0][1] != in[1][0] {
			return in[0], fmt.Errorf("product of %d×%d and %d×%d", in[0][0], in[0][1], in[1][0], in[1][1])
		}
		return [2]int{in[0][0], in[1][1]}, nil
	}, f64: arrowDX[float64], f32: arrowDX[float32]}
	k.back = func(o *Op, in gorgonia.Nodes, _, g *gorgonia.Node, wanted []bool) (gorgonia.Nodes, error) {
		return gradients(wanted,
			func() (*gorgonia.Node, error) {
				return Sum(o.owner, g.Name()+"·"+in[1].Name()+"ᵀ", []Term{{X: g, W: in[1]}})
			},
			func() (*gorgonia.Node, error) { return ArrowDW(o.owner, in[0].Name()+"ᵀ·"+g.Name(), in[0], g) })
	}
	return Apply(newOp(k, owner, label, 2), delta, t.W)
}

func arrowDX[T Float](d Mat[T], in []Mat[T], _ []float64) {
	clear(d.Data)
	blas.NN(d.Data, in[0].Data, in[1].Data, in[0].R, in[0].C, in[1].C)
}

// inclusionBack is ArrowDX for a structured matrix: a copy.
func inclusionBack(owner, label string, delta *gorgonia.Node, m quiver.Inclusion) (*gorgonia.Node, error) {
	t := m.T().(quiver.Inclusion)
	k := &both{is: KindArrowDX, size: func(in [][2]int) ([2]int, error) {
		if in[0][1] != m.Rows {
			return in[0], fmt.Errorf("product of %d×%d and %v", in[0][0], in[0][1], m)
		}
		return [2]int{in[0][0], m.Cols}, nil
	}, f64: func(d Mat[float64], in []Mat[float64], _ []float64) { clear(d.Data); include(d, in[0], t) },
		f32: func(d Mat[float32], in []Mat[float32], _ []float64) { clear(d.Data); include(d, in[0], t) }}
	k.back = func(o *Op, in gorgonia.Nodes, _, g *gorgonia.Node, _ []bool) (gorgonia.Nodes, error) {
		n, err := Sum(o.owner, g.Name()+"·Iᵀ", []Term{{X: g, Fixed: m}})
		return gorgonia.Nodes{n}, err
	}
	o := newOp(k, owner, label, 1)
	o.fixed = m
	return Apply(o, delta)
}

// include adds x·mᵀ to d for a structured m.
func include[T Float](d, x Mat[T], m quiver.Inclusion) {
	for i := range d.R {
		from := x.row(i)[m.Col : m.Col+m.K]
		to := d.row(i)[m.Row : m.Row+m.K]
		for j, v := range from {
			to[j] += v
		}
	}
}
