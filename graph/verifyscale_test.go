package graph_test

import (
	"fmt"
	"hash"
	"hash/fnv"
	"math/rand/v2"
	"testing"

	"github.com/chewxy/hm"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/internal/trials"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// units are ways to write data down: name, factor and offset of the first feature or of both, and a factor for
// the weights that read it.
var units = []struct {
	name                   string
	factor, offset, weight float64
	both                   bool
}{
	{"plain", 1, 0, 1, false},
	{"1e9 ± 1", 1, 1e9, 1, false}, {"1e9 ± 1, small weights", 1, 1e9, 1e-9, false}, {"1e9 ± 1, both", 1, 1e9, 1e-9, true},
	{"×1e8", 1e8, 0, 1, false}, {"×1e8, both", 1e8, 0, 1, true}, {"×1e8, small weights", 1e8, 0, 1e-8, true},
	{"×1e-8", 1e-8, 0, 1, true}, {"×1e-27", 1e-27, 0, 1e27, false}, {"×1e40", 1e40, 0, 1, true},
}

func inUnits(k int, act quiver.Activation, seed uint64) (*quiver.Rep, *mat.Dense) {
	u := units[k]
	q, err := layers.MLP(act, 2, 5, 3)
	if err != nil {
		panic(err)
	}
	w, x := quiver.Random(q, nil, rand.NewPCG(seed, 2)), normal(24, 2, 5+seed)
	for j := range 2 {
		if j == 1 && !u.both {
			continue
		}
		for i := range 24 {
			x.Set(i, j, x.At(i, j)*u.factor+u.offset)
		}
		m := w.Arrow("x->h1")
		for i := range 5 {
			m.Set(i, j, m.At(i, j)*u.weight)
		}
	}
	return w, x
}

// TestVerifyUnits: right programs pass whatever the units of the data are, and a wrong derivative is found in all of them.
func TestVerifyUnits(t *testing.T) {
	acts := []quiver.Activation{
		tanh, layers.Pointwise(layers.Tanh), layers.Pointwise(layers.ReLU), layers.Pointwise(layers.GELU), layers.Pointwise(layers.Softplus), layers.RMSNorm(5, 0.1),
		layers.Radial(layers.Sigmoid), layers.Pointwise(layers.Sin), layers.Radial(layers.StepReLU), layers.Radial(layers.Shift(layers.ReLU, 1)), quiver.Identity,
	}
	labels := mat.NewDense(24, 1, nil)
	for i := range 24 {
		labels.Set(i, 0, float64(i%3))
	}
	verify := func(k int, act quiver.Activation, l graph.LossFunc, seed uint64) (*graph.Verification, string) {
		w, x := inUnits(k, act, seed)
		ts := normal(24, 3, 6)
		if l.String() == "softmaxce" {
			ts = labels
		}
		p, err := graph.Compile(w.Quiver(), graph.Loss("y", l, 1))
		require.NoError(t, err)
		v, err := graph.Verify(p, w, list(x), list(ts))
		name := fmt.Sprintf("%s, %v, %v, %d", units[k].name, act, l, seed)
		require.NoError(t, err, name)
		return v, name
	}
	all := len(units) * len(acts)
	for n := range trials.Count(40, 12*all) {
		seed := uint64(n / all)
		k, i := n*37%all/len(acts), n*37%len(acts)
		l := graph.MSE
		if (i+k+int(seed))%2 == 0 {
			l = graph.SoftmaxCE
		}
		v, name := verify(k, acts[i], l, seed)
		if v.Left < v.Samples {
			assert.NoError(t, v.Err(), name)
		}
	}
	for k := range units {
		for _, c := range []struct {
			act quiver.Activation
			l   graph.LossFunc
		}{{wrongVJP{tanh}, graph.MSE}, {falseRadial{tanh}, graph.MSE}, {tanh, halfSquares(1.01)}, {tanh, lateMistake(1.01)}, {wrongVJP{layers.Radial(layers.Softplus)}, graph.SoftmaxCE}} {
			v, name := verify(k, c.act, c.l, 3)
			var ve *graph.VerifyError
			if assert.ErrorAs(t, v.Err(), &ve, name) {
				assert.Equal(t, graph.Failed, ve.Failed[0].Status, name)
			}
		}
		v, name := verify(k, tanh, lateMistake(1), 3)
		assert.NoError(t, v.Err(), name)
	}
}

// lateMistake is Σ(y−t)²/2 of a sample by an operation of a user's whose first derivative is right and
// whose second is off by a factor.
func lateMistake(factor float64) graph.LossFunc {
	return graph.Custom(func(y, t *gorgonia.Node) (*gorgonia.Node, error) {
		s, err := gorgonia.ApplyOp(late{halfSquare{1}, factor}, gorgonia.Must(gorgonia.Sub(y, t)))
		if err != nil {
			return nil, err
		}
		return gorgonia.Sum(s, 1)
	})
}

type late struct {
	halfSquare
	factor float64
}

func (late) WriteHash(h hash.Hash) { fmt.Fprint(h, "late") }
func (o late) Hashcode() uint32    { h := fnv.New32a(); o.WriteHash(h); return h.Sum32() }
func (o late) SymDiff(in gorgonia.Nodes, _, g *gorgonia.Node) (gorgonia.Nodes, error) {
	n, err := gorgonia.ApplyOp(times(o.factor), in[0], g)
	return gorgonia.Nodes{n}, err
}

// times is the product of two matrices entry by entry, whose derivative in the first is off by a factor.
type times float64

func (times) Arity() int { return 2 }
func (times) Type() hm.Type {
	m := gorgonia.TensorType{Dims: 2, Of: hm.TypeVariable('a')}
	return hm.NewFnType(m, m, m)
}
func (times) InferShape(d ...gorgonia.DimSizer) (tensor.Shape, error) {
	s, err := gorgonia.DimSizersToShapes(d)
	return s[0].Clone(), err
}
func (times) Do(vs ...gorgonia.Value) (gorgonia.Value, error) {
	out := vs[0].(*tensor.Dense).Clone().(*tensor.Dense)
	for i, x := range vs[1].Data().([]float64) {
		out.Data().([]float64)[i] *= x
	}
	return out, nil
}
func (times) ReturnsPtr() bool      { return true }
func (times) CallsExtern() bool     { return false }
func (times) OverwritesInput() int  { return -1 }
func (times) WriteHash(h hash.Hash) { fmt.Fprint(h, "times") }
func (o times) Hashcode() uint32    { h := fnv.New32a(); o.WriteHash(h); return h.Sum32() }
func (times) String() string        { return "times" }
func (times) DiffWRT(int) []bool    { return []bool{true, true} }
func (o times) SymDiff(in gorgonia.Nodes, _, g *gorgonia.Node) (gorgonia.Nodes, error) {
	a := gorgonia.Must(gorgonia.HadamardProd(gorgonia.Must(gorgonia.HadamardProd(g, in[1])), gorgonia.NewConstant(float64(o))))
	return gorgonia.Nodes{a, gorgonia.Must(gorgonia.HadamardProd(g, in[0]))}, nil
}
