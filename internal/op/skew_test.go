package op

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/quiver"
)

// skew is ρ(z) = z₁·z, whose Jacobian z₁I + z·e₁ᵀ is not symmetric.
type skew struct{}

func (skew) String() string                                { return "skew" }
func (skew) Restrict(*mat.Dense) (quiver.Activation, bool) { return nil, false }
func (skew) Apply(dst, z []float64) {
	s := z[0]
	for i, x := range z {
		dst[i] = s * x
	}
}

func (skew) VJP(dst, z, g []float64) {
	var zg float64
	for i, x := range z {
		zg += x * g[i]
	}
	for i := range z {
		dst[i] = z[0] * g[i]
	}
	dst[0] += zg
}

// skew2 knows its second order.
type skew2 struct{ skew }

func (skew2) JVP(dst, z, u []float64) {
	for i, x := range z {
		dst[i] = z[0]*u[i] + u[0]*x
	}
}

func (skew2) VJP2(dst, _, g, u []float64) {
	var gu float64
	for i := range g {
		gu += g[i] * u[i]
		dst[i] = u[0] * g[i]
	}
	dst[0] += gu
}

// TestSkewJacobian differentiates twice where transposing the Jacobian matters.
func TestSkewJacobian(t *testing.T) {
	b := newBench(t)
	x, w, v := b.input("x", 4, 2), b.input("W", 3, 2), b.input("V", 2, 3)
	h := b.node(Vertex("h", "h", skew2{}, []Term{{X: x, W: w}}, nil))
	y := b.node(Vertex("y", "y", skew2{}, []Term{{X: h, W: v}}, nil))
	gs := b.check("first", b.probe(y, "y"), 1e-7, x, w, v)
	for i, name := range []string{"∂x", "∂W", "∂V"} {
		b.check("second of "+name, b.probe(gs[i], name), 1e-6, x, w, v)
	}
}

// TestSkewProduct differentiates Dρ(z)u at z and at u, where transposing the Jacobian matters: the way to third derivatives.
func TestSkewProduct(t *testing.T) {
	b := newBench(t)
	z, u := b.input("z", 4, 3), b.input("u", 4, 3)
	n := b.node(ActJVP("h", "Dρu", skew2{}, z, u))
	b.check("Dρu", b.probe(n, "p"), 1e-7, z, u)
	other := b.node(ActVJP("h", "Dρᵀu", skew2{}, z, u, nil))
	assert.NotEqual(t, b.eval(other), b.eval(n), "the Jacobian is not symmetric")
}

// TestNoSecondOrder: an activation that offers order one alone refuses order two for each
// variable, also for one that its gradient depends on linearly.
func TestNoSecondOrder(t *testing.T) {
	b := newBench(t)
	x, w, v := b.input("x", 4, 2), b.input("W", 3, 2), b.input("V", 2, 3)
	h := b.node(Vertex("h", "h", skew{}, []Term{{X: x, W: w}}, nil))
	y := b.node(Vertex("y", "y", quiver.Identity, []Term{{X: h, W: v}}, nil))
	gs := b.check("first", b.probe(y, "y"), 1e-7, x, w, v)
	s := b.probe(gs[1], "∂W")
	for _, n := range (gorgonia.Nodes{x, w, v}) {
		_, err := Backprop(nil, gorgonia.Nodes{s}, gorgonia.Nodes{s}, gorgonia.Nodes{n})
		var oe *OrderError
		require.ErrorAs(t, err, &oe, n.Name())
		assert.Equal(t, 2, oe.Order)
		assert.Equal(t, "h", oe.Vertex)
	}
}
