package tape

import (
	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/op"
)

// binaryCrossEntropy matches bce(y,t) and s·(σ(y)−t).
func (f *fuser[T]) binaryCrossEntropy(l *lossPattern, users map[*gorgonia.Node]gorgonia.Nodes) bool {
	l.kind, l.nodes = binaryLoss, nil
	bce, diff := f.only(users[l.t], op.KindBinaryCrossEntropy), f.only(users[l.t], op.KindSigmoidDifference)
	if l.sum = bce; bce != nil {
		if op.Children(bce)[0] != l.y {
			return false
		}
		l.nodes = append(l.nodes, bce)
	}
	if diff != nil {
		scale := f.user[diff]
		if op.Children(diff)[0] != l.y || f.uses[diff] != 1 || f.kind(scale) != op.KindScale || op.Children(scale)[0] != diff {
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
