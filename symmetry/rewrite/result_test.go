package rewrite

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/internal/inspect"
	"github.com/quivernet/quivernet/internal/op"
	"github.com/quivernet/quivernet/symmetry"
)

// TestLift: vertices and arrows have the names of nodes and weights, and the quiver is
// the graph's function.
func TestLift(t *testing.T) {
	l, y := small(t)
	f, err := Rewriter{Weights: l.weights, Data: l.data}.Lift(y)
	require.NoError(t, err)
	w := f.Rep()
	assert.Equal(t, map[string]int{"x": 2, "h": 9, "y": 3, "one": 1}, w.Quiver().Dims())
	assert.Same(t, y, f.Node("y"))
	assert.Nil(t, f.Node("one"))
	assert.Equal(t, l.weights, f.Weights())
	x := mat.NewDense(4, 2, inspect.MustNumbers(inspect.Random(l.data[0])))
	ys, err := w.Eval(x)
	require.NoError(t, err)
	want := inspect.MustNumbers(valuesOf(G.Nodes{y})[0])
	assert.InDeltaSlice(t, want, ys[0].RawMatrix().Data, 1e-13)

	// There and back.
	value := func(n *G.Node) G.Value { return n.Value() }
	again, err := f.Collect(value)
	require.NoError(t, err)
	assert.Equal(t, w.Data(), again.Data())
	again.Scale(2)
	require.NoError(t, f.Scatter(again, value))
	third, err := f.Collect(value)
	require.NoError(t, err)
	assert.Equal(t, again.Data(), third.Data())
	assert.NotEqual(t, w.Data(), third.Data())
}

// TestNothingIsShared: training the new graph leaves the old one alone, also where a
// weight did not change.
func TestNothingIsShared(t *testing.T) {
	l, y := small(t)
	before := snapshot(l.g)
	res, err := Rewriter{Weights: l.weights, Data: l.data}.Rewrite(y)
	require.NoError(t, err)
	for _, w := range res.Weights {
		x := w.Value().Data().([]float64)
		for i := range x {
			x[i] = math.NaN()
		}
	}
	assert.Equal(t, before, snapshot(l.g))
	assert.NotContains(t, res.Map, l.weights[0])
	assert.Equal(t, "y", res.Map[y].Name())
	assert.Same(t, res.Roots[0], res.Map[y])
	assert.Contains(t, res.Map, l.data[0])
}

// TestOptions: all that symmetry.Compress takes goes through.
func TestOptions(t *testing.T) {
	l, y := small(t)
	with := func(o ...symmetry.Option) *Result {
		res, err := Rewriter{Weights: l.weights, Data: l.data, Options: o}.Rewrite(y)
		require.NoError(t, err)
		return res
	}
	kept := with(symmetry.Keep("h"))
	assert.Empty(t, kept.Report.Changes)
	assert.Nil(t, kept.Compression)

	lossy := with(symmetry.Widths(map[string]int{"h": 2}))
	require.Len(t, lossy.Report.Changes, 1)
	assert.Equal(t, 2, lossy.Report.Changes[0].To)
	assert.False(t, lossy.Certificate.Exact)
	assert.Greater(t, lossy.Certificate.Gap, 1e-6)
	assert.Contains(t, lossy.String(), "not exact")
	g := gapOf(t, valuesOf(G.Nodes{y}), valuesOf(lossy.Roots))
	assert.InDelta(t, g, lossy.Certificate.Gap, 1e-12, "the certificate says what is lost")

	for i := range l.weights { // nothing reaches h: a width of 0 becomes one of 1
		if l.weights[i].Name() == "w0" || l.weights[i].Name() == "b0" {
			clear(l.weights[i].Value().Data().([]float64))
		}
	}
	none := with(symmetry.Rank(0))
	assert.Equal(t, 1, none.Report.Changes[0].To)
	assert.True(t, sameNaN(valuesOf(G.Nodes{y})[0], valuesOf(none.Roots)[0]))
}

func sameNaN(a, b G.Value) bool { return gap(a, b, false) == 0 }

// TestRetreat: a root that blows rounding up is left as it was, and the report names it.
func TestRetreat(t *testing.T) {
	l, y := small(t)
	wild := G.Must(G.Cos(G.Must(G.HadamardProd(y, l.scalar(1e14)))))
	res, err := Rewriter{Weights: l.weights, Data: l.data}.Rewrite(wild)
	require.NoError(t, err)
	assert.Empty(t, res.Report.Changes)
	assert.Contains(t, res.String(), "a root would differ by")
	assert.Zero(t, gapOf(t, valuesOf(G.Nodes{wild}), valuesOf(res.Roots)))
}

