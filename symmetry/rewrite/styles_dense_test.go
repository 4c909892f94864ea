package rewrite

import (
	"fmt"

	"github.com/stretchr/testify/require"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// denseStyles are perceptrons, autoencoders, classifiers.
var denseStyles = []style{
	{name: "perceptron with Rectify and cross entropy", build: func(l *lab) *G.Node {
		h := G.Must(G.Rectify(l.linear("1", G.Must(G.Rectify(l.linear("0", l.input("x", 5, 4), 7))), 6)))
		p := G.Must(G.SoftMax(l.linear("2", h, 3)))
		return G.Must(G.Neg(G.Must(G.Mean(G.Must(G.HadamardProd(l.input("y", 5, 3), G.Must(G.Log(p))))))))
	}, says: "symmetry.Pointwise finds no"},
	{name: "radial perceptron", build: func(l *lab) *G.Node {
		h := radialOf(G.Tanh)(l.linear("1", radialOf(G.Tanh)(l.linear("0", l.input("x", 5, 2), 16)), 24))
		return mse(l.linear("2", h, 2), l.input("y", 5, 2))
	}, widths: "16→3 24→4"},
	{name: "logistic regression with BinaryXent and a decay", decays: true, build: func(l *lab) *G.Node {
		w := l.weight("w", 4, 1)
		p := G.Must(G.Sigmoid(l.bias(G.Must(G.Mul(l.input("x", 6, 4), w)), l.weight("b", 1, 1))))
		loss := G.Must(G.Mean(G.Must(G.BinaryXent(p, l.input("y", 6, 1)))))
		return G.Must(G.Add(loss, G.Must(G.HadamardProd(l.scalar(0.01), G.Must(G.Sum(G.Must(G.Square(w))))))))
	}, says: "keeps its width 1"},
	{name: "autoencoder with BinaryXent", build: func(l *lab) *G.Node {
		x := l.input("x", 5, 6)
		h := G.Must(G.Sigmoid(l.linear("0", x, 4)))
		return G.Must(G.Mean(G.Must(G.BinaryXent(G.Must(G.Sigmoid(l.linear("1", h, 6))), l.input("y", 5, 6)))))
	}, says: "keeps no smaller subspace"},
	{name: "radial autoencoder with BinaryXent", build: func(l *lab) *G.Node {
		h := radialOf(G.Tanh)(l.linear("0", l.input("x", 5, 3), 20))
		return G.Must(G.Mean(G.Must(G.BinaryXent(G.Must(G.Sigmoid(l.linear("1", h, 3))), l.input("y", 5, 3)))))
	}, widths: "20→4"},
	{name: "BinaryXent of a softmax", build: func(l *lab) *G.Node {
		h := radialOf(G.Sigmoid)(l.linear("0", l.input("x", 5, 2), 12))
		return G.Must(G.Sum(G.Must(G.BinaryXent(G.Must(G.SoftMax(l.linear("1", h, 3))), l.input("y", 5, 3)))))
	}, widths: "12→3"},
	{name: "two losses with BinaryXent on one trunk", build: func(l *lab) *G.Node {
		h := radialOf(G.Tanh)(l.linear("0", l.input("x", 5, 2), 14))
		a := G.Must(G.Mean(G.Must(G.BinaryXent(G.Must(G.Sigmoid(l.linear("a", h, 2))), l.input("u", 5, 2)))))
		b := G.Must(G.Mean(G.Must(G.BinaryXent(G.Must(G.Sigmoid(l.linear("b", h, 4))), l.input("v", 5, 4)))))
		return G.Must(G.Add(a, b))
	}, widths: "14→3"},
	{name: "denoising autoencoder with a bias for each sample", build: func(l *lab) *G.Node {
		x := l.input("x", 3, 4)
		h := l.rms(G.Must(G.Add(G.Must(G.Mul(x, l.weight("w", 4, 30))), l.weight("b", 3, 30))))
		return mse(G.Must(G.Add(G.Must(G.Mul(h, l.weight("v", 30, 4))), l.weight("c", 3, 4))), x)
	}, widths: "30→7"},
	{name: "convolutional network with a dense head", build: func(l *lab) *G.Node {
		c := G.Must(G.Conv2d(l.input("image", 2, 1, 5, 5), l.weight("filter", 2, 1, 3, 3), tensor.Shape{3, 3}, []int{0, 0}, []int{2, 2}, []int{1, 1}))
		flat := G.Must(G.Reshape(G.Must(G.Rectify(c)), tensor.Shape{2, 8}))
		return mse(l.linear("1", radialOf(G.Tanh)(l.linear("0", flat, 20)), 3), l.input("y", 2, 3))
	}, widths: "20→9", says: `computed from "filter"`},
	{name: "dropout between layers", random: true, build: func(l *lab) *G.Node {
		h := G.Must(G.Dropout(radialOf(G.Tanh)(l.linear("0", l.input("x", 4, 2), 10)), 0.5))
		return mse(l.linear("2", radialOf(G.Tanh)(l.linear("1", h, 20)), 2), l.input("y", 4, 2))
	}, widths: "20→11", says: "outside the region"},
	{name: "siamese towers", build: func(l *lab) *G.Node {
		w, b, o := l.weight("w", 2, 9), l.weight("b", 1, 9), l.weight("o", 9, 4)
		tower := func(x *G.Node) *G.Node {
			return G.Must(G.Mul(radialOf(G.Tanh)(l.bias(G.Must(G.Mul(x, w)), b)), o))
		}
		return G.Must(G.Mean(G.Must(G.Square(G.Must(G.Sub(tower(l.input("left", 4, 2)), tower(l.input("right", 4, 2))))))))
	}, widths: "9→3 9→3", says: "keeps"},
	{name: "residual blocks", build: func(l *lab) *G.Node {
		s := l.linear("in", l.input("x", 4, 2), 24)
		for i := range 2 {
			s = G.Must(G.Add(s, l.linear(fmt.Sprint("b", i), l.rms(l.linear(fmt.Sprint("a", i), l.rms(s), 16)), 24)))
		}
		return mse(l.linear("out", l.rms(s), 3), l.input("y", 4, 3))
	}, widths: "24→3 24→3 16→4 24→8 24→8 16→9 24→18"},
	{name: "highway layer", build: func(l *lab) *G.Node {
		x := l.linear("in", l.input("x", 4, 3), 6)
		gate := G.Must(G.Sigmoid(l.linear("t", x, 6)))
		h := radialOf(G.Tanh)(l.linear("h", x, 6))
		y := G.Must(G.Add(G.Must(G.HadamardProd(gate, h)), G.Must(G.HadamardProd(G.Must(G.Sub(l.scalar(1), gate)), x))))
		return mse(l.linear("out", y, 2), l.input("y", 4, 2))
	}, says: "outside the region"},
	{name: "mixture of experts", build: func(l *lab) *G.Node {
		x := l.input("x", 4, 3)
		gate := G.Must(G.SoftMax(l.linear("gate", x, 2)))
		part := func(i int, y *G.Node) *G.Node {
			g := G.Must(G.Reshape(G.Must(G.Slice(gate, nil, G.S(i))), tensor.Shape{4, 1}))
			return G.Must(G.BroadcastHadamardProd(y, g, nil, []byte{1}))
		}
		e := func(i int) *G.Node {
			return part(i, l.linear(fmt.Sprint("o", i), radialOf(G.Tanh)(l.linear(fmt.Sprint("e", i), x, 15)), 2))
		}
		return mse(G.Must(G.Add(e(0), e(1))), l.input("y", 4, 2))
	}, widths: "15→4 15→4"},
	{name: "ReLU network with dead and equal units", build: func(l *lab) *G.Node {
		y := l.linear("1", G.Must(G.Rectify(l.linear("0", l.input("x", 5, 3), 8))), 2)
		w, b := l.weights[0].Value().Data().([]float64), l.weights[1].Value().Data().([]float64)
		for i := range 3 {
			w[i*8+2], w[i*8+5] = 0, 3*w[i*8+1]
		}
		b[2], b[5] = -1, 3*b[1]
		return mse(y, l.input("y", 5, 2))
	}, widths: "8→6"},
	{name: "word embedding by slices", build: func(l *lab) *G.Node {
		table := l.weight("table", 9, 6)
		row := func(i int) *G.Node {
			return G.Must(G.Reshape(G.Must(G.Slice(table, G.S(i))), tensor.Shape{1, 6}))
		}
		x := G.Must(G.Concat(1, row(2), row(7), row(4)))
		require.Equal(l.t, 18, x.Shape()[1])
		return mse(l.linear("1", radialOf(G.Tanh)(l.linear("0", x, 30)), 3), l.input("y", 1, 3))
	}, widths: "30→19", says: `weight "table" is left alone`},
}
