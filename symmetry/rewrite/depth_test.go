package rewrite

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	G "gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/inspect"
)

// TestDeepExpressions: chains in which each value is read twice, or belongs to the sum above it, have a path for each subset of
// their length; none of them is walked.
func TestDeepExpressions(t *testing.T) {
	const depth = 60
	for name, build := range map[string]func(l *lab) *G.Node{
		"squares of data": func(l *lab) *G.Node {
			x := l.input("x", 2, 3)
			for range depth {
				x = G.Must(G.HadamardProd(x, x))
			}
			return x
		},
		"a matrix added to itself": func(l *lab) *G.Node {
			w := l.weight("w", 3, 3)
			for range depth {
				w = G.Must(G.Add(w, w))
			}
			return G.Must(G.Mul(l.input("x", 2, 3), w))
		},
		"a moving average": func(l *lab) *G.Node {
			w := l.weight("w", 3, 12)
			s := G.Must(G.Mul(l.input("x", 2, 3), w))
			for k := range depth {
				v := G.Must(G.Mul(l.input(fmt.Sprint("x", k), 2, 3), l.weight(fmt.Sprint("w", k), 3, 12)))
				s = G.Must(G.Add(G.Must(G.HadamardProd(l.scalar(0.9), s)), G.Must(G.HadamardProd(l.scalar(0.1), v))))
			}
			return G.Must(G.Mul(radialOf(G.Tanh)(s), l.weight("o", 12, 2)))
		},
		"norms of norms": func(l *lab) *G.Node {
			h := l.linear("0", l.input("x", 2, 2), 6)
			for range 12 {
				h = l.rms(h)
			}
			return l.linear("1", h, 2)
		},
	} {
		l := newLab(t, 1)
		y := build(l)
		res, err := Rewriter{Weights: l.weights, Data: l.data}.Rewrite(y)
		require.NoError(t, err, name)
		never(t, res, name)
		assert.LessOrEqual(t, gapOf(t, valuesOf(G.Nodes{y}), valuesOf(res.Roots)), 1e-12, name)
	}
}

// TestCollectAndScatter: the numbers of all spellings go into the quiver and back.
func TestCollectAndScatter(t *testing.T) {
	for _, s := range allStyles() {
		l := newLab(t, 5)
		cost := s.build(l)
		f, err := Rewriter{Weights: l.weights, Data: l.data, Fixed: l.fixed}.Lift(cost)
		require.NoError(t, err, s.name)
		rep, err := f.Collect(func(n *G.Node) G.Value { return n.Value() })
		require.NoError(t, err, s.name)
		require.Equal(t, f.Rep().Data(), rep.Data(), s.name)
		blank := make(map[*G.Node]G.Value)
		for _, n := range f.Weights() {
			blank[n] = inspect.NewValue(n.Dtype(), n.Shape(), make([]float64, n.Shape().TotalSize()))
		}
		require.NoError(t, f.Scatter(rep, func(n *G.Node) G.Value { return blank[n] }), s.name)
		for _, n := range f.Weights() {
			assert.InDeltaSlice(t, inspect.MustNumbers(n.Value()), inspect.MustNumbers(blank[n]), 1e-15, "%s: %s", s.name, n.Name())
		}
	}
}