// TestTheComparisonCatches is the negative control of all equalities here: one number changed
// is seen.
func TestTheComparisonCatches(t *testing.T) {
	l, y := small(t)
	res, err := Rewriter{Weights: l.weights, Data: l.data}.Rewrite(y)
	require.NoError(t, err)
	want := valuesOf(G.Nodes{y})
	for _, w := range res.Weights {
		x := w.Value().Data().([]float64)
		x[0] += 1e-6
		assert.Greater(t, gapOf(t, want, valuesOf(res.Roots)), 1e-9, w.Name())
		x[0] -= 1e-6
	}
	assert.Equal(t, math.Inf(1), gap(inspect.NewValue(tensor.Float64, []int{1}, []float64{math.NaN()}), inspect.NewValue(tensor.Float64, []int{1}, []float64{1}), false))
	assert.Zero(t, gap(inspect.NewValue(tensor.Float64, []int{1}, []float64{math.NaN()}), inspect.NewValue(tensor.Float64, []int{1}, []float64{math.NaN()}), false))
}

// TestSinglePrecision: the same in float32.
func TestSinglePrecision(t *testing.T) {
	for _, fused := range []bool{false, true} {
		l := newLab(t, 5)
		l.dt = tensor.Float32
		h := radialOf(G.Tanh)(l.linear("0", l.input("x", 4, 2), 9))
		y := l.linear("1", l.rms(l.linear("2", h, 12)), 3)
		res, err := Rewriter{Weights: l.weights, Data: l.data, Fused: fused}.Rewrite(y)
		require.NoError(t, err)
		require.Len(t, res.Report.Changes, 2)
		assert.LessOrEqual(t, gapOf(t, valuesOf(G.Nodes{y}), valuesOf(res.Roots)), 1e-5)
		assert.Equal(t, tensor.Float32, res.Roots[0].Dtype())
	}
}

// TestDeterministic: the same graph gives the same graph.
func TestDeterministic(t *testing.T) {
	var first string
	for range 5 {
		l, y := small(t)
		res, err := Rewriter{Weights: l.weights, Data: l.data}.Rewrite(y)
		require.NoError(t, err)
		text := res.String() + drawing(res.Roots)
		for _, w := range res.Weights {
			text += fmt.Sprintln(w.Name(), inspect.MustNumbers(w.Value()))
		}
		if first == "" {
			first = text
		}
		assert.Equal(t, first, text)
	}
}

// TestValuesOutOfOrder: a weight may be a view or lazily transposed.
func TestValuesOutOfOrder(t *testing.T) {
	l := newLab(t, 1)
	x := l.input("x", 4, 2)
	w, u := l.weight("w", 2, 9), l.weight("u", 9, 3)
	turned := inspect.NewValue(l.dt, []int{9, 2}, inspect.MustNumbers(l.normal(9, 2))).(*tensor.Dense)
	require.NoError(t, turned.T())
	require.NoError(t, G.Let(w, turned))
	cut, err := inspect.NewValue(l.dt, []int{9, 5}, inspect.MustNumbers(l.normal(9, 5))).(*tensor.Dense).Slice(nil, tensor.S(1, 4))
	require.NoError(t, err)
	require.NoError(t, G.Let(u, cut))
	at, err := cut.(*tensor.Dense).At(2, 1)
	require.NoError(t, err)
	assert.Equal(t, at, inspect.MustNumbers(cut)[2*3+1])
	at, err = turned.At(1, 7)
	require.NoError(t, err)
	assert.Equal(t, at, inspect.MustNumbers(turned)[1*9+7])
	y := G.Must(G.Mul(l.rms(G.Must(G.Mul(x, w))), u))
	res, err := Rewriter{Weights: l.weights, Data: l.data}.Rewrite(y)
	require.NoError(t, err)
	require.Len(t, res.Report.Changes, 1)
	assert.LessOrEqual(t, gapOf(t, valuesOf(G.Nodes{y}), valuesOf(res.Roots)), 1e-13)
	assert.True(t, turned.RequiresIterator(), "the old value is as it was")
}

// TestBatchNorm: an operation with a state of its own is not run, and the region behind it is
// compressed.
func TestBatchNorm(t *testing.T) {
	l := newLab(t, 1)
	x := l.input("x", 4, 3)
	n, gamma, beta, state, err := G.BatchNorm(x, nil, nil, 0.9, 1e-5)
	require.NoError(t, err)
	l.weights = append(l.weights, gamma, beta)
	y := l.linear("2", radialOf(G.Tanh)(l.linear("1", n, 9)), 2)
	before := fmt.Sprintf("%+v", state)
	res, err := Rewriter{Weights: l.weights, Data: l.data}.Rewrite(y)
	require.NoError(t, err)
	assert.Equal(t, before, fmt.Sprintf("%+v", state))
	require.Len(t, res.Report.Changes, 1)
	assert.LessOrEqual(t, res.Certificate.Gap, 1e-13)
	assert.Contains(t, res.Certificate.String(), "random values for 1 nodes with a state")
	assert.Empty(t, res.Certificate.Unmeasured)
}

