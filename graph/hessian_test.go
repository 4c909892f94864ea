package graph_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/quiver/quivertest"
)

// referenceGradient is that of Σ mean (y−t)² by Rep.VJP.
func referenceGradient(t *testing.T, w *quiver.Rep, xs, ts []*mat.Dense) *quiver.Rep {
	t.Helper()
	g, _, err := w.VJP(xs, residuals(t, w, xs, ts))
	require.NoError(t, err)
	return g
}

// residuals are the gradients of that loss at the outputs.
func residuals(t *testing.T, w *quiver.Rep, xs, ts []*mat.Dense) []*mat.Dense {
	t.Helper()
	ys, err := w.Eval(xs...)
	require.NoError(t, err)
	for k := range ys {
		r, c := ys[k].Dims()
		ys[k].Sub(ys[k], ts[k])
		ys[k].Scale(2/float64(r*c), ys[k])
	}
	return ys
}

// squares are the losses and targets of all outputs.
func squares(q *quiver.Quiver, n int) (opts []graph.Option, ts []*mat.Dense) {
	for i, name := range q.Outputs() {
		opts = append(opts, graph.Loss(name, graph.MSE, 1))
		ts = append(ts, normal(n, q.Dims()[name], uint64(i)))
	}
	return opts, ts
}

// TestHessian compares every entry with differences of the reference gradient.
func TestHessian(t *testing.T) {
	acts := append([]quivertest.Act{{Activation: layers.Radial(layers.Sigmoid), Size: 1.2}}, random...)
	tried := 0
	for seed := range uint64(40) {
		in := quivertest.Generate(seed, acts...)
		w, q := in.Rep, in.Rep.Quiver()
		if q.NumParams() > 120 || in.Exempt != "" {
			continue
		}
		tried++
		opts, ts := squares(q, quivertest.Rows)
		p, err := graph.Compile(q, opts...)
		require.NoError(t, err)
		h, err := p.Hessian(w, in.Inputs, ts)
		require.NoError(t, err, in.Name)
		var worst float64
		size := mat.Norm(h, math.Inf(1))
		for k := range w.Data() {
			const e = 1e-5
			u := w.Clone()
			u.Data()[k] += e
			fd := referenceGradient(t, u, in.Inputs, ts)
			u.Data()[k] -= 2 * e
			fd.AddScaled(-1, referenceGradient(t, u, in.Inputs, ts))
			fd.Scale(1 / (2 * e))
			for i, x := range fd.Data() {
				worst = max(worst, math.Abs(x-h.At(i, k)))
			}
		}
		assert.LessOrEqual(t, worst, 1e-6*size, in.Name)
		assert.Greater(t, size, 1e-3, "a Hessian of zeros would agree with anything flat")
	}
	assert.Greater(t, tried, 10)
}

// crooked claims a second derivative that is none.
type crooked struct{ quiver.SecondOrder }

func (crooked) String() string { return "crooked" }
func (a crooked) JVP(dst, z, u []float64) {
	a.SecondOrder.JVP(dst, z, u)
	dst[0] *= 2
}

