package op

import (
	"math"

	"gorgonia.org/gorgonia"
)

// The softmax of rows, its difference with targets and its derivative: accurate where nearly all of the probability lies at one entry, too.

// shifted is a row without its largest entry: e_k = exp(y_k − max), and the sum of all e_k but the first that is 1.
type shifted struct {
	top    int // that entry
	max    float64
	others float64
}

func shiftedRow[T Float](y []T) shifted {
	r := shifted{top: -1, max: math.Inf(-1)}
	for k, v := range y {
		if float64(v) > r.max || r.top < 0 {
			r.top, r.max = k, float64(v)
		}
	}
	for k, v := range y {
		if k != r.top {
			r.others += math.Exp(float64(v) - r.max)
		}
	}
	return r
}

func crossEntropy[T Float](d Mat[T], in []Mat[T], _ []float64) {
	var sum float64
	for i := range in[0].R {
		y, t := in[0].row(i), in[1].row(i)
		r := shiftedRow(y)
		for k, v := range y {
			if t[k] != 0 { // a masked logit, −∞ with probability 0, costs nothing
				sum -= float64(t[k]) * (float64(v) - r.max)
			}
		}
		sum += math.Log1p(r.others)
	}
	d.Data[0] = T(sum)
}

// Softmax returns the softmax of each row, n×k.
func Softmax(owner string, y *gorgonia.Node) (*gorgonia.Node, error) {
	k := &both{is: KindSoftmax, size: same, f64: softmax[float64], f32: softmax[float32]}
	k.back = func(o *Op, in gorgonia.Nodes, _, u *gorgonia.Node, _ []bool) (gorgonia.Nodes, error) {
		n, err := SoftmaxDerivative(o.owner, in[0], u)
		return gorgonia.Nodes{n}, err
	}
	return Apply(newOp(k, owner, "softmax["+owner+"]", 1), y)
}

func softmax[T Float](d Mat[T], in []Mat[T], _ []float64) {
	for i := range d.R {
		y, s := in[0].row(i), d.row(i)
		r := shiftedRow(y)
		for k, v := range y {
			s[k] = T(math.Exp(float64(v)-r.max) / (1 + r.others))
		}
	}
}

// SoftmaxDifference returns softmax(y) − t of each row, n×k, as (e_k − t_k − t_k·Σ_{j≠top} e_j)/Σe: it does not cancel where both are 1 up to
// rounding.
func SoftmaxDifference(owner string, y, t *gorgonia.Node) (*gorgonia.Node, error) {
	k := &both{is: KindSoftmaxDifference, size: same, f64: softmaxDifference[float64], f32: softmaxDifference[float32]}
	k.back = func(o *Op, in gorgonia.Nodes, _, g *gorgonia.Node, wanted []bool) (gorgonia.Nodes, error) {
		return gradients(wanted,
			func() (*gorgonia.Node, error) { return SoftmaxDerivative(o.owner, in[0], g) },
			func() (*gorgonia.Node, error) { return Combine(o.owner, "−"+g.Name(), []float64{-1}, g) })
	}
	return Apply(newOp(k, owner, "softmax−t["+owner+"]", 2), y, t)
}

func softmaxDifference[T Float](d Mat[T], in []Mat[T], _ []float64) {
	for i := range d.R {
		y, t, s := in[0].row(i), in[1].row(i), d.row(i)
		r := shiftedRow(y)
		for k, v := range y {
			p := float64(t[k])
			s[k] = T((math.Exp(float64(v)-r.max) - p - p*r.others) / (1 + r.others))
		}
	}
}

// SoftmaxDerivative returns the derivative of the softmax s of each row of y along u, s∘u − ⟨s,u⟩s, n×k. The Jacobian matrix is symmetric. It sees
// the differences of u's entries alone, so u is taken relative to its entry where s is largest, which would cancel there.
func SoftmaxDerivative(owner string, y, u *gorgonia.Node) (*gorgonia.Node, error) {
	k := &both{is: KindSoftmaxDerivative, size: same, f64: softmaxDerivative[float64], f32: softmaxDerivative[float32]}
	k.back = func(o *Op, in gorgonia.Nodes, _, g *gorgonia.Node, wanted []bool) (gorgonia.Nodes, error) {
		return gradients(wanted,
			func() (*gorgonia.Node, error) { // along v = u∘g − ⟨s,u⟩g − ⟨s,g⟩u, which is the gradient of ⟨g, Du⟩ at s
				var b Builder
				s := b.Put(Softmax(o.owner, in[0]))
				row := func(a, c *gorgonia.Node) *gorgonia.Node {
					if b.Err != nil {
						return nil
					}
					dot := b.Put(RowDot(o.owner, "⟨softmax,"+a.Name()+"⟩", s, a))
					if b.Err != nil {
						return nil
					}
					return b.Put(RowScale(o.owner, dot.Name()+c.Name(), c, dot))
				}
				p, q := row(in[1], g), row(g, in[1])
				if b.Err != nil {
					return nil, b.Err
				}
				gu := b.Put(Hadamard(o.owner, g.Name()+"∘"+in[1].Name(), g, in[1]))
				if b.Err != nil {
					return nil, b.Err
				}
				v := b.Put(Combine(o.owner, "∂Dsoftmax["+o.owner+"]", []float64{1, -1, -1}, gu, p, q))
				if b.Err != nil {
					return nil, b.Err
				}
				return SoftmaxDerivative(o.owner, in[0], v)
			},
			func() (*gorgonia.Node, error) { return SoftmaxDerivative(o.owner, in[0], g) })
	}
	return Apply(newOp(k, owner, "Dsoftmax["+owner+"]·"+u.Name(), 2), y, u)
}

func softmaxDerivative[T Float](d Mat[T], in []Mat[T], _ []float64) {
	for i := range d.R {
		y, u, s := in[0].row(i), in[1].row(i), d.row(i)
		if len(y) == 0 {
			continue
		}
		r := shiftedRow(y)
		z, mean, at := 1+r.others, 0.0, float64(u[r.top])
		for k, v := range y {
			if k != r.top {
				mean += math.Exp(float64(v)-r.max) / z * (float64(u[k]) - at)
			}
		}
		for k, v := range y {
			s[k] = T(math.Exp(float64(v)-r.max) / z * (float64(u[k]) - at - mean))
		}
	}
}
