package op

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// everyKind has one node of each kind of operation, and a zero row in the data.
func everyKind(t *testing.T) (*bench, gorgonia.Nodes) {
	b := newBench(t)
	x, y, s, one := b.input("x", 5, 14), b.input("y", 5, 14), b.input("s", 5, 1), b.input("one", 1, 1)
	clear(b.val[x][14:28])
	w, p := b.input("W", 14, 14), b.input("p", 1, 2)
	radial, point := layers.Radial(layers.Tanh), layers.Pointwise(layers.Tanh)
	inc := quiver.Inclusion{Rows: 14, Cols: 14, Row: 2, Col: 1, K: 9}
	ns := gorgonia.Nodes{
		b.node(Combine("v", "c", []float64{2, -1}, x, y)),
		b.node(Hadamard("v", "h", x, y)),
		b.node(RowDot("v", "rd", x, y)),
		b.node(RowScale("v", "rs", x, s)),
		b.node(Dot("v", "d", x, y)),
		b.node(Scale("v", "sc", x, one)),
		b.node(RadialJet("v", radial.(quiver.RadialJet), 2, x)),
		b.node(PointJet("v", point.(quiver.PointJet), 2, x)),
		b.node(Vertex("v", "vr", radial, []Term{{X: x, W: w}, {X: y, Fixed: inc}}, nil)),
		b.node(Vertex("v", "vp", layers.Trainable(layers.Tanh, 0, 1), []Term{{X: x, W: w}}, p)),
		b.node(Sum("v", "z", []Term{{X: x, W: w}})),
		b.node(ArrowDW("a", "dw", x, y)),
		b.node(ArrowDX("a", "dx", x, Term{W: w})),
		b.node(ArrowDX("a", "di", x, Term{Fixed: inc})),
		b.node(ActVJP("v", "δ", radial, x, y, nil)),
		b.node(ActVJP2("v", radial, x, y, y)),
		b.node(ActVJP2("v", point, x, y, y)),
		b.node(ActVJP2("v", skew2{}, x, y, y)),
		b.node(ActJVP("v", "jvp", skew2{}, x, y)),
		b.node(ActVJPParams("v", "dp", layers.Trainable(layers.Tanh, 0, 1), x, y, p)),
		b.node(Softmax("v", x)),
		b.node(CrossEntropy("v", x, b.node(Softmax("t", y)))),
		b.node(Total("v", s)),
		b.node(spread("v", s, one)),
	}
	gs, err := secondParams("v", layers.Trainable(layers.Tanh, 0, 1), gorgonia.Nodes{x, y, p}, y, p, []bool{true, true, true})
	require.NoError(t, err)
	return b, append(ns, gs...)
}

// operands returns the values of a node's inputs in both precisions.
func (b *bench) operands(n *gorgonia.Node) (in [][2]int, m64 []Mat[float64], m32 []Mat[float32]) {
	for _, c := range Children(n) {
		d, ok := b.val[c]
		if !ok {
			d = b.eval(c)
		}
		s, err := size(c.Shape())
		require.NoError(b.t, err)
		f := make([]float32, len(d))
		narrow(f, d)
		in = append(in, s)
		m64, m32 = append(m64, Mat[float64]{s[0], s[1], d}), append(m32, Mat[float32]{s[0], s[1], f})
	}
	return in, m64, m32
}

// TestEveryKindRuns: no operation allocates, each overwrites its whole result, and
// single precision agrees with double.
func TestEveryKindRuns(t *testing.T) {
	b, ns := everyKind(t)
	for _, n := range ns {
		o := n.Op().(*Op)
		in, m64, m32 := b.operands(n)
		s, err := o.Shape(in)
		require.NoError(t, err)
		tmp := make([]float64, o.ScratchLen(in))
		for i := range tmp {
			tmp[i] = math.NaN()
		}
		d64, d32 := Mat[float64]{s[0], s[1], make([]float64, s[0]*s[1])}, Mat[float32]{s[0], s[1], make([]float32, s[0]*s[1])}
		for i := range d64.Data {
			d64.Data[i], d32.Data[i] = math.NaN(), float32(math.NaN())
		}
		require.NoError(t, o.Run64(d64, m64, tmp))
		require.NoError(t, o.Run32(d32, m32, tmp))
		assert.Equal(t, b.eval(n), d64.Data, n.Name())
		var diff, top float64
		for i, v := range d64.Data {
			assert.False(t, math.IsNaN(v), n.Name())
			diff, top = max(diff, math.Abs(v-float64(d32.Data[i]))), max(top, math.Abs(v))
		}
		assert.LessOrEqual(t, diff, 1e-5*top, n.Name())
		if !raceEnabled { // the race detector makes sync.Pool forget at random
			assert.Zero(t, testing.AllocsPerRun(5, func() { _ = o.Run64(d64, m64, tmp) }), n.Name())
			assert.Zero(t, testing.AllocsPerRun(5, func() { _ = o.Run32(d32, m32, tmp) }), n.Name())
		}
		assert.NotEmpty(t, o.Owner(), n.Name())
		assert.NotEmpty(t, o.String(), n.Name())
	}
}

// TestRowsAlone: a sample's value has the same bits alone as in a batch.
func TestRowsAlone(t *testing.T) {
	b, ns := everyKind(t)
	seen := 0
	for _, n := range ns {
		o := n.Op().(*Op)
		in, m64, _ := b.operands(n)
		rows := in[0][0]
		s, err := o.Shape(in)
		require.NoError(t, err)
		if s[0] != rows || o.Kind() == KindArrowDW {
			continue // a sum over the samples
		}
		seen++
		all := b.eval(n)
		for i := range rows {
			one, sizes := make([]Mat[float64], len(m64)), make([][2]int, len(m64))
			for j, m := range m64 {
				if one[j] = m; m.R == rows {
					one[j] = Mat[float64]{1, m.C, m.row(i)}
				}
				sizes[j] = [2]int{one[j].R, one[j].C}
			}
			d := Mat[float64]{1, s[1], make([]float64, s[1])}
			require.NoError(t, o.Run64(d, one, make([]float64, o.ScratchLen(sizes))))
			assert.Equal(t, all[i*s[1]:(i+1)*s[1]], d.Data, "%s row %d", n.Name(), i)
		}
	}
	assert.GreaterOrEqual(t, seen, 15)
}

// TestNorm: neither overflow nor underflow, NaN and Inf pass through.
func TestNorm(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for _, scale := range []float64{1e-310, 1e-200, 1e-140, 1, 1e140, 1e200, 1e307} {
		v := make([]float64, 9)
		var s float64
		for i := range v {
			x := rng.NormFloat64()
			v[i] = x * scale
			s += x * x
		}
		assert.InEpsilon(t, math.Sqrt(s)*scale, norm(v), 1e-12, "%g", scale)
	}
	assert.Zero(t, norm(nil))
	assert.Zero(t, norm([]float64{0, 0}))
	assert.True(t, math.IsNaN(norm([]float64{1, math.NaN()})))
	assert.True(t, math.IsInf(norm([]float64{1, math.Inf(-1)}), 1))
}
