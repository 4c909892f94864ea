package graph_test

import (
	"fmt"
	"hash"
	"hash/fnv"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/chewxy/hm"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/internal/golden"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/quiver/quivertest"
)

// abrupt are activations with jumps and kinks.
var abrupt = []quivertest.Act{
	{Activation: layers.Radial(layers.StepReLU), Size: 1.2}, {Activation: layers.Radial(layers.Shift(layers.ReLU, 0.5)), Size: 1.5},
	{Activation: layers.Radial(layers.Sigmoid), Size: 1.2}, {Activation: layers.Pointwise(layers.ReLU), Size: 1.2},
	{Activation: layers.DeadZone(layers.Radial(layers.Sigmoid), 0.3), Size: 1.2}, {Activation: layers.RMSNorm(8, 0.1), Size: 1.2},
	{Activation: layers.Pointwise(layers.Abs), Size: 1.2}, {Activation: layers.Blocks(layers.Tanh, 1), Size: 1.2},
}

// TestVerifyRandom: right programs pass, in both precisions, whatever their activations; nearly
// all checks decide.
func TestVerifyRandom(t *testing.T) {
	count := map[graph.Status]int{}
	for seed := range uint64(60) {
		acts := random
		if seed%2 == 1 {
			acts = abrupt[:7]
		}
		in := quivertest.Generate(seed, acts...)
		opts, ts := squares(in.Rep.Quiver(), quivertest.Rows)
		if seed%3 == 0 {
			opts = append(opts, graph.Float32)
		}
		p, err := graph.Compile(in.Rep.Quiver(), opts...)
		require.NoError(t, err)
		v, err := graph.Verify(p, in.Rep, in.Inputs, ts)
		require.NoError(t, err, in.Name)
		assert.True(t, v.OK(), "%s\n%v", in.Name, v)
		for _, c := range v.Checks {
			count[c.Status]++
		}
	}
	t.Log(count)
	assert.Less(t, 20*count[graph.Undecided], count[graph.Passed])
}

// The mistakes. Each is a right activation with one thing wrong.
type wrongVJP struct{ quiver.Activation }

func (wrongVJP) String() string { return "wrongvjp" }
func (a wrongVJP) VJP(dst, z, g []float64) {
	a.Activation.VJP(dst, z, g)
	for i := range dst {
		dst[i] *= 1.001
	}
}

// falseRadial claims to be radial and treats the first coordinate in its own way; its VJP is right.
type falseRadial struct{ quiver.Activation }

func (falseRadial) String() string { return "falseradial" }
func (a falseRadial) RadialJet(k int, r float64) float64 {
	return a.Activation.(quiver.RadialJet).RadialJet(k, r)
}
func (a falseRadial) Apply(dst, z []float64) {
	a.Activation.Apply(dst, z)
	dst[0] *= 1.01
}
func (a falseRadial) VJP(dst, z, g []float64) {
	h := append([]float64(nil), g...)
	h[0] *= 1.01
	a.Activation.VJP(dst, z, h)
}

// wrongJet has a wrong λ₁.
type wrongJet struct{ quiver.Activation }

func (wrongJet) String() string { return "wrongjet" }
func (a wrongJet) RadialJet(k int, r float64) float64 {
	return a.Activation.(quiver.RadialJet).RadialJet(k, r) * (1 + 0.01*float64(k))
}

type wrongVJPP struct{ quiver.Parametric }

func (wrongVJPP) String() string { return "wrongvjpp" }
func (a wrongVJPP) VJPP(dst, dp, z, g, p []float64) {
	a.Parametric.VJPP(dst, dp, z, g, p)
	dp[0] += 0.1
}

// moody gives another value at each call.
type moody struct {
	quiver.Activation
	n *int
}

func (moody) String() string { return "moody" }
func (a moody) Apply(dst, z []float64) {
	a.Activation.Apply(dst, z)
	*a.n++
	dst[0] += float64(*a.n%7) / 10
}

