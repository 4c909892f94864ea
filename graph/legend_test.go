package graph_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/internal/trials"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/quiver/quivertest"
)

// chain is x→h1→…→hn→y with a bias everywhere and skips over one vertex; the first arrows of every third vertex are tied.
func chain(t testing.TB, n int, act quiver.Activation) *quiver.Quiver {
	t.Helper()
	ps := []quiver.Part{quiver.Input("x", 3), quiver.Bias("one")}
	before := []string{"x", "x"}
	for i := 1; i <= n; i++ {
		h := fmt.Sprintf("h%d", i)
		ps = append(ps, quiver.Hidden(h, 3, act), quiver.Connect("one", h))
		if i%3 == 0 {
			ps = append(ps, quiver.Connect(before[1], h, quiver.Tied("x->h1")))
		} else {
			ps = append(ps, quiver.Connect(before[1], h))
		}
		if before[0] != before[1] {
			ps = append(ps, quiver.Connect(before[0], h, quiver.Named(fmt.Sprintf("skip%d", i))))
		}
		before = []string{before[1], h}
	}
	q, err := quiver.New(append(ps, quiver.Output("y", 2, nil), quiver.Connect(before[1], "y"), quiver.Connect("one", "y"))...)
	require.NoError(t, err)
	return q
}

// sections cuts a printed expression into its parts: heading → lines. Lines without a heading are under "".
func sections(text string) (order []string, lines map[string][]string) {
	lines = make(map[string][]string)
	for _, part := range strings.Split(strings.TrimSuffix(text, "\n"), "\n\n") {
		all := strings.Split(part, "\n")
		head := ""
		if !strings.Contains(all[0], " = ") {
			head, all = all[0], all[1:]
		}
		order = append(order, head)
		lines[head] = all
	}
	return order, lines
}

// checkOrder checks that every named value in a line stands on the left side above it, or is an input.
func checkOrder(lines []string) error {
	defined, names := map[string]bool{}, map[string]bool{}
	for _, l := range lines {
		left, _, ok := strings.Cut(l, " = ")
		if !ok || names[left] {
			return fmt.Errorf("no definition, or a second one: %q", l)
		}
		names[left] = true
	}
	token := regexp.MustCompile(`[\p{L}₀-₉′0-9]+(\[[^\[\]]*\])?`)
	for _, l := range lines {
		left, right, _ := strings.Cut(l, " = ")
		for _, u := range token.FindAllString(right, -1) {
			if names[u] && !defined[u] {
				return fmt.Errorf("%s is used in %q before it is defined", u, l)
			}
		}
		defined[left] = true
	}
	return nil
}

// TestOrder: the formulas stand in three parts, each line uses only what stands above it, the last is the
// gradient: at 3, 10 and 50 vertices, opened and simplified too.
func TestOrder(t *testing.T) {
	for _, n := range []int{1, 8, 48} {
		p, err := graph.Compile(chain(t, n, tanh), graph.Loss("y", graph.MSE, 1), graph.Loss("y", halfSquares(1), 1))
		require.NoError(t, err)
		x, err := p.Gradient("x->h1")
		require.NoError(t, err)
		open, err := x.Expand("h1")
		require.NoError(t, err)
		simple, err := open.Simplify()
		require.NoError(t, err)
		for _, x := range []*graph.Expr{x, open, simple} {
			order, lines := sections(x.String())
			require.Equal(t, []string{"forward", "loss", "backward", "symbols"}, order)
			var all []string
			for head, left := range map[string]string{"forward": "zhλ|", "loss": "ru", "backward": "δ∂u"} {
				for _, l := range lines[head] {
					assert.True(t, strings.ContainsRune(left, []rune(l)[0]) || head == "forward" && strings.HasPrefix(l, "y = "), "%q under %s", l, head)
				}
			}
			for _, head := range order[:3] {
				all = append(all, lines[head]...)
			}
			require.NoError(t, checkOrder(all))
			assert.True(t, strings.HasPrefix(all[len(all)-1], "∂L/∂W[x→h1] = "))
			assert.Greater(t, len(all), 3*n)
			if n > 1 {
				all[0], all[len(all)-1] = all[len(all)-1], all[0]
				assert.Error(t, checkOrder(all), "the check finds a wrong order")
			}
		}
	}
}

// TestOrderRandom: the order holds for expressions of every kind on random quivers.
func TestOrderRandom(t *testing.T) {
	seen := 0
	for seed := range uint64(trials.Count(30, 300)) {
		x := pick(t, quivertest.Generate(seed, random...).Rep.Quiver(), uint(seed))
		if x == nil {
			continue
		}
		for _, f := range []func() (*graph.Expr, error){func() (*graph.Expr, error) { return x, nil }, x.ExpandAll} {
			y, err := f()
			require.NoError(t, err)
			order, lines := sections(y.String())
			var all []string
			for _, head := range order[:len(order)-1] {
				all = append(all, lines[head]...)
			}
			if len(all) > 1 { // a value that is an input is one line, x = x
				require.NoError(t, checkOrder(all), "%v", y)
				seen++
			}
		}
	}
	assert.Greater(t, seen, 20)
}

