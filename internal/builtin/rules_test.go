package builtin

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/internal/op"
)

// tensorInput is an input of any shape, with numbers between 0.3 and 1.7 where they must be positive.
func (b *bench) tensorInput(name string, positive bool, shape ...int) *gorgonia.Node {
	b.t.Helper()
	n := gorgonia.NewTensor(b.g, tensor.Float64, len(shape), gorgonia.WithShape(shape...), gorgonia.WithName(name))
	x := make([]float64, tensor.Shape(shape).TotalSize())
	for i := range x {
		if x[i] = b.rng.NormFloat64(); positive {
			x[i] = 0.3 + 1.4*b.rng.Float64()
		}
	}
	b.val[n] = x
	return n
}

// number makes a 1×1 node of a value of any shape: its inner product with random numbers.
func (b *bench) number(n *gorgonia.Node, name string) *gorgonia.Node {
	b.t.Helper()
	p := n
	if s := n.Shape(); len(s) > 0 {
		p = b.node(op.Hadamard("probe", "probe", n, b.tensorInput(name, false, s...)))
	}
	return b.node(op.Scatter("probe", "Σ", p, zerosTo(op.Count(n)), tensor.Shape{1, 1}))
}

func cmpString(a, b string) int {
	if a < b {
		return -1
	}
	return 1
}

// TestBuiltinDerivatives compares the derivatives of Gorgonia's operations, and theirs, with central differences.
// Where Gorgonia itself makes no value at some shape there is nothing to differentiate.
func TestBuiltinDerivatives(t *testing.T) {
	without := 0
	for _, c := range cases() {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			y := b.tensorInput("y", c.positive, c.y...)
			wrt := gorgonia.Nodes{y}
			var v *gorgonia.Node
			if c.v != nil {
				v = b.tensorInput("v", c.positive, c.v...)
				wrt = append(wrt, v)
			}
			n, err := build(c, y, v)
			if err != nil {
				without++
				t.Log(err)
				return
			}
			if _, err := value(b, n); err != nil {
				without++
				t.Log(err)
				return
			}
			gs := b.check("first", b.number(n, "probe"), 1e-7, wrt...)
			for i, g := range gs {
				if g != nil && len(op.Children(g)) > 0 {
					require.True(t, slices.Equal(g.Shape(), wrt[i].Shape()))
					b.check(fmt.Sprint("second ", i), b.number(g, fmt.Sprint("probe of gradient ", i)), 1e-6, wrt...)
				}
			}
		})
	}
	t.Logf("%d of %d have no value", without, len(cases()))
	assert.LessOrEqual(t, without, 3, "Gorgonia has values for nearly all")
}

func build(c derivativeCase, y, v *gorgonia.Node) (n *gorgonia.Node, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	return c.f(y, v)
}

// value runs a node with Do and says why it has none.
func value(b *bench, root *gorgonia.Node) (v gorgonia.Value, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	vs := make(map[*gorgonia.Node]gorgonia.Value)
	for _, n := range op.Ancestors(gorgonia.Nodes{root}) {
		if x, ok := b.val[n]; ok {
			vs[n] = valueLike(n, slices.Clone(x))
			continue
		}
		if n.Value() != nil {
			vs[n] = n.Value()
			continue
		}
		var in []gorgonia.Value
		for _, c := range op.Children(n) {
			in = append(in, vs[c])
		}
		if vs[n], err = n.Op().Do(in...); err != nil {
			return nil, fmt.Errorf("%v: %w", n.Op(), err)
		}
		for _, x := range numbersOf(vs[n]) {
			if math.IsNaN(x) {
				return nil, fmt.Errorf("%v makes NaN", n.Op())
			}
		}
		if k := len(numbersOf(vs[n])); k != op.Count(n) {
			return nil, fmt.Errorf("%v makes %d numbers for the shape %v", n.Op(), k, n.Shape())
		}
	}
	return vs[root], nil
}

func numbersOf(v gorgonia.Value) []float64 {
	switch d := v.Data().(type) {
	case []float64:
		return d
	case float64:
		return []float64{d}
	}
	return nil
}

