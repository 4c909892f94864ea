package op

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
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

func (b *bench) input(name string, r, c int) *gorgonia.Node {
	b.t.Helper()
	n, err := Input(b.g, tensor.Float64, name, r, c)
	require.NoError(b.t, err)
	x := make([]float64, r*c)
	for i := range x {
		x[i] = b.rng.NormFloat64()
	}
	b.val[n] = x
	return n
}

func (b *bench) node(n *gorgonia.Node, err error) *gorgonia.Node {
	b.t.Helper()
	require.NoError(b.t, err)
	require.NotNil(b.t, n)
	return n
}

func (b *bench) eval(root *gorgonia.Node) []float64 {
	b.t.Helper()
	vs := make(map[*gorgonia.Node]gorgonia.Value)
	for _, n := range Ancestors(gorgonia.Nodes{root}) {
		if x, ok := b.val[n]; ok {
			vs[n] = tensor.New(tensor.WithShape(n.Shape()...), tensor.WithBacking(append([]float64(nil), x...)))
			continue
		}
		if n.Value() != nil {
			vs[n] = n.Value()
			continue
		}
		var in []gorgonia.Value
		for _, c := range Children(n) {
			in = append(in, vs[c])
		}
		v, err := n.Op().Do(in...)
		require.NoError(b.t, err, n.Name())
		vs[n] = v
	}
	if d, ok := vs[root].Data().([]float64); ok {
		return d
	}
	return []float64{vs[root].Data().(float64)}
}

// probe makes a scalar of any node: its inner product with a fixed random matrix.
func (b *bench) probe(n *gorgonia.Node, name string) *gorgonia.Node {
	b.t.Helper()
	s := n.Shape()
	if s.TotalSize() == 1 && len(s) == 2 {
		return n
	}
	return b.node(Dot("probe", "probe of "+name, n, b.input("probe "+name, s[0], s[1])))
}

// check compares the gradient of a scalar node at the given inputs with central differences
// and returns the gradient nodes.
func (b *bench) check(what string, scalar *gorgonia.Node, tol float64, wrt ...*gorgonia.Node) gorgonia.Nodes {
	b.t.Helper()
	seed, err := Input(b.g, tensor.Float64, "seed of "+what, 1, 1)
	require.NoError(b.t, err)
	b.val[seed] = []float64{1}
	gs, err := Backprop(nil, gorgonia.Nodes{scalar}, gorgonia.Nodes{seed}, wrt)
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

// TestAlgebra checks every operation, and the gradient of its gradient.
func TestAlgebra(t *testing.T) {
	radial, point := layers.Radial(layers.Tanh).(quiver.RadialJet), layers.Pointwise(layers.GELU).(quiver.PointJet)
	for name, make := range map[string]func(b *bench, x, y *gorgonia.Node) (*gorgonia.Node, error){
		"add": func(_ *bench, x, y *gorgonia.Node) (*gorgonia.Node, error) { return Add("v", "s", x, y, x) },
		"combine": func(_ *bench, x, y *gorgonia.Node) (*gorgonia.Node, error) {
			return Combine("v", "c", []float64{2, -0.5}, x, y)
		},
		"hadamard": func(_ *bench, x, y *gorgonia.Node) (*gorgonia.Node, error) { return Hadamard("v", "h", x, y) },
		"rowdot":   func(_ *bench, x, y *gorgonia.Node) (*gorgonia.Node, error) { return RowDot("v", "r", x, y) },
		"dot":      func(_ *bench, x, y *gorgonia.Node) (*gorgonia.Node, error) { return Dot("v", "d", x, y) },
		"square":   func(_ *bench, x, _ *gorgonia.Node) (*gorgonia.Node, error) { return Dot("v", "d", x, x) },
		"rowscale": func(b *bench, x, _ *gorgonia.Node) (*gorgonia.Node, error) {
			return RowScale("v", "s", x, b.input("s", 4, 1))
		},
		"scale": func(b *bench, x, _ *gorgonia.Node) (*gorgonia.Node, error) {
			return Scale("v", "s", x, b.input("s", 1, 1))
		},
		"radialjet": func(_ *bench, x, _ *gorgonia.Node) (*gorgonia.Node, error) { return RadialJet("v", radial, 1, x) },
		"pointjet":  func(_ *bench, x, _ *gorgonia.Node) (*gorgonia.Node, error) { return PointJet("v", point, 1, x) },
		"arrowdw":   func(_ *bench, x, y *gorgonia.Node) (*gorgonia.Node, error) { return ArrowDW("a", "dw", x, y) },
		"arrowdx": func(b *bench, x, _ *gorgonia.Node) (*gorgonia.Node, error) {
			return ArrowDX("a", "dx", x, Term{W: b.input("W", 3, 2)})
		},
		"inclusion": func(_ *bench, x, _ *gorgonia.Node) (*gorgonia.Node, error) {
			return ArrowDX("a", "dx", x, Term{Fixed: quiver.Inclusion{Rows: 3, Cols: 5, Row: 1, Col: 2, K: 2}})
		},
		"sumsquares": func(_ *bench, x, y *gorgonia.Node) (*gorgonia.Node, error) { return SumSquares("y", x, y) },
		"softmax":    func(_ *bench, x, _ *gorgonia.Node) (*gorgonia.Node, error) { return Softmax("y", x) },
		"crossentropy": func(_ *bench, x, y *gorgonia.Node) (*gorgonia.Node, error) {
			s, err := Softmax("t", y)
			if err != nil {
				return nil, err
			}
			return CrossEntropy("y", x, s)
		},
		"total": func(b *bench, _, _ *gorgonia.Node) (*gorgonia.Node, error) { return Total("y", b.input("c", 4, 1)) },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			x, y := b.input("x", 4, 3), b.input("y", 4, 3)
			n, err := make(b, x, y)
			require.NoError(t, err)
			s := b.probe(n, name)
			var wrt gorgonia.Nodes
			for m := range b.val {
				if m.Shape().TotalSize() > 0 && m.Name()[0] != 's' {
					wrt = append(wrt, m)
				}
			}
			gs := b.check(name, s, 1e-7, wrt...)
			for k, g := range gs {
				if g != nil && len(Children(g)) > 0 {
					b.check(fmt.Sprint("second ", k), b.probe(g, fmt.Sprint("grad ", k)), 1e-6, x, y)
				}
			}
		})
	}
}

