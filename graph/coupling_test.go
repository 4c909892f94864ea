package graph_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/graph"
)

type lossOf = func(y, t *gorgonia.Node) (*gorgonia.Node, error)

// TestCouplingFound: a custom loss that couples the samples, everywhere or in some range of the outputs only, is refused unless it is
// marked; the error says what to do.
func TestCouplingFound(t *testing.T) {
	must := gorgonia.Must
	squareOf := func(a, b *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Square(must(gorgonia.Sub(a, b))) }
	column := func(n *gorgonia.Node) *gorgonia.Node { return must(gorgonia.Sum(n, 1)) }
	for name, f := range map[string]lossOf{
		"mean":             func(y, t *gorgonia.Node) (*gorgonia.Node, error) { return squareOf(t, must(gorgonia.Mean(y))) },
		"largest":          func(y, _ *gorgonia.Node) (*gorgonia.Node, error) { return squareOf(y, must(gorgonia.Max(y))) },
		"softmax of batch": func(y, t *gorgonia.Node) (*gorgonia.Node, error) { return squareOf(must(gorgonia.SoftMax(y, 0)), t) },
		"scaled by the sum": func(y, t *gorgonia.Node) (*gorgonia.Node, error) {
			return gorgonia.HadamardProd(column(must(squareOf(y, t))), must(gorgonia.Sum(must(gorgonia.Square(y)))))
		},
		"mean above 5 only": func(y, t *gorgonia.Node) (*gorgonia.Node, error) {
			excess := must(gorgonia.Rectify(must(gorgonia.Sub(must(gorgonia.Mean(y)), gorgonia.NewConstant(5.0)))))
			return gorgonia.Add(column(must(squareOf(y, t))), must(gorgonia.Square(excess)))
		},
		"small outputs only": func(y, t *gorgonia.Node) (*gorgonia.Node, error) {
			under := must(gorgonia.Rectify(must(gorgonia.Sub(gorgonia.NewConstant(1e-3), must(gorgonia.Sum(must(gorgonia.Square(y))))))))
			return gorgonia.Add(column(must(squareOf(y, t))), under)
		},
		"a little": func(y, t *gorgonia.Node) (*gorgonia.Node, error) {
			return gorgonia.Add(column(must(squareOf(y, t))), must(gorgonia.HadamardProd(gorgonia.NewConstant(1e-5), must(gorgonia.Square(must(gorgonia.Sum(y)))))))
		},
	} {
		for _, opts := range [][]graph.Option{nil, {graph.Workers(2)}} {
			q, w := outputs(t, 1)
			_, err := graph.Compile(q, append(opts, graph.Loss("y", graph.Custom(f), 1))...)
			var le *graph.LossError
			require.ErrorAs(t, err, &le, name)
			assert.Equal(t, "y", le.Output)
			assert.Contains(t, err.Error(), "graph.Coupled", name)
			p, err := graph.Compile(q, append(opts, graph.Loss("y", graph.Coupled(graph.Custom(f)), 1))...)
			require.NoError(t, err, name)
			_, err = p.LossGrad(w.Like(), w, list(normal(600, 1, 1)), list(normal(600, 1, 2)))
			require.NoError(t, err, name)
		}
	}
}

// TestCouplingValue: marked, a loss of the batch's mean has the same value whatever the size of the batch.
func TestCouplingValue(t *testing.T) {
	q, w := outputs(t, 1)
	loss := graph.Coupled(graph.Custom(func(y, t *gorgonia.Node) (*gorgonia.Node, error) {
		return gorgonia.Square(gorgonia.Must(gorgonia.Sub(t, gorgonia.Must(gorgonia.Mean(y)))))
	}))
	p, err := graph.Compile(q, graph.Loss("y", loss, 1), graph.Workers(2))
	require.NoError(t, err)
	for _, n := range []int{200, 5000} {
		x, ts := normal(n, 1, 1), normal(n, 1, 2)
		ts.Apply(func(_, _ int, v float64) float64 { return 6 * v }, ts)
		mean := mat.Sum(x) / float64(n)
		var want, slope float64
		for i := range n {
			want += (ts.At(i, 0) - mean) * (ts.At(i, 0) - mean) / float64(n)
			slope += 2 * (mean - ts.At(i, 0)) / float64(n)
		}
		g := w.Like()
		got, err := p.LossGrad(g, w, list(x), list(ts))
		require.NoError(t, err)
		near(t, want, got, 1e-12)
		assert.InDelta(t, slope, g.Data()[0], 1e-12)
	}
}

