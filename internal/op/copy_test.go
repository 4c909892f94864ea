package op

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// TestCopy applies operations of every make to other inputs; the copies compute the same
// and are differentiated apart.
func TestCopy(t *testing.T) {
	b := newBench(t)
	x, w, u, p := b.input("x", 4, 2), b.input("W", 3, 2), b.input("U", 4, 3), b.input("p", 1, 2)
	act := layers.Trainable(layers.Tanh, 0.1, 1.3)
	h := b.node(Vertex("h", "h", act, []Term{{X: x, W: w}, {X: x, Fixed: quiver.Inclusion{Rows: 3, Cols: 2, K: 2}}}, p))
	s := b.node(Sum("s", "s", []Term{{X: x, W: w}}))
	c := b.node(Combine("c", "c", []float64{2, -3}, u, h))
	d := b.node(Dot("d", "d", h, u))
	for _, n := range []*gorgonia.Node{h, s, c, d} {
		o := n.Op().(*Op)
		in := Children(n)
		m := b.node(o.Copy(o.Label(), in))
		require.NotSame(t, n, m)
		assert.Equal(t, in, Children(m))
		assert.Equal(t, b.eval(n), b.eval(m), o.Kind())
		assert.Equal(t, o.Coefficients(), m.Op().(*Op).Coefficients())
		_, err := o.Copy(o.Label(), in[:1])
		if len(in) > 1 {
			assert.ErrorContains(t, err, "want")
		}
	}
	y := b.input("y", 4, 2)
	in := slices.Clone(Children(h))
	in[0], in[2] = y, y // of other values
	m := b.node(h.Op().(*Op).Copy(h.Op().(*Op).Label(), in))
	assert.NotEqual(t, b.eval(h), b.eval(m))
	b.check("copy", b.probe(m, "m"), 1e-7, y, w, p)
	assert.Equal(t, act, m.Op().(*Op).Activation())
	assert.True(t, m.Op().(*Op).HasParams())
	assert.Nil(t, s.Op().(*Op).Activation())
	assert.Nil(t, c.Op().(*Op).Activation())
	assert.False(t, c.Op().(*Op).HasParams())
}

// TestCopyLeafTwice: two inputs of one name and size would be one node; the second is refused.
func TestCopyLeafTwice(t *testing.T) {
	b := newBench(t)
	x, y := b.input("x", 4, 2), b.input("y", 4, 2)
	g := gorgonia.NewGraph()
	c, err := CopyLeaf(g, x)
	require.NoError(t, err)
	assert.Equal(t, x.Shape(), c.Shape())
	again, err := CopyLeaf(g, x)
	var typed *NodeError
	require.ErrorAs(t, err, &typed)
	assert.Nil(t, again)
	_, err = CopyLeaf(g, y)
	require.NoError(t, err, "another name")
	assert.Len(t, g.AllNodes(), 2)
}
