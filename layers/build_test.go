package layers

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// reducedDims are the widths after lossless compression: min(d, Σ over arrows of the source's) at
// hidden vertices, in topological order, biases left out.
func reducedDims(q *quiver.Quiver) (dims, reduced []int) {
	vs, as := q.Vertices(), q.Arrows()
	r := make([]int, len(vs))
	for v, x := range vs {
		r[v] = x.Dim
		if x.Kind == quiver.KindHidden {
			sum := 0
			for _, a := range q.In(v) {
				sum += r[as[a].Source]
			}
			r[v] = min(x.Dim, sum)
		}
		if x.Kind != quiver.KindBias {
			dims, reduced = append(dims, x.Dim), append(reduced, r[v])
		}
	}
	return dims, reduced
}

func built(t *testing.T) func(*quiver.Quiver, error) *quiver.Quiver {
	return func(q *quiver.Quiver, err error) *quiver.Quiver {
		t.Helper()
		require.NoError(t, err)
		return q
	}
}

// TestNetworks: widths, parameters, and the widths that compression leaves.
func TestNetworks(t *testing.T) {
	act := Radial(Tanh)
	for _, c := range []struct {
		name          string
		q             *quiver.Quiver
		dims, reduced []int
		params        int
	}{
		{"MLP", built(t)(MLP(act, 2, 16, 64, 128, 16, 2)), []int{2, 16, 64, 128, 16, 2}, []int{2, 3, 4, 5, 6, 2}, 11554},
		{"MLP", built(t)(MLP(act, 1, 6, 7, 1)), []int{1, 6, 7, 1}, []int{1, 2, 3, 1}, 69},
		{"affine", built(t)(MLP(act, 3, 2)), []int{3, 2}, []int{3, 2}, 8},
		{"residual", built(t)(Residual(act, 2, 16, 20, 2, 2)), []int{2, 16, 20, 16, 20, 16, 2}, []int{2, 3, 4, 7, 8, 15, 2}, 3*16 + 2*(17*20+20*16) + 17*2},
		{"dense", built(t)(DenseNet(act, 2, 8, 16, 32, 64, 3)), []int{2, 8, 16, 32, 64, 3}, []int{2, 3, 6, 12, 24, 3}, 3*8 + 11*16 + 27*32 + 59*64 + 123*3},
		{"U-Net", built(t)(UNet(act, 3, 16, 32, 64, 32, 16, 3)), []int{3, 16, 32, 64, 32, 16, 3}, []int{3, 4, 5, 6, 12, 16, 3}, 4*16 + 17*32 + 33*64 + 65*32 + 33*16 + 17*3 + 32*32 + 16*16},
	} {
		dims, reduced := reducedDims(c.q)
		assert.Equal(t, c.dims, dims, c.name)
		assert.Equal(t, c.reduced, reduced, c.name)
		assert.Equal(t, c.params, c.q.NumParams(), c.name)
		assert.NoError(t, quiver.Check(c.q))
		_, ok := c.q.ArrowIndex("x->y")
		assert.Equal(t, c.name == "dense" || c.name == "affine", ok, c.name)
		for _, v := range c.q.Vertices() {
			if v.Kind == quiver.KindHidden || v.Kind == quiver.KindOutput {
				_, ok := c.q.ArrowIndex(BiasName + "->" + v.Name)
				assert.Equal(t, c.name != "residual" || !strings.HasPrefix(v.Name, "b") || strings.HasSuffix(v.Name, ".u"), ok, "%s: bias of %s", c.name, v.Name)
			}
		}
	}
}

// TestMLPIsTheFormula: x ↦ W₃ρ(W₂ρ(W₁x+b₁)+b₂)+b₃.
func TestMLPIsTheFormula(t *testing.T) {
	q := built(t)(MLP(Radial(Sigmoid), 3, 5, 4, 2))
	assert.Equal(t, []string{"h1", "h2"}, q.Hidden())
	w := quiver.Random(q, nil, rand.NewPCG(1, 2))
	x := gaussian(newRand(61), 3)
	v := x
	for i, arrow := range []string{"x->h1", "h1->h2", "h2->y"} {
		to := strings.Split(arrow, ">")[1]
		v = times2(w.Arrow(arrow), v)
		for j := range v {
			v[j] += w.Arrow(BiasName+"->"+to).At(j, 0)
		}
		if i < 2 {
			v = apply(Radial(Sigmoid), v)
		}
	}
	assert.LessOrEqual(t, relative(eval(t, w, x), v), 1e-15)
}

func eval(t *testing.T, w *quiver.Rep, x []float64) []float64 {
	t.Helper()
	y, err := w.Eval(mat.NewDense(1, len(x), x))
	require.NoError(t, err)
	return y[0].RawRowView(0)
}

// TestResidualBlock: with a branch of zeros the block is act(from); the skip is not trained.
func TestResidualBlock(t *testing.T) {
	q := built(t)(Residual(Radial(Shift(ReLU, 0.1)), 2, 4, 6, 1, 4))
	w := quiver.Random(q, nil, rand.NewPCG(3, 4))
	i, ok := q.ArrowIndex("h0->b1")
	require.True(t, ok)
	assert.Equal(t, quiver.Eye(4), w.Fixed(i))
	w.Arrow("b1.u->b1").Zero()
	f, err := w.Features(mat.NewDense(1, 2, []float64{1, -2}))
	require.NoError(t, err)
	assert.Equal(t, apply(Radial(Shift(ReLU, 0.1)), f["h0"].RawRowView(0)), f["b1"].RawRowView(0))
	w = quiver.Random(q, nil, rand.NewPCG(3, 4))
	g, err := w.Features(mat.NewDense(1, 2, []float64{1, -2}))
	require.NoError(t, err)
	assert.NotEqual(t, f["b1"].RawRowView(0), g["b1"].RawRowView(0))
}