func TestHessianRefuses(t *testing.T) {
	x, y := list(normal(6, 2, 3)), list(normal(6, 3, 4))
	w := net(t, crooked{layers.Rescaling("onenorm", layers.OneNorm{}).(quiver.SecondOrder)})
	p, err := graph.Compile(w.Quiver(), graph.Loss("y", graph.MSE, 1))
	require.NoError(t, err)
	_, err = p.Hessian(w, x, y)
	var se *graph.SymmetryError
	require.ErrorAs(t, err, &se)
	assert.Contains(t, se.A+se.B, "h")
	heavy, err := graph.Compile(w.Quiver(), graph.Loss("y", graph.MSE, 1000))
	require.NoError(t, err)
	_, err = heavy.Hessian(w, x, y)
	var scaled *graph.SymmetryError
	require.ErrorAs(t, err, &scaled)
	assert.InEpsilon(t, se.Gap, scaled.Gap, 1e-6, "the gap is relative to the largest entry")
	assert.Less(t, se.Gap, 2.0)

	w = net(t, plain{})
	p, err = graph.Compile(w.Quiver(), graph.Loss("y", graph.MSE, 1))
	require.NoError(t, err)
	_, err = p.Hessian(w, x, y)
	var oe *graph.OrderError
	require.ErrorAs(t, err, &oe)
	assert.Equal(t, "h1", oe.Vertex)
	_, err = p.Hessian(nil, x, y)
	var re *graph.RepError
	assert.ErrorAs(t, err, &re)
	wide, err := layers.MLP(tanh, 2, 9000, 1)
	require.NoError(t, err)
	p, err = graph.Compile(wide, graph.Loss("y", graph.MSE, 1))
	require.NoError(t, err)
	_, err = p.Hessian(quiver.Zero(wide), x, y)
	var de *graph.DataError
	assert.ErrorAs(t, err, &de)
	fixed, err := quiver.New(quiver.Input("x", 2), quiver.Output("y", 2, nil), quiver.Connect("x", "y", quiver.Frozen(quiver.Eye(2))))
	require.NoError(t, err)
	p, err = graph.Compile(fixed, graph.Loss("y", graph.MSE, 1))
	require.NoError(t, err)
	h, err := p.Hessian(quiver.Zero(fixed), list(mat.NewDense(1, 2, nil)), list(mat.NewDense(1, 2, nil)))
	require.NoError(t, err)
	assert.True(t, h.IsEmpty())
}

// TestHessianOfLinear is exact: for y = Wx and squares, H = 2/(nd)·I ⊗ XᵀX.
func TestHessianOfLinear(t *testing.T) {
	q, err := quiver.New(quiver.Input("x", 3), quiver.Output("y", 2, nil), quiver.Connect("x", "y"))
	require.NoError(t, err)
	p, err := graph.Compile(q, graph.Loss("y", graph.MSE, 1))
	require.NoError(t, err)
	x := normal(7, 3, 1)
	h, err := p.Hessian(quiver.Zero(q), list(x), list(normal(7, 2, 2)))
	require.NoError(t, err)
	var xx mat.Dense
	xx.Mul(x.T(), x)
	for i := range 6 {
		for j := range 6 {
			want := 0.0
			if i/3 == j/3 {
				want = 2.0 / 14 * xx.At(i%3, j%3)
			}
			assert.InDelta(t, want, h.At(i, j), 1e-14)
		}
	}
}

// TestHessianGraph: the Hessian as one graph has the entries of the matrix, also simplified.
func TestHessianGraph(t *testing.T) {
	for _, act := range []quiver.Activation{tanh, layers.Trainable(layers.Tanh, 0.1, 1), layers.Pointwise(layers.GELU)} {
		q, err := quiver.New(quiver.Input("x", 1), quiver.Bias("one"), quiver.Hidden("h1", 2, act), quiver.Hidden("h2", 2, act), quiver.Output("y", 1, nil),
			quiver.Connect("x", "h1"), quiver.Connect("one", "h1"), quiver.Connect("h1", "h2"), quiver.Connect("h1", "y"), quiver.Connect("h2", "y"))
		require.NoError(t, err)
		w := quiver.Random(q, nil, rngOf(7))
		const rows = 5
		p, err := graph.Compile(q, graph.Loss("y", graph.MSE, 1), graph.Precompile(rows))
		require.NoError(t, err)
		xs, ys := list(normal(rows, 1, 1)), list(normal(rows, 1, 2))
		want, err := p.Hessian(w, xs, ys)
		require.NoError(t, err)
		x, err := p.HessianExpr()
		require.NoError(t, err)
		y, err := x.Simplify()
		require.NoError(t, err)
		assert.Less(t, len(y.Nodes()), len(x.Nodes()))
		for _, x := range []*graph.Expr{x, y} {
			got, err := x.Eval(w, xs, ys)
			require.NoError(t, err)
			assert.LessOrEqual(t, gap(mat.DenseCopyOf(want), got), 1e-13)
			text := printed(t, x)[0]
			for _, unit := range []string{"E[1,1]", "E[1,2]", "E[2,1]", "E[2,2]"} {
				assert.Contains(t, text, unit, "a unit matrix for each entry of h1→h2")
			}
			assert.NotContains(t, text, "E[3,", "no matrix has a third row")
		}
		for _, pair := range [][2]string{{"x->h1", "h1->h2"}, {"h1->h2", "h1->h2"}, {"h2->y", "x->h1"}} { // blocks by the same numbers
			b, err := p.SecondGradient(pair[0], pair[1])
			require.NoError(t, err)
			v := w.Like()
			at := 0
			for name, m := range v.All() {
				if name == pair[0] {
					m.Set(0, 0, 1)
					break
				}
				r, c := m.Dims()
				at += r * c
			}
			got, err := b.Along(v).Eval(w, xs, ys)
			require.NoError(t, err)
			from := 0
			for name, m := range v.All() {
				r, c := m.Dims()
				if name == pair[1] {
					for k, h := range got.RawMatrix().Data {
						assert.InDelta(t, want.At(at, from+k), h, 1e-13*(1+math.Abs(h)))
					}
				}
				from += r * c
			}
		}
	}
	p, err := graph.Compile(net(t, tanh).Quiver(), graph.Loss("y", graph.MSE, 1))
	require.NoError(t, err)
	_, err = p.HessianExpr()
	assert.NoError(t, err)
	wide, err := layers.MLP(tanh, 2, 90, 1)
	require.NoError(t, err)
	p, err = graph.Compile(wide, graph.Loss("y", graph.MSE, 1))
	require.NoError(t, err)
	_, err = p.HessianExpr()
	var de *graph.DataError
	assert.ErrorAs(t, err, &de)
}

