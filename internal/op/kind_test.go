package op

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// TestKinds: some operation is of each kind, and each has a name of its own.
func TestKinds(t *testing.T) {
	b, ns := everyKind(t)
	x, row, one := b.input("m", 3, 3), b.input("row", 1, 3), b.input("number", 1, 1)
	radial := layers.Radial(layers.Tanh).(quiver.RadialJet)
	ns = append(ns,
		b.node(Act("v", "a", layers.Radial(layers.Tanh), x, nil)),
		b.node(Affine("v", x, 2, 1)),
		b.node(Function("v", "exp", ExpJets, 0, x)),
		b.node(Power("v", x, 3)),
		b.node(Exponential("v", x, x, 0, 0)),
		b.node(RowNorm("v", "r", x)),
		b.node(Profile("v", radial, 1, x)),
		b.node(Slope("v", radial, x)),
		b.node(Ratio("v", x, x, 0)),
		b.node(Greater("v", x, x, true)),
		b.node(MatMul("v", x, x)),
		b.node(Transpose("v", x)),
		b.node(Contract("v", "c", Contraction{A: []int{0}, B: []int{0}, Extent: []int{9}}, tensor.Shape{1, 1}, x, x)),
		b.node(Columns("v", x, 0, 2)),
		b.node(Join("v", x, x)),
		b.node(ColScale("v", x, row)),
		b.node(AddRow("v", x, row)),
		b.node(ColSum("v", x)),
		b.node(Basis("v", x, mat.NewDense(3, 1, []float64{1, 0, 0}), false)),
		b.node(RowFunction("v", "first", false, x, func(dst, z []float64) { dst[0] = math.Abs(z[0]) })),
		b.node(Unit("v", x, 0, 0)),
		b.node(Flat("v", x)),
		b.node(Stack("v", row, x)),
		b.node(Gather("v", "g", x, []int32{2, 0}, tensor.Shape{2, 1})),
		b.node(Scatter("v", "s", x, make([]int32, 9), tensor.Shape{1, 1})),
		b.node(pick("v", x, x, make([]int32, 9), tensor.Shape{1, 1})),
		b.node(Place("v", x, one, make([]int32, 9))),
		b.node(BinaryCrossEntropy("v", x, x)),
		b.node(SigmoidDifference("v", x, x)),
		b.node(SoftmaxDifference("v", x, x)),
		b.node(SoftmaxDerivative("v", x, x)),
	)
	seen := make(map[Kind]*gorgonia.Node)
	for _, n := range ns {
		seen[n.Op().(*Op).Kind()] = n
	}
	names := make(map[string]bool)
	for k := range kindNames {
		names[Kind(k).String()] = true
		if k > 0 {
			assert.Contains(t, seen, Kind(k), "%v", Kind(k))
		}
	}
	assert.Len(t, names, len(kindNames))
	assert.Empty(t, Kind(0).String())
	assert.Equal(t, "Kind(200)", Kind(200).String())
}
