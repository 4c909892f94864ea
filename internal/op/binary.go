package op

import (
	"math"

	"gorgonia.org/gorgonia"
)

// BinaryCrossEntropy returns the cross entropy of sigmoid(y) with t, summed over samples and coordinates, 1×1:
// Σ log(1+exp y) − t·y, computed as (1−t)·y + log(1+exp(−y)) for y ≥ 0 and as −t·y + log(1+exp y) below, which neither
// overflows nor cancels. y and t are n×d; t lies in [0, 1].
func BinaryCrossEntropy(owner string, y, t *gorgonia.Node) (*gorgonia.Node, error) {
	k := &both{is: KindBinaryCrossEntropy, size: func(in [][2]int) ([2]int, error) {
		_, err := same(in)
		return [2]int{1, 1}, err
	}, f64: binaryCrossEntropy[float64], f32: binaryCrossEntropy[float32]}
	k.back = func(o *Op, in gorgonia.Nodes, _, g *gorgonia.Node, wanted []bool) (gorgonia.Nodes, error) {
		return gradients(wanted,
			func() (*gorgonia.Node, error) {
				d, err := SigmoidDifference(o.owner, in[0], in[1])
				if err != nil {
					return nil, err
				}
				return Scale(o.owner, g.Name()+"·(σ−t)["+o.owner+"]", d, g)
			},
			func() (*gorgonia.Node, error) {
				y, err := Combine(o.owner, "−"+in[0].Name(), []float64{-1}, in[0])
				if err != nil {
					return nil, err
				}
				return Scale(o.owner, g.Name()+"·"+y.Name(), y, g)
			})
	}
	return Apply(newOp(k, owner, "BCE["+owner+"]", 2), y, t)
}

func binaryCrossEntropy[T Float](d Mat[T], in []Mat[T], _ []float64) {
	var sum float64
	for i, y := range in[0].Data {
		l, _ := BinaryLoss(float64(y), float64(in[1].Data[i]))
		sum += l
	}
	d.Data[0] = T(sum)
}

// BinaryLoss returns the cross entropy of sigmoid(y) with t and its derivative sigmoid(y) − t, which for y ≥ 0 is (1−t) − sigmoid(−y).
func BinaryLoss(y, t float64) (loss, slope float64) {
	e := math.Exp(-math.Abs(y))
	if y >= 0 {
		return (1-t)*y + math.Log1p(e), (1 - t) - e/(1+e)
	}
	return math.Log1p(e) - t*y, e/(1+e) - t
}

// SigmoidDifference returns sigmoid(y) − t of each entry, without cancellation where both are 1 up to rounding.
func SigmoidDifference(owner string, y, t *gorgonia.Node) (*gorgonia.Node, error) {
	k := &both{is: KindSigmoidDifference, size: same, f64: sigmoidDifference[float64], f32: sigmoidDifference[float32]}
	k.back = func(o *Op, in gorgonia.Nodes, _, g *gorgonia.Node, wanted []bool) (gorgonia.Nodes, error) {
		return gradients(wanted,
			func() (*gorgonia.Node, error) {
				s, err := Function(o.owner, "sigmoid", SigmoidJets, 1, in[0])
				if err != nil {
					return nil, err
				}
				return Hadamard(o.owner, g.Name()+"∘"+s.Name(), g, s)
			},
			func() (*gorgonia.Node, error) {
				return Combine(o.owner, "−"+g.Name(), []float64{-1}, g)
			})
	}
	return Apply(newOp(k, owner, "σ−t["+owner+"]", 2), y, t)
}

func sigmoidDifference[T Float](d Mat[T], in []Mat[T], _ []float64) {
	for i, y := range in[0].Data {
		_, s := BinaryLoss(float64(y), float64(in[1].Data[i]))
		d.Data[i] = T(s)
	}
}
