package graph_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/internal/golden"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/quiver/quivertest"
)

// pick returns one of the expressions of a program, or nil where that one does not exist.
func pick(t *testing.T, q *quiver.Quiver, which uint) *graph.Expr {
	t.Helper()
	opts, _ := squares(q, 2)
	if which%2 == 1 {
		opts = append(opts, graph.Loss(q.Outputs()[0], graph.SoftmaxCE, 1))
	}
	switch which % 7 {
	case 1:
		opts = append(opts, graph.Float32)
	case 3:
		opts = append(opts, graph.Loss(q.Outputs()[0], halfSquares(1), 1))
	}
	p, err := graph.Compile(q, opts...)
	require.NoError(t, err)
	as, vs := q.Arrows(), q.Vertices()
	a, b, v := as[which%uint(len(as))].Name, as[which/3%uint(len(as))].Name, vs[which%uint(len(vs))].Name
	var x *graph.Expr
	switch which / 2 % 6 {
	case 0:
		x, err = p.Gradient(a)
	case 1:
		x, err = p.VertexGradient(v)
	case 2:
		x, err = p.ParamGradient(v)
	case 3:
		x, err = p.SecondGradient(a, b)
	case 4:
		x, err = p.Value(v)
	case 5:
		x, err = p.LossValue()
	}
	if err != nil {
		var le *graph.LossError
		var oe *graph.OrderError
		var ue *graph.UnknownArrowError
		require.True(t, errors.As(err, &le) || errors.As(err, &oe) || errors.As(err, &ue), "%v", err)
		return nil
	}
	return x
}

// printed checks what must hold for every expression: LaTeX of good grammar, an origin for
// every node, no mistake of fmt. It returns all texts.
func printed(t *testing.T, x *graph.Expr) [3]string {
	t.Helper()
	s := [3]string{x.String(), x.LaTeX(), x.DOT()}
	require.NoError(t, checkTeX(s[1]))
	for _, n := range x.Nodes() {
		_, ok := x.Origin(n)
		require.True(t, ok, "node %v has no origin", n)
	}
	for _, u := range s {
		for _, n := range x.Nodes() {
			if o, _ := x.Origin(n); strings.Contains(o.Vertex+o.Arrow, "%!") {
				return s // a legal name
			}
		}
		require.NotContains(t, u, "%!")
	}
	return s
}

// FuzzPrinters prints expressions of random quivers with names of any kind, opened and simplified
// in any order: never a panic, and the same text from two programs.
func FuzzPrinters(f *testing.F) {
	acts := append(append([]quivertest.Act{}, random...), abrupt[:7]...)
	for seed := range uint64(24) {
		f.Add(seed, uint(seed*7), uint8(seed), []string{"a", "a_b", "λ", "#$%&{}", "h→k", "\\frac", "#$%!00", "z[a]"}[seed%8])
	}
	for seed := range uint64(12) {
		f.Add(seed, uint(0), uint8(seed), "#$%!00")
	}
	f.Fuzz(func(t *testing.T, seed uint64, which uint, steps uint8, name string) {
		in := quivertest.Generate(seed%4096, acts...)
		w, err := in.Rep.Rename(map[string]string{"a": name})
		if err != nil {
			w = in.Rep
		}
		make := func() *graph.Expr {
			x := pick(t, w.Quiver(), which)
			for k := 0; x != nil && k < 5; k++ {
				if steps>>k&1 == 0 {
					continue
				}
				if k%2 == 1 {
					if x, err = x.Simplify(); err != nil {
						t.Fatal(err)
					}
					continue
				}
				y, err := x.Expand("")
				var e *graph.ExpandError
				if errors.As(err, &e) {
					continue
				}
				require.NoError(t, err)
				x = y
			}
			return x
		}
		x := make()
		if x == nil {
			return
		}
		first := printed(t, x)
		require.Equal(t, first, printed(t, x), "printing twice")
		require.Equal(t, first, printed(t, make()), "two programs")
	})
}

