package agreement

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/quiver/quivertest"
	"github.com/quivernet/quivernet/symmetry"
)

// instances is how many random quivers the tests look at: ten of each kind.
const instances = 200

var acts = []quivertest.Act{
	{Activation: layers.Radial(layers.Tanh), Size: 1.2},
	{Activation: layers.Radial(layers.Squash), Size: 1.2},
	{Activation: layers.Radial(layers.Sigmoid), Size: 1.2},
	{Activation: layers.Radial(layers.StepReLU), Size: 1.2},
	{Activation: layers.Radial(layers.Shift(layers.ReLU, 0.5)), Size: 1.5},
	{Activation: layers.Radial(layers.GELU), Size: 1.2},
	{Activation: layers.RMSNorm(8, 0.1), Size: 1.2},
	{Activation: layers.Trainable(layers.Tanh, 0.3, 1.1), Size: 1.2},
}

func each(t *testing.T, do func(t *testing.T, in quivertest.Instance)) {
	t.Helper()
	for seed := range uint64(instances) {
		do(t, quivertest.Generate(seed, acts...))
	}
}

// TestSensitive: at least nine in ten of the networks would show a mistake.
func TestSensitive(t *testing.T) {
	asked, sensitive := 0, 0
	why := map[string]int{}
	each(t, func(t *testing.T, in quivertest.Instance) {
		if in.Exempt != "" {
			return
		}
		asked++
		if s := quivertest.Sensitivity(in); s == "" {
			sensitive++
		} else {
			why[in.Kind]++
			t.Log(in.Name, s)
		}
	})
	t.Logf("%d of %d networks are sensitive (%.0f %%)", sensitive, asked, 100*float64(sensitive)/float64(asked))
	assert.GreaterOrEqual(t, float64(sensitive), 0.9*float64(asked), "not sensitive: %v", why)
}

// TestOutputs: the reference, the compiled program, the rotated, the reduced and the lifted
// network agree; and a reduced network with one number changed does not.
func TestOutputs(t *testing.T) {
	noticed, tried := 0, 0
	each(t, func(t *testing.T, in quivertest.Instance) {
		want, err := in.Rep.Eval(in.Inputs...)
		require.NoError(t, err, in.Name)
		check := func(what string, w *quiver.Rep) {
			got, err := w.Eval(in.Inputs...)
			require.NoError(t, err, "%s %s", in.Name, what)
			assert.LessOrEqual(t, quivertest.Gap(want, got), 1e-12, "%s %s", in.Name, what)
			p, err := graph.Compile(w.Quiver())
			require.NoError(t, err, "%s %s", in.Name, what)
			got, err = p.Forward(w, in.Inputs...)
			require.NoError(t, err, "%s %s", in.Name, what)
			assert.LessOrEqual(t, quivertest.Gap(want, got), 1e-12, "%s %s, program", in.Name, what)
		}
		check("itself", in.Rep)
		g, err := symmetry.Act(symmetry.RandomElement(in.Rep.Quiver(), rand.NewPCG(1, 2)), in.Rep)
		require.NoError(t, err, in.Name)
		check("g·w", g)
		c, err := symmetry.Compress(in.Rep)
		require.NoError(t, err, in.Name)
		check("reduced", c.Reduced)
		r, err := c.Rotated()
		require.NoError(t, err, in.Name)
		check("rotated", r)
		l, err := c.Lift(c.Reduced)
		require.NoError(t, err, in.Name)
		check("lifted", l)

		if in.Exempt == "" && len(c.Reduced.Data()) > 0 {
			wrong := c.Reduced.Clone()
			for i := range wrong.Data() {
				wrong.Data()[i] *= 1 + 1e-3*math.Sin(float64(i+1))
			}
			tried++
			if gap, err := symmetry.Equivalent(in.Rep, wrong, in.Inputs...); err == nil && gap > 1e-9 {
				noticed++
			}
		}
	})
	assert.GreaterOrEqual(t, float64(noticed), 0.95*float64(tried), "a changed network must not agree")
}