// TestLegend: every symbol has an explanation, and nothing else has one.
func TestLegend(t *testing.T) {
	act := layers.Trainable(layers.Tanh, 0.1, 1)
	q, err := quiver.New(quiver.Input("x", 2), quiver.Bias("one"), quiver.Hidden("h", 4, act), quiver.Hidden("k", 4, tanh), quiver.Output("y", 3, nil),
		quiver.Connect("x", "h"), quiver.Connect("one", "h"), quiver.Connect("h", "k", quiver.Frozen(quiver.Eye(4))), quiver.Connect("k", "y"))
	require.NoError(t, err)
	p, err := graph.Compile(q, graph.Loss("y", graph.MSE, 0.5), graph.Loss("y", graph.SoftmaxCE, 2))
	require.NoError(t, err)
	x, err := p.Gradient("x->h")
	require.NoError(t, err)
	_, lines := sections(x.String())
	explained := map[string]string{}
	for _, l := range lines["symbols"] {
		symbol, text, ok := strings.Cut(l, "  ")
		require.True(t, ok, l)
		explained[symbol] = strings.TrimSpace(text)
	}
	for symbol, want := range map[string]string{
		"x": "2 numbers", "one": "bias", "h, k, y": "value of a vertex", "z[v]": "arrives at vertex v", "ρ[v]": "at h; radial(tanh) at k", "Dρ[v]": "Jacobian", "W[s→t]": "matrix of arrow",
		"I[s→t]": "fixed", "p[v]": "parameters", "t1[y]": "targets of loss 1 (mse)", "c1[y]": "weight 0.5, divided by the n·3 numbers", "t2[y]": "targets of loss 2", "c2[y]": "weight 2, divided by the number n of samples",
		"r[y]": "residual", "L": "loss", "δ[v]": "∂L/∂z[v]", "softmax(a)": "exponentials", "aᵀ": "transposed",
	} {
		assert.Contains(t, explained[symbol], want, symbol)
		delete(explained, symbol)
	}
	assert.Empty(t, explained)
	bare, err := x.Show(graph.NoLegend())
	require.NoError(t, err)
	assert.Equal(t, strings.Split(x.String(), "\nsymbols\n")[0], bare.String())
	assert.NotContains(t, bare.LaTeX(), "Symbols")
}

// TestCustomDelta: the gradient of a custom loss at its output has the name of one, alone and beside another.
func TestCustomDelta(t *testing.T) {
	q := chain(t, 1, tanh)
	for _, opts := range [][]graph.Option{
		{graph.Loss("y", halfSquares(1), 1)},
		{graph.Loss("y", halfSquares(1), 1), graph.Loss("y", graph.SumSquares, 1)},
		{graph.Loss("y", graph.Custom(func(y, t *gorgonia.Node) (*gorgonia.Node, error) {
			m, err := gorgonia.HadamardProd(y, t)
			if err != nil {
				return nil, err
			}
			return gorgonia.Sum(m, 1)
		}), 1)},
	} {
		p, err := graph.Compile(q, opts...)
		require.NoError(t, err)
		x, err := p.Gradient("h1->y")
		require.NoError(t, err)
		assert.Contains(t, x.String(), "∂L/∂W[h1→y] = δ[y]ᵀ·h1\n")
		assert.Regexp(t, `\nδ\[y\] = .*c1\[y\]`, x.String())
	}
}

// TestTransposes: a transpose is written where it stands, what it turns has the name.
func TestTransposes(t *testing.T) {
	p, err := graph.Compile(chain(t, 3, layers.RMSNorm(3, 0.1)), graph.Loss("y", graph.MSE, 1))
	require.NoError(t, err)
	named := regexp.MustCompile(`(?m)^u\d+ = [^·+∘(]*ᵀ$`)
	for _, f := range []func() (*graph.Expr, error){
		func() (*graph.Expr, error) { return p.Gradient("x->h1") },
		func() (*graph.Expr, error) { return p.SecondGradient("x->h1", "h1->h2") },
		func() (*graph.Expr, error) { return p.Value("y") },
	} {
		x, err := f()
		require.NoError(t, err)
		x, err = x.ExpandAll()
		require.NoError(t, err)
		y, err := x.Simplify()
		require.NoError(t, err)
		for _, x := range []*graph.Expr{x, y} {
			assert.NotRegexp(t, named, x.String())
			assert.Contains(t, x.String(), "]ᵀ")
		}
	}
	assert.Regexp(t, named, "u1 = W[x→h1]ᵀ", "the pattern finds one")
}

// TestLegendColumns: what the legend says of the symbols begins in one column, also where a name looks like a tag or an entity.
func TestLegendColumns(t *testing.T) {
	for _, name := range []string{"h", "<b>", "&amp;", "a<b>c", "λλλ"} {
		q, err := quiver.New(quiver.Input("x", 2), quiver.Hidden(name, 2, tanh), quiver.Output("y", 1, nil), quiver.Connect("x", name, quiver.Named("first")), quiver.Connect(name, "y", quiver.Named("second")))
		require.NoError(t, err)
		p, err := graph.Compile(q, graph.Loss("y", graph.MSE, 1))
		require.NoError(t, err)
		x, err := p.Gradient("first")
		require.NoError(t, err)
		_, lines := sections(x.String())
		require.Greater(t, len(lines["symbols"]), 3)
		columns := map[int]bool{}
		for _, l := range lines["symbols"] {
			symbol, _, ok := strings.Cut(l, "  ")
			require.True(t, ok, l)
			rest := strings.TrimLeft(l[len(symbol):], " ")
			columns[utf8.RuneCountInString(l)-utf8.RuneCountInString(rest)] = true
		}
		assert.Len(t, columns, 1, "%s", x)
	}
}