// TestCouplingInData: what random outputs do not show the first batch does: targets of another width, and a range far away.
func TestCouplingInData(t *testing.T) {
	must := gorgonia.Must
	far := graph.Custom(func(y, t *gorgonia.Node) (*gorgonia.Node, error) { // couples where the mean is above 1e6
		excess := must(gorgonia.Rectify(must(gorgonia.Sub(must(gorgonia.Mean(y)), gorgonia.NewConstant(1e6)))))
		return gorgonia.Add(must(gorgonia.Square(must(gorgonia.Sub(y, t)))), must(gorgonia.HadamardProd(y, excess)))
	})
	wide := graph.Custom(func(y, t *gorgonia.Node) (*gorgonia.Node, error) { // couples with two columns of targets
		if t.Shape()[1] == 1 {
			return gorgonia.Square(must(gorgonia.Sub(y, t)))
		}
		return gorgonia.Square(must(gorgonia.Sub(must(gorgonia.Sum(t, 1)), must(gorgonia.Mean(y)))))
	})
	for _, c := range []struct {
		loss  graph.LossFunc
		shift float64
		width int
	}{{far, 2e6, 1}, {wide, 0, 2}} {
		q, w := outputs(t, 1)
		p, err := graph.Compile(q, graph.Loss("y", c.loss, 1))
		require.NoError(t, err)
		x := normal(40, 1, 1)
		x.Apply(func(_, _ int, v float64) float64 { return v*(1+c.shift) + c.shift }, x)
		_, err = p.LossGrad(w.Like(), w, list(x), list(normal(40, c.width, 2)))
		var le *graph.LossError
		require.ErrorAs(t, err, &le)
		assert.Contains(t, err.Error(), "graph.Coupled")
		_, err = p.Problem(list(x), list(normal(40, c.width, 2))).LossGrad(w.Like(), w)
		require.ErrorAs(t, err, &le, "it is not forgotten")
	}
}

// TestCouplingNoFalseAlarm: losses of a sample each, of many kinds, are taken.
func TestCouplingNoFalseAlarm(t *testing.T) {
	must := gorgonia.Must
	for name, f := range map[string]lossOf{
		"huge": func(y, _ *gorgonia.Node) (*gorgonia.Node, error) {
			return gorgonia.Sum(must(gorgonia.Exp(must(gorgonia.Square(y)))), 1)
		},
		"log": func(y, _ *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Sum(must(gorgonia.Log(y)), 1) },
		"cancelling": func(y, t *gorgonia.Node) (*gorgonia.Node, error) {
			return gorgonia.Sum(must(gorgonia.Sub(must(gorgonia.Softplus(y)), must(gorgonia.HadamardProd(t, y)))), 1)
		},
		"logsumexp": func(y, t *gorgonia.Node) (*gorgonia.Node, error) {
			return gorgonia.Sub(must(gorgonia.Log(must(gorgonia.Sum(must(gorgonia.Exp(y)), 1)))), must(gorgonia.Sum(must(gorgonia.HadamardProd(t, y)), 1)))
		},
		"product": func(y, t *gorgonia.Node) (*gorgonia.Node, error) {
			return gorgonia.Sum(must(gorgonia.HadamardProd(y, t)), 1)
		},
		"zero": func(y, _ *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Sum(must(gorgonia.Sub(y, y)), 1) },
	} {
		for _, opts := range [][]graph.Option{nil, {graph.Float32}} {
			q, _ := outputs(t, 3)
			_, err := graph.Compile(q, append(opts, graph.Loss("y", graph.Custom(f), 1))...)
			assert.NoError(t, err, name)
		}
	}
}

// TestCouplingInAPart: a coupling that only positive outputs show, since others have no logarithm, and one that only outputs far below
// zero show.
func TestCouplingInAPart(t *testing.T) {
	must := gorgonia.Must
	logs := func(y *gorgonia.Node) *gorgonia.Node { return must(gorgonia.Sum(must(gorgonia.Log(y)), 1)) }
	below := func(y *gorgonia.Node) *gorgonia.Node {
		return must(gorgonia.Rectify(must(gorgonia.Sub(gorgonia.NewConstant(-50.0), y))))
	}
	alone := func(y, t *gorgonia.Node) *gorgonia.Node {
		return must(gorgonia.Sum(must(gorgonia.Square(must(gorgonia.Sub(y, t)))), 1))
	}
	for name, f := range map[string]lossOf{
		"logarithms": func(y, _ *gorgonia.Node) (*gorgonia.Node, error) {
			return gorgonia.HadamardProd(logs(y), must(gorgonia.Sum(logs(y))))
		},
		"far below zero": func(y, t *gorgonia.Node) (*gorgonia.Node, error) {
			return gorgonia.Add(alone(y, t), must(gorgonia.Square(must(gorgonia.Sum(below(y))))))
		},
	} {
		q, _ := outputs(t, 3)
		_, err := graph.Compile(q, graph.Loss("y", graph.Custom(f), 1))
		var le *graph.LossError
		require.ErrorAs(t, err, &le, name)
		_, err = graph.Compile(q, graph.Loss("y", graph.Coupled(graph.Custom(f)), 1))
		require.NoError(t, err, name)
	}
	for name, f := range map[string]lossOf{ // a control: the same of each sample
		"logarithms": func(y, _ *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Square(logs(y)) },
		"far below zero": func(y, t *gorgonia.Node) (*gorgonia.Node, error) {
			return gorgonia.Add(alone(y, t), must(gorgonia.Sum(must(gorgonia.Square(below(y))), 1)))
		},
	} {
		q, _ := outputs(t, 3)
		_, err := graph.Compile(q, graph.Loss("y", graph.Custom(f), 1))
		assert.NoError(t, err, name)
	}
}