// halfSquare is an operation of a user's, x ↦ x²/2 entry by entry, whose derivative is
// off by a factor.
type halfSquare struct{ factor float64 }

func (halfSquare) Arity() int { return 1 }
func (halfSquare) Type() hm.Type {
	m := gorgonia.TensorType{Dims: 2, Of: hm.TypeVariable('a')}
	return hm.NewFnType(m, m)
}
func (halfSquare) InferShape(d ...gorgonia.DimSizer) (tensor.Shape, error) {
	s, err := gorgonia.DimSizersToShapes(d)
	return s[0].Clone(), err
}
func (halfSquare) Do(vs ...gorgonia.Value) (gorgonia.Value, error) {
	out := vs[0].(*tensor.Dense).Clone().(*tensor.Dense)
	for i, x := range out.Data().([]float64) {
		out.Data().([]float64)[i] = x * x / 2
	}
	return out, nil
}
func (halfSquare) ReturnsPtr() bool      { return true }
func (halfSquare) CallsExtern() bool     { return false }
func (halfSquare) OverwritesInput() int  { return -1 }
func (halfSquare) WriteHash(h hash.Hash) { fmt.Fprint(h, "halfsquare") }
func (o halfSquare) Hashcode() uint32    { h := fnv.New32a(); o.WriteHash(h); return h.Sum32() }
func (halfSquare) String() string        { return "halfsquare" }
func (halfSquare) DiffWRT(int) []bool    { return []bool{true} }
func (o halfSquare) SymDiff(in gorgonia.Nodes, _, g *gorgonia.Node) (gorgonia.Nodes, error) {
	k := gorgonia.NewConstant(o.factor)
	x, err := gorgonia.HadamardProd(in[0], g)
	if err != nil {
		return nil, err
	}
	n, err := gorgonia.Mul(x, k)
	return gorgonia.Nodes{n}, err
}

// halfSquares is the loss Σ_k (y_k−t_k)²/2 of a sample, by that operation.
func halfSquares(factor float64) graph.LossFunc {
	return graph.Custom(func(y, t *gorgonia.Node) (*gorgonia.Node, error) {
		d, err := gorgonia.Sub(y, t)
		if err != nil {
			return nil, err
		}
		s, err := gorgonia.ApplyOp(halfSquare{factor}, d)
		if err != nil {
			return nil, err
		}
		return gorgonia.Sum(s, 1)
	})
}

