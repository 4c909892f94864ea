package op

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// sines is sin with all its derivatives.
func sines(k int, x float64) float64 { return math.Sin(x + float64(k)*math.Pi/2) }

// single runs the operation of a node in single precision and compares.
func (b *bench) single(n *gorgonia.Node) {
	b.t.Helper()
	want := b.eval(n)
	var in []gorgonia.Value
	for _, c := range Children(n) {
		x := b.eval(c)
		f := make([]float32, len(x))
		for i, v := range x {
			f[i] = float32(v)
		}
		in = append(in, tensor.New(tensor.WithShape(c.Shape()...), tensor.WithBacking(f)))
	}
	v, err := n.Op().Do(in...)
	require.NoError(b.t, err)
	got, ok := v.Data().([]float32)
	if !ok {
		got = []float32{v.Data().(float32)}
	}
	require.Len(b.t, got, len(want))
	for i, x := range want {
		assert.InDelta(b.t, x, float64(got[i]), 1e-5*(1+math.Abs(x)), n.Name())
	}
}

// TestElementary checks the operations that activations open into, and the gradient of the
// gradient of those that have one.
func TestElementary(t *testing.T) {
	radial := layers.Radial(layers.Tanh).(quiver.RadialJet)
	basisOf := mat.NewDense(4, 3, []float64{1, 0, 2, 0, 1, 0, -1, 3, 0, 0.5, 0, 1})
	for name, make := range map[string]func(b *bench, x, y *gorgonia.Node) (*gorgonia.Node, error){
		"function": func(_ *bench, x, _ *gorgonia.Node) (*gorgonia.Node, error) { return Function("v", "sin", sines, 0, x) },
		"power":    func(_ *bench, x, _ *gorgonia.Node) (*gorgonia.Node, error) { return Power("v", x, 3) },
		"affine":   func(_ *bench, x, _ *gorgonia.Node) (*gorgonia.Node, error) { return Affine("v", x, -2, 3) },
		"rownorm":  func(_ *bench, x, _ *gorgonia.Node) (*gorgonia.Node, error) { return RowNorm("v", "r", x) },
		"profile": func(b *bench, x, _ *gorgonia.Node) (*gorgonia.Node, error) {
			return Profile("v", radial, 0, b.node(RowNorm("v", "r", x)))
		},
		"ratio": func(b *bench, x, y *gorgonia.Node) (*gorgonia.Node, error) {
			return Ratio("v", x, b.node(Affine("v", b.node(Power("v", y, 2)), 1, 1)), 0)
		},
		"matmul": func(b *bench, x, y *gorgonia.Node) (*gorgonia.Node, error) {
			return MatMul("v", x, b.node(Transpose("v", y)))
		},
		"basis": func(_ *bench, x, _ *gorgonia.Node) (*gorgonia.Node, error) { return Basis("v", x, basisOf, true) },
		"down": func(b *bench, x, _ *gorgonia.Node) (*gorgonia.Node, error) {
			return Basis("v", b.node(Basis("v", x, basisOf, true)), basisOf, false)
		},
		"act": func(_ *bench, x, _ *gorgonia.Node) (*gorgonia.Node, error) { return Act("v", "a", radial, x, nil) },
		"spread": func(b *bench, x, y *gorgonia.Node) (*gorgonia.Node, error) {
			return Spread("v", b.node(RowNorm("v", "r", x)), b.node(Dot("v", "d", x, y)))
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			x, y := b.input("x", 5, 3), b.input("y", 5, 3)
			n := b.node(make(b, x, y))
			b.single(n)
			s := b.probe(n, name)
			gs := b.check(name, s, 1e-7, x, y)
			require.NotNil(t, gs[0])
			b.check("gradient of "+name, b.probe(gs[0], "∂"+name), 1e-6, x, y)
		})
	}
}

