package rewrite

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	G "gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/trials"
	"github.com/quivernet/quivernet/symmetry"
)

// TestGradientRoots: gradients among the roots are told in one line, however many nodes they read.
func TestGradientRoots(t *testing.T) {
	for _, all := range []bool{false, true} {
		l := newLab(t, 7)
		cost := l.radialNet()
		gs, err := G.Grad(cost, l.weights...)
		require.NoError(t, err)
		roots := G.Nodes{cost, gs[4]}
		if all {
			roots = append(G.Nodes{cost}, gs...)
		}
		res, err := Rewriter{Weights: l.weights, Data: l.data}.Rewrite(roots...)
		require.NoError(t, err)
		never(t, res, "gradients")
		require.Len(t, res.Report.Left, 1, "%s", res)
		assert.Contains(t, res.Report.Left[0].Reason, "differentiate the new graph")
		assert.Equal(t, all, strings.Contains(res.Report.Left[0].Reason, "and 5 other roots"), "%s", res)
		assert.LessOrEqual(t, gapOf(t, valuesOf(roots), valuesOf(res.Roots)), 1e-12)
	}
}

// TestLeftTells: a result in which nothing shrank says why.
func TestLeftTells(t *testing.T) {
	for says, build := range map[string]func(l *lab) *G.Node{
		"no product of features with a weight": func(l *lab) *G.Node { return G.Must(G.Exp(l.input("x", 3, 2))) },
		"every value behind a weight is a root": func(l *lab) *G.Node {
			return G.Must(G.Mul(l.input("x", 3, 2), l.weight("w", 2, 4)))
		},
		"as many directions reach it": func(l *lab) *G.Node {
			return l.linear("1", l.rms(l.linear("0", l.input("x", 3, 8), 4)), 2)
		},
		`by "sum`: func(l *lab) *G.Node {
			return G.Must(G.Sum(G.Must(G.Mul(l.input("x", 3, 2), l.weight("w", 2, 4))), 0))
		},
		"symmetry.Rank(0)": func(l *lab) *G.Node {
			b := l.weight("b", 6, 7)
			x := b.Value().Data().([]float64)
			for i := range x { // one row, six times
				x[i] = x[i%7]
			}
			return l.linear("1", l.rms(G.Must(G.Add(G.Must(G.Mul(l.input("x", 6, 2), l.weight("w", 2, 7))), b))), 2)
		},
	} {
		l := newLab(t, 7)
		y := build(l)
		res, err := Rewriter{Weights: l.weights, Data: l.data}.Rewrite(y)
		require.NoError(t, err)
		assert.Empty(t, res.Report.Changes, says)
		require.NotEmpty(t, res.Report.Left, says)
		assert.Contains(t, res.String(), says)
		if says == "symmetry.Rank(0)" {
			r := Rewriter{Weights: l.weights, Data: l.data, Options: []symmetry.Option{symmetry.Rank(0)}}
			res, err := r.Rewrite(y)
			require.NoError(t, err)
			require.Len(t, res.Report.Changes, 1, "%s", res)
			assert.Equal(t, 3, res.Report.Changes[0].To, "two of x and one of b")
			assert.LessOrEqual(t, gapOf(t, valuesOf(G.Nodes{y}), tape(t, res.Roots)), 1e-12)
			r.Options = []symmetry.Option{symmetry.Data(constantMatrix(2, 2, 1), constantMatrix(2, 6, 1))}
			res, err = r.Rewrite(y)
			require.NoError(t, err)
			assert.LessOrEqual(t, gapOf(t, valuesOf(G.Nodes{y}), valuesOf(res.Roots)), 1e-12)
		}
	}
}

// TestPointwiseOnRandomGraphs: the option never leaves more numbers than none.
func TestPointwiseOnRandomGraphs(t *testing.T) {
	less := 0
	for seed := range uint64(trials.Count(8, 1000)) {
		count := func(o ...symmetry.Option) int {
			w := grow(t, seed, G.Float64)
			res, err := Rewriter{Weights: w.weights, Data: w.data, Fixed: w.fixed, Options: o}.Rewrite(w.roots...)
			require.NoError(t, err, "seed %d", seed)
			return res.Report.After.Numbers()
		}
		with, without := count(symmetry.Pointwise()), count()
		require.LessOrEqual(t, with, without, "seed %d", seed)
		if with < without {
			less++
		}
	}
	t.Logf("symmetry.Pointwise left fewer numbers in %d graphs", less)
}