// TestVerifyNames: a mistake of each kind is found and named, and its right twin passes.
func TestVerifyNames(t *testing.T) {
	x, y := list(normal(20, 2, 3)), list(normal(20, 3, 4))
	run := func(act quiver.Activation, l graph.LossFunc) *graph.Verification {
		q, err := quiver.New(quiver.Input("x", 2), quiver.Bias("one"),
			quiver.Hidden("h1", 5, tanh), quiver.Hidden("h2", 4, act), quiver.Hidden("h3", 4, tanh), quiver.Output("y", 3, nil),
			quiver.Connect("x", "h1"), quiver.Connect("one", "h1"), quiver.Connect("h1", "h2"), quiver.Connect("x", "h2"), quiver.Connect("one", "h2"),
			quiver.Connect("h2", "h3"), quiver.Connect("h3", "y"), quiver.Connect("h1", "y"))
		require.NoError(t, err)
		p, err := graph.Compile(q, graph.Loss("y", l, 1))
		require.NoError(t, err)
		v, err := graph.Verify(p, quiver.Random(q, nil, rand.NewPCG(5, 5)), x, y)
		require.NoError(t, err)
		return v
	}
	var b strings.Builder
	for _, c := range []struct {
		name  string
		act   quiver.Activation
		loss  graph.LossFunc
		law   string // the first that fails, "" for none
		where string
	}{
		{"right", tanh, graph.MSE, "", ""},
		{"right custom loss", tanh, halfSquares(1), "", ""},
		{"right cross entropy", tanh, graph.SoftmaxCE, "", ""},
		{"wrong VJP", wrongVJP{tanh}, graph.MSE, "VJP = differences of Apply", `vertex "h2"`},
		{"wrong parameter gradient", wrongVJPP{layers.Trainable(layers.Tanh, 0.3, 1.1).(quiver.Parametric)}, graph.MSE, "VJPP = differences of ApplyP", `vertex "h2"`},
		{"not radial", falseRadial{tanh}, graph.MSE, "radial: ρ(z) = λ(|z|)·z", `vertex "h2"`},
		{"wrong jet", wrongJet{tanh}, graph.MSE, "radial jets: order 1 from order 0", `vertex "h2"`},
		{"another value at each call", moody{tanh, new(int)}, graph.MSE, "one argument, one value", `vertex "h2"`},
		{"wrong second derivative", crooked{layers.Rescaling("onenorm", layers.OneNorm{}).(quiver.SecondOrder)}, graph.MSE, "JVP = differences of Apply", `vertex "h2"`},
		{"wrong operation", tanh, halfSquares(1.01), "loss: gradient = differences", `loss at output "y"`},
	} {
		if c.loss.String() == "softmaxce" {
			y = list(mat.NewDense(20, 1, nil))
		} else {
			y = list(normal(20, 3, 4))
		}
		v := run(c.act, c.loss)
		fmt.Fprintf(&b, "— %s\n%v\n", c.name, v)
		if c.law == "" {
			assert.True(t, v.OK(), "%s\n%v", c.name, v)
			continue
		}
		var ve *graph.VerifyError
		if assert.ErrorAs(t, v.Err(), &ve, "%s\n%v", c.name, v) {
			assert.Equal(t, c.law, ve.Failed[0].Law, "%s\n%v", c.name, v)
			assert.Equal(t, c.where, ve.Failed[0].Where, c.name)
			fmt.Fprintf(&b, "error: %v\n\n", ve)
		}
	}
	golden.Check(t, "verify.txt", coarse.ReplaceAllString(b.String(), "gap ≈0"))
}

// coarse are the gaps of rounding, which differ between machines.
var coarse = regexp.MustCompile(`gap \d\.\de-(0[789]|1\d)|gap 0\.0e\+00`)

// TestVerifyKinks: weights of zero put every sample of a ReLU on its kink; nothing is claimed then,
// and nothing is blamed. A kink beside the samples is no obstacle.
func TestVerifyKinks(t *testing.T) {
	for _, act := range []quiver.Activation{layers.Pointwise(layers.ReLU), layers.Radial(layers.Sigmoid)} {
		w := net(t, act)
		p, err := graph.Compile(w.Quiver(), graph.Loss("y", graph.MSE, 1))
		require.NoError(t, err)
		v, err := graph.Verify(p, w.Like(), list(normal(10, 2, 1)), list(normal(10, 3, 2)))
		require.NoError(t, err)
		assert.Equal(t, 10, v.Left)
		assert.Empty(t, v.Checks[0].Gap)
		assert.ErrorContains(t, v.Err(), "nothing could be verified")

		x := normal(10, 2, 1)
		x.SetRow(3, []float64{0, 0}) // h1 = ρ(0), where the bias is 0
		clear(w.Arrow("one->h1").RawMatrix().Data)
		v, err = graph.Verify(p, w, list(x), list(normal(10, 3, 2)))
		require.NoError(t, err)
		assert.Equal(t, 1, v.Left)
		assert.True(t, v.OK(), "%v", v)
	}
}

