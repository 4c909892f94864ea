package rewrite

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/internal/inspect"
	"github.com/quivernet/quivernet/internal/op"
)

// ruleCases has for each rule a graph that it changes and nothing else does.
var ruleCases = []struct {
	rule  string
	build func(l *lab) G.Nodes
}{
	{"identity", func(l *lab) G.Nodes {
		x := l.input("x", 3, 4)
		n, err := op.Apply(G.Iop{}, x)
		require.NoError(l.t, err)
		c, err := op.Combine("v", "1·x", []float64{1}, n)
		require.NoError(l.t, err)
		return G.Nodes{G.Must(G.Exp(c))}
	}},
	{"reshape", func(l *lab) G.Nodes {
		x := l.input("x", 3, 4)
		flat := G.Must(G.Reshape(x, tensor.Shape{12}))
		back := G.Must(G.Reshape(G.Must(G.Reshape(flat, tensor.Shape{4, 3})), tensor.Shape{3, 4}))
		return G.Nodes{G.Must(G.Exp(G.Must(G.Reshape(back, tensor.Shape{3, 4})))), G.Must(G.Exp(flat))}
	}},
	{"transpose", func(l *lab) G.Nodes {
		x := l.input("x", 3, 4)
		cube := l.input("cube", 2, 3, 4)
		turned := G.Must(G.Transpose(G.Must(G.Transpose(cube, 1, 2, 0)), 2, 0, 1))
		return G.Nodes{G.Must(G.Exp(G.Must(G.Transpose(G.Must(G.Transpose(x)))))), G.Must(G.Sum(turned)), G.Must(G.Exp(G.Must(G.Transpose(x))))}
	}},
	{"neutral", func(l *lab) G.Nodes {
		x := l.input("x", 3, 4)
		one, zero := l.scalar(1), l.scalar(0)
		y := G.Must(G.HadamardProd(one, G.Must(G.Add(x, zero))))
		y = G.Must(G.Sub(G.Must(G.HadamardDiv(G.Must(G.Pow(y, one)), one)), zero))
		return G.Nodes{G.Must(G.Tanh(y))}
	}},
	{"slice", func(l *lab) G.Nodes {
		x := l.input("x", 3, 4)
		return G.Nodes{G.Must(G.Exp(G.Must(G.Slice(x, nil, G.S(0, 4))))), G.Must(G.Exp(G.Must(G.Slice(x, nil, G.S(1, 4)))))}
	}},
	{"concat", func(l *lab) G.Nodes {
		return G.Nodes{G.Must(G.Exp(G.Must(G.Concat(1, l.input("x", 3, 4)))))}
	}},
	{"fixed", func(l *lab) G.Nodes {
		x := l.input("x", 3, 4)
		m := func(name string, r, c int) *G.Node {
			n := l.input(name, r, c)
			require.NoError(l.t, G.Let(n, l.normal(r, c)))
			l.data, l.fixed = l.data[:len(l.data)-1], append(l.fixed, n)
			return n
		}
		early := G.Must(G.Mul(G.Must(G.Mul(x, m("F", 4, 6))), G.Must(G.Transpose(m("G", 5, 6)))))
		return G.Nodes{G.Must(G.Exp(early)), G.Must(G.Exp(G.Must(G.Mul(m("H", 2, 3), m("I", 3, 2)))))}
	}},
	{"gain", func(l *lab) G.Nodes {
		h := G.Must(G.BroadcastHadamardProd(l.rms(G.Must(G.Mul(l.input("x", 3, 2), l.weight("W", 2, 7)))), l.weight("g", 1, 7), nil, []byte{0}))
		return G.Nodes{G.Must(G.Mul(h, l.weight("U", 7, 1)))}
	}},
	{"decay", func(l *lab) G.Nodes {
		w := l.weight("W", 2, 7)
		h := l.rms(G.Must(G.Mul(l.input("x", 3, 2), w)))
		return G.Nodes{G.Must(G.Mul(h, l.weight("U", 7, 1))), G.Must(G.Sum(G.Must(G.Square(w))))}
	}},
	{"sample bias", func(l *lab) G.Nodes {
		h := l.rms(G.Must(G.Add(G.Must(G.Mul(l.input("x", 3, 2), l.weight("W", 2, 7))), l.weight("B", 3, 7))))
		return G.Nodes{G.Must(G.Mul(h, l.weight("U", 7, 1)))}
	}},
	{"batch norm", func(l *lab) G.Nodes {
		y, gamma, beta, bn, err := G.BatchNorm(l.input("x", 3, 4), l.weight("g", 1, 4), l.weight("b", 1, 4), 0.9, 1e-5)
		require.NoError(l.t, err)
		require.NoError(l.t, bn.SetTraining(false))
		require.NotNil(l.t, gamma)
		require.NotNil(l.t, beta)
		return G.Nodes{G.Must(G.Tanh(y))}
	}},
	{"dead", func(l *lab) G.Nodes {
		x := l.input("x", 3, 4)
		y := G.Must(G.Exp(x))
		G.Must(G.Sum(G.Must(G.Tanh(x))))
		var v G.Value
		G.Read(y, &v)
		return G.Nodes{y}
	}},
	{"compress", func(l *lab) G.Nodes {
		h := l.rms(l.bias(G.Must(G.Mul(l.input("x", 3, 2), l.weight("W", 2, 7))), l.weight("b", 7)))
		return G.Nodes{G.Must(G.Mul(h, l.weight("U", 7, 1)))}
	}},
}

