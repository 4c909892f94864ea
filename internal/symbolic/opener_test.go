package symbolic

import (
	"errors"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/builtin"
	"github.com/quivernet/quivernet/internal/interpreter"
	"github.com/quivernet/quivernet/internal/model"
	"github.com/quivernet/quivernet/internal/op"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// TestOpenerAfterAnError: once a step of an expansion has failed, nodes are nil; the steps after it do nothing with them, and the
// first error is the one that is told.
func TestOpenerAfterAnError(t *testing.T) {
	first := errors.New("first")
	act := layers.Radial(layers.Tanh)
	for name, step := range map[string]func(o *opener) *gorgonia.Node{
		"join": func(o *opener) *gorgonia.Node { return o.join(nil, nil) }, "columns": func(o *opener) *gorgonia.Node { return o.columns(nil, 0, 1) },
		"colScale": func(o *opener) *gorgonia.Node { return o.colScale(nil, nil) }, "colSum": func(o *opener) *gorgonia.Node { return o.colSum(nil) },
		"norm": func(o *opener) *gorgonia.Node { return o.norm(nil) }, "times": func(o *opener) *gorgonia.Node { return o.times(nil, nil) },
		"minus": func(o *opener) *gorgonia.Node { return o.minus(nil, nil) }, "affine": func(o *opener) *gorgonia.Node { return o.affine(nil, 2, 1) },
		"power": func(o *opener) *gorgonia.Node { return o.power(nil, 2) }, "ratio": func(o *opener) *gorgonia.Node { return o.ratio(nil, nil, 1) },
		"inner": func(o *opener) *gorgonia.Node { return o.inner(act, nil) }, "innerVJP": func(o *opener) *gorgonia.Node { return o.innerVJP(act, nil, nil) },
		"jet": func(o *opener) *gorgonia.Node { return o.jet(act.(quiver.RadialJet), 1, nil) },
		"pointJet": func(o *opener) *gorgonia.Node {
			return o.pointJet(layers.Pointwise(layers.Tanh).(quiver.PointJet), 1, nil)
		},
	} {
		o := &opener{err: first, owner: "v", r: &rebuilder{to: &Expr{}}}
		assert.NotPanics(t, func() { assert.Nil(t, step(o), name) }, name)
		assert.Same(t, first, o.err, name)
		fresh := &opener{owner: "v"}
		assert.Nil(t, fresh.do(nil, first), name)
		assert.Same(t, first, fresh.err, "a control: it is kept")
	}
}

// TestElementaryDerivatives: the elementary functions of opened graphs can be differentiated further.
func TestElementaryDerivatives(t *testing.T) {
	phi := func(x float64) float64 { return math.Exp(-x*x/2) / math.Sqrt(2*math.Pi) }
	at := []float64{0.3, 1, 1.7, 4}
	for name, c := range map[string]struct {
		of   func(o *opener, x *gorgonia.Node) *gorgonia.Node
		want [4]func(x float64) float64 // the function and its derivatives
	}{
		"log": {(*opener).log, [4]func(x float64) float64{math.Log, func(x float64) float64 { return 1 / x },
			func(x float64) float64 { return -1 / (x * x) }, func(x float64) float64 { return 2 / (x * x * x) }}},
		"exp": {(*opener).exp, [4]func(x float64) float64{math.Exp, math.Exp, math.Exp, math.Exp}},
		"cos": {func(o *opener, x *gorgonia.Node) *gorgonia.Node { return o.primitive(layers.Sin, 1, x) },
			[4]func(x float64) float64{math.Cos, func(x float64) float64 { return -math.Sin(x) }, func(x float64) float64 { return -math.Cos(x) }, math.Sin}},
		"arctan″": {func(o *opener, x *gorgonia.Node) *gorgonia.Node { return o.primitive(layers.Arctan, 2, x) },
			[4]func(x float64) float64{func(x float64) float64 { return -2 * x / ((1 + x*x) * (1 + x*x)) },
				func(x float64) float64 { return (6*x*x - 2) / math.Pow(1+x*x, 3) },
				func(x float64) float64 { return 24 * x * (1 - x*x) / math.Pow(1+x*x, 4) },
				func(x float64) float64 { return 24 * (5*x*x*x*x - 10*x*x + 1) / math.Pow(1+x*x, 5) }}},
		"Φ": {func(o *opener, x *gorgonia.Node) *gorgonia.Node {
			return o.affine(o.elementary("erf", erf, o.affine(x, 1/math.Sqrt2, 0)), 0.5, 0.5)
		}, [4]func(x float64) float64{func(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }, phi,
			func(x float64) float64 { return -x * phi(x) }, func(x float64) float64 { return (x*x - 1) * phi(x) }}},
	} {
		e := model.NewExpression(nil, 2, model.Dtype(false))
		x, err := op.Input(e.Graph, e.Dtype, "x", 2, 2)
		require.NoError(t, err)
		ones, err := op.Input(e.Graph, e.Dtype, "ones", 2, 2)
		require.NoError(t, err)
		o := &opener{owner: "v", memo: make(map[memoKey]*gorgonia.Node)}
		all := gorgonia.Nodes{c.of(o, x)}
		require.NoError(t, o.err)
		for k := range 3 {
			d, err := builtin.Backprop(all[k:k+1], gorgonia.Nodes{ones}, gorgonia.Nodes{x})
			require.NoError(t, err)
			all = append(all, d[0])
		}
		ev, err := interpreter.Evaluate[float64](e, all)
		require.NoError(t, err)
		ev.Set(x, at)
		ev.Set(ones, []float64{1, 1, 1, 1})
		require.NoError(t, ev.Run())
		for k, n := range all {
			for i, v := range at {
				assert.InDelta(t, c.want[k](v), ev.Value(n)[i], 1e-13*(1+math.Abs(c.want[k](v))), "derivative %d of %s at %v", k, name, v)
			}
		}
	}
}
