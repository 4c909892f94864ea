package tape

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/internal/batch"
	"github.com/quivernet/quivernet/internal/interpreter"
	"github.com/quivernet/quivernet/internal/model"
	"github.com/quivernet/quivernet/internal/op"
	"github.com/quivernet/quivernet/internal/trials"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// anyQuiver draws a quiver of vertices of dimension 3, so that any two arrows may share a matrix: parallel and fixed arrows,
// tied matrices and biases, several biases at one vertex, outputs with outgoing arrows, parameters anywhere.
func anyQuiver(t *testing.T, rng *rand.Rand) *quiver.Quiver {
	acts := []quiver.Activation{layers.Radial(layers.Tanh), layers.Pointwise(layers.Tanh), layers.Trainable(layers.Tanh, 0.3, 1.1), quiver.Identity, layers.Radial(layers.Sigmoid)}
	parts := []quiver.Part{quiver.Input("x", 3), quiver.Bias("one")}
	var matrices, biases []string
	from := []string{"x"}
	n := 2 + rng.IntN(4)
	for v := range n {
		name, act := fmt.Sprint("v", v), acts[rng.IntN(len(acts))]
		if v == n-1 || rng.IntN(4) == 0 {
			parts = append(parts, quiver.Output(name, 3, act))
		} else {
			parts = append(parts, quiver.Hidden(name, 3, act))
		}
		arrow := func(from string, shared *[]string) {
			a := fmt.Sprint("a", len(parts))
			switch k := rng.IntN(6); {
			case k == 0 && shared == &matrices:
				parts = append(parts, quiver.Connect(from, name, quiver.Named(a), quiver.Frozen(quiver.Eye(3))))
			case k < 3 && len(*shared) > 0:
				parts = append(parts, quiver.Connect(from, name, quiver.Named(a), quiver.Tied((*shared)[rng.IntN(len(*shared))])))
			default:
				*shared = append(*shared, a)
				parts = append(parts, quiver.Connect(from, name, quiver.Named(a)))
			}
		}
		for i := range 1 + rng.IntN(3) {
			at := len(from) - 1
			if i > 0 {
				at = rng.IntN(len(from))
			}
			arrow(from[at], &matrices)
		}
		for range []int{0, 1, 1, 2}[rng.IntN(4)] {
			arrow("one", &biases)
		}
		from = append(from, name)
	}
	q, err := quiver.New(parts...)
	require.NoError(t, err)
	return q
}

// pull is a loss Σ⟨y,t⟩ of the user's, whose gradient does not need y.
var pull = model.CustomLoss(func(y, t *gorgonia.Node) (*gorgonia.Node, error) {
	return gorgonia.Sum(gorgonia.Must(gorgonia.HadamardProd(y, t)), 1)
})

// slopeOf is the derivative in y of a loss of weight 1 at a batch of n samples of d coordinates; y is a sample, t its target.
func slopeOf(l model.Loss, n, d int, y, t []float64) []float64 {
	g := make([]float64, d)
	if l.Custom { // pull
		copy(g, t)
	} else {
		l.Slope(g, y, t)
	}
	floats.Scale(l.Share(n, d), g)
	return g
}

// withLoss returns the graph of a model, with its loss and gradient.
func withLoss(t *testing.T, p *model.Model, rows int) *model.Expression {
	t.Helper()
	e, err := p.Build(rows)
	require.NoError(t, err)
	require.NoError(t, e.AddLoss(p.TargetWidths(nil)))
	return e
}

// on puts a program's expression on a tape that computes nodes, and the gradient where g is not nil, and runs it.
func on(t *testing.T, e *model.Expression, w *quiver.Rep, b *batch.Batch, nodes gorgonia.Nodes, g *quiver.Rep) (*Tape[float64], *Memory[float64]) {
	t.Helper()
	var grads gorgonia.Nodes
	var slab []float64
	if g != nil {
		grads, slab = e.Gradient, g.Data()
	}
	tape, err := Fuse[float64](e, nodes, grads, nil)
	require.NoError(t, err)
	m := tape.newMemory()
	var src Source[float64]
	src.Load(e.Model, w, b)
	for range 2 { // the second time in used memory
		require.NoError(t, tape.fill(m, &src, 0, nil))
		if slab != nil {
			tape.bindSlab(m, slab)
		}
		require.NoError(t, tape.execute(m))
	}
	return tape, m
}

// byRows returns the value of a node of a tape.
func byRows(tape *Tape[float64], m *Memory[float64], n *gorgonia.Node) []float64 {
	l, data := tape.slots[tape.where[n]], m.slot[tape.where[n]]
	out := make([]float64, l.rows*l.cols)
	for i := range out {
		if out[i] = data[i]; l.lane {
			out[i] = data[i%l.cols*tape.ld+i/l.cols]
		}
	}
	return out
}

