package op

import (
	"fmt"
	"math"

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
// t sum to 1. Shifting each row by its maximum keeps it from overflowing.
func CrossEntropy(owner string, y, t *gorgonia.Node) (*gorgonia.Node, error) {
	k := &both{name: "crossentropy", size: func(in [][2]int) ([2]int, error) {
		_, err := same(in)
		return [2]int{1, 1}, err
	}, f64: crossEntropy[float64], f32: crossEntropy[float32]}
	k.back = func(o *Op, in gorgonia.Nodes, _, g *gorgonia.Node, wanted []bool) (gorgonia.Nodes, error) {
		return gradients(wanted,
			func() (*gorgonia.Node, error) {
				s, err := Softmax(o.owner, in[0])
				if err != nil {
					return nil, err
				}
				d, err := Combine(o.owner, "softmax−t["+o.owner+"]", []float64{1, -1}, s, in[1])
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

func crossEntropy[T Float](d Mat[T], in []Mat[T], _ []float64) {
	var sum float64
	for i := range in[0].R {
		y, t := in[0].row(i), in[1].row(i)
		m, z := maximum(y), 0.0
		for k, v := range y {
			z += math.Exp(float64(v) - m)
			if t[k] != 0 { // a masked logit, −∞ with probability 0, costs nothing
				sum -= float64(t[k]) * (float64(v) - m)
			}
		}
		sum += math.Log(z)
	}
	d.Data[0] = T(sum)
}

func maximum[T Float](y []T) float64 {
	m := math.Inf(-1)
	for _, v := range y {
		m = max(m, float64(v))
	}
	return m
}

// Softmax returns the softmax of each row, n×k.
func Softmax(owner string, y *gorgonia.Node) (*gorgonia.Node, error) {
	k := &both{name: "softmax", size: same, f64: softmax[float64], f32: softmax[float32]}
	k.back = func(o *Op, in gorgonia.Nodes, out, u *gorgonia.Node, _ []bool) (gorgonia.Nodes, error) {
		var b builder // s∘u − ⟨s,u⟩s
		su := b.put(RowDot(o.owner, "⟨softmax,"+u.Name()+"⟩", out, u))
		var x, y, n *gorgonia.Node
		if b.err == nil {
			x = b.put(Hadamard(o.owner, "softmax∘"+u.Name(), out, u))
		}
		if b.err == nil {
			y = b.put(RowScale(o.owner, su.Name()+"softmax", out, su))
		}
		if b.err == nil {
			n = b.put(Combine(o.owner, "Dsoftmax·"+u.Name(), []float64{1, -1}, x, y))
		}
		return gorgonia.Nodes{n}, b.err
	}
	return Apply(newOp(k, owner, "softmax["+owner+"]", 1), y)
}

func softmax[T Float](d Mat[T], in []Mat[T], _ []float64) {
	for i := range d.R {
		y, s := in[0].row(i), d.row(i)
		m, z := maximum(y), 0.0
		for _, v := range y {
			z += math.Exp(float64(v) - m)
		}
		for k, v := range y {
			s[k] = T(math.Exp(float64(v)-m) / z)
		}
	}
}

// Total returns the sum of all entries of x, 1×1. x is n×1, or a vector of length n.
func Total(owner string, x *gorgonia.Node) (*gorgonia.Node, error) {
	k := &both{name: "total", size: func(in [][2]int) ([2]int, error) {
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
	k := &both{name: "spread", size: likeZ, f64: spread1[float64], f32: spread1[float32]}
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