// TestVerifySymmetric: which vertices the symmetry of the gradients is asked of.
func TestVerifySymmetric(t *testing.T) {
	for _, c := range []struct {
		act  quiver.Activation
		want int
	}{
		{tanh, 2}, {layers.RMSNorm(5, 0.1), 2}, {layers.DeadZone(tanh, 0.01), 2}, {layers.Trainable(layers.Tanh, 0.1, 1), 2}, {quiver.Identity, 2},
		{layers.Pointwise(layers.Tanh), 0}, {layers.Gain(layers.RMSNorm(5, 0.1), false), 0}, {layers.Rescaling("onenorm", layers.OneNorm{}), 0},
	} {
		w := five(t, c.act)
		p, err := graph.Compile(w.Quiver(), graph.Loss("y", graph.MSE, 1))
		require.NoError(t, err)
		v, err := graph.Verify(p, w, list(normal(9, 2, 1)), list(normal(9, 3, 2)))
		require.NoError(t, err)
		require.True(t, v.OK(), "%v", v)
		n := 0
		for _, k := range v.Checks {
			if strings.HasPrefix(k.Law, "symmetry") {
				n++
			}
		}
		assert.Equal(t, c.want, n, "%v", c.act)
	}
}

func TestVerifyBadInput(t *testing.T) {
	w := net(t, tanh)
	p, err := graph.Compile(w.Quiver(), graph.Loss("y", graph.MSE, 1))
	require.NoError(t, err)
	_, err = graph.Verify(nil, w, nil, nil)
	assert.Error(t, err)
	_, err = graph.Verify(p, w, list(normal(3, 3, 1)), list(normal(3, 3, 1)))
	assert.ErrorContains(t, err, `input "x"`)
	loud := net(t, panics{})
	lp, err := graph.Compile(loud.Quiver(), graph.Loss("y", graph.MSE, 1))
	require.NoError(t, err)
	_, err = graph.Verify(lp, loud, list(mat.NewDense(1, 2, []float64{1e12, 1e12})), list(normal(1, 3, 1)))
	assert.ErrorContains(t, err, "too large")
	none, err := graph.Compile(w.Quiver())
	require.NoError(t, err)
	_, err = graph.Verify(none, w, list(normal(3, 2, 1)), nil)
	assert.ErrorContains(t, err, "no loss")
}

// TestVerifyLosses: several losses at one output, class labels, weights, a loss that couples the
// samples, and a kink in a loss.
func TestVerifyLosses(t *testing.T) {
	coupled := graph.Coupled(graph.Custom(func(y, t *gorgonia.Node) (*gorgonia.Node, error) { // each sample's square times the mean of all
		d, err := gorgonia.Sub(y, t)
		if err != nil {
			return nil, err
		}
		s, err := gorgonia.Square(d)
		if err != nil {
			return nil, err
		}
		rows, err := gorgonia.Sum(s, 1)
		if err != nil {
			return nil, err
		}
		return gorgonia.Square(rows)
	}))
	absolute := graph.Custom(func(y, t *gorgonia.Node) (*gorgonia.Node, error) {
		d, err := gorgonia.Sub(y, t)
		if err != nil {
			return nil, err
		}
		a, err := gorgonia.Abs(d)
		if err != nil {
			return nil, err
		}
		return gorgonia.Sum(a, 1)
	})
	w := net(t, tanh)
	x := normal(40, 2, 1)
	p, err := graph.Compile(w.Quiver(), graph.Loss("y", graph.MSE, 2), graph.Loss("y", graph.SoftmaxCE, -0.5), graph.Loss("y", coupled, 0.1), graph.Loss("y", absolute, 1))
	require.NoError(t, err)
	labels := mat.NewDense(40, 1, nil)
	for i := range 40 {
		labels.Set(i, 0, float64(i%3))
	}
	ys, err := p.Forward(w, x)
	require.NoError(t, err)
	half := normal(40, 3, 2)
	for i := range 20 { // targets on which |y−t| has its kink
		half.SetRow(i, ys[0].RawRowView(i))
	}
	for left, targets := range map[int]*mat.Dense{0: normal(40, 3, 2), 20: half, 40: ys[0]} {
		v, err := graph.Verify(p, w, list(x), list(normal(40, 3, 2), labels, normal(40, 3, 3), targets))
		require.NoError(t, err)
		assert.Equal(t, left, v.Left)
		assert.Equal(t, left < 40, v.OK(), "%v", v)
	}
}