// eachOnce checks that each node that the wanted ones need is computed by one stage.
func eachOnce(t *testing.T, tape *Tape[float64], wanted gorgonia.Nodes, name string) {
	t.Helper()
	stages := make(map[*gorgonia.Node]int)
	for _, s := range tape.stages {
		a := s.about()
		for _, n := range a.nodes {
			if a.kind != "copy" {
				stages[n]++
			}
		}
	}
	for _, n := range op.Ancestors(wanted) {
		if len(op.Children(n)) > 0 {
			assert.Equal(t, 1, stages[n], "%s: stages that compute %s", name, n.Name())
		}
	}
}

// TestAnyNode: a tape computes whatever nodes of the loss and its gradient it is asked for, alone or beside others, each of them
// in one stage; what it is asked for besides does not disturb the gradient, which is that of the reference evaluator.
func TestAnyNode(t *testing.T) {
	for seed := range uint64(trials.Count(60, 3000)) {
		rng := rand.New(rand.NewPCG(seed, 5))
		q := anyQuiver(t, rng)
		w := quiver.Random(q, nil, rng)
		for i := range w.Data() {
			w.Data()[i] += 0.1 * rng.NormFloat64()
		}
		rows := 1 + rng.IntN(20)
		b := &batch.Batch{N: rows, Inputs: []*mat.Dense{mat.NewDense(rows, 3, nil)}}
		for i := range b.Inputs[0].RawMatrix().Data {
			b.Inputs[0].RawMatrix().Data[i] = rng.NormFloat64()
		}
		ys, err := w.Eval(b.Inputs...)
		require.NoError(t, err)
		var terms []model.Term
		var slopes []*mat.Dense
		for k, o := range q.Outputs() {
			slope := mat.NewDense(rows, 3, nil)
			for range 1 + rng.IntN(2) {
				loss := []model.Loss{model.SumSquares, model.SoftmaxCE, model.BCE, pull}[rng.IntN(4)]
				weight := 0.5 + rng.Float64()
				terms = append(terms, model.Term{Output: o, Loss: loss, Weight: weight})
				target := mat.NewDense(rows, 3, nil)
				for i := range rows { // a distribution
					u, v := rng.Float64(), rng.Float64()
					target.SetRow(i, []float64{u * v, u * (1 - v), 1 - u})
					for j, s := range slopeOf(loss, rows, 3, ys[k].RawRowView(i), target.RawRowView(i)) {
						slope.Set(i, j, slope.At(i, j)+weight*s)
					}
				}
				b.Targets = append(b.Targets, target)
			}
			slopes = append(slopes, slope)
		}
		p, err := model.New(q, terms, tensor.Float64)
		require.NoError(t, err)
		e := withLoss(t, p, rows)
		want, _, err := w.VJP(b.Inputs, slopes)
		require.NoError(t, err)
		name := fmt.Sprint("seed ", seed)

		g := w.Like()
		tape, _ := on(t, e, w, b, gorgonia.Nodes{e.Loss}, g)
		assert.InDeltaSlice(t, want.Data(), g.Data(), 1e-12*(1+want.Norm()), name)
		eachOnce(t, tape, append(gorgonia.Nodes{e.Loss}, e.Gradient...), name)
		var all gorgonia.Nodes
		for _, n := range op.Ancestors(append(gorgonia.Nodes{e.Loss}, e.Gradient...)) {
			if len(op.Children(n)) == 0 {
				continue
			}
			if o, ok := n.Op().(*op.Op); !ok || o.Kind() != op.KindSum { // the place of a pre-activation may hold what the derivative needs instead
				all = append(all, n)
			}
		}

		ref, err := interpreter.Evaluate[float64](e, all)
		require.NoError(t, err)
		ref.Weights(w)
		ref.Inputs(b.Inputs, interpreter.InOrder)
		ref.Targets(b)
		require.NoError(t, ref.Run())
		for k := range 4 {
			var nodes gorgonia.Nodes
			var g *quiver.Rep
			if k < 2 { // many or few beside the loss and the gradient
				for _, n := range all {
					if rng.IntN(2+6*k) == 0 {
						nodes = append(nodes, n)
					}
				}
				nodes, g = append(nodes, e.Loss), w.Like()
			} else {
				nodes = gorgonia.Nodes{all[rng.IntN(len(all))]}
			}
			tape, m := on(t, e, w, b, nodes, g)
			wanted := nodes
			if g != nil {
				wanted = slices.Concat(nodes, e.Gradient)
			}
			eachOnce(t, tape, wanted, name)
			for _, n := range nodes {
				got := byRows(tape, m, n)
				assert.InDeltaSlice(t, ref.Value(n), got, 1e-12*(1+mat.Norm(mat.NewVecDense(len(got), got), 2)), "%s: %s", name, n.Name())
			}
			if g != nil {
				assert.InDeltaSlice(t, want.Data(), g.Data(), 1e-12*(1+want.Norm()), name)
			}
		}
	}
}