// TestVertexThreeTimes differentiates a vertex with parallel arrows, a structured one and
// each kind of activation three times.
func TestVertexThreeTimes(t *testing.T) {
	for _, act := range []quiver.Activation{layers.Radial(layers.Tanh), layers.Radial(layers.Squash), layers.Pointwise(layers.Tanh), layers.RMSNorm(3, 0.1), quiver.Identity} {
		b := newBench(t)
		x, w, u := b.input("x", 4, 2), b.input("W", 3, 2), b.input("U", 3, 2)
		terms := []Term{{X: x, W: w, Arrow: "a"}, {X: x, W: u, Arrow: "b"}, {X: x, Fixed: quiver.Inclusion{Rows: 3, Cols: 2, Row: 1, K: 2}, Arrow: "c"}}
		n := b.node(Vertex("h", "h", act, terms, nil))
		s := b.probe(n, "h")
		gs := b.check("first "+act.String(), s, 1e-7, x, w, u)
		s2 := b.probe(gs[1], "∂W")
		gs = b.check("second "+act.String(), s2, 1e-6, x, w, u)
		if gs[1] == nil {
			continue // linear
		}
		b.check("third "+act.String(), b.probe(gs[1], "∂²W"), 1e-5, x, w, u)
	}
}

// TestParameters differentiates twice in the parameters too; the third time is an error.
func TestParameters(t *testing.T) {
	b := newBench(t)
	x, w, p := b.input("x", 4, 2), b.input("W", 3, 2), b.input("p", 1, 2)
	n := b.node(Vertex("h", "h", layers.Trainable(layers.Tanh, 0, 1), []Term{{X: x, W: w}}, p))
	gs := b.check("first", b.probe(n, "h"), 1e-7, x, w, p)
	gw := b.check("second of W", b.probe(gs[1], "∂W"), 1e-6, x, w, p)
	b.check("second of p", b.probe(gs[2], "∂p"), 1e-6, x, w, p)
	_, err := Backprop(nil, gorgonia.Nodes{gw[1]}, gorgonia.Nodes{gw[1]}, gorgonia.Nodes{w})
	var oe *OrderError
	require.ErrorAs(t, err, &oe)
	assert.Equal(t, 3, oe.Order)
	assert.Equal(t, "h", oe.Vertex)
}

// TestWrongDerivativeIsFound: the check of this file sees a wrong VJP.
func TestWrongDerivativeIsFound(t *testing.T) {
	b := newBench(t)
	x, w := b.input("x", 4, 2), b.input("W", 3, 2)
	n := b.node(Vertex("h", "h", liar{}, []Term{{X: x, W: w}}, nil))
	var quiet testing.T
	q := *b
	q.t = &quiet
	q.check("liar", b.probe(n, "h"), 1e-7, x, w)
	assert.True(t, quiet.Failed())
}

