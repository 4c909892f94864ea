package rewrite

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/internal/inspect"
	"github.com/quivernet/quivernet/internal/op"
)

// TestBinaryXent: on the way to a cross entropy Gorgonia removes a node, and from then on finds others under the ids of
// those behind it. The inputs of nodes are found all the same.
func TestBinaryXent(t *testing.T) {
	for name, f := range map[string]func(*G.Node) (*G.Node, error){
		"sigmoid": G.Sigmoid, "tanh": G.Tanh, "softmax": func(x *G.Node) (*G.Node, error) { return G.SoftMax(x) },
	} {
		for _, dt := range []tensor.Dtype{tensor.Float64, tensor.Float32} {
			for _, fused := range []bool{false, true} {
				l := newLab(t, 2)
				l.dt = dt
				h := radialOf(G.Tanh)(l.linear("0", l.input("x", 4, 2), 9))
				p := G.Must(f(l.linear("1", h, 3)))
				loss := G.Must(G.BinaryXent(G.Must(G.HadamardProd(p, p)), l.input("y", 4, 3)))
				k := l.linear("2", h, 2) // made behind the removed node
				require.True(t, inspect.WiringOf(l.g).IsStale(), "the graph's table is stale")
				stale := false // negative control: by the graph's table some node has other inputs
				for _, n := range inspect.WiringOf(l.g).Ancestors(G.Nodes{loss, k}) {
					a, b := op.Children(n), inspect.WiringOf(l.g).Children(n)
					for i := range b {
						stale = stale || len(a) != len(b) || a[i] != b[i]
					}
				}
				assert.True(t, stale)
				before := len(l.g.AllNodes())
				res, err := Rewriter{Weights: l.weights, Data: l.data, Fused: fused}.Rewrite(loss, k)
				require.NoError(t, err, name)
				assert.Len(t, l.g.AllNodes(), before)
				require.Len(t, res.Report.Changes, 1, "%s\n%s", name, res)
				limit := 1e-12
				if dt == tensor.Float32 {
					limit = 1e-4
				}
				assert.LessOrEqual(t, gapOf(t, valuesOf(G.Nodes{loss, k}), valuesOf(res.Roots)), limit, name)
				if !fused {
					assert.LessOrEqual(t, gapOf(t, tape(t, G.Nodes{loss, k}), tape(t, res.Roots)), limit, name)
				}
			}
		}
	}
}

// TestRemovedNodes: a node that was removed and that nobody needs does no harm; one that a root needs is told by name,
// in TestErrors.
func TestRemovedNodes(t *testing.T) {
	l := newLab(t, 2)
	x := l.input("x", 4, 2)
	spare := []*G.Node{G.Must(G.Exp(x)), G.Must(G.Cos(x))}
	y := l.linear("1", l.rms(l.linear("0", x, 9)), 2)
	for _, n := range spare {
		l.g.RemoveNode(n)
	}
	z := l.linear("3", l.rms(l.linear("2", y, 8)), 2)
	res, err := Rewriter{Weights: l.weights, Data: l.data}.Rewrite(z)
	require.NoError(t, err)
	require.Len(t, res.Report.Changes, 2, "%s", res)
	assert.LessOrEqual(t, gapOf(t, valuesOf(G.Nodes{z}), valuesOf(res.Roots)), 1e-12)
}