// TestRules applies each rule alone: the others are off. With all off the graph is copied
// node by node.
func TestRules(t *testing.T) {
	var text strings.Builder
	covered := make(map[string]bool)
	for _, c := range ruleCases {
		covered[c.rule] = true
		l := newLab(t, 1)
		roots := c.build(l)
		var others, all []string
		for _, r := range Rules() {
			help := r.Name == "compress" && slices.Contains([]string{"gain", "decay", "sample bias"}, c.rule)
			if all = append(all, r.Name); r.Name != c.rule && !help {
				others = append(others, r.Name)
			}
		}
		r := Rewriter{Weights: l.weights, Data: l.data, Fixed: l.fixed, Disable: others}
		on, err := r.Rewrite(roots...)
		require.NoError(t, err, c.rule)
		assert.Positive(t, on.Report.Rules[c.rule]+len(on.Report.Changes), c.rule)
		r.Disable = all
		off, err := r.Rewrite(roots...)
		require.NoError(t, err, c.rule)
		assert.Equal(t, drawing(roots), drawing(off.Roots), "all rules off: %s", c.rule)
		assert.LessOrEqual(t, gapOf(t, valuesOf(roots), valuesOf(on.Roots)), 1e-14, c.rule)
		assert.LessOrEqual(t, gapOf(t, valuesOf(roots), valuesOf(off.Roots)), 0.0, c.rule)
		before, after := drawing(roots), drawing(on.Roots)
		if c.rule == "dead" {
			before += fmt.Sprintf("  of %d nodes\n", len(l.g.AllNodes()))
			after += fmt.Sprintf("  of %d nodes; with the rule off %d\n", len(on.Graph.AllNodes()), len(off.Graph.AllNodes()))
		} else {
			assert.NotEqual(t, before, after, c.rule)
		}
		fmt.Fprintf(&text, "%s\n before\n%s after\n%s\n", c.rule, before, after)
	}
	for _, r := range Rules() {
		assert.True(t, covered[r.Name], "rule %s has no test", r.Name)
		assert.NotEmpty(t, r.Doc)
	}
	golden(t, "rules.golden", text.String())
}

// TestNegativeZero: where a division tells the two zeros apart, x+0 stays.
func TestNegativeZero(t *testing.T) {
	l := newLab(t, 1)
	x := l.input("x", 1, 2)
	require.NoError(t, G.Let(x, inspect.NewValue(l.dt, tensor.Shape{1, 2}, []float64{negativeZero(), 1})))
	y := G.Must(G.Inverse(G.Must(G.Add(x, l.scalar(0)))))
	res, err := Rewriter{Data: l.data}.Rewrite(y)
	require.NoError(t, err)
	assert.Equal(t, valuesOf(G.Nodes{y})[0].Data(), valuesOf(res.Roots)[0].Data())
	assert.Zero(t, res.Report.Rules["neutral"])
}

func negativeZero() float64 { z := 0.0; return -1 * z }
