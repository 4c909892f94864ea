package rewrite

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/internal/op"
	"github.com/quivernet/quivernet/symmetry"
)

// program is a network written with plain Gorgonia, in the styles of its public examples.
type program struct {
	name  string
	build func(l *lab) G.Nodes
	with  func(l *lab) Rewriter // nil: weights and data are named
}

// linear is x·W + b.
func (l *lab) linear(name string, x *G.Node, d int) *G.Node {
	return l.bias(G.Must(G.Mul(x, l.weight("w"+name, x.Shape()[1], d))), l.weight("b"+name, 1, d))
}

func mse(p, y *G.Node) *G.Node {
	return G.Must(G.Mean(G.Must(G.Square(G.Must(G.Sub(p, y))))))
}

var programs = []program{
	{"perceptron with Rectify, no bias", func(l *lab) G.Nodes {
		h := G.Must(G.Rectify(G.Must(G.Mul(l.input("x", 6, 8), l.weight("w0", 8, 12)))))
		return G.Nodes{G.Must(G.SoftMax(G.Must(G.Mul(h, l.weight("w1", 12, 3)))))}
	}, nil},
	{"radial perceptron, batch first, with biases", func(l *lab) G.Nodes {
		act := radialOf(G.Tanh)
		h := act(l.linear("0", l.input("x", 6, 2), 16))
		h = act(l.linear("1", h, 32))
		p := l.linear("2", h, 2)
		return G.Nodes{mse(p, l.input("y", 6, 2)), p}
	}, nil},
	{"residual network with RMSNorm", func(l *lab) G.Nodes {
		s := l.linear("in", l.input("x", 4, 2), 24)
		for _, name := range []string{"a", "b"} {
			u := l.rms(l.linear(name+"1", l.rms(s), 16))
			s = G.Must(G.Add(s, l.linear(name+"2", u, 24)))
		}
		return G.Nodes{l.linear("out", l.rms(s), 3)}
	}, nil},
	{"residual network with scaled branches and differences", func(l *lab) G.Nodes {
		s := l.linear("in", l.input("x", 4, 2), 20)
		u := l.linear("a2", l.rms(l.linear("a1", l.rms(s), 16)), 20)
		s = G.Must(G.Add(s, G.Must(G.HadamardProd(l.scalar(0.5), u))))
		z := G.Must(G.BroadcastSub(G.Must(G.Mul(l.rms(s), l.weight("w", 20, 18))), l.weight("b", 1, 18), nil, []byte{0}))
		return G.Nodes{l.linear("out", radialOf(G.Tanh)(z), 3)}
	}, nil},
	{"layer normalisation, with a gain in one layer", func(l *lab) G.Nodes {
		h := l.layerNorm(l.linear("0", l.input("x", 4, 2), 16))
		h = l.layerNorm(l.linear("1", h, 20))
		h = G.Must(G.BroadcastHadamardProd(h, l.weight("gain", 1, 20), nil, []byte{0}))
		return G.Nodes{l.linear("2", h, 3)}
	}, nil},
	{"a penalty on a pre-activation, a hidden layer among the roots", func(l *lab) G.Nodes {
		z := l.linear("0", l.input("x", 4, 2), 9)
		h := radialOf(G.Tanh)(l.linear("1", radialOf(G.Tanh)(z), 12))
		return G.Nodes{l.linear("2", h, 3), h, G.Must(G.Sum(G.Must(G.Square(z))))}
	}, nil},
	{"two towers", func(l *lab) G.Nodes {
		tower := func(name string, x *G.Node) *G.Node {
			return l.linear(name+"2", radialOf(G.Sigmoid)(l.linear(name+"1", x, 20)), 5)
		}
		u, v := tower("u", l.input("user", 4, 3)), tower("v", l.input("item", 4, 2))
		return G.Nodes{G.Must(G.Sum(G.Must(G.HadamardProd(u, v)), 1))}
	}, nil},
	{"siamese towers with shared weights", func(l *lab) G.Nodes {
		w, b, o := l.weight("w", 2, 9), l.weight("b", 1, 9), l.weight("o", 9, 4)
		tower := func(x *G.Node) *G.Node {
			return G.Must(G.Mul(radialOf(G.Tanh)(l.bias(G.Must(G.Mul(x, w)), b)), o))
		}
		d := G.Must(G.Sub(tower(l.input("left", 4, 2)), tower(l.input("right", 4, 2))))
		return G.Nodes{G.Must(G.Sum(G.Must(G.Square(d)), 1))}
	}, nil},
	{"deep linear autoencoder", func(l *lab) G.Nodes {
		x := l.input("x", 5, 6)
		h := x
		for i, d := range []int{16, 3, 16, 6} {
			h = l.linear(fmt.Sprint(i), h, d)
		}
		return G.Nodes{mse(h, x)}
	}, nil},
	{"autoencoder with transposed weights", func(l *lab) G.Nodes {
		x, w := l.input("x", 5, 6), l.weight("w", 6, 20)
		h := radialOf(G.Tanh)(l.bias(G.Must(G.Mul(x, w)), l.weight("b", 1, 20)))
		return G.Nodes{mse(G.Must(G.Mul(h, G.Must(G.Transpose(w)))), x)}
	}, nil},
	{"denoising autoencoder, a bias for each sample", func(l *lab) G.Nodes {
		x := l.input("x", 5, 6)
		h := G.Must(G.Sigmoid(G.Must(G.Add(G.Must(G.Mul(x, l.weight("w", 6, 9))), l.weight("b", 5, 9)))))
		return G.Nodes{G.Must(G.Sigmoid(G.Must(G.Add(G.Must(G.Mul(h, l.weight("v", 9, 6))), l.weight("c", 5, 6)))))}
	}, nil},
	{"single vectors, W·x + b", func(l *lab) G.Nodes {
		act := func(v *G.Node) *G.Node {
			n := G.Must(G.Sqrt(G.Must(G.Sum(G.Must(G.Square(v))))))
			return G.Must(G.HadamardProd(v, G.Must(G.HadamardDiv(G.Must(G.Tanh(n)), n))))
		}
		h := act(G.Must(G.Add(G.Must(G.Mul(l.weight("w0", 11, 3), l.input("x", 3))), l.weight("b0", 11))))
		h = act(G.Must(G.Add(G.Must(G.Mul(h, l.weight("w1", 11, 9))), l.weight("b1", 9))))
		return G.Nodes{G.Must(G.Mul(l.weight("w2", 2, 9), h))}
	}, nil},
	{"long short-term memory", func(l *lab) G.Nodes {
		x, h, c := l.input("x", 4), l.input("h", 5), l.input("c", 5)
		gate := func(name string, f func(*G.Node) (*G.Node, error)) *G.Node {
			a, b := G.Must(G.Mul(l.weight("wx"+name, 5, 4), x)), G.Must(G.Mul(l.weight("wh"+name, 5, 5), h))
			return G.Must(f(G.Must(G.Add(G.Must(G.Add(a, b)), l.weight("b"+name, 5)))))
		}
		i, f, o, g := gate("i", G.Sigmoid), gate("f", G.Sigmoid), gate("o", G.Sigmoid), gate("c", G.Tanh)
		cell := G.Must(G.Add(G.Must(G.HadamardProd(f, c)), G.Must(G.HadamardProd(i, g))))
		return G.Nodes{G.Must(G.HadamardProd(o, G.Must(G.Tanh(cell))))}
	}, nil},
	{"recurrent network, unrolled, with a low-rank recurrence", func(l *lab) G.Nodes {
		u, w, o := l.weight("u", 2, 12), l.weight("w", 12, 12), l.weight("o", 12, 3)
		x := w.Value().Data().([]float64) // w = a·bᵀ: two directions are reached
		a, b := l.normal(12).Data().([]float64), l.normal(12).Data().([]float64)
		for i := range x {
			x[i] = a[i/12] * b[i%12] / 12
		}
		act := radialOf(G.Tanh)
		h := act(G.Must(G.Mul(l.input("x0", 4, 2), u)))
		for i := range 3 {
			h = act(G.Must(G.Add(G.Must(G.Mul(l.input(fmt.Sprintf("x%d", i+1), 4, 2), u)), G.Must(G.Mul(h, w)))))
		}
		return G.Nodes{G.Must(G.Mul(h, o))}
	}, nil},
	{"one sample per column", func(l *lab) G.Nodes {
		act := func(v *G.Node) *G.Node {
			n := G.Must(G.Norm(v, 0, 2))
			return G.Must(G.BroadcastHadamardProd(v, G.Must(G.Reshape(G.Must(G.HadamardDiv(G.Must(G.Tanh(n)), n)), tensor.Shape{1, 5})), nil, []byte{0}))
		}
		h := G.Must(G.BroadcastAdd(G.Must(G.Mul(l.weight("w0", 13, 3), l.input("x", 3, 5))), l.weight("b0", 13, 1), nil, []byte{1}))
		return G.Nodes{G.Must(G.Mul(l.weight("w1", 2, 13), act(h)))}
	}, nil},
	{"linear regression with a squared penalty", func(l *lab) G.Nodes {
		theta := l.weight("theta", 4)
		p := G.Must(G.Mul(l.input("X", 9, 4), theta))
		penalty := G.Must(G.HadamardProd(l.scalar(0.1), G.Must(G.Sum(G.Must(G.Square(theta))))))
		return G.Nodes{G.Must(G.Add(mse(p, l.input("Y", 9)), penalty))}
	}, nil},
	{"radial network with a squared penalty on one weight", func(l *lab) G.Nodes {
		h := radialOf(G.Tanh)(l.linear("0", l.input("x", 4, 2), 10))
		h = radialOf(G.Tanh)(l.linear("1", h, 14))
		p := l.linear("2", h, 2)
		return G.Nodes{mse(p, l.input("y", 4, 2)), G.Must(G.Sum(G.Must(G.Square(l.weights[2]))))}
	}, nil},
	{"convolution, then a radial head", func(l *lab) G.Nodes {
		c := G.Must(G.Conv2d(l.input("image", 2, 1, 5, 5), l.weight("filter", 2, 1, 3, 3), tensor.Shape{3, 3}, []int{0, 0}, []int{2, 2}, []int{1, 1}))
		flat := G.Must(G.Reshape(G.Must(G.Rectify(c)), tensor.Shape{2, 8}))
		return G.Nodes{l.linear("1", radialOf(G.Tanh)(l.linear("0", flat, 20)), 3)}
	}, nil},
	{"attention between radial layers", func(l *lab) G.Nodes {
		x := radialOf(G.Tanh)(l.linear("in", l.input("x", 4, 3), 12))
		q, k, v := l.linear("q", x, 6), l.linear("k", x, 6), l.linear("v", x, 6)
		a := G.Must(G.SoftMax(G.Must(G.Mul(q, G.Must(G.Transpose(k))))))
		return G.Nodes{l.linear("out", radialOf(G.Tanh)(l.linear("mix", G.Must(G.Mul(a, v)), 16)), 2)}
	}, nil},
	{"dense block with concatenations", func(l *lab) G.Nodes {
		x := l.input("x", 4, 2)
		h1 := l.rms(l.linear("1", x, 9))
		h2 := l.rms(l.linear("2", G.Must(G.Concat(1, x, h1)), 15))
		return G.Nodes{l.linear("3", G.Must(G.Concat(1, x, h1, h2)), 2)}
	}, nil},
	{"a gradient among the roots", func(l *lab) G.Nodes {
		h := radialOf(G.Tanh)(l.linear("0", l.input("x", 4, 2), 10))
		h = radialOf(G.Tanh)(l.linear("1", h, 14))
		cost := mse(l.linear("2", h, 2), l.input("y", 4, 2))
		gs, err := G.Grad(cost, l.weights...)
		require.NoError(l.t, err)
		return G.Nodes{cost, gs[4]}
	}, nil},
	{"gradients that no root needs", func(l *lab) G.Nodes {
		h := radialOf(G.Tanh)(l.linear("0", l.input("x", 4, 2), 10))
		cost := mse(l.linear("2", h, 2), l.input("y", 4, 2))
		_, err := G.Grad(cost, l.weights...)
		require.NoError(l.t, err)
		return G.Nodes{cost}
	}, nil},
	{"two heads on one trunk", func(l *lab) G.Nodes {
		h := G.Must(G.Tanh(l.linear("0", l.input("x", 4, 2), 6)))
		h = radialOf(G.Tanh)(l.linear("1", h, 18))
		return G.Nodes{G.Must(G.SoftMax(l.linear("class", h, 3))), l.linear("value", h, 1)}
	}, nil},
	{"dropout between layers", func(l *lab) G.Nodes {
		h := G.Must(G.Dropout(radialOf(G.Tanh)(l.linear("0", l.input("x", 4, 2), 10)), 0.5))
		return G.Nodes{l.linear("2", radialOf(G.Tanh)(l.linear("1", h, 20)), 2)}
	}, nil},
	{"nothing is named and the data hold values", func(l *lab) G.Nodes {
		x := l.input("x", 4, 2)
		require.NoError(l.t, G.Let(x, l.normal(4, 2)))
		return G.Nodes{l.linear("1", radialOf(G.Tanh)(l.linear("0", x, 10)), 2)}
	}, func(*lab) Rewriter { return Rewriter{} }},
	{"linear chain seen through a narrow end", func(l *lab) G.Nodes {
		return G.Nodes{l.linear("2", l.linear("1", l.linear("0", l.input("x", 4, 6), 16), 16), 2)}
	}, func(l *lab) Rewriter {
		return Rewriter{Weights: l.weights, Data: l.data, Options: []symmetry.Option{symmetry.Rank(0), symmetry.Observe()}}
	}},
	{"parallel layers merged", func(l *lab) G.Nodes {
		x := l.input("x", 4, 3)
		h := radialOf(G.Tanh)(G.Must(G.Add(G.Must(G.Mul(x, l.weight("w", 3, 10))), G.Must(G.Mul(x, l.weight("v", 3, 10))))))
		return G.Nodes{G.Must(G.Mul(h, l.weight("o", 10, 2)))}
	}, func(l *lab) Rewriter {
		return Rewriter{Weights: l.weights, Data: l.data, Options: []symmetry.Option{symmetry.MergeParallel}}
	}},
}

