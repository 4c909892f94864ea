package op

import (
	"fmt"

	"gorgonia.org/gorgonia"
)

// SumSquares returns Σ(y−t)², 1×1; y and t are n×d.
func SumSquares(owner string, y, t *gorgonia.Node) (*gorgonia.Node, error) {
	r, err := Combine(owner, "r["+owner+"]", []float64{1, -1}, y, t)
	if err != nil {
		return nil, err
	}
	return Dot(owner, "|r["+owner+"]|²", r, r)
}

// CrossEntropy returns the cross entropy of softmax(y) with t, summed over the
// samples, 1×1: Σ_i [log Σ_k exp y_ik − Σ_k t_ik y_ik]. y and t are n×k; the rows of
// t sum to 1. Shifting each row by its largest entry keeps it from overflowing, and the logarithm of 1 plus the other terms from
// cancelling where nearly all of the probability is there.
func CrossEntropy(owner string, y, t *gorgonia.Node) (*gorgonia.Node, error) {
	k := &both{is: KindCrossEntropy, size: func(in [][2]int) ([2]int, error) {
		_, err := same(in)
		return [2]int{1, 1}, err
	}, f64: crossEntropy[float64], f32: crossEntropy[float32]}
	k.back = func(o *Op, in gorgonia.Nodes, _, g *gorgonia.Node, wanted []bool) (gorgonia.Nodes, error) {
		return gradients(wanted,
			func() (*gorgonia.Node, error) {
				d, err := SoftmaxDifference(o.owner, in[0], in[1])
				if err != nil {
					return nil, err
				}
				return Scale(o.owner, g.Name()+"·(softmax−t)["+o.owner+"]", d, g)
			},
			func() (*gorgonia.Node, error) {
				y, err := Combine(o.owner, "−"+in[0].Name(), []float64{-1}, in[0])
				if err != nil {
					return nil, err
				}
				return Scale(o.owner, g.Name()+"·"+y.Name(), y, g)
			})
	}
	return Apply(newOp(k, owner, "CE["+owner+"]", 2), y, t)
}

// Total returns the sum of all entries of x, 1×1. x is n×1, or a vector of length n.
func Total(owner string, x *gorgonia.Node) (*gorgonia.Node, error) {
	k := &both{is: KindTotal, size: func(in [][2]int) ([2]int, error) {
		if in[0][1] != 1 {
			return in[0], fmt.Errorf("a value of %d×%d, want one number per sample, n×1", in[0][0], in[0][1])
		}
		return [2]int{1, 1}, nil
	}, f64: total1[float64], f32: total1[float32]}
	k.back = func(o *Op, in gorgonia.Nodes, _, g *gorgonia.Node, _ []bool) (gorgonia.Nodes, error) {
		n, err := spread(o.owner, in[0], g)
		return gorgonia.Nodes{n}, err
	}
	o := newOp(k, owner, "Σ"+x.Name(), 1)
	if x.Dims() == 1 {
		o.vecIn = 1
	}
	return Apply(o, x)
}

func total1[T Float](d Mat[T], in []Mat[T], _ []float64) {
	var s float64
	for _, v := range in[0].Data {
		s += float64(v)
	}
	d.Data[0] = T(s)
}

// spread returns a value like x whose entries are all the 1×1 s.
func spread(owner string, x, s *gorgonia.Node) (*gorgonia.Node, error) {
	k := &both{is: KindSpread, size: likeZ, f64: spread1[float64], f32: spread1[float32]}
	k.back = func(o *Op, in gorgonia.Nodes, _, g *gorgonia.Node, wanted []bool) (gorgonia.Nodes, error) {
		return gradients(wanted,
			func() (*gorgonia.Node, error) { return nil, nil },
			func() (*gorgonia.Node, error) { return Total(o.owner, g) })
	}
	o := newOp(k, owner, s.Name()+"·1", 2)
	if x.Dims() == 1 {
		o.vecIn, o.vecOut = 1, true
	}
	return Apply(o, x, s)
}

func spread1[T Float](d Mat[T], in []Mat[T], _ []float64) {
	s := in[1].Data[0]
	for i := range d.Data {
		d.Data[i] = s
	}
}
