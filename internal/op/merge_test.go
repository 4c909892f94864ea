package op

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// TestTwinsStayApart: vertices that look alike to Gorgonia stay two nodes, and two
// arrows may have the very same source and matrix.
func TestTwinsStayApart(t *testing.T) {
	b := newBench(t)
	x, w := b.input("x", 4, 2), b.input("W", 2, 2)
	same := []Term{{X: x, W: w}}
	p := b.node(Vertex("h", "h", layers.Radial(layers.Tanh), same, nil))
	q := b.node(Vertex("h", "h", layers.Radial(layers.Squash), same, nil))
	r := b.node(Vertex("h", "h", layers.Radial(layers.Tanh), same, nil))
	assert.NotSame(t, p, q)
	assert.NotSame(t, p, r)
	assert.NotEqual(t, b.eval(p), b.eval(q))
	assert.Equal(t, b.eval(p), b.eval(r))
	twice := b.node(Sum("h", "z", []Term{{X: x, W: w}, {X: x, W: w}}))
	one := b.node(Sum("h", "z", same))
	for i, v := range b.eval(one) {
		assert.InDelta(t, 2*v, b.eval(twice)[i], 1e-14)
	}
	b.check("twice", b.probe(twice, "twice"), 1e-7, x, w)
	b.check("x·xᵀ", b.probe(b.node(Sum("s", "s", []Term{{X: w, W: w}})), "s"), 1e-7, w)
}

// TestManyNodes makes more nodes than 32-bit hashes keep apart by luck alone and
// looks each of them up.
func TestManyNodes(t *testing.T) {
	b := newBench(t)
	x := b.input("x", 1, 1)
	seen := make(map[*gorgonia.Node]bool)
	for range 20000 {
		n := b.node(Combine("v", "v", []float64{1}, x))
		require.False(t, seen[n])
		seen[n] = true
	}
}

// TestFailureLeavesGraphUsable: a refused node does not disturb those after it.
func TestFailureLeavesGraphUsable(t *testing.T) {
	b := newBench(t)
	x, y := b.input("x", 2, 3), b.input("y", 3, 2)
	for range 3 {
		_, err := Hadamard("v", "h", x, y)
		require.Error(t, err)
		_, err = Input(b.g, tensor.Float64, "x", 2, 3)
		require.Error(t, err)
	}
	n := b.node(Sum("v", "z", []Term{{X: x, W: x}}))
	b.check("after", b.probe(n, "n"), 1e-7, x)
	for i, m := range b.g.AllNodes() {
		assert.Equal(t, int64(i), m.ID())
		assert.Equal(t, m, b.g.Node(int64(i)))
	}
}

// TestLispMachineRefuses: its backward pass would give gradients 0.
func TestLispMachineRefuses(t *testing.T) {
	b := newBench(t)
	x, w := b.input("x", 4, 2), b.input("W", 3, 2)
	h := b.node(Vertex("h", "h", quiver.Identity, []Term{{X: x, W: w}}, nil))
	cost := gorgonia.Must(gorgonia.Sum(h))
	for n, v := range b.val {
		require.NoError(t, gorgonia.Let(n, tensor.New(tensor.WithShape(n.Shape()...), tensor.WithBacking(v))))
	}
	m := gorgonia.NewLispMachine(b.g)
	defer m.Close()
	assert.ErrorContains(t, m.RunAll(), "symbolic derivative only")
	assert.NotNil(t, cost)
}