// TestParts checks the operations that cut and join, by their values, and that they refuse what
// they do not have.
func TestParts(t *testing.T) {
	b := newBench(t)
	x, row, one := b.input("x", 2, 3), b.input("row", 1, 3), b.input("one", 1, 1)
	b.val[x] = []float64{1, 2, 3, 4, 5, 6}
	b.val[row] = []float64{10, 0, -1}
	b.val[one] = []float64{7}
	cut := b.node(Columns("v", x, 1, 3))
	zeros := b.node(Affine("v", x, 0, 0))
	for name, c := range map[string]struct {
		n    *gorgonia.Node
		want []float64
	}{
		"columns":     {cut, []float64{2, 3, 5, 6}},
		"join":        {b.node(Join("v", cut, x)), []float64{2, 3, 1, 2, 3, 5, 6, 4, 5, 6}},
		"colscale":    {b.node(ColScale("v", x, row)), []float64{10, 0, -3, 40, 0, -6}},
		"addrow":      {b.node(AddRow("v", x, row)), []float64{11, 2, 2, 14, 5, 5}},
		"colsum":      {b.node(ColSum("v", x)), []float64{5, 7, 9}},
		"flat":        {b.node(Flat("v", cut)), []float64{2, 3, 5, 6}},
		"stack":       {b.node(Stack("v", row, x)), []float64{10, 0, -1, 1, 2, 3, 4, 5, 6}},
		"unit":        {b.node(Unit("v", x, 1, 0)), []float64{0, 0, 0, 1, 0, 0}},
		"ratio":       {b.node(Ratio("v", x, zeros, 0.5)), []float64{0.5, 0.5, 0.5, 0.5, 0.5, 0.5}},
		"ratioor":     {b.node(RatioOr("v", x, zeros, one)), []float64{7, 7, 7, 7, 7, 7}},
		"rowfunction": {b.node(RowFunction("v", "max", false, x, func(dst, z []float64) { dst[0] = z[2] })), []float64{3, 6}},
		"slope":       {b.node(Slope("v", layers.Radial(layers.Square).(quiver.RadialJet), x)), []float64{1, 1, 1, 1, 1, 1}},
		"transpose":   {b.node(Transpose("v", x)), []float64{1, 4, 2, 5, 3, 6}},
	} {
		assert.Equal(t, c.want, b.eval(c.n), name)
		b.single(c.n)
		own := c.n.Op().(*Op)
		again := b.node(own.Copy("copy of "+name, own.Children()))
		assert.Equal(t, c.want, b.eval(again), "a copy")
		assert.Equal(t, own.Kind(), again.Op().(*Op).Kind())
	}
	_, err := Backprop(nil, gorgonia.Nodes{cut}, gorgonia.Nodes{b.input("seed", 2, 2)}, gorgonia.Nodes{x})
	assert.ErrorContains(t, err, "differentiate first")
	for _, f := range []func() (*gorgonia.Node, error){
		func() (*gorgonia.Node, error) { return Columns("v", x, 2, 4) },
		func() (*gorgonia.Node, error) { return Columns("v", x, 1, 1) },
		func() (*gorgonia.Node, error) { return Join("v", x, row) },
		func() (*gorgonia.Node, error) { return Stack("v", x, one) },
		func() (*gorgonia.Node, error) { return ColScale("v", x, one) },
		func() (*gorgonia.Node, error) { return Unit("v", x, 2, 0) },
		func() (*gorgonia.Node, error) { return RatioOr("v", x, x, row) },
		func() (*gorgonia.Node, error) { return MatMul("v", x, x) },
		func() (*gorgonia.Node, error) { return Basis("v", x, mat.NewDense(2, 2, nil), false) },
	} {
		_, err := f()
		assert.Error(t, err)
	}
}

// TestRowOfZeros: the norm has gradient 0 there, and quotients their limits, where Gorgonia's own
// operations give NaN.
func TestRowOfZeros(t *testing.T) {
	b := newBench(t)
	x := b.input("x", 2, 3)
	b.val[x] = []float64{0, 0, 0, 3, 0, 4}
	r := b.node(RowNorm("v", "r", x))
	assert.Equal(t, []float64{0, 5}, b.eval(r))
	seed := b.input("seed", 2, 1)
	b.val[seed] = []float64{1, 1}
	gs, err := Backprop(nil, gorgonia.Nodes{r}, gorgonia.Nodes{seed}, gorgonia.Nodes{x})
	require.NoError(t, err)
	for i, want := range []float64{0, 0, 0, 0.6, 0, 0.8} {
		assert.InDelta(t, want, b.eval(gs[0])[i], 1e-15)
	}
}