// TestOrigins names the vertex or arrow, and the pass, of the nodes of a gradient.
func TestOrigins(t *testing.T) {
	w := net(t, layers.Trainable(layers.Tanh, 0.1, 1))
	p, err := graph.Compile(w.Quiver(), graph.Loss("y", graph.MSE, 1))
	require.NoError(t, err)
	x, err := p.Gradient("x->h1")
	require.NoError(t, err)
	got := map[string]string{}
	for _, n := range x.Nodes() {
		o, ok := x.Origin(n)
		require.True(t, ok)
		got[n.Name()] = o.String()
	}
	for name, want := range map[string]string{
		"x": `vertex "x", forward`, "W[x→h1]": `arrow "x->h1", forward`, "p[h1]": `vertex "h1", forward`, "h1": `vertex "h1", forward`,
		"z[h2]": `vertex "h2", forward`, "t1[y]": `vertex "y", loss`, "r[y]": `vertex "y", loss`, "δ[y]": `vertex "y", backward`,
		"δ[h1]": `vertex "h1", backward`, "δ[y]·W[h2→y]": `arrow "h2->y", backward`, "δ[h1]ᵀ·x": `arrow "x->h1", backward`, "·1": "backward",
	} {
		assert.Equal(t, want, got[name], name)
	}
	_, ok := x.Origin(p.Expr().AllNodes()[0])
	assert.True(t, ok, "the gradient stands in the program's graph")
	other, err := p.Value("y")
	require.NoError(t, err)
	_, ok = x.Origin(other.Node())
	assert.False(t, ok)
	h, err := p.SecondGradient("x->h1", "h1->h2")
	require.NoError(t, err)
	o, _ := h.Origin(h.Node())
	assert.Equal(t, `arrow "h1->h2", second`, o.String())
}

// TestExpressions shows every kind of expression of one network.
func TestExpressions(t *testing.T) {
	act := layers.Trainable(layers.Tanh, 0.1, 1)
	q, err := quiver.New(quiver.Input("x", 2), quiver.Bias("one"),
		quiver.Hidden("h1", 4, act), quiver.Hidden("h2", 4, tanh), quiver.Hidden("h3", 4, tanh), quiver.Output("y", 3, nil),
		quiver.Connect("x", "h1"), quiver.Connect("one", "h1"), quiver.Connect("h1", "h2"), quiver.Connect("h2", "h3", quiver.Tied("h1->h2")),
		quiver.Connect("h1", "h3", quiver.Frozen(quiver.Eye(4))), quiver.Connect("h3", "y"), quiver.Connect("x", "y", quiver.Named("skip")))
	require.NoError(t, err)
	p, err := graph.Compile(q, graph.Loss("y", graph.SoftmaxCE, 1))
	require.NoError(t, err)
	text, tex := "", ""
	for _, f := range []func() (*graph.Expr, error){
		func() (*graph.Expr, error) { return p.Gradient("h1->h2") },
		func() (*graph.Expr, error) { return p.Gradient("skip") },
		func() (*graph.Expr, error) { return p.ParamGradient("h1") },
		func() (*graph.Expr, error) { return p.VertexGradient("x") },
		func() (*graph.Expr, error) { return p.SecondGradient("h1->h2", "skip") },
		func() (*graph.Expr, error) { return p.Value("h3") },
		p.LossValue,
	} {
		x, err := f()
		require.NoError(t, err)
		s := printed(t, x)
		text += s[0] + "\n"
		tex += s[1] + "\n"
	}
	golden.Check(t, "expressions.txt", text)
	golden.Check(t, "expressions.tex", tex)
	for _, f := range []func() (*graph.Expr, error){
		func() (*graph.Expr, error) { return p.ParamGradient("h2") },
		func() (*graph.Expr, error) { return p.ParamGradient("h9") },
		func() (*graph.Expr, error) { return p.VertexGradient("h9") },
		func() (*graph.Expr, error) { return p.Value("h9") },
		func() (*graph.Expr, error) { return p.Gradient("h1->h3") },
		func() (*graph.Expr, error) { return p.SecondGradient("skip", "h9") },
	} {
		_, err := f()
		assert.Error(t, err)
	}
}
