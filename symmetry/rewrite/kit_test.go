package rewrite

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/internal/inspect"
	"github.com/quivernet/quivernet/internal/op"
)

// lab makes graphs.
type lab struct {
	t                    testing.TB
	g                    *G.ExprGraph
	rng                  *rand.Rand
	dt                   tensor.Dtype
	weights, data, fixed G.Nodes
}

func newLab(t testing.TB, seed uint64) *lab {
	return &lab{t: t, g: G.NewGraph(), rng: rand.New(rand.NewPCG(seed, 1)), dt: tensor.Float64}
}

func (l *lab) source() rand.Source { return rand.NewPCG(l.rng.Uint64(), 3) }

// input adds an input without a value.
func (l *lab) input(name string, shape ...int) *G.Node {
	var n *G.Node
	switch len(shape) {
	case 1:
		n = G.NewVector(l.g, l.dt, G.WithShape(shape...), G.WithName(name))
	case 2:
		n = G.NewMatrix(l.g, l.dt, G.WithShape(shape...), G.WithName(name))
	default:
		n = G.NewTensor(l.g, l.dt, len(shape), G.WithShape(shape...), G.WithName(name))
	}
	l.data = append(l.data, n)
	return n
}

// weight adds an input with normal numbers of the given size.
func (l *lab) weight(name string, shape ...int) *G.Node {
	n := l.input(name, shape...)
	l.data = l.data[:len(l.data)-1]
	l.weights = append(l.weights, n)
	require.NoError(l.t, G.Let(n, l.normal(shape...)))
	return n
}

func (l *lab) normal(shape ...int) G.Value {
	x := make([]float64, tensor.Shape(shape).TotalSize())
	for i := range x {
		x[i] = l.rng.NormFloat64()
	}
	return inspect.NewValue(l.dt, shape, x)
}

func (l *lab) scalar(x float64) *G.Node {
	if l.dt == tensor.Float32 {
		return G.NewConstant(float32(x))
	}
	return G.NewConstant(x)
}

// bias adds b, 1×m, to each row.
func (l *lab) bias(h, b *G.Node) *G.Node {
	return G.Must(G.BroadcastAdd(h, b, nil, []byte{0}))
}

// radial is v ↦ f(|v|)/|v|·v on rows.
func radialOf(f func(*G.Node) (*G.Node, error)) func(v *G.Node) *G.Node {
	return func(v *G.Node) *G.Node {
		n := G.Must(G.Norm(v, 1, 2))
		s := G.Must(G.HadamardDiv(G.Must(f(n)), n))
		return G.Must(G.BroadcastHadamardProd(v, s, nil, []byte{1}))
	}
}

// rms is v/√(mean(v²)+ε) on rows.
func (l *lab) rms(v *G.Node) *G.Node {
	s := G.Must(G.Sqrt(G.Must(G.Add(G.Must(G.Mean(G.Must(G.Square(v)), 1)), l.scalar(1e-5)))))
	return G.Must(G.BroadcastHadamardDiv(v, s, nil, []byte{1}))
}

// layerNorm is (v − mean(v))/√(mean((v − mean(v))²)+ε) on rows.
func (l *lab) layerNorm(v *G.Node) *G.Node {
	return l.rms(G.Must(G.BroadcastSub(v, G.Must(G.Mean(v, 1)), nil, []byte{1})))
}

// snapshot describes a graph down to the last bit.
func snapshot(g *G.ExprGraph) []string {
	var lines []string
	for _, n := range g.AllNodes() {
		line := fmt.Sprintf("%d %p %q %v %v %v", n.ID(), n, n.Name(), n.Op(), n.Shape(), n.Type())
		for _, c := range op.Children(n) {
			line += fmt.Sprintf(" %d", c.ID())
		}
		if v := n.Value(); v != nil {
			line += fmt.Sprintf(" %p %v %v", v, v.Shape(), v.Data())
		}
		line += fmt.Sprintf(" %p %v", n.Deriv(), len(n.DerivOf()))
		lines = append(lines, line)
	}
	return lines
}

// values runs the nodes with the same random numbers for inputs of the same name.
func valuesOf(roots G.Nodes) []G.Value {
	given := make(map[*G.Node]G.Value)
	w := inspect.WiringOf(roots[0].Graph())
	nodes := w.Ancestors(roots)
	for _, n := range nodes {
		if n.Op() == nil && n.Value() == nil {
			given[n] = inspect.Random(n)
		}
	}
	out := inspect.Evaluate(w, nodes, given)
	var vs []G.Value
	for _, n := range roots {
		vs = append(vs, out[n])
	}
	return vs
}

// tape runs a graph on Gorgonia's own machine.
func tape(t testing.TB, roots G.Nodes) []G.Value {
	sub := roots[0].Graph().SubgraphRoots(roots...)
	for _, n := range inspect.WiringOf(roots[0].Graph()).Ancestors(roots) {
		if n.Op() == nil && n.Value() == nil {
			require.NoError(t, G.Let(n, inspect.Random(n)))
			defer func() { _ = n }()
		}
	}
	var reads []G.Value
	vm := G.NewTapeMachine(sub, G.TraceExec())
	defer vm.Close()
	require.NoError(t, vm.RunAll())
	for _, n := range roots {
		v, err := G.CloneValue(n.Value())
		require.NoError(t, err)
		reads = append(reads, v)
	}
	return reads
}

// gapOf is the largest gap between two lists of values.
func gapOf(t testing.TB, a, b []G.Value) float64 {
	require.Equal(t, len(a), len(b))
	var w float64
	for i := range a {
		require.NotNil(t, a[i])
		require.NotNil(t, b[i])
		w = max(w, gap(a[i], b[i], false))
	}
	return w
}

// shapes returns the shapes of nodes by name.
func shapes(ns G.Nodes) map[string][]int {
	m := make(map[string][]int)
	for _, n := range ns {
		m[n.Name()] = slices.Clone([]int(n.Shape()))
	}
	return m
}

func constantMatrix(r, c int, x float64) *mat.Dense {
	m := mat.NewDense(r, c, nil)
	for i := range r {
		for j := range c {
			m.Set(i, j, x)
		}
	}
	return m
}
