package rewrite

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/internal/composed"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/quiver/quivertest"
)

// spellings of activations on rows of v, with what they are.
var spellings = []struct {
	name string
	act  quiver.Activation
	of   func(l *lab, v *G.Node) *G.Node
}{
	{"tanh of the norm, one product", layers.Radial(layers.Tanh), func(_ *lab, v *G.Node) *G.Node { return radialOf(G.Tanh)(v) }},
	{"direction, then length", layers.Radial(layers.Sigmoid), func(_ *lab, v *G.Node) *G.Node {
		n := G.Must(G.Norm(v, 1, 2))
		return G.Must(G.BroadcastHadamardProd(G.Must(G.BroadcastHadamardDiv(v, n, nil, []byte{1})), G.Must(G.Sigmoid(n)), nil, []byte{1}))
	}},
	{"the factor on the left", layers.Radial(layers.Tanh), func(_ *lab, v *G.Node) *G.Node {
		n := G.Must(G.Sqrt(G.Must(G.Sum(G.Must(G.HadamardProd(v, v)), 1))))
		return G.Must(G.BroadcastHadamardProd(G.Must(G.HadamardDiv(G.Must(G.Tanh(n)), n)), v, []byte{1}, nil))
	}},
	{"unit", layers.Radial(layers.Unit), func(_ *lab, v *G.Node) *G.Node {
		return G.Must(G.BroadcastHadamardDiv(v, G.Must(G.Norm(v, 1, 2)), nil, []byte{1}))
	}},
	{"squash", layers.Radial(layers.Squash), func(l *lab, v *G.Node) *G.Node {
		q := G.Must(G.Sum(G.Must(G.Square(v)), 1))
		s := G.Must(G.HadamardDiv(G.Must(G.Sqrt(q)), G.Must(G.Add(l.scalar(1), q))))
		return G.Must(G.BroadcastHadamardProd(v, G.Must(G.Reshape(s, tensor.Shape{v.Shape()[0], 1})), nil, []byte{1}))
	}},
	{"shifted ReLU", layers.Radial(layers.Shift(layers.ReLU, 0.5)), func(l *lab, v *G.Node) *G.Node {
		n := G.Must(G.Norm(v, 1, 2))
		s := G.Must(G.HadamardDiv(G.Must(G.Rectify(G.Must(G.Sub(n, l.scalar(0.5))))), n))
		return G.Must(G.BroadcastHadamardProd(v, s, nil, []byte{1}))
	}},
	{"RMSNorm by Mean", layers.RMSNorm(6, 1e-5), func(l *lab, v *G.Node) *G.Node { return l.rms(v) }},
	{"RMSNorm by a constant width", layers.RMSNorm(6, 1e-5), func(l *lab, v *G.Node) *G.Node {
		m := G.Must(G.HadamardDiv(G.Must(G.Sum(G.Must(G.Square(v)), 1)), l.scalar(6)))
		return G.Must(G.BroadcastHadamardProd(v, G.Must(G.InverseSqrt(G.Must(G.Add(m, l.scalar(1e-5))))), nil, []byte{1}))
	}},
	{"RMSNorm by powers", layers.RMSNorm(6, 1e-5), func(l *lab, v *G.Node) *G.Node {
		m := G.Must(G.Mean(G.Must(G.Pow(v, l.scalar(2))), 1))
		return G.Must(G.BroadcastHadamardProd(v, G.Must(G.Pow(G.Must(G.Add(m, l.scalar(1e-5))), l.scalar(-0.5))), nil, []byte{1}))
	}},
	{"RMSNorm by a root and an inverse", layers.RMSNorm(6, 1e-5), func(l *lab, v *G.Node) *G.Node {
		m := G.Must(G.Mean(G.Must(G.Square(v)), 1))
		return G.Must(G.BroadcastHadamardProd(v, G.Must(G.Inverse(G.Must(G.Sqrt(G.Must(G.Add(m, l.scalar(1e-5))))))), nil, []byte{1}))
	}},
	{"tanh", layers.Pointwise(layers.Tanh), func(_ *lab, v *G.Node) *G.Node { return G.Must(G.Tanh(v)) }},
	{"sigmoid", layers.Pointwise(composed.Sigmoid), func(_ *lab, v *G.Node) *G.Node { return G.Must(G.Sigmoid(v)) }},
	{"rectify", layers.Pointwise(layers.ReLU), func(_ *lab, v *G.Node) *G.Node { return G.Must(G.Rectify(v)) }},
	{"leaky", layers.Pointwise(layers.LeakyReLU(0.1)), func(_ *lab, v *G.Node) *G.Node { return G.Must(G.LeakyRelu(v, 0.1)) }},
	{"silu", layers.Pointwise(composed.SiLU), func(_ *lab, v *G.Node) *G.Node { return G.Must(G.HadamardProd(G.Must(G.Sigmoid(v)), v)) }},
	{"softplus", layers.Pointwise(composed.Softplus), func(_ *lab, v *G.Node) *G.Node { return G.Must(G.Softplus(v)) }},
}