// TestPrograms rewrites each program; the report is a golden text. The new graph runs on
// Gorgonia's own machine.
func TestPrograms(t *testing.T) {
	var text strings.Builder
	for _, p := range programs {
		for _, fused := range []bool{false, true} {
			l := newLab(t, 7)
			roots := p.build(l)
			r := Rewriter{Weights: l.weights, Data: l.data}
			if p.with != nil {
				r = p.with(l)
			}
			r.Fused = fused
			before := snapshot(l.g)
			res, err := r.Rewrite(roots...)
			require.NoError(t, err, p.name)
			require.Equal(t, before, snapshot(l.g), p.name)
			if !strings.Contains(p.name, "dropout") {
				assert.LessOrEqual(t, gapOf(t, valuesOf(roots), valuesOf(res.Roots)), 1e-12, p.name)
			}
			if fused {
				continue
			}
			fmt.Fprintf(&text, "# %s\n%s", p.name, res)
			for _, w := range res.Weights {
				if s := shapes(l.weights)[w.Name()]; s != nil && fmt.Sprint(s) != fmt.Sprint([]int(w.Shape())) {
					fmt.Fprintf(&text, "  %s %v→%v\n", w.Name(), s, []int(w.Shape()))
				}
			}
			for _, f := range res.Fixed {
				fmt.Fprintf(&text, "  fixed %s %v\n", f.Name(), f.Shape())
			}
			fmt.Fprintln(&text)
			if !strings.Contains(p.name, "dropout") {
				assert.LessOrEqual(t, gapOf(t, valuesOf(roots), tape(t, res.Roots)), 1e-12, p.name)
			}
		}
	}
	checkGolden(t, "programs.golden", text.String())
}

// TestEveryNodeARoot: then nothing may change, and the new graph is the old one.
func TestEveryNodeARoot(t *testing.T) {
	for _, p := range programs {
		l := newLab(t, 7)
		p.build(l)
		var roots G.Nodes
		for _, n := range l.g.AllNodes() {
			if len(op.Children(n)) > 0 {
				roots = append(roots, n)
			}
		}
		var others []string
		for _, r := range Rules() {
			if r.Name != "compress" {
				others = append(others, r.Name)
			}
		}
		res, err := Rewriter{Weights: l.weights, Data: l.data, Disable: others}.Rewrite(roots...)
		require.NoError(t, err, p.name)
		assert.Empty(t, res.Report.Changes, p.name)
		assert.Equal(t, drawing(roots), drawing(res.Roots), p.name)
		for i, n := range roots {
			assert.Same(t, res.Roots[i], res.Map[n], p.name)
		}
	}
}
