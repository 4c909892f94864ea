package rewrite

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	G "gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/symmetry"
)

// never asserts that neither numbers nor operations grew, and that a region that changed has fewer of both.
func never(t *testing.T, res *Result, name string) {
	b, a := res.Report.Before, res.Report.After
	assert.LessOrEqual(t, a.Numbers(), b.Numbers(), "%s\n%s", name, res)
	assert.LessOrEqual(t, a.Operations, b.Operations, "%s\n%s", name, res)
	if len(res.Report.Changes) > 0 {
		assert.Less(t, a.Numbers(), b.Numbers(), "%s\n%s", name, res)
		assert.Less(t, a.Operations, b.Operations, "%s\n%s", name, res)
	} else {
		assert.NotEmpty(t, res.Report.Left, "%s\n%s", name, res)
	}
}

// fusedGates is a step of an LSTM with one product for its four gates.
func fusedGates(l *lab, steps, n, d, h int) *G.Node {
	w, u, b := l.weight("W", d, 4*h), l.weight("U", h, 4*h), l.weight("b", 1, 4*h)
	state, cell := l.input("h0", n, h), l.input("c0", n, h)
	for k := range steps {
		z := l.bias(G.Must(G.Add(G.Must(G.Mul(l.input(fmt.Sprintf("x%d", k), n, d), w)), G.Must(G.Mul(state, u)))), b)
		gate := func(i int, f func(*G.Node) (*G.Node, error)) *G.Node {
			return G.Must(f(G.Must(G.Slice(z, nil, G.S(i*h, (i+1)*h)))))
		}
		cell = G.Must(G.Add(G.Must(G.HadamardProd(gate(0, G.Sigmoid), cell)), G.Must(G.HadamardProd(gate(1, G.Sigmoid), gate(2, G.Tanh)))))
		state = G.Must(G.HadamardProd(gate(3, G.Sigmoid), G.Must(G.Tanh(cell))))
	}
	return state
}

// TestSlicedProducts: a product of which only slices are read stays whole: each slice of a narrower one
// would be a fixed matrix.
func TestSlicedProducts(t *testing.T) {
	for name, build := range map[string]func(l *lab) *G.Node{
		"fused LSTM":  func(l *lab) *G.Node { return fusedGates(l, 8, 2, 21, 20) },
		"small gates": func(l *lab) *G.Node { return fusedGates(l, 1, 3, 2, 3) },
		"halves": func(l *lab) *G.Node {
			z := G.Must(G.Mul(l.input("x", 5, 3), l.weight("W", 3, 24)))
			return G.Must(G.HadamardProd(G.Must(G.Sigmoid(G.Must(G.Slice(z, nil, G.S(0, 12))))), G.Must(G.Tanh(G.Must(G.Slice(z, nil, G.S(12, 24)))))))
		},
		"fused QKV": func(l *lab) *G.Node {
			z := G.Must(G.Mul(l.input("x", 6, 16), l.weight("W", 16, 48)))
			part := func(i int) *G.Node { return G.Must(G.Slice(z, nil, G.S(16*i, 16*i+16))) }
			a := G.Must(G.SoftMax(G.Must(G.Mul(part(0), G.Must(G.Transpose(part(1)))))))
			return G.Must(G.Mul(G.Must(G.Mul(a, part(2))), l.weight("O", 16, 16)))
		},
	} {
		l := newLab(t, 3)
		y := build(l)
		res, err := Rewriter{Weights: l.weights, Data: l.data}.Rewrite(y)
		require.NoError(t, err, name)
		never(t, res, name)
		assert.Empty(t, res.Report.Changes, name)
		assert.Equal(t, res.Report.Before.Numbers(), res.Report.After.Numbers(), name)
		assert.Contains(t, res.String(), "fixed matrices", name)
		assert.Zero(t, gapOf(t, valuesOf(G.Nodes{y}), valuesOf(res.Roots)), name)
	}
}

// TestPartsAlone: what is worth it in one part of the graph is done, whatever stays in another.
func TestPartsAlone(t *testing.T) {
	l := newLab(t, 3)
	gates := fusedGates(l, 2, 4, 5, 6)
	y := l.linear("1", radialOf(G.Tanh)(l.linear("0", gates, 40)), 3)
	res, err := Rewriter{Weights: l.weights, Data: l.data}.Rewrite(y)
	require.NoError(t, err)
	never(t, res, "gates and a radial head")
	require.Len(t, res.Report.Changes, 1, "%s", res)
	assert.Equal(t, 40, res.Report.Changes[0].From)
	assert.Equal(t, 7, res.Report.Changes[0].To)
	assert.Contains(t, res.String(), "fixed matrices")
	assert.LessOrEqual(t, gapOf(t, valuesOf(G.Nodes{y}), tape(t, res.Roots)), 1e-12)
}

