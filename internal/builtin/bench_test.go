package builtin

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/internal/op"
)

// bench holds a graph and the values of its inputs, and evaluates nodes one by one with Do.
type bench struct {
	t   testing.TB
	g   *gorgonia.ExprGraph
	rng *rand.Rand
	val map[*gorgonia.Node][]float64
}

func newBench(t testing.TB) *bench {
	return &bench{t, gorgonia.NewGraph(), rand.New(rand.NewPCG(1, 2)), make(map[*gorgonia.Node][]float64)}
}

func (b *bench) input(name string, r, c int) *gorgonia.Node { return b.tensorInput(name, false, r, c) }

func (b *bench) node(n *gorgonia.Node, err error) *gorgonia.Node {
	b.t.Helper()
	require.NoError(b.t, err)
	require.NotNil(b.t, n)
	return n
}

func (b *bench) eval(root *gorgonia.Node) []float64 {
	b.t.Helper()
	v, err := value(b, root)
	require.NoError(b.t, err, root.Name())
	return numbersOf(v)
}

// check compares the gradient of a scalar node at the given inputs with central differences
// and returns the gradient nodes.
func (b *bench) check(what string, scalar *gorgonia.Node, tol float64, wrt ...*gorgonia.Node) gorgonia.Nodes {
	b.t.Helper()
	seed, err := op.Input(b.g, tensor.Float64, "seed of "+what, 1, 1)
	require.NoError(b.t, err)
	b.val[seed] = []float64{1}
	gs, err := Backprop(gorgonia.Nodes{scalar}, gorgonia.Nodes{seed}, wrt)
	require.NoError(b.t, err, what)
	for k, n := range wrt {
		got := make([]float64, len(b.val[n]))
		if gs[k] != nil {
			got = b.eval(gs[k])
		}
		require.Len(b.t, got, len(b.val[n]))
		var diff, size float64
		for i, x := range b.val[n] {
			const h = 1e-5
			b.val[n][i] = x + h
			up := b.eval(scalar)[0]
			b.val[n][i] = x - h
			fd := (up - b.eval(scalar)[0]) / (2 * h)
			b.val[n][i] = x
			diff, size = max(diff, math.Abs(fd-got[i])), max(size, math.Abs(fd))
		}
		assert.LessOrEqual(b.t, diff, tol*max(size, 1e-2), "%s in %s", what, n.Name())
	}
	return gs
}