// seeds returns dL/dy for L = Σ_outputs mean (y−t)².
func losses(q *quiver.Quiver) (opts []graph.Option) {
	for _, name := range q.Outputs() {
		opts = append(opts, graph.Loss(name, graph.MSE, 1))
	}
	return opts
}

func targets(q *quiver.Quiver, n int) (ts []*mat.Dense) {
	rng := rand.New(rand.NewPCG(4, 4))
	dims := q.Dims()
	for _, name := range q.Outputs() {
		m := mat.NewDense(n, dims[name], nil)
		m.Apply(func(int, int, float64) float64 { return rng.NormFloat64() }, m)
		ts = append(ts, m)
	}
	return ts
}

// reference computes loss and gradient by Rep.VJP.
func reference(t *testing.T, w *quiver.Rep, xs, ts []*mat.Dense) (float64, *quiver.Rep) {
	ys, err := w.Eval(xs...)
	require.NoError(t, err)
	var loss float64
	for k := range ys {
		r, c := ys[k].Dims()
		ys[k].Sub(ys[k], ts[k])
		f := mat.Norm(ys[k], 2)
		loss += f * f / float64(r*c)
		ys[k].Scale(2/float64(r*c), ys[k])
	}
	g, _, err := w.VJP(xs, ys)
	require.NoError(t, err)
	return loss, g
}

// zeroRows puts rows of zeros among the inputs.
func zeroRows(xs []*mat.Dense) []*mat.Dense {
	var out []*mat.Dense
	for _, x := range xs {
		if !x.IsEmpty() {
			x = mat.DenseCopyOf(x)
			_, c := x.Dims()
			for _, i := range []int{0, 7} {
				x.SetRow(i, make([]float64, c))
			}
		}
		out = append(out, x)
	}
	return out
}

// TestGradients: the program's gradient is the reference's, which is that of central
// differences, also with samples that are zero.
func TestGradients(t *testing.T) {
	each(t, func(t *testing.T, in quivertest.Instance) {
		q := in.Rep.Quiver()
		xs := zeroRows(in.Inputs)
		ts := targets(q, quivertest.Rows)
		p, err := graph.Compile(q, losses(q)...)
		require.NoError(t, err, in.Name)
		grad := in.Rep.Like()
		loss, err := p.LossGrad(grad, in.Rep, xs, ts)
		require.NoError(t, err, in.Name)
		want, ref := reference(t, in.Rep, xs, ts)
		assert.InEpsilon(t, want, loss, 1e-12, in.Name)
		diff := grad.Clone()
		diff.AddScaled(-1, ref)
		assert.LessOrEqual(t, diff.Norm(), 1e-12*ref.Norm(), in.Name)

		rng := rand.New(rand.NewPCG(5, 5))
		d := in.Rep.Like()
		for i := range d.Data() {
			d.Data()[i] = rng.NormFloat64()
		}
		if d.Norm() == 0 {
			return
		}
		d.Scale(1 / d.Norm())
		at := func(h float64) float64 {
			w := in.Rep.Clone()
			w.AddScaled(h, d)
			l, err := p.Loss(w, xs, ts)
			require.NoError(t, err, in.Name)
			return l
		}
		const h = 1e-4 // fourth order: error h⁴
		fd := (8*(at(h)-at(-h)) - (at(2*h) - at(-2*h))) / (12 * h)
		if jumps(q) || in.Exempt != "" && trainable(q) {
			return // a difference across a jump is none: StepReLU's, or one at 0 where z is 0
		}
		assert.InDelta(t, ref.Dot(d), fd, 1e-6*(ref.Norm()+1e-3*loss), in.Name)
	})
}

func jumps(q *quiver.Quiver) bool {
	return has(q, layers.Radial(layers.StepReLU)) || has(q, layers.Radial(layers.Sigmoid))
}

// trainable says whether an activation is γ·h(|v|+β)/|v|·v with h(β) ≠ 0, which jumps at 0.
func trainable(q *quiver.Quiver) bool { return has(q, layers.Trainable(layers.Tanh, 0.3, 1.1)) }

func has(q *quiver.Quiver, act quiver.Activation) bool {
	return slices.ContainsFunc(q.Vertices(), func(v quiver.Vertex) bool { return v.Act != nil && v.Act.String() == act.String() })
}

