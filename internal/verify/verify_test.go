package verify

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/interpreter"
	"github.com/quivernet/quivernet/internal/model"
	"github.com/quivernet/quivernet/internal/op"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// TestWobbled: every number is moved by about eps of itself, by its own amount; a zero and what is empty stay, and so does what is given.
func TestWobbled(t *testing.T) {
	q, err := layers.MLP(layers.Radial(layers.Tanh), 3, 20, 21, 2)
	require.NoError(t, err)
	w := quiver.Random(q, nil, rand.NewPCG(1, 2))
	w.Data()[0] = 0
	x := mat.NewDense(40, 3, nil)
	x.Apply(func(i, j int, _ float64) float64 { return float64(i-20) * math.Pow(10, float64(9*j-9)) }, x)
	before, beforeX := w.Clone(), mat.DenseCopyOf(x)
	const eps = 1e-3
	v, xs := wobbled(w, []*mat.Dense{x, {}}, eps, rand.New(rand.NewPCG(1, 2)))
	assert.Equal(t, before.Data(), w.Data())
	assert.True(t, mat.Equal(beforeX, x))
	require.Len(t, xs, 2)
	assert.True(t, xs[1].IsEmpty())
	for _, pair := range [][2][]float64{{w.Data(), v.Data()}, {x.RawMatrix().Data, xs[0].RawMatrix().Data}} {
		var squares, n float64
		seen := map[float64]bool{}
		for i, old := range pair[0] {
			if old == 0 {
				assert.Zero(t, pair[1][i])
				continue
			}
			d := pair[1][i]/old - 1
			squares, n = squares+d*d, n+1
			seen[d] = true
		}
		assert.InEpsilon(t, eps, math.Sqrt(squares/n), 0.2, "the spread of %v numbers", n)
		assert.Greater(t, float64(len(seen)), 0.9*n)
	}
}

// TestAlone: an operation is looked at alone with constants, and not where one of its inputs is a number that was computed.
func TestAlone(t *testing.T) {
	for name, c := range map[string]struct {
		factor func(y *gorgonia.Node) *gorgonia.Node
		why    string
	}{
		"a constant": {func(*gorgonia.Node) *gorgonia.Node { return gorgonia.NewConstant(2.5) }, ""},
		"a matrix":   {func(y *gorgonia.Node) *gorgonia.Node { return gorgonia.Must(gorgonia.Square(y)) }, ""},
		"a sum":      {func(y *gorgonia.Node) *gorgonia.Node { return gorgonia.Must(gorgonia.Sum(y)) }, "it cannot be looked at alone"},
	} {
		e := model.NewExpression(nil, 2, model.Dtype(false))
		y, err := op.Input(e.Graph, e.Dtype, "y", 2, 3)
		require.NoError(t, err)
		n := gorgonia.Must(gorgonia.HadamardProd(y, c.factor(y)))
		ev, err := interpreter.Evaluate[float64](e, gorgonia.Nodes{n})
		require.NoError(t, err)
		ev.Set(y, []float64{1, -2, 3, 0.5, 0.25, -1})
		require.NoError(t, ev.Run())
		d, want, err := alone(n, ev)
		if c.why != "" {
			assert.EqualError(t, err, c.why, name)
			continue
		}
		require.NoError(t, err, name)
		gap, decided := d.compare(want)
		assert.Equal(t, 1, decided, name)
		assert.LessOrEqual(t, gap, 1e-9, name)
		gap, _ = d.compare([]float64{1.01 * want[0]})
		assert.Greater(t, gap, 1e-3, "a control")
	}
}