// TestHessianStrided: inputs and targets that are parts of larger matrices give what their copies give.
func TestHessianStrided(t *testing.T) {
	w := net(t, tanh)
	for _, opts := range [][]graph.Option{nil, {graph.Float32}, {graph.Unfused}} {
		p, err := graph.Compile(w.Quiver(), append(opts, graph.Loss("y", graph.MSE, 1))...)
		require.NoError(t, err)
		for _, n := range []int{1, 4, 600} {
			x, y := normal(n, 5, 1).Slice(0, n, 1, 3).(*mat.Dense), normal(n, 6, 2).Slice(0, n, 2, 5).(*mat.Dense)
			want, got, v := w.Like(), w.Like(), w.Like()
			for i := range v.Data() {
				v.Data()[i] = math.Sin(float64(i))
			}
			require.NoError(t, p.HessianVector(want, w, v, list(mat.DenseCopyOf(x)), list(mat.DenseCopyOf(y))))
			require.NoError(t, p.HessianVector(got, w, v, list(x), list(y)))
			assert.Equal(t, want.Data(), got.Data())
			l, err := p.LossGrad(want, w, list(mat.DenseCopyOf(x)), list(mat.DenseCopyOf(y)))
			require.NoError(t, err)
			k, err := p.LossGrad(got, w, list(x), list(y))
			require.NoError(t, err)
			assert.Equal(t, l, k)
			assert.Equal(t, want.Data(), got.Data())
			x.Set(0, 0, x.At(0, 0)+1) // a control: the first row counts
			k, err = p.LossGrad(got, w, list(x), list(y))
			require.NoError(t, err)
			assert.NotEqual(t, l, k)
		}
	}
}

// TestHessianGraphEmpty: arrows at a vertex without coordinates have no rows in the graph of the Hessian.
func TestHessianGraphEmpty(t *testing.T) {
	q, err := quiver.New(quiver.Input("x", 1), quiver.Hidden("none", 0, tanh), quiver.Hidden("h", 2, tanh), quiver.Output("y", 1, nil),
		quiver.Connect("x", "none"), quiver.Connect("none", "h"), quiver.Connect("x", "h"), quiver.Connect("h", "y"))
	require.NoError(t, err)
	w := quiver.Random(q, nil, rngOf(7))
	p, err := graph.Compile(q, graph.Loss("y", graph.MSE, 1), graph.Precompile(3))
	require.NoError(t, err)
	xs, ys := list(normal(3, 1, 1)), list(normal(3, 1, 2))
	want, err := p.Hessian(w, xs, ys)
	require.NoError(t, err)
	x, err := p.HessianExpr()
	require.NoError(t, err)
	got, err := x.Eval(w, xs, ys)
	require.NoError(t, err)
	assert.LessOrEqual(t, gap(mat.DenseCopyOf(want), got), 1e-13)
	require.NotZero(t, mat.Norm(want, 1), "a control")
}