// TestRefused: operations whose derivative nobody knows to be right are refused by name.
func TestRefused(t *testing.T) {
	for name, f := range map[string]func(*gorgonia.Node) (*gorgonia.Node, error){
		"average pool": func(y *gorgonia.Node) (*gorgonia.Node, error) {
			return gorgonia.AveragePool2D(y, tensor.Shape{2, 2}, []int{0, 0}, []int{2, 2})
		},
		"global pool": gorgonia.GlobalAveragePool2D,
		"dropout":     func(y *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Dropout(y, 0.5) },
	} {
		b := newBench(t)
		y := b.tensorInput("y", false, 2, 1, 4, 4)
		n := b.number(b.node(f(must(gorgonia.Square(y)))), "probe")
		_, err := Backprop(gorgonia.Nodes{n}, gorgonia.Nodes{b.input("seed", 1, 1)}, gorgonia.Nodes{y})
		var ne *op.NodeError
		assert.ErrorAs(t, err, &ne, name)
	}
}

// TestSoftmaxAxes: Gorgonia makes a softmax over an axis that does not exist; it is refused, and those that exist are not.
func TestSoftmaxAxes(t *testing.T) {
	for _, axis := range []int{-3, -2, -1, 0, 1, 2, 3} {
		b := newBench(t)
		y := b.input("y", 3, 4)
		n := b.node(gorgonia.Sum(must(gorgonia.Square(b.node(gorgonia.SoftMax(y, axis))))))
		gs, err := Backprop(gorgonia.Nodes{n}, gorgonia.Nodes{gorgonia.NewScalar(b.g, tensor.Float64, gorgonia.WithName("seed"))}, gorgonia.Nodes{y})
		if axis >= -1 && axis < 2 {
			require.NoError(t, err, "axis %d", axis)
			assert.Equal(t, y.Shape(), gs[0].Shape())
			continue
		}
		var ne *op.NodeError
		require.ErrorAs(t, err, &ne, "axis %d", axis)
		assert.Contains(t, err.Error(), "its axis cannot be read", "axis %d", axis)
	}
}

// TestMaximumAtTies: where several entries are largest the gradient goes to the first, a subgradient whose entries sum
// to what arrives.
func TestMaximumAtTies(t *testing.T) {
	for _, c := range []struct {
		axes    []int
		x, want []float64
	}{
		{[]int{1}, []float64{0, 0, 1, 1}, []float64{1, 0, 1, 0}},
		{[]int{0}, []float64{2, 1, 2, 1}, []float64{1, 1, 0, 0}},
		{nil, []float64{3, 3, 3, 3}, []float64{1, 0, 0, 0}},
		{[]int{1}, []float64{0, 1, 3, 2}, []float64{0, 1, 1, 0}},
	} {
		b := newBench(t)
		x := b.tensorInput("x", false, 2, 2)
		b.val[x] = c.x
		m := must(gorgonia.Max(x, c.axes...))
		one := b.node(op.Scatter("", "Σ", m, zerosTo(op.Count(m)), tensor.Shape{1, 1}))
		seed := b.input("seed", 1, 1)
		b.val[seed] = []float64{1}
		gs, err := Backprop(gorgonia.Nodes{one}, gorgonia.Nodes{seed}, gorgonia.Nodes{x})
		require.NoError(t, err)
		assert.Equal(t, c.want, b.eval(gs[0]))
	}
}

// TestSaturated: the derivatives of tanh, sigmoid and softplus keep their relative accuracy where the functions are 1 up to rounding.
func TestSaturated(t *testing.T) {
	for _, c := range []struct {
		f    func(*gorgonia.Node) (*gorgonia.Node, error)
		x    float64
		want float64
	}{
		{gorgonia.Tanh, 20, 1.6993417021166355e-17}, // 1/cosh²
		{gorgonia.Tanh, -20, 1.6993417021166355e-17},
		{gorgonia.Sigmoid, 30, 9.357622968838424e-14}, // e⁻³⁰/(1+e⁻³⁰)²
		{gorgonia.Sigmoid, -30, 9.357622968838424e-14},
		{gorgonia.Softplus, -40, 4.248354255291589e-18}, // σ(−40)
		{gorgonia.Softplus, 40, 1},
	} {
		b := newBench(t)
		x := b.input("x", 1, 1)
		b.val[x] = []float64{c.x}
		seed := b.input("seed", 1, 1)
		b.val[seed] = []float64{1}
		gs, err := Backprop(gorgonia.Nodes{must(c.f(x))}, gorgonia.Nodes{seed}, gorgonia.Nodes{x})
		require.NoError(t, err)
		assert.InEpsilon(t, c.want, b.eval(gs[0])[0], 1e-14)
	}
}

