package op

import (
	"fmt"

	"gorgonia.org/gorgonia"
)

// The plain products, for reading: those that run are n-ary sums and products with a
// transposed factor, which need no transposed copy.

// MatMul returns a·b; a is m×k, b is k×n.
func MatMul(owner string, a, b *gorgonia.Node) (*gorgonia.Node, error) {
	k := &both{is: KindMatMul, size: func(in [][2]int) ([2]int, error) {
		if in[0][1] != in[1][0] {
			return in[0], fmt.Errorf("product of %d×%d and %d×%d", in[0][0], in[0][1], in[1][0], in[1][1])
		}
		return [2]int{in[0][0], in[1][1]}, nil
	}, f64: matMul[float64], f32: matMul[float32]}
	k.back = func(o *Op, in gorgonia.Nodes, _, g *gorgonia.Node, wanted []bool) (gorgonia.Nodes, error) {
		return gradients(wanted,
			func() (*gorgonia.Node, error) {
				t, err := Transpose(o.owner, in[1])
				if err != nil {
					return nil, err
				}
				return MatMul(o.owner, g, t)
			},
			func() (*gorgonia.Node, error) {
				t, err := Transpose(o.owner, in[0])
				if err != nil {
					return nil, err
				}
				return MatMul(o.owner, t, g)
			})
	}
	return Apply(newOp(k, owner, a.Name()+"·"+b.Name(), 2), a, b)
}

func matMul[T Float](d Mat[T], in []Mat[T], _ []float64) {
	clear(d.Data)
	for i := range d.R {
		out := d.row(i)
		for k, v := range in[0].row(i) {
			for j, w := range in[1].row(k) {
				out[j] += v * w
			}
		}
	}
}

// Transpose returns aᵀ.
func Transpose(owner string, a *gorgonia.Node) (*gorgonia.Node, error) {
	k := &both{is: KindTranspose, size: func(in [][2]int) ([2]int, error) { return [2]int{in[0][1], in[0][0]}, nil },
		f64: transpose[float64], f32: transpose[float32]}
	k.back = func(o *Op, _ gorgonia.Nodes, _, g *gorgonia.Node, _ []bool) (gorgonia.Nodes, error) {
		n, err := Transpose(o.owner, g)
		return gorgonia.Nodes{n}, err
	}
	return Apply(newOp(k, owner, a.Name()+"ᵀ", 1), a)
}

func transpose[T Float](d Mat[T], in []Mat[T], _ []float64) {
	for i := range d.R {
		for j := range d.C {
			d.Data[i*d.C+j] = in[0].Data[j*d.R+i]
		}
	}
}