// TestTapeMachine runs the expression graphs on Gorgonia's own machine.
func TestTapeMachine(t *testing.T) {
	agreed, tried := 0, 0
	each(t, func(t *testing.T, in quivertest.Instance) {
		q := in.Rep.Quiver()
		if q.NumParams() == 0 {
			return
		}
		tried++
		gap, err := tape(in, q)
		if err != nil || gap > 1e-10 {
			t.Logf("%s: gap %.1e, %v", in.Name, gap, err)
			return
		}
		agreed++
	})
	t.Logf("TapeMachine agrees on %d of %d networks", agreed, tried)
	assert.GreaterOrEqual(t, float64(agreed), 0.9*float64(tried))
}

// tape returns the relative gap between TapeMachine's gradients and the program's.
func tape(in quivertest.Instance, q *quiver.Quiver) (gap float64, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	p, err := graph.Compile(q, append(losses(q), graph.Precompile(quivertest.Rows))...)
	if err != nil {
		return 0, err
	}
	ts := targets(q, quivertest.Rows)
	grad := in.Rep.Like()
	if _, err := p.LossGrad(grad, in.Rep, in.Inputs, ts); err != nil {
		return 0, err
	}
	g := p.Expr()
	if err := bind(g, in, q, ts); err != nil {
		return 0, err
	}
	values := map[string]*gorgonia.Value{}
	for name := range in.Rep.All() {
		x, err := p.Gradient(name)
		if err != nil {
			continue // the loss does not depend on it
		}
		values[name] = new(gorgonia.Value)
		gorgonia.Read(x.Node(), values[name])
	}
	vm := gorgonia.NewTapeMachine(g)
	defer vm.Close()
	if err := vm.RunAll(); err != nil {
		return 0, err
	}
	for name, v := range values {
		m := grad.Arrow(name)
		if m.IsEmpty() {
			continue
		}
		got, ok := (*v).Data().([]float64)
		if !ok {
			got = []float64{(*v).Data().(float64)}
		}
		for i, x := range m.RawMatrix().Data {
			gap = max(gap, math.Abs(got[i]-x)/grad.Norm())
		}
	}
	return gap, nil
}

// bind gives the inputs of the graph their values, by name.
func bind(g *gorgonia.ExprGraph, in quivertest.Instance, q *quiver.Quiver, ts []*mat.Dense) error {
	byName := map[string][]float64{}
	for i, name := range q.Inputs() {
		if !in.Inputs[i].IsEmpty() {
			byName[name] = in.Inputs[i].RawMatrix().Data
		}
	}
	for i, a := range q.Arrows() {
		name := a.From + "→" + a.To
		if a.Name != a.From+"->"+a.To {
			name = a.Name
		}
		if a.Rows*a.Cols == 0 {
			continue
		}
		if b := in.Rep.Block(i); b != nil {
			byName["W["+name+"]"] = b
		} else {
			byName["F["+name+"]"] = mat.DenseCopyOf(in.Rep.Fixed(i)).RawMatrix().Data
		}
	}
	for v, vertex := range q.Vertices() {
		if p := in.Rep.ParamsAt(v); p != nil {
			byName["p["+vertex.Name+"]"] = p
		}
	}
	for i, name := range q.Outputs() {
		byName[fmt.Sprintf("t%d[%s]", i+1, name)] = ts[i].RawMatrix().Data
		r, c := ts[i].Dims()
		byName[fmt.Sprintf("c%d[%s]", i+1, name)] = []float64{1 / float64(r*c)}
	}
	for _, n := range g.AllNodes() {
		if n.Op() != nil {
			continue
		}
		data, ok := byName[n.Name()]
		if !ok { // biases, ones and the seed
			data = make([]float64, n.Shape().TotalSize())
			for i := range data {
				data[i] = 1
			}
		}
		data = append([]float64(nil), data...) // Gorgonia transposes in place
		if err := gorgonia.Let(n, tensor.New(tensor.WithShape(n.Shape()...), tensor.WithBacking(data))); err != nil {
			return err
		}
	}
	return nil
}
