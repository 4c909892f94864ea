package graph_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// TestRowsStandAlone: a sample's output has the same bits alone, among others, in any
// order, beside zeros, in batches of every size.
func TestRowsStandAlone(t *testing.T) {
	for _, opts := range [][]graph.Option{nil, {graph.Float32}} {
		w := net(t, tanh)
		p, err := graph.Compile(w.Quiver(), opts...)
		require.NoError(t, err)
		const n = 10_000
		x := normal(n, 2, 3)
		x.SetRow(5, []float64{0, 0})
		all, err := p.Forward(w, x)
		require.NoError(t, err)
		for _, i := range []int{0, 4, 5, 6, 137, n - 1} {
			one, err := p.Forward(w, mat.NewDense(1, 2, x.RawRowView(i)))
			require.NoError(t, err)
			assert.Equal(t, all[0].RawRowView(i), one[0].RawRowView(0))
		}
		back := mat.NewDense(n, 2, nil)
		for i := range n {
			back.SetRow(i, x.RawRowView(n-1-i))
		}
		rev, err := p.Forward(w, back)
		require.NoError(t, err)
		for i := range n {
			require.Equal(t, all[0].RawRowView(i), rev[0].RawRowView(n-1-i))
		}
		none, err := p.Forward(w, &mat.Dense{})
		require.NoError(t, err)
		assert.True(t, none[0].IsEmpty())
	}
}

// TestWorkers: the number of workers changes no bit; the chunks are real.
func TestWorkers(t *testing.T) {
	w := net(t, tanh)
	x, y := normal(1000, 2, 3), normal(1000, 3, 4)
	var want *quiver.Rep
	var loss float64
	for _, n := range []int{1, 2, 3, 8} {
		p, err := graph.Compile(w.Quiver(), graph.Loss("y", graph.MSE, 1), graph.Workers(n))
		require.NoError(t, err)
		g := w.Like()
		l, err := p.LossGrad(g, w, list(x), list(y))
		require.NoError(t, err)
		if n == 1 {
			want, loss = g, l
		}
		assert.Equal(t, loss, l)
		assert.Equal(t, want.Data(), g.Data())
	}
	p, err := graph.Compile(w.Quiver(), graph.Loss("y", graph.Coupled(graph.MSE), 1))
	require.NoError(t, err)
	g := w.Like()
	l, err := p.LossGrad(g, w, list(x), list(y))
	require.NoError(t, err)
	assert.InEpsilon(t, loss, l, 1e-13)
	assert.NotEqual(t, want.Data(), g.Data(), "one chunk adds in another order")
}

// TestConcurrent: many calls at once on one program give the bits that each gives alone.
func TestConcurrent(t *testing.T) {
	w := net(t, tanh)
	p, err := graph.Compile(w.Quiver(), graph.Loss("y", graph.MSE, 1), graph.Workers(2))
	require.NoError(t, err)
	type result struct {
		y    []*mat.Dense
		g    *quiver.Rep
		loss float64
	}
	call := func(k int) (r result) {
		n := 1 + 40*k
		u := w.Clone()
		u.Scale(1 + 0.1*float64(k))
		x, y := normal(n, 2, uint64(k)), normal(n, 3, uint64(k))
		var err error
		r.g = u.Like()
		r.loss, err = p.LossGrad(r.g, u, list(x), list(y))
		assert.NoError(t, err)
		r.y, err = p.Forward(u, x)
		assert.NoError(t, err)
		return r
	}
	const kinds = 12
	var alone [kinds]result
	for k := range kinds {
		alone[k] = call(k)
	}
	var wg sync.WaitGroup
	for i := range 8 * kinds {
		wg.Go(func() {
			k := (i * 7) % kinds
			r := call(k)
			assert.Equal(t, alone[k].loss, r.loss)
			assert.Equal(t, alone[k].g.Data(), r.g.Data())
			assert.True(t, mat.Equal(alone[k].y[0], r.y[0]))
		})
	}
	wg.Wait()
}

// TestNoAllocation: steady state allocates nothing, in both precisions.
func TestNoAllocation(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector makes sync.Pool forget at random")
	}
	for _, opts := range [][]graph.Option{nil, {graph.Float32}} {
		for k, act := range []quiver.Activation{tanh, tanh, layers.Trainable(layers.Tanh, 0.1, 1), layers.Pointwise(layers.GELU)} {
			w := net(t, act)
			p, err := graph.Compile(w.Quiver(), append(opts, graph.Loss("y", graph.SoftmaxCE, 1))...)
			require.NoError(t, err)
			n := []int{50, 700}[k%2] // one chunk and several
			xs, ys, g := list(normal(n, 2, 3)), list(mat.NewDense(n, 1, nil)), w.Like()
			dst := list(mat.NewDense(n, 3, nil))
			assert.Zero(t, testing.AllocsPerRun(20, func() {
				if _, err := p.LossGrad(g, w, xs, ys); err != nil {
					panic(err)
				}
			}), "%v", act)
			assert.Zero(t, testing.AllocsPerRun(20, func() {
				if err := p.ForwardTo(dst, w, xs...); err != nil {
					panic(err)
				}
			}), "%v", act)
			problem := p.Problem(xs, ys)
			assert.Zero(t, testing.AllocsPerRun(20, func() { // in turns
				if _, err := problem.LossGrad(g, w); err != nil {
					panic(err)
				}
				if err := p.ForwardTo(dst, w, xs...); err != nil {
					panic(err)
				}
			}), "%v", act)
		}
	}
}

