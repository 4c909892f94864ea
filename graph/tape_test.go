package graph_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/internal/golden"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/quiver/quivertest"
)

var everyAct = []quivertest.Act{
	{Activation: layers.Radial(layers.Sigmoid), Size: 1.2}, {Activation: tanh, Size: 1.2},
	{Activation: layers.Radial(layers.Shift(layers.ReLU, 0.5)), Size: 1.5}, {Activation: layers.Radial(layers.Arctan), Size: 1.2},
	{Activation: layers.RMSNorm(8, 0.1), Size: 1.2}, {Activation: layers.Trainable(layers.Tanh, 0.3, 1.1), Size: 1.2},
	{Activation: layers.Pointwise(layers.ReLU), Size: 1}, {Activation: layers.Pointwise(layers.Tanh), Size: 1},
	{Activation: layers.Pointwise(layers.GELU), Size: 1}, {Activation: layers.Pointwise(layers.LeakyReLU(0.1)), Size: 1},
	{Activation: layers.Rescaling("tape-onenorm", layers.OneNorm{}), Size: 1},
}

// step returns outputs, loss and gradient of one program.
func step(t *testing.T, w *quiver.Rep, xs, ys []*mat.Dense, opts ...graph.Option) ([]*mat.Dense, float64, *quiver.Rep) {
	t.Helper()
	p, err := graph.Compile(w.Quiver(), opts...)
	require.NoError(t, err)
	out, err := p.Forward(w, xs...)
	require.NoError(t, err)
	g := w.Like()
	loss, err := p.LossGrad(g, w, xs, ys)
	require.NoError(t, err)
	again := w.Like() // the arena holds the last run now
	l2, err := p.LossGrad(again, w, xs, ys)
	require.NoError(t, err)
	require.Equal(t, loss, l2)
	require.Equal(t, g.Data(), again.Data())
	return out, loss, g
}

// TestFusedEqualsUnfused: the stages give the numbers of the expression graph run node by
// node, on quivers of every kind, in batches that fill the lanes and that do not.
func TestFusedEqualsUnfused(t *testing.T) {
	noticed := 0
	const instances = 80
	for seed := range uint64(instances) {
		in := quivertest.Generate(seed, everyAct...)
		q := in.Rep.Quiver()
		n := []int{1, 3, 16, 37, 130}[seed%5]
		var xs, ys []*mat.Dense
		for i, d := range dims(q, q.Inputs()) {
			xs = append(xs, batch(n, d, seed+uint64(i)))
		}
		var opts []graph.Option
		for i, d := range dims(q, q.Outputs()) {
			if d > 0 {
				loss := []graph.LossFunc{graph.MSE, graph.SumSquares, graph.SoftmaxCE}[int(seed)%3]
				ys = append(ys, batch(n, d, 100+seed+uint64(i)))
				if seed%3 == 2 {
					ys[len(ys)-1] = mat.NewDense(n, 1, nil)
				}
				opts = append(opts, graph.Loss(q.Outputs()[i], loss, 1+float64(i)))
			}
		}
		if len(opts) == 0 || len(in.Rep.Data()) == 0 {
			continue
		}
		for _, single := range []bool{false, true} {
			o, tol := opts, 1e-12
			if single {
				o, tol = append(o, graph.Float32), 2e-4
			}
			y1, l1, g1 := step(t, in.Rep, xs, ys, o...)
			y2, l2, g2 := step(t, in.Rep, xs, ys, append(o, graph.Unfused)...)
			assert.LessOrEqual(t, quivertest.Gap(y1, y2), tol, in.Name)
			assert.InEpsilon(t, 1+l2, 1+l1, tol, in.Name)
			diff := g1.Clone()
			diff.AddScaled(-1, g2)
			assert.LessOrEqual(t, diff.Norm(), tol*g2.Norm(), in.Name)
			if single {
				continue
			}
			wrong := in.Rep.Clone()
			for i := range wrong.Data() {
				wrong.Data()[i] *= 1 + 1e-6*math.Sin(float64(i+1))
			}
			if _, l3, g3 := step(t, wrong, xs, ys, o...); l3 != l1 && math.Abs(g3.Norm()-g1.Norm()) > 1e-11*g1.Norm() {
				noticed++
			}
		}
	}
	assert.Greater(t, noticed, instances*3/4, "changed weights must show")
}