// TestFusedNames: a weight that one operation takes over keeps its name, transposed or not.
func TestFusedNames(t *testing.T) {
	l, y := small(t)
	res, err := Rewriter{Weights: l.weights, Data: l.data, Fused: true}.Rewrite(y)
	require.NoError(t, err)
	assert.Equal(t, map[string][]int{"w0": {3, 2}, "b0": {3, 1}, "w1": {3, 3}, "b1": {3, 1}}, shapes(res.Weights))
	assert.Equal(t, 2, len(op.Children(res.Roots[0]))/2, "h and the ones")
	assert.LessOrEqual(t, gapOf(t, valuesOf(G.Nodes{y}), tape(t, res.Roots)), 1e-13)
}

// TestOneNameForAll: Gorgonia tells inputs of one name apart by their shapes, which may coincide when
// they have shrunk.
func TestOneNameForAll(t *testing.T) {
	l := newLab(t, 1)
	h := l.rms(G.Must(G.Mul(l.input("x", 4, 2), l.weight("W", 2, 9))))
	y := G.Must(G.Mul(l.rms(G.Must(G.Mul(h, l.weight("W", 9, 8)))), l.weight("W", 8, 2)))
	for _, fused := range []bool{false, true} {
		r := Rewriter{Weights: l.weights, Data: l.data, Fused: fused}
		res, err := r.Rewrite(y)
		require.NoError(t, err)
		assert.Equal(t, map[string][]int{"W": {2, 2}, "W.2": {2, 2}, "W.3": {2, 2}}, shapes(res.Weights))
		assert.LessOrEqual(t, gapOf(t, valuesOf(G.Nodes{y}), tape(t, res.Roots)), 1e-13)
		again, err := Rewriter{Weights: res.Weights, Data: G.Nodes{res.Map[l.data[0]]}, Fused: fused}.Rewrite(res.Roots...)
		require.NoError(t, err)
		assert.Equal(t, drawing(res.Roots), drawing(again.Roots))
	}
}

// TestReshapedValue: a value can change its shape behind the back of its node; it is refused by name.
func TestReshapedValue(t *testing.T) {
	l, y := small(t)
	v := l.weights[0].Value().(*tensor.Dense)
	require.NoError(t, v.Reshape(9, 2))
	_, err := Rewriter{Weights: l.weights, Data: l.data}.Rewrite(y)
	var be *BuildError
	require.ErrorAs(t, err, &be)
	assert.Equal(t, "w0", be.Node)
	require.NoError(t, v.Reshape(2, 9))
	res, err := Rewriter{Weights: l.weights, Data: l.data}.Rewrite(y)
	require.NoError(t, err)
	assert.Len(t, res.Report.Changes, 1)
}

// TestBiasReshaped: for a single sample a reshape is all that a bias needs.
func TestBiasReshaped(t *testing.T) {
	for _, fused := range []bool{false, true} {
		l := newLab(t, 1)
		bias := func(h *G.Node, name string, from ...int) *G.Node {
			return G.Must(G.Add(h, G.Must(G.Reshape(l.weight(name, from...), h.Shape()))))
		}
		row := l.rms(bias(G.Must(G.Mul(l.input("x", 1, 2), l.weight("W", 2, 9))), "b", 9))
		column := bias(G.Must(G.Mul(l.weight("V", 8, 2), l.input("y", 2, 1))), "c", 1, 8)
		single := bias(G.Must(G.Mul(l.weight("U", 7, 2), l.input("z", 2))), "d", 7, 1)
		roots := G.Nodes{G.Must(G.Mul(row, l.weight("W2", 9, 2))), G.Must(G.Mul(l.weight("V2", 2, 8), column)), G.Must(G.Mul(l.weight("U2", 2, 7), single))}
		res, err := Rewriter{Weights: l.weights, Data: l.data, Fused: fused}.Rewrite(roots...)
		require.NoError(t, err)
		assert.Len(t, res.Report.Changes, 3, "%s", res)
		assert.LessOrEqual(t, gapOf(t, valuesOf(roots), valuesOf(res.Roots)), 1e-13)
		assert.LessOrEqual(t, gapOf(t, valuesOf(roots), tape(t, res.Roots)), 1e-13)
	}
}

// TestOneNameInside: nor does a matrix of one operation take the name of a weight that stays.
func TestOneNameInside(t *testing.T) {
	l := newLab(t, 1)
	h := l.rms(G.Must(G.Mul(l.input("x", 4, 2), l.weight("W", 2, 9))))
	roots := G.Nodes{G.Must(G.Mul(h, l.weight("U", 9, 2))), G.Must(G.Exp(l.weight("W", 2, 2)))}
	res, err := Rewriter{Weights: l.weights, Data: l.data, Fused: true}.Rewrite(roots...)
	require.NoError(t, err)
	assert.Len(t, shapes(res.Weights), 3)
	assert.LessOrEqual(t, gapOf(t, valuesOf(roots), valuesOf(res.Roots)), 1e-13)
}