// TestFloat32 is within single precision of double, and no closer.
func TestFloat32(t *testing.T) {
	w := net(t, tanh)
	x, y := normal(50, 2, 3), normal(50, 3, 4)
	p64, err := graph.Compile(w.Quiver(), graph.Loss("y", graph.MSE, 1))
	require.NoError(t, err)
	p32, err := graph.Compile(w.Quiver(), graph.Loss("y", graph.MSE, 1), graph.Float32)
	require.NoError(t, err)
	g64, g32 := w.Like(), w.Like()
	l64, err := p64.LossGrad(g64, w, list(x), list(y))
	require.NoError(t, err)
	l32, err := p32.LossGrad(g32, w, list(x), list(y))
	require.NoError(t, err)
	assert.InEpsilon(t, l64, l32, 1e-6)
	g32.AddScaled(-1, g64)
	assert.Less(t, g32.Norm(), 1e-5*g64.Norm())
	assert.Greater(t, g32.Norm(), 1e-12*g64.Norm(), "single precision must show")
}

// TestStrides: inputs and targets may be windows of larger matrices.
func TestStrides(t *testing.T) {
	w := net(t, tanh)
	p, err := graph.Compile(w.Quiver(), graph.Loss("y", graph.MSE, 1))
	require.NoError(t, err)
	wide := normal(20, 9, 3)
	x, y := wide.Slice(3, 15, 1, 3).(*mat.Dense), wide.Slice(3, 15, 4, 7).(*mat.Dense)
	g, h := w.Like(), w.Like()
	a, err := p.LossGrad(g, w, list(x), list(y))
	require.NoError(t, err)
	b, err := p.LossGrad(h, w, list(mat.DenseCopyOf(x)), list(mat.DenseCopyOf(y)))
	require.NoError(t, err)
	assert.Equal(t, b, a)
	assert.Equal(t, h.Data(), g.Data())
}

// TestFixedMatrices: dense fixed matrices come with the Rep, structured ones are
// compiled in and checked.
func TestFixedMatrices(t *testing.T) {
	f := mat.NewDense(2, 2, []float64{1, 2, 3, 4})
	q, err := quiver.New(quiver.Input("x", 2), quiver.Output("y", 2, nil), quiver.Connect("x", "y", quiver.Frozen(f)),
		quiver.Connect("x", "y", quiver.Named("skip"), quiver.Frozen(quiver.Eye(2))))
	require.NoError(t, err)
	p, err := graph.Compile(q)
	require.NoError(t, err)
	w := quiver.Zero(q)
	x := mat.NewDense(1, 2, []float64{1, 10})
	y, err := p.Forward(w, x)
	require.NoError(t, err)
	assert.Equal(t, []float64{22, 53}, y[0].RawRowView(0))
	u, err := w.WithFixed(map[string]mat.Matrix{"x->y": mat.NewDense(2, 2, []float64{0, 1, 1, 0})})
	require.NoError(t, err)
	y, err = p.Forward(u, x)
	require.NoError(t, err)
	assert.Equal(t, []float64{11, 11}, y[0].RawRowView(0))
	u, err = w.WithFixed(map[string]mat.Matrix{"skip": f})
	require.NoError(t, err)
	_, err = p.Forward(u, x)
	var re *graph.RepError
	assert.ErrorAs(t, err, &re, "a structured matrix that differs must not be ignored")
}

// TestLongChain compiles 3,000 vertices, which quadratic building would make slow, and
// agrees with the reference.
func TestLongChain(t *testing.T) {
	dims := make([]int, 3001)
	for i := range dims {
		dims[i] = 1
	}
	q, err := layers.MLP(layers.Radial(layers.Arctan), dims...)
	require.NoError(t, err)
	w := quiver.Random(q, quiver.Constant(0.9), nil)
	p, err := graph.Compile(q, graph.Loss("y", graph.MSE, 1))
	require.NoError(t, err)
	x := normal(3, 1, 5)
	got, err := p.Forward(w, x)
	require.NoError(t, err)
	want, err := w.Eval(x)
	require.NoError(t, err)
	assert.InDelta(t, want[0].At(0, 0), got[0].At(0, 0), 1e-13)
}
