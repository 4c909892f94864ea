package verify

import (
	"errors"
	"fmt"
	"hash"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/chewxy/hm"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/internal/batch"
	"github.com/quivernet/quivernet/internal/interpreter"
	"github.com/quivernet/quivernet/internal/model"
	"github.com/quivernet/quivernet/internal/op"
	"github.com/quivernet/quivernet/internal/symbolic"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// failing is an operation of a user's, x ↦ x² entry by entry, each method of which may fail.
type failing struct {
	do    func(x []float64) error
	shape func() error
	diff  error
}

func (*failing) Arity() int { return 1 }
func (*failing) Type() hm.Type {
	m := gorgonia.TensorType{Dims: 2, Of: hm.TypeVariable('a')}
	return hm.NewFnType(m, m)
}
func (o *failing) InferShape(d ...gorgonia.DimSizer) (tensor.Shape, error) {
	if err := o.shape(); err != nil {
		return nil, err
	}
	s, err := gorgonia.DimSizersToShapes(d)
	return s[0].Clone(), err
}
func (o *failing) Do(vs ...gorgonia.Value) (gorgonia.Value, error) {
	out := vs[0].(*tensor.Dense).Clone().(*tensor.Dense)
	x := out.Data().([]float64)
	if err := o.do(x); err != nil {
		return nil, err
	}
	for i := range x {
		x[i] *= x[i]
	}
	return out, nil
}
func (*failing) ReturnsPtr() bool      { return true }
func (*failing) CallsExtern() bool     { return false }
func (*failing) OverwritesInput() int  { return -1 }
func (*failing) WriteHash(h hash.Hash) { fmt.Fprint(h, "failing") }
func (o *failing) Hashcode() uint32    { h := fnv.New32a(); o.WriteHash(h); return h.Sum32() }
func (*failing) String() string        { return "failing" }
func (*failing) DiffWRT(int) []bool    { return []bool{true} }
func (o *failing) SymDiff(in gorgonia.Nodes, _, g *gorgonia.Node) (gorgonia.Nodes, error) {
	if o.diff != nil {
		return nil, o.diff
	}
	n, err := gorgonia.HadamardProd(gorgonia.Must(gorgonia.Mul(in[0], gorgonia.NewConstant(2.0))), g)
	return gorgonia.Nodes{n}, err
}

// TestLossOperationsErrors: an operation of a loss that fails when it is looked at alone, wherever it does, leaves the law undecided,
// with the text of its first error; one that never fails passes.
func TestLossOperationsErrors(t *testing.T) {
	base := []float64{1, -2, 3, 0.5, 0.25, -1}
	far := func(x []float64) (d float64) {
		for i := range x {
			d = max(d, math.Abs(x[i]-base[i]))
		}
		return d
	}
	for name, c := range map[string]struct {
		spoil func(o *failing) // after the loss itself has run
		want  string
	}{
		"never": {func(*failing) {}, ""},
		"at large steps": {func(o *failing) {
			n := 0
			o.do = func(x []float64) error {
				if d := far(x); d > 1e-3 {
					n++
					return fmt.Errorf("failure %d: the numbers are too far away", n)
				}
				return nil
			}
		}, "failure 1: the numbers are too far away"},
		"at the last small step": {func(o *failing) {
			o.do = func(x []float64) error {
				if d := far(x); d > 0 && d < 1e-12 {
					return errors.New("the numbers are too close")
				}
				return nil
			}
		}, "the numbers are too close"},
		"at the values themselves": {func(o *failing) {
			n := 0
			o.do = func([]float64) error {
				if n++; n == 1 {
					return errors.New("not at first")
				}
				return nil
			}
		}, "not at first"},
		"its shape":      {func(o *failing) { o.shape = func() error { return errors.New("no such shape") } }, "no such shape"},
		"its derivative": {func(o *failing) { o.diff = errors.New("no derivative") }, "no derivative"},
	} {
		t.Run(name, func(t *testing.T) {
			o := &failing{do: func([]float64) error { return nil }, shape: func() error { return nil }}
			e := model.NewExpression(nil, 2, model.Dtype(false))
			y, err := op.Input(e.Graph, e.Dtype, "y", 2, 3)
			require.NoError(t, err)
			n, err := gorgonia.ApplyOp(o, y)
			require.NoError(t, err)
			ev, err := interpreter.Evaluate[float64](e, gorgonia.Nodes{n})
			require.NoError(t, err)
			ev.Set(y, base)
			require.NoError(t, ev.Run())
			c.spoil(o)
			v := &verifier{Verification: &Verification{}}
			v.lossOperations("here", &lossGraph{value: n, Evaluation: ev})
			require.Len(t, v.Checks, 1)
			got := v.Checks[0]
			assert.Equal(t, "operation: SymDiff = differences of Do", got.Law)
			assert.Equal(t, "here, operation failing", got.Where)
			if c.want == "" {
				assert.Equal(t, Passed, got.Status, "%v", v.Verification)
				return
			}
			assert.Equal(t, Undecided, got.Status, "%v", v.Verification)
			assert.Contains(t, got.Note, c.want)
			assert.NotContains(t, got.Note, "cannot be looked at alone")
		})
	}
}

// TestEvalFails: an expression whose operation fails gives that error and no matrix.
func TestEvalFails(t *testing.T) {
	q, err := layers.MLP(layers.Pointwise(layers.Tanh), 1, 1, 1)
	require.NoError(t, err)
	o := &failing{do: func([]float64) error { return nil }, shape: func() error { return nil }}
	squares := model.CustomLoss(func(y, _ *gorgonia.Node) (*gorgonia.Node, error) {
		n, err := gorgonia.ApplyOp(o, y)
		if err != nil {
			return nil, err
		}
		return gorgonia.Sum(n, 1)
	})
	m, err := model.New(q, []model.Term{{Output: "y", Loss: squares, Weight: 1}}, tensor.Float64)
	require.NoError(t, err)
	graph := func(rows int, widths []int) (*model.Expression, error) {
		e, err := m.Build(rows)
		if err == nil {
			err = e.AddLoss(widths)
		}
		return e, err
	}
	load := func(b *batch.Batch, w *quiver.Rep, xs, ys []*mat.Dense) error { return b.Load(m, w, xs, ys) }
	x, err := symbolic.NewSource(m, 2, graph, load).LossValue()
	require.NoError(t, err)
	w, xs, ys := quiver.Random(q, nil, rand.NewPCG(1, 2)), []*mat.Dense{mat.NewDense(2, 1, []float64{1, 2})}, []*mat.Dense{mat.NewDense(2, 1, nil)}
	_, err = x.Eval(w, xs, ys)
	require.NoError(t, err, "a control")
	o.do = func([]float64) error { return errors.New("out of order") }
	got, err := x.Eval(w, xs, ys)
	assert.ErrorContains(t, err, "out of order")
	assert.Nil(t, got)
}
