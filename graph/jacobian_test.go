package graph_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/quiver/quivertest"
	"github.com/quivernet/quivernet/symmetry/identify"
)

// random are the activations of random networks: smooth ones, one with parameters per vertex and
// one with parameters per coordinate.
var random = []quivertest.Act{
	{Activation: layers.Radial(layers.Tanh), Size: 1.2}, {Activation: layers.Radial(layers.Squash), Size: 1.2},
	{Activation: layers.RMSNorm(8, 0.1), Size: 1.2}, {Activation: layers.Trainable(layers.Tanh, 0.3, 1.1), Size: 1.2},
	{Activation: layers.Pointwise(layers.GELU), Size: 1.2}, {Activation: layers.Gain(layers.Radial(layers.Tanh), true), Size: 1.2},
	{Activation: layers.Rescaling("onenorm", layers.OneNorm{}), Size: 1.2},
}

// referenceJacobian is one reverse pass of Rep.VJP per sample and output.
func referenceJacobian(t *testing.T, w *quiver.Rep, xs []*mat.Dense, samples []int) *mat.Dense {
	t.Helper()
	q := w.Quiver()
	var rows []float64
	for _, i := range samples {
		var one []*mat.Dense
		for _, x := range xs {
			if x.IsEmpty() {
				one = append(one, x)
				continue
			}
			_, c := x.Dims()
			one = append(one, mat.NewDense(1, c, x.RawRowView(i)))
		}
		for k, name := range q.Outputs() {
			for o := range q.Dims()[name] {
				dys := make([]*mat.Dense, len(q.Outputs()))
				dys[k] = mat.NewDense(1, q.Dims()[name], nil)
				dys[k].Set(0, o, 1)
				g, _, err := w.VJP(one, dys)
				require.NoError(t, err)
				rows = append(rows, g.Data()...)
			}
		}
	}
	return mat.NewDense(len(rows)/q.NumParams(), q.NumParams(), rows)
}

// TestJacobian compares with the reference evaluator on random networks of every kind:
// skips, ties, parameters, fixed arrows, several outputs, an output with arrows.
func TestJacobian(t *testing.T) {
	for seed := range uint64(60) {
		in := quivertest.Generate(seed, random...)
		p, err := graph.Compile(in.Rep.Quiver())
		require.NoError(t, err)
		j, err := p.Jacobian(in.Rep, in.Inputs...)
		require.NoError(t, err, in.Name)
		samples := []int{0, 5, quivertest.Rows - 1}
		want := referenceJacobian(t, in.Rep, in.Inputs, samples)
		r, c := j.Dims()
		m := r / quivertest.Rows
		require.Equal(t, in.Rep.Quiver().NumParams(), c)
		size := mat.Norm(want, math.Inf(1))
		for k, i := range samples {
			for o := range m {
				for a := range c {
					require.InDelta(t, want.At(k*m+o, a), j.At(i*m+o, a), 1e-12*size, "%s sample %d output %d number %d", in.Name, i, o, a)
				}
			}
		}
		if m > 1 && in.Exempt == "" { // outputs are not samples
			assert.Greater(t, math.Abs(want.At(0, c-1)-j.At(1, c-1))+math.Abs(want.At(1, 0)-j.At(2, 0))+math.Abs(want.At(1, c/2)-j.At(0, c/2)), 0.0, in.Name)
		}
	}
}

// TestJacobianOtherMeans compares with per-sample reverse passes over many chunks, ragged ones
// too, on any number of workers, and with differences of the outputs.
func TestJacobianOtherMeans(t *testing.T) {
	w := net(t, tanh)
	x := normal(1000, 2, 3)
	want, err := identify.Jacobian(w, list(x), identify.Options{})
	require.NoError(t, err)
	var first *mat.Dense
	for _, opts := range [][]graph.Option{{graph.Workers(1)}, {graph.Workers(3)}, {graph.Float32}} {
		p, err := graph.Compile(w.Quiver(), opts...)
		require.NoError(t, err)
		j, err := p.Jacobian(w, x)
		require.NoError(t, err)
		assert.True(t, mat.EqualApprox(want, j, 1e-13*mat.Norm(want, 2)))
		if first == nil {
			first = j
		}
		assert.True(t, mat.Equal(first, j), "the same bits, in double precision always")
		one, err := p.Jacobian(w, x.Slice(997, 998, 0, 2).(*mat.Dense))
		require.NoError(t, err)
		assert.True(t, mat.Equal(one, j.Slice(997*3, 998*3, 0, w.Quiver().NumParams())), "a sample's rows do not depend on its batch")
	}
	p, err := graph.Compile(w.Quiver())
	require.NoError(t, err)
	d := w.Like()
	for i := range d.Data() {
		d.Data()[i] = math.Sin(float64(i))
	}
	at := func(h float64) *mat.Dense {
		u := w.Clone()
		u.AddScaled(h, d)
		ys, err := p.Forward(u, x)
		require.NoError(t, err)
		return ys[0]
	}
	var fd mat.Dense
	fd.Sub(at(1e-5), at(-1e-5))
	fd.Scale(0.5e5, &fd)
	var jd mat.VecDense
	jd.MulVec(first, mat.NewVecDense(len(d.Data()), d.Data()))
	for i := range 1000 {
		for o := range 3 {
			require.InDelta(t, fd.At(i, o), jd.AtVec(3*i+o), 1e-8)
		}
	}
}