func dims(q *quiver.Quiver, names []string) (ds []int) {
	for _, n := range names {
		ds = append(ds, q.Dims()[n])
	}
	return ds
}

func batch(n, d int, seed uint64) *mat.Dense {
	if d == 0 {
		return &mat.Dense{}
	}
	return normal(n, d, seed)
}

// TestExtremeSamples: norms that are zero, subnormal, tiny or huge come out as in the
// reference evaluator, beside ordinary samples.
func TestExtremeSamples(t *testing.T) {
	for _, act := range everyAct {
		q, err := quiver.New(quiver.Input("x", 3), quiver.Hidden("h", 3, act.Activation), quiver.Output("y", 3, nil),
			quiver.Connect("x", "h"), quiver.Connect("h", "y"))
		require.NoError(t, err)
		w := quiver.Zero(q)
		for i := range 3 {
			w.Arrow("x->h").Set(i, i, 1)
			w.Arrow("h->y").Set(i, i, 1)
		}
		x := normal(20, 3, 9)
		for i, s := range []float64{0, 1e-310, 1e-200, 1e-101, 1e-30, 1e30, 1e101, 1e160} {
			for j := range 3 {
				x.Set(2*i+3, j, s*x.At(2*i+3, j))
			}
		}
		want, err := w.Eval(x)
		require.NoError(t, err)
		p, err := graph.Compile(q)
		require.NoError(t, err)
		got, err := p.Forward(w, x)
		require.NoError(t, err)
		for i := range 20 {
			for j := range 3 {
				a, b := want[0].At(i, j), got[0].At(i, j)
				if a != b && math.Abs(a-b) > 1e-14*math.Abs(a) {
					t.Errorf("%v, sample %d: %v, want %v", act.Activation, i, got[0].RawRowView(i), want[0].RawRowView(i))
					break
				}
			}
		}
	}
}

// TestCustomLossBesideStages: a user's loss made of Gorgonia's operations gives what the
// built-in one gives, through copies by rows.
func TestCustomLossBesideStages(t *testing.T) {
	mse := graph.Custom(func(y, target *gorgonia.Node) (*gorgonia.Node, error) {
		d, err := gorgonia.Sub(y, target)
		if err != nil {
			return nil, err
		}
		s, err := gorgonia.Square(d)
		if err != nil {
			return nil, err
		}
		return gorgonia.Mean(s, 1)
	})
	w := net(t, tanh)
	for _, n := range []int{2, 19, 300} {
		xs, ys := list(normal(n, 2, 3)), list(normal(n, 3, 4))
		_, l1, g1 := step(t, w, xs, ys, graph.Loss("y", mse, 1))
		_, l2, g2 := step(t, w, xs, ys, graph.Loss("y", graph.MSE, 1))
		assert.InEpsilon(t, l2, l1, 1e-13)
		g1.AddScaled(-1, g2)
		assert.LessOrEqual(t, g1.Norm(), 1e-13*g2.Norm())
	}
	p, err := graph.Compile(w.Quiver(), graph.Loss("y", mse, 1), graph.Precompile(19))
	require.NoError(t, err)
	x, err := p.Explain()
	require.NoError(t, err)
	kinds := map[string]int{}
	for _, s := range x.Stages {
		kinds[s.Kind]++
	}
	assert.Equal(t, 3, kinds["forward"], "the quiver stays fused")
	assert.Positive(t, kinds["operation"])
	assert.Positive(t, kinds["copy"])
}

// TestExplain prints the stages of a small step.
func TestExplain(t *testing.T) {
	p, err := graph.Compile(net(t, tanh).Quiver(), graph.Loss("y", graph.MSE, 1), graph.Precompile(121))
	require.NoError(t, err)
	x, err := p.Explain()
	require.NoError(t, err)
	golden.Check(t, "explain.txt", x.String())
	assert.Less(t, x.Arena, x.Sum, "buffers share memory")
	p, err = graph.Compile(net(t, tanh).Quiver(), graph.Loss("y", graph.MSE, 1), graph.Unfused)
	require.NoError(t, err)
	u, err := p.Explain()
	require.NoError(t, err)
	assert.Len(t, u.Stages, u.Nodes)
	assert.Equal(t, x.Nodes, u.Nodes, "the stages cover every node")
	_, err = p.ExplainFor(0)
	assert.Error(t, err)
}