// TestUnitsByDefault: dead, constant and equal units of ReLU layers go without an option, where
// another ReLU layer stays as it is.
func TestUnitsByDefault(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(w0, b0, w1 []float64)
		to    int
	}{
		{"nothing", func(_, _, _ []float64) {}, 8},
		{"a unit that nobody reads", func(_, _, w1 []float64) { clear(w1[2*3 : 3*3]) }, 7},
		{"a unit that nothing reaches and whose value is 0", func(w0, b0, _ []float64) {
			for i := range 4 {
				w0[i*8+5] = 0
			}
			b0[5] = -1
		}, 7},
		{"a unit of constant value", func(w0, b0, _ []float64) {
			for i := range 4 {
				w0[i*8+5] = 0
			}
			b0[5] = 2
		}, 7},
		{"a unit that is twice another", func(w0, b0, _ []float64) {
			for i := range 4 {
				w0[i*8+6] = 2 * w0[i*8+1]
			}
			b0[6] = 2 * b0[1]
		}, 7},
		{"a unit that is minus another", func(w0, b0, _ []float64) {
			for i := range 4 {
				w0[i*8+6] = -w0[i*8+1]
			}
			b0[6] = -b0[1]
		}, 8},
	} {
		l := newLab(t, 9)
		h := G.Must(G.Rectify(l.linear("0", l.input("x", 5, 4), 8)))
		y := l.linear("1", h, 3)
		number := func(i int) []float64 { return l.weights[i].Value().Data().([]float64) }
		c.spoil(number(0), number(1), number(2))
		res, err := Rewriter{Weights: l.weights, Data: l.data}.Rewrite(y)
		require.NoError(t, err, c.name)
		never(t, res, c.name)
		assert.Equal(t, []int{4, c.to}, []int(res.Weights[0].Shape()), "%s\n%s", c.name, res)
		assert.LessOrEqual(t, gapOf(t, valuesOf(G.Nodes{y}), tape(t, res.Roots)), 1e-12, c.name)
		if c.to == 8 {
			assert.Contains(t, res.String(), "symmetry.Pointwise", c.name)
		}
	}
}

// TestOptionsNeverGiveLess: with symmetry.Pointwise no more numbers stay than without.
func TestOptionsNeverGiveLess(t *testing.T) {
	worse := 0
	for seed := range uint64(12) {
		build := func() (*lab, *G.Node) {
			l := newLab(t, seed)
			h := radialOf(G.Tanh)(l.linear("0", l.input("x", 3, 2), 16))
			f := G.Rectify
			if seed%3 == 1 {
				f = G.Tanh
			}
			k := G.Must(f(l.linear("1", h, 12)))
			if seed%2 == 0 { // a unit of constant value, and no bias that could take it
				for i, x := 0, l.weights[2].Value().Data().([]float64); i < 16; i++ {
					x[i*12+3] = 0
				}
				k = radialOf(G.Sigmoid)(G.Must(G.Mul(k, l.weight("u", 12, 20))))
			}
			return l, G.Must(G.Mul(k, l.weight("o", k.Shape()[1], 2)))
		}
		count := func(o ...symmetry.Option) int {
			l, y := build()
			res, err := Rewriter{Weights: l.weights, Data: l.data, Options: o}.Rewrite(y)
			require.NoError(t, err)
			assert.LessOrEqual(t, gapOf(t, valuesOf(G.Nodes{y}), valuesOf(res.Roots)), 1e-12, "seed %d", seed)
			never(t, res, fmt.Sprint("seed ", seed))
			return res.Report.After.Numbers()
		}
		with, without := count(symmetry.Pointwise()), count()
		assert.LessOrEqual(t, with, without, "seed %d", seed)
		l, y := build()
		all, err := Rewriter{Weights: l.weights, Data: l.data, Disable: []string{"compress"}}.Rewrite(y)
		require.NoError(t, err)
		if without == all.Report.After.Numbers() {
			worse++
		}
	}
	assert.Zero(t, worse, "each of these graphs has something to compress")
}