func TestJacobianDegenerate(t *testing.T) {
	w := net(t, tanh)
	p, err := graph.Compile(w.Quiver())
	require.NoError(t, err)
	j, err := p.Jacobian(w, &mat.Dense{})
	require.NoError(t, err)
	assert.True(t, j.IsEmpty(), "no samples")

	q, err := quiver.New(quiver.Bias("one"), quiver.Output("y", 2, nil), quiver.Connect("one", "y"), quiver.Output("none", 0, nil))
	require.NoError(t, err)
	p, err = graph.Compile(q)
	require.NoError(t, err)
	j, err = p.Jacobian(quiver.Zero(q))
	require.NoError(t, err)
	assert.True(t, mat.Equal(mat.NewDense(2, 2, []float64{1, 0, 0, 1}), j), "no inputs: one sample")

	q, err = quiver.New(quiver.Input("x", 2), quiver.Output("y", 2, nil))
	require.NoError(t, err)
	p, err = graph.Compile(q)
	require.NoError(t, err)
	j, err = p.Jacobian(quiver.Zero(q), mat.NewDense(3, 2, nil))
	require.NoError(t, err)
	assert.True(t, j.IsEmpty(), "no trainable numbers")

	zeros, err := layers.MLP(layers.Radial(layers.Sigmoid), 2, 3, 1)
	require.NoError(t, err)
	p, err = graph.Compile(zeros)
	require.NoError(t, err)
	j, err = p.Jacobian(quiver.Zero(zeros), mat.NewDense(2, 2, nil))
	require.NoError(t, err)
	assert.Equal(t, 1.0, j.At(1, zeros.NumParams()-1), "only the last bias counts")
	assert.Equal(t, 2.0, mat.Sum(j))
}

// TestJacobianMemory: beside the result there is little.
func TestJacobianMemory(t *testing.T) {
	w := net(t, tanh)
	p, err := graph.Compile(w.Quiver())
	require.NoError(t, err)
	x := normal(20_000, 2, 3)
	j := mat.NewDense(60_000, w.Quiver().NumParams(), nil)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	require.NoError(t, p.JacobianTo(j, w, x))
	runtime.ReadMemStats(&after)
	assert.Less(t, float64(after.TotalAlloc-before.TotalAlloc), 1e6, "the result has 32 MB")
}

func BenchmarkJacobian(b *testing.B) { // 10⁴ samples × 10³ parameters
	q, err := layers.MLP(tanh, 8, 24, 24, 8, 1)
	require.NoError(b, err)
	w := quiver.Random(q, nil, rand.NewPCG(1, 2))
	x := normal(10_000, 8, 1)
	p, err := graph.Compile(q)
	require.NoError(b, err)
	j := mat.NewDense(10_000, q.NumParams(), nil)
	b.Run("batched", func(b *testing.B) {
		for b.Loop() {
			require.NoError(b, p.JacobianTo(j, w, x))
		}
	})
	b.Run("per sample", func(b *testing.B) {
		for b.Loop() {
			_, err := identify.Jacobian(w, list(x), identify.Options{})
			require.NoError(b, err)
		}
	})
}

// TestJacobianOverflow: an entry that is out of range is named by its row and sample, also in the last sweep, which overlaps the one
// before.
func TestJacobianOverflow(t *testing.T) {
	q, err := quiver.New(quiver.Input("x", 2), quiver.Hidden("h", 2, quiver.Identity), quiver.Output("y", 2, nil), quiver.Connect("x", "h"), quiver.Connect("h", "y"))
	require.NoError(t, err)
	w := quiver.Zero(q)
	w.Arrow("x->h").Set(1, 1, 1e-10)
	w.Arrow("h->y").Set(0, 0, 1)
	w.Arrow("h->y").Set(1, 1, 1e200)
	p, err := graph.Compile(q)
	require.NoError(t, err)
	const n = 600 // 256 in a sweep
	for _, sample := range []int{0, 100, 256, 590, 599} {
		x := normal(n, 2, 1)
		_, err = p.Jacobian(w, x)
		require.NoError(t, err, "a control")
		x.Set(sample, 1, -1e300) // ∂y₂/∂W[x→h]₂₂ = 1e200·x₂
		_, err = p.Jacobian(w, x)
		var bad *graph.NonFiniteError
		require.ErrorAs(t, err, &bad)
		assert.Equal(t, &graph.NonFiniteError{Where: fmt.Sprintf("the Jacobian at sample %d", sample), Row: 2*sample + 1, Col: 3, Value: math.Inf(-1)}, bad)
	}
	x := normal(n, 2, 1)
	w.Arrow("h->y").Set(1, 0, 1e200)
	x.Set(7, 0, 1e300) // ∂y₂/∂W[x→h]₁₁
	_, err = p.Jacobian(w, x)
	var bad *graph.NonFiniteError
	require.ErrorAs(t, err, &bad)
	assert.Equal(t, []int{15, 0}, []int{bad.Row, bad.Col})
}