// TestAccurate: softplus and sigmoid to full accuracy, and everything behind them made again.
func TestAccurate(t *testing.T) {
	b := newBench(t)
	x := b.input("x", 1, 3)
	b.val[x] = []float64{16.5, 18, -40}
	first := int64(len(b.g.AllNodes()))
	n := must(gorgonia.Sub(must(gorgonia.Softplus(x)), x)) // log(1+e⁻ˣ)
	m := b.node(Accurate("loss", n, first))
	got := b.eval(m)
	for i, v := range b.val[x] {
		want := math.Log1p(math.Exp(-v))
		assert.InDelta(t, want, got[i], 4e-15*max(1, math.Abs(v)))
	}
	assert.Zero(t, b.eval(n)[0], "Gorgonia's own is off, or there is nothing to see")
	s := b.node(Accurate("loss", must(gorgonia.Sigmoid(x)), first))
	assert.Less(t, b.eval(s)[0], 1.0)
	same := must(gorgonia.Tanh(x))
	assert.Same(t, same, b.node(Accurate("loss", same, first)))
}

// TestBuiltins sweeps back through Gorgonia's own operations, where the order of
// the arguments and their repetition matter.
func TestBuiltins(t *testing.T) {
	type fn = func(x, y *gorgonia.Node) (*gorgonia.Node, error)
	for name, f := range map[string]fn{
		"x−y": gorgonia.Sub,
		"y−x": func(x, y *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Sub(y, x) },
		"x∘x": func(x, _ *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.HadamardProd(x, x) },
		"x·y": gorgonia.Mul,
		"y·x": func(x, y *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Mul(y, x) },
		"x·x": func(x, _ *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Mul(x, x) },
		"x/exp y": func(x, y *gorgonia.Node) (*gorgonia.Node, error) {
			return gorgonia.HadamardDiv(x, gorgonia.Must(gorgonia.Exp(y)))
		},
		"sqrt exp": func(x, _ *gorgonia.Node) (*gorgonia.Node, error) {
			return gorgonia.Sqrt(gorgonia.Must(gorgonia.Exp(x)))
		},
		"sign": func(x, _ *gorgonia.Node) (*gorgonia.Node, error) {
			return gorgonia.HadamardProd(x, gorgonia.Must(gorgonia.Sign(x)))
		},
		"relu": func(x, _ *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Rectify(x) },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			x, y := b.input("x", 3, 3), b.input("y", 3, 3)
			n := b.node(f(x, y))
			gs := b.check("first", b.number(n, "n"), 1e-7, x, y)
			if len(op.Children(gs[0])) > 0 {
				b.check("second", b.number(gs[0], "∂x"), 1e-6, x, y)
			}
		})
	}
}

// TestOneLossPerSample takes losses in Gorgonia's operations, one value per sample, at
// the sizes where Gorgonia likes to drop a dimension.
func TestOneLossPerSample(t *testing.T) {
	for _, n := range []int{1, 2, 5} {
		for _, d := range []int{1, 3} {
			b := newBench(t)
			y, u := b.input("y", n, d), b.input("t", n, d)
			s := gorgonia.Must(gorgonia.Sum(gorgonia.Must(gorgonia.Square(gorgonia.Must(gorgonia.Sub(y, u)))), 1))
			what := fmt.Sprintf("%d×%d", n, d)
			gs := b.check("first "+what, b.node(op.Total("y", s)), 1e-7, y, u)
			b.check("second "+what, b.number(gs[0], what), 1e-6, y)
		}
	}
}
