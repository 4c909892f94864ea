package rewrite

import (
	"github.com/stretchr/testify/require"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/internal/inspect"
)

// keepMean is the mean of each row, with its axis.
func keepMean(v *G.Node) *G.Node {
	return G.Must(G.KeepDims(v, false, func(a *G.Node) (*G.Node, error) { return G.Mean(a, 1) }))
}

// over repeats one number for each sample over the features and applies f.
func over(f func(a, b *G.Node, l, r []byte) (*G.Node, error), v, s *G.Node) *G.Node {
	return G.Must(f(v, s, nil, []byte{1}))
}

// root is √(q + ε).
func (l *lab) root(q *G.Node) *G.Node { return G.Must(G.Sqrt(G.Must(G.Add(q, l.scalar(1e-5))))) }

// gained is h∘γ + β.
func (l *lab) gained(h *G.Node, name string) *G.Node {
	d := h.Shape()[1]
	return l.bias(G.Must(G.BroadcastHadamardProd(h, l.weight("gain"+name, 1, d), nil, []byte{0})), l.weight("shift"+name, 1, d))
}

// normed is a network of one hidden layer of 20 with the given normalisation.
func normedNet(norm func(l *lab, v *G.Node) *G.Node) func(l *lab) *G.Node {
	return func(l *lab) *G.Node {
		return mse(l.linear("1", norm(l, l.linear("0", l.input("x", 4, 2), 20)), 2), l.input("y", 4, 2))
	}
}

// normStyles are normalisations in the spellings that people use.
var normStyles = []style{
	{name: "layer norm by KeepDims, gain and shift", widths: "20→3 20→3 20→3 20→4", build: normedNet(func(l *lab, v *G.Node) *G.Node {
		c := over(G.BroadcastSub, v, keepMean(v))
		return l.gained(over(G.BroadcastHadamardDiv, c, l.root(keepMean(G.Must(G.Square(c))))), "")
	})},
	{name: "layer norm by sums and sizes", widths: "20→3 20→3 20→3", build: normedNet(func(l *lab, v *G.Node) *G.Node {
		mean := func(x *G.Node) *G.Node {
			return G.Must(G.HadamardDiv(G.Must(G.Sum(x, 1)), G.Must(G.SizeOf(1, x))))
		}
		c := over(G.BroadcastSub, v, mean(v))
		return over(G.BroadcastHadamardDiv, c, l.root(mean(G.Must(G.HadamardProd(c, c)))))
	})},
	{name: "layer norm by constants, plus a negative mean, a gain without the first axis", widths: "20→3 20→3 20→3 20→3", build: normedNet(func(l *lab, v *G.Node) *G.Node {
		mean := func(x *G.Node) *G.Node { return G.Must(G.HadamardProd(l.scalar(1./20), G.Must(G.Sum(x, 1)))) }
		c := over(G.BroadcastAdd, v, G.Must(G.Neg(mean(v))))
		n := over(G.BroadcastHadamardProd, c, G.Must(G.InverseSqrt(G.Must(G.Add(mean(G.Must(G.Square(c))), l.scalar(1e-5))))))
		return G.Must(G.BroadcastHadamardProd(l.weight("gain", 20), n, []byte{0}, nil))
	})},
	{name: "layer norm by a product with ones, mean minus value", widths: "20→3 20→3 20→3", build: normedNet(func(l *lab, v *G.Node) *G.Node {
		u := l.input("u", 20, 1)
		l.data, l.fixed = l.data[:len(l.data)-1], append(l.fixed, u)
		require.NoError(l.t, G.Let(u, inspect.NewValue(l.dt, tensor.Shape{20, 1}, constantMatrix(20, 1, 0.05).RawMatrix().Data)))
		m := G.Must(G.Mul(v, u))
		c := G.Must(G.BroadcastSub(m, v, []byte{1}, nil))
		return over(G.BroadcastHadamardDiv, c, G.Must(G.Add(G.Must(G.Sqrt(keepMean(G.Must(G.Square(c))))), l.scalar(1e-5))))
	})},
	{name: "RMSNorm with a gain", widths: "20→3 20→3", build: normedNet(func(l *lab, v *G.Node) *G.Node {
		n := over(G.BroadcastHadamardDiv, v, l.root(keepMean(G.Must(G.Square(v)))))
		return G.Must(G.BroadcastHadamardProd(n, l.weight("gain", 1, 20), nil, []byte{0}))
	})},
	{name: "RMSNorm with ε outside the root and a trained exponent's base", widths: "20→3", build: normedNet(func(l *lab, v *G.Node) *G.Node {
		q := G.Must(G.Pow(G.Must(G.Mean(G.Must(G.Pow(v, l.scalar(2))), 1)), l.scalar(0.5)))
		return over(G.BroadcastHadamardDiv, v, G.Must(G.Add(q, l.scalar(1e-5))))
	})},
	{name: "layer norm of samples in columns, with a gain", widths: "18→3 18→3 18→3 18→4", build: func(l *lab) *G.Node {
		z := G.Must(G.BroadcastAdd(G.Must(G.Mul(l.weight("w", 18, 2), l.input("x", 2, 5))), l.weight("b", 18, 1), nil, []byte{1}))
		keep := func(x *G.Node) *G.Node {
			return G.Must(G.KeepDims(x, true, func(a *G.Node) (*G.Node, error) { return G.Mean(a, 0) }))
		}
		c := G.Must(G.BroadcastSub(z, keep(z), nil, []byte{0}))
		n := G.Must(G.BroadcastHadamardDiv(c, l.root(keep(G.Must(G.Square(c)))), nil, []byte{0}))
		h := G.Must(G.BroadcastAdd(G.Must(G.BroadcastHadamardProd(n, l.weight("gain", 18, 1), nil, []byte{1})), l.weight("shift", 18, 1), nil, []byte{1}))
		return mse(G.Must(G.Mul(l.weight("o", 2, 18), h)), l.input("y", 2, 5))
	}},
	{name: "layer norm of a single vector", widths: "14→4 14→4 14→4 14→5", build: func(l *lab) *G.Node {
		v := G.Must(G.Add(G.Must(G.Mul(l.weight("w", 14, 3), l.input("x", 3))), l.weight("b", 14)))
		c := G.Must(G.Sub(v, G.Must(G.Mean(v))))
		n := G.Must(G.HadamardDiv(c, l.root(G.Must(G.Mean(G.Must(G.Square(c)))))))
		h := G.Must(G.Add(G.Must(G.HadamardProd(n, l.weight("gain", 14))), l.weight("shift", 14)))
		return mse(G.Must(G.Mul(l.weight("o", 2, 14), h)), l.input("y", 2))
	}},
	{name: "layer norm whose variance is the mean of squares less the square of the mean", says: "outside the region", build: normedNet(func(l *lab, v *G.Node) *G.Node {
		m := G.Must(G.Mean(v, 1))
		q := G.Must(G.Sub(G.Must(G.Mean(G.Must(G.Square(v)), 1)), G.Must(G.Square(m))))
		return over(G.BroadcastHadamardDiv, over(G.BroadcastSub, v, m), l.root(q))
	})},
	{name: "a normalisation over the samples", says: "outside the region", build: normedNet(func(l *lab, v *G.Node) *G.Node {
		m := G.Must(G.Reshape(G.Must(G.Mean(v, 0)), tensor.Shape{1, 20}))
		return G.Must(G.BroadcastSub(v, m, nil, []byte{0}))
	})},
}