// TestSpellings: each is recognised as what it is; radial ones compress.
func TestSpellings(t *testing.T) {
	for _, s := range spellings {
		l := newLab(t, 2)
		z := l.linear("0", l.input("x", 5, 2), 6)
		h := s.of(l, z)
		G.WithName("h")(h)
		y := l.linear("1", h, 2)
		r := Rewriter{Weights: l.weights, Data: l.data}
		f, err := r.Lift(y)
		require.NoError(t, err, s.name)
		w := f.Rep()
		i, ok := w.Quiver().VertexIndex("h")
		require.True(t, ok, s.name)
		act := w.Quiver().Vertices()[i].Act
		require.NotNil(t, act, "%s is recognised", s.name)
		if _, radial := act.(composed.Radial); radial {
			for _, size := range []float64{0.1, 0.7, 3} {
				v := []float64{size, -size / 2, size / 3, 0, 0.1, -size}
				got, want := make([]float64, 6), make([]float64, 6)
				act.Apply(got, v)
				s.act.Apply(want, v)
				assert.InDeltaSlice(t, want, got, 1e-13, s.name)
			}
			quivertest.Activation(t, act, []float64{0.9, 1.7, 4}, 2, 5)
		} else {
			assert.Equal(t, s.act.String(), act.String(), s.name)
		}
		for _, fused := range []bool{false, true} {
			r.Fused = fused
			res, err := r.Rewrite(y)
			require.NoError(t, err, s.name)
			if _, radial := act.(composed.Radial); radial {
				assert.Len(t, res.Report.Changes, 1, s.name)
			}
			assert.LessOrEqual(t, gapOf(t, valuesOf(G.Nodes{y}), valuesOf(res.Roots)), 1e-12, s.name)
		}
	}
}

// TestNotRadial: what looks like an activation and is none is left alone.
func TestNotRadial(t *testing.T) {
	for name, of := range map[string]func(l *lab, v *G.Node) *G.Node{
		"a norm over the samples": func(_ *lab, v *G.Node) *G.Node {
			return G.Must(G.BroadcastHadamardDiv(v, G.Must(G.Reshape(G.Must(G.Norm(v, 0, 2)), tensor.Shape{1, 6})), nil, []byte{0}))
		},
		"the norm of another value": func(l *lab, v *G.Node) *G.Node {
			return G.Must(G.BroadcastHadamardDiv(v, G.Must(G.Norm(l.input("other", 5, 6), 1, 2)), nil, []byte{1}))
		},
		"a norm of the entries' absolute values": func(_ *lab, v *G.Node) *G.Node {
			return G.Must(G.BroadcastHadamardDiv(v, G.Must(G.Sum(G.Must(G.Abs(v)), 1)), nil, []byte{1}))
		},
		"a norm over everything": func(_ *lab, v *G.Node) *G.Node {
			return G.Must(G.HadamardDiv(v, G.Must(G.Sqrt(G.Must(G.Sum(G.Must(G.Square(v))))))))
		},
		"a factor for each feature of each sample": func(l *lab, v *G.Node) *G.Node {
			return G.Must(G.HadamardProd(v, l.weight("gain", 5, 6)))
		},
		"a shifted vector": func(l *lab, v *G.Node) *G.Node {
			n := G.Must(G.Norm(G.Must(G.Add(v, l.scalar(1))), 1, 2))
			return G.Must(G.BroadcastHadamardDiv(v, n, nil, []byte{1}))
		},
	} {
		l := newLab(t, 2)
		y := l.linear("1", of(l, l.linear("0", l.input("x", 5, 2), 6)), 2)
		res, err := Rewriter{Weights: l.weights, Data: l.data}.Rewrite(y)
		require.NoError(t, err, name)
		assert.Empty(t, res.Report.Changes, name)
		assert.Zero(t, gapOf(t, valuesOf(G.Nodes{y}), valuesOf(res.Roots)), name)
	}
}

func abs(x float64) float64 { return max(x, -x) }
