package graph

import (
	"fmt"

	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/op"
)

// BCE is the binary cross entropy of sigmoid(y) with targets t in [0, 1], the mean over samples and coordinates, with logits y:
//
//	Σ (log(1+exp y) − t·y) / (n·d), with the gradient (sigmoid(y) − t)/(n·d).
//
// Value, gradient and second derivative keep their relative accuracy for logits of any size. A target may be a probability, not only 0
// or 1; one outside [0, 1] is a DataError. The sigmoid is part of the loss: give the output vertex no activation of its own. The class
// that the network says is 1 where y > 0. (PyTorch calls it BCEWithLogitsLoss.)
var BCE = LossFunc{name: "bce", probabilities: true, build: op.BinaryCrossEntropy, share: func(n, d int) float64 { return 1 / float64(n*d) }}

// checkProbabilities refuses targets outside [0, 1].
func checkProbabilities(what string, y *mat.Dense) error {
	r, _ := y.Dims()
	for i := range r {
		for j, t := range y.RawRowView(i) {
			if t < 0 || t > 1 {
				return &DataError{what, fmt.Sprintf("row %d, coordinate %d is %v, want a probability from 0 to 1", i, j, t)}
			}
		}
	}
	return nil
}

// binaryCrossEntropy matches bce(y,t) and s·(σ(y)−t).
func (f *fuser[T]) binaryCrossEntropy(l *lossPattern, users map[*gorgonia.Node]gorgonia.Nodes) bool {
	l.kind, l.nodes = binaryLoss, nil
	bce, diff := f.only(users[l.t], "bce"), f.only(users[l.t], "sigmoiddiff")
	if l.sum = bce; bce != nil {
		if op.Children(bce)[0] != l.y {
			return false
		}
		l.nodes = append(l.nodes, bce)
	}
	if diff != nil {
		scale := f.user[diff]
		if op.Children(diff)[0] != l.y || f.uses[diff] != 1 || f.kind(scale) != "scale" || op.Children(scale)[0] != diff {
			return false
		}
		l.s, l.grad = op.Children(scale)[1], scale
		l.nodes = append(l.nodes, diff, scale)
	}
	return bce != nil || diff != nil
}

// binaryStage computes the loss and its gradient c·(σ(y)−t) on values that lie feature-major, m samples in n lanes of rows of
// length ld; lanes without a sample get 0.
func binaryStage[T op.Float](delta, y, t []T, c float64, m, d, n, ld int) (sum float64) {
	for i := range d {
		row, to, at := y[i*ld:i*ld+n], t[i*ld:i*ld+n], delta[i*ld:i*ld+n]
		for j := range m {
			l, s := op.BinaryLoss(float64(row[j]), float64(to[j]))
			sum += l
			at[j] = T(c * s)
		}
		clear(at[m:])
	}
	return sum
}
