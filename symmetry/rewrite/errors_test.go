package rewrite

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	G "gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
)

// small is a radial network with names.
func small(t testing.TB) (*lab, *G.Node) {
	l := newLab(t, 3)
	h := radialOf(G.Tanh)(l.linear("0", l.input("x", 4, 2), 9))
	G.WithName("h")(h)
	y := l.linear("1", h, 3)
	G.WithName("y")(y)
	return l, y
}

// TestErrors is a table of misuse, with the texts.
func TestErrors(t *testing.T) {
	l, y := small(t)
	r := func(change func(*Rewriter), roots ...*G.Node) error {
		w := Rewriter{Weights: l.weights, Data: l.data}
		if change != nil {
			change(&w)
		}
		_, err := w.Rewrite(roots...)
		return err
	}
	other, z := small(t)
	removed, u := small(t)
	removed.g.RemoveNode(removed.weights[0])
	read, v := small(t)
	var val G.Value
	statementNode := G.Read(v, &val)
	_ = read
	lifted, err := Rewriter{Weights: l.weights, Data: l.data}.Lift(y)
	require.NoError(t, err)
	noValue := func(*G.Node) G.Value { return nil }
	wrong := func(*G.Node) G.Value { return l.normal(2) }
	collect := func(f func(*G.Node) G.Value) error { _, err := lifted.Collect(f); return err }
	foreign, err := quiver.New(quiver.Input("x", 1), quiver.Output("y", 1, nil), quiver.Connect("x", "y"))
	require.NoError(t, err)
	option := func(o ...symmetry.Option) func(*Rewriter) { return func(r *Rewriter) { r.Options = o } }
	var text strings.Builder
	for _, c := range []struct {
		name string
		err  error
		as   any
	}{
		{"no roots", r(nil), new(*GraphError)},
		{"a nil root", r(nil, nil), new(*GraphError)},
		{"a root without a graph", r(nil, G.NewConstant(1.0)), new(*GraphError)},
		{"roots of two graphs", r(nil, y, z), new(*GraphError)},
		{"a removed node", r(nil, u), new(*GraphError)},
		{"a statement", r(nil, statementNode), new(*GraphError)},
		{"an unknown rule", r(func(r *Rewriter) { r.Disable = []string{"rehsape"} }, y), new(*UnknownRuleError)},
		{"a weight of another graph", r(func(r *Rewriter) { r.Weights = other.weights }, y), new(*InputError)},
		{"a weight that is no input", r(func(r *Rewriter) { r.Weights = G.Nodes{y} }, y), new(*InputError)},
		{"a nil weight", r(func(r *Rewriter) { r.Weights = G.Nodes{nil} }, y), new(*InputError)},
		{"a weight without a value", r(func(r *Rewriter) { r.Weights = l.data }, y), new(*InputError)},
		{"a weight that is data", r(func(r *Rewriter) { r.Data = l.weights[:1] }, y), new(*InputError)},
		{"data that never change", r(func(r *Rewriter) { r.Weights, r.Fixed, r.Data = l.weights[1:], l.weights[:1], l.weights[:1] }, y), new(*InputError)},
		{"an unknown vertex", r(option(symmetry.Keep("nobody")), y), new(*CompressError)},
		{"two options that exclude each other", r(option(symmetry.Rank(0), symmetry.Tolerance(0.1)), y), new(*CompressError)},
		{"no value to collect", collect(noValue), new(*ValueError)},
		{"a value of another size", collect(wrong), new(*ValueError)},
		{"another quiver to scatter", lifted.Scatter(quiver.Zero(foreign), noValue), new(*quiver.LayoutError)},
		{"nil to scatter", lifted.Scatter(nil, noValue), new(*ValueError)},
		{"scatter to nil", lifted.Scatter(lifted.Rep(), nil), new(*ValueError)},
		{"collect from nil", collect(nil), new(*ValueError)},
	} {
		require.Error(t, c.err, c.name)
		assert.True(t, errors.As(c.err, c.as), "%s: %T", c.name, c.err)
		fmt.Fprintf(&text, "%s:\n  %v\n", c.name, c.err)
	}
	checkGolden(t, "errors.golden", text.String())
}
