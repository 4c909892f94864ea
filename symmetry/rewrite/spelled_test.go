package rewrite

import (
	"fmt"

	"github.com/stretchr/testify/require"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/internal/inspect"
)

// spelledSteps are layers in the spellings that people use, each drawn at random.
var spelledSteps = []step{
	{"layer norm, any spelling", func(w *garden, x *G.Node) *G.Node {
		v := w.dense(x, 9)
		mean := func(x *G.Node) *G.Node { return keepMean(x) }
		switch w.rng.IntN(4) {
		case 1:
			mean = func(x *G.Node) *G.Node { return G.Must(G.HadamardDiv(G.Must(G.Sum(x, 1)), w.scalar(9))) }
		case 2:
			mean = func(x *G.Node) *G.Node { return G.Must(G.HadamardProd(w.scalar(1./9), G.Must(G.Sum(x, 1)))) }
		case 3:
			mean = func(x *G.Node) *G.Node { return G.Must(G.Mean(x, 1)) }
		}
		c := over(G.BroadcastSub, v, mean(v))
		if w.rng.IntN(2) == 0 {
			c = over(G.BroadcastAdd, v, G.Must(G.Neg(mean(v))))
		}
		q := mean(G.Must(G.Square(c)))
		h := over(G.BroadcastHadamardDiv, c, w.root(q))
		if w.rng.IntN(2) == 0 {
			h = over(G.BroadcastHadamardDiv, c, G.Must(G.Add(G.Must(G.Sqrt(q)), w.scalar(1e-5))))
		}
		if w.rng.IntN(2) == 0 {
			h = w.gained(h, w.name(""))
		}
		return w.dense(h, 3)
	}},
	{"shared gain", func(w *garden, x *G.Node) *G.Node {
		g := w.weight(w.name("g"), 1, 9)
		of := func(v *G.Node) *G.Node { return G.Must(G.BroadcastHadamardProd(w.rms(v), g, nil, []byte{0})) }
		return w.dense(of(w.dense(of(w.dense(x, 9)), 9)), 3)
	}},
	{"gain inside a sum and an activation", func(w *garden, x *G.Node) *G.Node {
		z := w.bias(G.Must(G.BroadcastHadamardProd(w.dense(x, 9), w.weight(w.name("g"), 9), nil, []byte{0})), w.weight(w.name("b"), 1, 9))
		y := w.pick()
		return w.dense(radialOf(G.Tanh)(G.Must(G.Add(z, G.Must(G.Mul(y, w.weight(w.name("W"), y.Shape()[1], 9)))))), 3)
	}},
	{"decay", func(w *garden, x *G.Node) *G.Node {
		m := w.weight(w.name("W"), x.Shape()[1], 9)
		b := w.weight(w.name("b"), 1, 9)
		sq := []func(*G.Node) *G.Node{square, func(x *G.Node) *G.Node { return G.Must(G.HadamardProd(x, x)) }, func(x *G.Node) *G.Node { return G.Must(G.Pow(x, w.scalar(2))) }}[w.rng.IntN(3)]
		w.roots = append(w.roots, w.penalty(sq, m, b))
		return w.dense(radialOf(G.Tanh)(w.bias(G.Must(G.Mul(x, m)), b)), 3)
	}},
	{"decay of elementwise layers", func(w *garden, x *G.Node) *G.Node {
		m := w.weight(w.name("W"), x.Shape()[1], 5)
		w.roots = append(w.roots, G.Must(G.Mean(square(m))))
		return w.dense(G.Must(G.Rectify(G.Must(G.Mul(x, m)))), 3)
	}},
	{"bias of each sample", func(w *garden, x *G.Node) *G.Node {
		b := w.weight(w.name("B"), w.n, 11)
		h := w.rms(G.Must(G.Add(w.dense(x, 11), b)))
		if w.rng.IntN(2) == 0 {
			h = w.rms(G.Must(G.Sub(w.dense(h, 11), b)))
		}
		return w.dense(h, 3)
	}},
	{"factors", func(w *garden, x *G.Node) *G.Node {
		k := 1 + w.rng.IntN(6)
		a, b := w.weight(w.name("A"), x.Shape()[1], k), w.weight(w.name("B"), k, 10)
		if w.rng.IntN(2) == 0 {
			b = G.Must(G.Transpose(w.weight(w.name("B"), 10, k)))
		}
		return w.dense(radialOf(G.Tanh)(w.bias(G.Must(G.Mul(x, G.Must(G.Mul(a, b)))), w.weight(w.name("b"), 1, 10))), 3)
	}},
	{"scaled weight", func(w *garden, x *G.Node) *G.Node {
		m := G.Must(G.HadamardProd(w.weight(w.name("W"), x.Shape()[1], 10), w.scalar(-0.4)))
		if w.rng.IntN(2) == 0 {
			m = G.Must(G.Transpose(G.Must(G.HadamardDiv(w.weight(w.name("W"), 10, x.Shape()[1]), w.scalar(3)))))
		}
		return w.dense(w.rms(G.Must(G.Mul(x, m))), 3)
	}},
	{"one weight with two scales", func(w *garden, x *G.Node) *G.Node {
		m := w.weight(w.name("W"), x.Shape()[1], 10)
		a := G.Must(G.Mul(x, m))
		b := G.Must(G.Mul(G.Must(G.Tanh(x)), G.Must(G.HadamardProd(m, w.scalar(2)))))
		return w.dense(w.rms(G.Must(G.Add(a, b))), 3)
	}},
	{"masked weight", func(w *garden, x *G.Node) *G.Node {
		d := x.Shape()[1]
		m := w.input(w.name("mask"), d, 6)
		w.data, w.fixed = w.data[:len(w.data)-1], append(w.fixed, m)
		require.NoError(w.t, G.Let(m, w.normal(d, 6)))
		z := w.bias(G.Must(G.Mul(x, G.Must(G.HadamardProd(m, w.weight(w.name("W"), d, 6))))), w.weight(w.name("b"), 1, 6))
		return w.dense(w.rms(w.dense(w.rms(z), 11)), 3)
	}},
	{"weight in slices", func(w *garden, x *G.Node) *G.Node {
		m := w.weight(w.name("W"), x.Shape()[1], 8)
		part := func(i int) *G.Node { return G.Must(G.Mul(x, G.Must(G.Slice(m, nil, G.S(4*i, 4*i+4))))) }
		return G.Must(G.HadamardProd(G.Must(G.Sigmoid(part(0))), part(1)))
	}},
	{"fused gates", func(w *garden, x *G.Node) *G.Node {
		z := w.dense(x, 12)
		part := func(i int) *G.Node { return G.Must(G.Slice(z, nil, G.S(4*i, 4*i+4))) }
		return G.Must(G.Add(G.Must(G.HadamardProd(G.Must(G.Sigmoid(part(0))), G.Must(G.Tanh(part(1))))), part(2)))
	}},
	{"cross entropy", func(w *garden, x *G.Node) *G.Node {
		h := radialOf(G.Tanh)(w.dense(x, 9))
		y := w.input(w.name("t"), w.n, 3)
		w.roots = append(w.roots, G.Must(G.Sum(G.Must(G.BinaryXent(G.Must(G.Sigmoid(w.dense(h, 3))), y)))))
		return w.dense(h, 4)
	}},
	{"batch norm that does not train", func(w *garden, x *G.Node) *G.Node {
		z := w.dense(x, 8)
		y, _, _, bn, err := G.BatchNorm(z, w.weight(w.name("g"), w.n, 8), w.weight(w.name("b"), w.n, 8), 0.9, 1e-3)
		require.NoError(w.t, err)
		require.NoError(w.t, bn.SetTraining(false))
		if w.dt == tensor.Float64 {
			of := func() *tensor.Dense {
				x := inspect.MustNumbers(w.normal(8))
				for i := range x {
					x[i] = 0.3 + abs(x[i])
				}
				return inspect.NewValue(w.dt, []int{8}, x).(*tensor.Dense)
			}
			require.NoError(w.t, bn.SetStats(of(), of()))
		}
		return w.dense(radialOf(G.Sigmoid)(w.dense(y, 11)), 3)
	}},
	{"dead and equal units", func(w *garden, x *G.Node) *G.Node {
		d := x.Shape()[1]
		m, b := w.weight(w.name("W"), d, 6), w.weight(w.name("b"), 1, 6)
		if a, ok := m.Value().Data().([]float64); ok {
			for i := range d {
				a[i*6+4], a[i*6+5] = 0, 2*a[i*6]
			}
			c := b.Value().Data().([]float64)
			c[5] = 2 * c[0]
		}
		return w.dense(G.Must(G.Rectify(w.bias(G.Must(G.Mul(x, m)), b))), 3)
	}},
	{"names that mean something", func(w *garden, x *G.Node) *G.Node {
		name := []string{"one", "f()", "%a", "sample", "constant", "dropout", "<", "a->b", "→a"}[w.rng.IntN(9)]
		h := w.rms(w.dense(x, 8))
		G.WithName(fmt.Sprint(name, w.count))(h)
		return w.dense(h, 3)
	}},
}
