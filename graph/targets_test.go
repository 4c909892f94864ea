package graph_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/graph"
)

// TestTargets: a custom loss whose targets are wider or narrower than its output, in value and gradient, at one sample, in a batch and
// as an expression.
func TestTargets(t *testing.T) {
	must := gorgonia.Must
	weighted := func(y, t *gorgonia.Node) (*gorgonia.Node, error) { // three targets, then the sample's weight
		r := must(gorgonia.Sub(y, must(gorgonia.Slice(t, nil, gorgonia.S(0, 3)))))
		r = must(gorgonia.Reshape(r, tensor.Shape{y.Shape()[0], 3}))
		return gorgonia.HadamardProd(must(gorgonia.Slice(t, nil, gorgonia.S(3))), must(gorgonia.Sum(must(gorgonia.Square(r)), 1)))
	}
	length := func(y, t *gorgonia.Node) (*gorgonia.Node, error) { // one target: the squared length
		s := must(gorgonia.Reshape(must(gorgonia.Sum(must(gorgonia.Square(y)), 1)), t.Shape()))
		return gorgonia.Square(must(gorgonia.Sub(s, t)))
	}
	for _, c := range []struct {
		columns int
		f       lossOf
		value   func(y, t []float64) float64
		slope   func(y, t []float64, k int) float64
	}{
		{4, weighted, func(y, t []float64) float64 {
			return t[3] * ((y[0]-t[0])*(y[0]-t[0]) + (y[1]-t[1])*(y[1]-t[1]) + (y[2]-t[2])*(y[2]-t[2]))
		}, func(y, t []float64, k int) float64 { return 2 * t[3] * (y[k] - t[k]) }},
		{1, length, func(y, t []float64) float64 {
			s := y[0]*y[0] + y[1]*y[1] + y[2]*y[2] - t[0]
			return s * s
		}, func(y, t []float64, k int) float64 { return 4 * (y[0]*y[0] + y[1]*y[1] + y[2]*y[2] - t[0]) * y[k] }},
	} {
		q, w := outputs(t, 3)
		_, err := graph.Compile(q, graph.Loss("y", graph.Custom(c.f), 1))
		var le *graph.LossError
		require.ErrorAs(t, err, &le, "without Targets it gets three columns")
		assert.Contains(t, err.Error(), "t of shape (2, 3)")
		p, err := graph.Compile(q, graph.Loss("y", graph.Targets(graph.Custom(c.f), c.columns), 1))
		require.NoError(t, err)
		for _, n := range []int{5, 1, 700} {
			x, ts := normal(n, 3, 1), normal(n, c.columns, 2)
			var want float64
			slope := make([]float64, 3)
			ys, err := w.Eval(x)
			require.NoError(t, err)
			for i := range n {
				y, row := ys[0].RawRowView(i), ts.RawRowView(i)
				want += c.value(y, row) / float64(n)
				for k := range slope {
					slope[k] += c.slope(y, row, k) / float64(n)
				}
			}
			g := w.Like()
			got, err := p.LossGrad(g, w, list(x), list(ts))
			require.NoError(t, err)
			assert.InEpsilon(t, want, got, 1e-12)
			const name = "one->y"
			for k := range slope {
				assert.InDelta(t, slope[k], g.Arrow(name).At(k, 0), 1e-11*math.Abs(g.Norm()))
			}
			if n > 5 {
				continue
			}
			e, err := p.Gradient(name)
			require.NoError(t, err)
			value, err := e.Eval(w, list(x), list(ts))
			require.NoError(t, err)
			assert.LessOrEqual(t, gap(g.Arrow(name), value), 1e-13)
			v, err := graph.Verify(p, w, list(x), list(ts))
			require.NoError(t, err)
			assert.NoError(t, v.Err())
		}
		_, err = p.Loss(w, list(normal(5, 3, 1)), list(normal(5, c.columns+1, 2)))
		var de *graph.DataError
		require.ErrorAs(t, err, &de)
		assert.Contains(t, err.Error(), "graph.Targets")
	}
	q, _ := outputs(t, 3)
	for _, l := range []graph.LossFunc{graph.Targets(graph.MSE, 3), graph.Targets(graph.Custom(length), 0), graph.Targets(graph.Custom(length), -1)} {
		_, err := graph.Compile(q, graph.Loss("y", l, 1))
		var le *graph.LossError
		assert.ErrorAs(t, err, &le)
	}
}

// TestColumnsOfOneSample: a loss of single columns, which Gorgonia slices to numbers where there is one sample, has the same value there.
func TestColumnsOfOneSample(t *testing.T) {
	must := gorgonia.Must
	rosenbrock := graph.Custom(func(y, _ *gorgonia.Node) (*gorgonia.Node, error) {
		a, b := must(gorgonia.Slice(y, nil, gorgonia.S(0))), must(gorgonia.Slice(y, nil, gorgonia.S(1)))
		one, c := gorgonia.NewConstant(1.0), gorgonia.NewConstant(100.0)
		return gorgonia.Add(must(gorgonia.Square(must(gorgonia.Sub(one, a)))), must(gorgonia.HadamardProd(c, must(gorgonia.Square(must(gorgonia.Sub(b, must(gorgonia.Square(a)))))))))
	})
	q, w := outputs(t, 2)
	for _, opts := range [][]graph.Option{nil, {graph.Unfused}} {
		p, err := graph.Compile(q, append(opts, graph.Loss("y", rosenbrock, 1))...)
		require.NoError(t, err)
		for _, n := range []int{1, 2, 5} {
			x := normal(n, 2, 3)
			ys, err := w.Eval(x)
			require.NoError(t, err)
			var want float64
			for i := range n {
				a, b := ys[0].At(i, 0), ys[0].At(i, 1)
				want += ((1-a)*(1-a) + 100*(b-a*a)*(b-a*a)) / float64(n)
			}
			got, err := p.LossGrad(w.Like(), w, list(x), list(mat.NewDense(n, 2, nil)))
			require.NoError(t, err)
			assert.InEpsilon(t, want, got, 1e-13)
			v, err := graph.Verify(p, w, list(x), list(mat.NewDense(n, 2, nil)))
			require.NoError(t, err)
			assert.NoError(t, v.Err())
		}
	}
	// What does not serve one sample says so.
	halves := graph.Custom(func(y, _ *gorgonia.Node) (*gorgonia.Node, error) {
		parts, err := gorgonia.Unconcat(y, 1, 2)
		if err != nil {
			return nil, err
		}
		return gorgonia.Sum(must(gorgonia.HadamardProd(parts[0], parts[1])), 1)
	})
	q, w = outputs(t, 4)
	p, err := graph.Compile(q, graph.Loss("y", halves, 1))
	require.NoError(t, err)
	_, err = p.Loss(w, list(normal(1, 4, 3)), list(normal(1, 4, 3)))
	var le *graph.LossError
	require.ErrorAs(t, err, &le)
	assert.Contains(t, err.Error(), "gorgonia.Reshape")
}