// TestExplainTied: the gradient of a shared matrix belongs to the arrow that owns it.
func TestExplainTied(t *testing.T) {
	q, err := layers.Recurrent(tanh, 2, 4, 3, 3)
	require.NoError(t, err)
	for _, opts := range [][]graph.Option{nil, {graph.Unfused}} {
		p, err := graph.Compile(q, append(opts, graph.Loss(q.Outputs()[0], graph.MSE, 1))...)
		require.NoError(t, err)
		x, err := p.Explain()
		require.NoError(t, err)
		assert.NotContains(t, x.String(), "W[W[")
		for _, s := range x.PerVertex() {
			_, vertex := q.VertexIndex(s.Owner)
			_, arrow := q.ArrowIndex(s.Owner)
			assert.True(t, vertex || arrow || s.Owner == "loss", "%s", s.Owner)
		}
	}
}

// TestProfile: a timed program knows its stages, another one says how to.
func TestProfile(t *testing.T) {
	w := net(t, tanh)
	xs, ys, g := list(normal(20, 2, 3)), list(normal(20, 3, 4)), w.Like()
	p, err := graph.Compile(w.Quiver(), graph.Loss("y", graph.MSE, 1), graph.Timed)
	require.NoError(t, err)
	for range 3 {
		_, err = p.LossGrad(g, w, xs, ys)
		require.NoError(t, err)
	}
	f := p.Profile()
	require.NotEmpty(t, f.Stages)
	for _, s := range f.Stages {
		assert.Equal(t, 3, s.Runs)
		assert.Equal(t, 20, s.Batch)
	}
	assert.Contains(t, f.String(), "δ[h1]")
	assert.Regexp(t, `(?m)^batch 20;forward;h1;.* \d+$`, f.Flame())
	p, err = graph.Compile(w.Quiver())
	require.NoError(t, err)
	assert.Contains(t, p.Profile().String(), "graph.Timed")
}

// TestProblemsInTurns: two problems and plain calls on one program, in turns and with other weights in
// between, do not see each other's data.
func TestProblemsInTurns(t *testing.T) {
	for _, opts := range [][]graph.Option{nil, {graph.Float32}} {
		w := net(t, tanh)
		u := w.Clone()
		u.Scale(1.1)
		p, err := graph.Compile(w.Quiver(), append(opts, graph.Loss("y", graph.MSE, 1))...)
		require.NoError(t, err)
		type pair struct{ xs, ys []*mat.Dense }
		var pairs []pair
		var problems []*graph.Problem
		for k := range uint64(3) {
			n := []int{40, 40, 600}[k]
			pairs = append(pairs, pair{list(normal(n, 2, k)), list(normal(n, 3, 10+k))})
			problems = append(problems, p.Problem(pairs[k].xs, pairs[k].ys))
		}
		for i := range 40 {
			k := (i * 7) % 3
			rep := []*quiver.Rep{w, u}[i%2]
			want, got := rep.Like(), rep.Like()
			fresh, err := graph.Compile(w.Quiver(), append(opts, graph.Loss("y", graph.MSE, 1))...)
			require.NoError(t, err)
			a, err := fresh.LossGrad(want, rep, pairs[k].xs, pairs[k].ys)
			require.NoError(t, err)
			var b float64
			if i%5 == 4 {
				b, err = p.LossGrad(got, rep, pairs[k].xs, pairs[k].ys)
			} else {
				b, err = problems[k].LossGrad(got, rep)
			}
			require.NoError(t, err)
			require.Equal(t, a, b)
			require.Equal(t, want.Data(), got.Data())
			if i%3 == 0 {
				_, err = p.Forward(u, pairs[k].xs...)
				require.NoError(t, err)
			}
		}
		bad := w.Clone()
		bad.Data()[3] = math.NaN()
		_, err = problems[0].LossGrad(w.Like(), bad)
		var re *graph.RepError
		require.ErrorAs(t, err, &re)
		_, err = p.Problem(pairs[0].xs, nil).LossGrad(w.Like(), w)
		var de *graph.DataError
		require.ErrorAs(t, err, &de)
	}
}