// TestConcatAndSplit: a concatenation of the parts of a split is the whole, and no number of it is
// trained.
func TestConcatAndSplit(t *testing.T) {
	parts := []quiver.Part{quiver.Input("x", 5)}
	parts = append(parts, Split("x", 5, quiver.Identity, Branch{"a", 2}, Branch{"b", 3})...)
	parts = append(parts, Concat("c", quiver.Identity, Branch{"b", 3}, Branch{"a", 2})...)
	parts = append(parts, quiver.Output("y", 5, nil), quiver.Connect("c", "y", quiver.Frozen(quiver.Eye(5))))
	q := built(t)(quiver.New(parts...))
	assert.Zero(t, q.NumParams())
	assert.Equal(t, []float64{3, 4, 5, 1, 2}, eval(t, quiver.Zero(q), []float64{1, 2, 3, 4, 5}))

	// One activation on the stack sees the joint norm: not the stack of the activations.
	parts = append([]quiver.Part{quiver.Input("a", 2), quiver.Input("b", 1)}, Concat("c", Radial(Tanh), Branch{"a", 2}, Branch{"b", 1})...)
	parts = append(parts, quiver.Output("y", 3, nil), quiver.Connect("c", "y", quiver.Frozen(quiver.Eye(3))))
	w := quiver.Zero(built(t)(quiver.New(parts...)))
	y, err := w.Eval(mat.NewDense(1, 2, []float64{1, 2}), mat.NewDense(1, 1, []float64{2}))
	require.NoError(t, err)
	assert.LessOrEqual(t, relative(apply(Radial(Tanh), []float64{1, 2, 2}), y[0].RawRowView(0)), 1e-15)
}

// TestLayerNorm is γ∘(v − mean)/√(var + ε) + β, in every form.
func TestLayerNorm(t *testing.T) {
	const d, eps = 6, 1e-3
	x := gaussian(newRand(62), d)
	var mean, variance float64
	for _, v := range x {
		mean += v / d
	}
	for _, v := range x {
		variance += (v - mean) * (v - mean) / d
	}
	for _, affine := range []bool{false, true} {
		parts := append([]quiver.Part{quiver.Input("x", d), quiver.Output("y", d, nil), quiver.Connect("n", "y", quiver.Frozen(quiver.Eye(d)))}, LayerNorm("n", "x", d, eps, affine)...)
		w := quiver.Random(built(t)(quiver.New(parts...)), nil, rand.NewPCG(5, 6))
		want := make([]float64, d)
		p := w.Params("n")
		if affine {
			require.Len(t, p, 2*d)
			for i := range p {
				p[i] = 0.5 + float64(i)
			}
		} else {
			require.Empty(t, p)
		}
		for i, v := range x {
			want[i] = (v - mean) / math.Sqrt(variance+eps)
			if affine {
				want[i] = p[i]*want[i] + p[d+i]
			}
		}
		assert.LessOrEqual(t, relative(want, eval(t, w, x)), 1e-13)
	}
	act, ok := RMSNorm(d, eps).Restrict(frame(newRand(63), d, d-1))
	assert.True(t, ok, "without gain it compresses")
	assert.Equal(t, "rmsnorm(6,0.001)", act.String())
}

// TestBadNetworks name what is wrong.
func TestBadNetworks(t *testing.T) {
	act := Radial(Tanh)
	var c *ConstantError
	for _, err := range []error{second(MLP(act)), second(MLP(act, 3)), second(DenseNet(act, 3)), second(UNet(act, 3, 2)), second(UNet(act, 3)), second(Residual(act, 2, 3, 3, -1, 1))} {
		require.ErrorAs(t, err, &c)
	}
	var d *quiver.DimError
	for _, err := range []error{second(MLP(act, 2, -1, 2)), second(DenseNet(act, 2, -1, 2)), second(UNet(act, 2, -1, 2)), second(Residual(act, 2, -1, 3, 1, 1))} {
		require.ErrorAs(t, err, &d)
	}
	var a *quiver.ActivationError
	require.ErrorAs(t, second(MLP(nil, 2, 3, 2)), &a)
	require.ErrorAs(t, second(MLP(Blocks(Tanh, 2, 3), 2, 4, 2)), &a, "blocks of another dimension")
	require.ErrorAs(t, second(MLP(quadratic3(5), 2, 4, 2)), &a)
	require.NoError(t, second(MLP(Blocks(Tanh, 2, 3), 2, 5, 2)))
	require.NoError(t, second(MLP(act, 2, 0, 2)), "width 0 is legal")
}

func second(_ *quiver.Quiver, err error) error { return err }

func TestDenseBlockFeedsEverything(t *testing.T) {
	parts := append([]quiver.Part{quiver.Input("x", 2), quiver.Input("z", 1), quiver.Bias(BiasName), quiver.Output("y", 1, nil), quiver.Connect("d3", "y")}, DenseBlock("d", []string{"x", "z"}, Radial(Tanh), 4, 5, 6)...)
	q := built(t)(quiver.New(parts...))
	for i, from := range []string{"x", "z", BiasName, "d1", "d2"} {
		for to := max(1, i-1); to <= 3; to++ {
			_, ok := q.ArrowIndex(fmt.Sprintf("%s->d%d", from, to))
			assert.True(t, ok, "%s to d%d", from, to)
		}
	}
}