type liar struct{}

func (liar) String() string                                { return "liar" }
func (liar) Apply(dst, z []float64)                        { copy(dst, z) }
func (liar) VJP(dst, _, g []float64)                       { clear(dst) }
func (liar) Restrict(*mat.Dense) (quiver.Activation, bool) { return nil, false }

// TestTraps: what Gorgonia would merge stays apart.
func TestTraps(t *testing.T) {
	b := newBench(t)
	x := b.input("x", 2, 2)
	_, err := Input(b.g, tensor.Float64, "x", 2, 2)
	var ne *NodeError
	assert.ErrorAs(t, err, &ne, "a second input of the same name")
	_, err = Input(b.g, tensor.Float64, "", 2, 2)
	assert.ErrorAs(t, err, &ne)
	_, err = Input(b.g, tensor.Float64, "e", 0, 2)
	assert.ErrorAs(t, err, &ne)
	p := b.node(Combine("v", "same", []float64{2}, x))
	q := b.node(Combine("v", "same", []float64{3}, x))
	assert.NotSame(t, p, q)
	s := b.node(Add("v", "s", p, p))
	gs := b.check("p+p", b.probe(s, "s"), 1e-7, x)
	assert.NotNil(t, gs[0])
	_, err = Apply(p.Op(), x)
	assert.ErrorAs(t, err, &ne, "an operation belongs to one node")
	_, err = Hadamard("v", "h", x, b.input("narrow", 2, 1))
	assert.ErrorAs(t, err, &ne)
	_, err = Hadamard("v", "h", x, nil)
	assert.ErrorAs(t, err, &ne)
	f, err := Input(b.g, tensor.Float32, "f", 2, 2)
	require.NoError(t, err)
	_, err = Hadamard("v", "h", x, f)
	assert.ErrorAs(t, err, &ne, "precisions do not mix")
	first, err := Backprop(nil, gorgonia.Nodes{s}, gorgonia.Nodes{x}, gorgonia.Nodes{x})
	require.NoError(t, err)
	second, err := Backprop(nil, gorgonia.Nodes{s}, gorgonia.Nodes{x}, gorgonia.Nodes{x})
	require.NoError(t, err)
	assert.Equal(t, b.eval(first[0]), b.eval(second[0]), "a sweep can be repeated")
	none, err := Backprop(nil, gorgonia.Nodes{s}, gorgonia.Nodes{x}, gorgonia.Nodes{f})
	require.NoError(t, err)
	assert.Nil(t, none[0], "no influence")
}

// TestFastBuild pins the fields of Gorgonia that make building linear.
func TestFastBuild(t *testing.T) {
	require.NotNil(t, fastBuild(), "Gorgonia is another version than v0.9.18; building is quadratic again")
	b := newBench(t)
	n := b.input("x", 1, 1)
	for i := range 2000 {
		n = b.node(Combine("v", fmt.Sprint(i), []float64{1}, n))
	}
	for i, m := range b.g.AllNodes() {
		require.Equal(t, int64(i), m.ID())
		require.Equal(t, m, b.g.Node(int64(i)))
	}
}

// TestRuns: no operation allocates, in either precision.
func TestRuns(t *testing.T) {
	b := newBench(t)
	x, w := b.input("x", 20, 30), b.input("W", 10, 30)
	n := b.node(Vertex("h", "h", layers.Radial(layers.Tanh), []Term{{X: x, W: w}}, nil))
	o := n.Op().(*Op)
	in := [][2]int{{20, 30}, {10, 30}}
	tmp := make([]float64, o.ScratchLen(in))
	m64 := []Mat[float64]{{20, 30, b.val[x]}, {10, 30, b.val[w]}}
	d64 := Mat[float64]{20, 10, make([]float64, 200)}
	m32 := []Mat[float32]{{20, 30, make([]float32, 600)}, {10, 30, make([]float32, 300)}}
	d32 := Mat[float32]{20, 10, make([]float32, 200)}
	assert.Zero(t, testing.AllocsPerRun(10, func() { _ = o.Run64(d64, m64, tmp) }))
	assert.Zero(t, testing.AllocsPerRun(10, func() { _ = o.Run32(d32, m32, tmp) }))
	assert.Equal(t, b.eval(n), d64.Data)
}
