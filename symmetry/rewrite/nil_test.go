package rewrite

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
)

// TestNilAndAbsurd: no call with nothing in it panics, and errors are typed.
func TestNilAndAbsurd(t *testing.T) {
	typed := func(err error) {
		t.Helper()
		require.Error(t, err)
		var g *GraphError
		var i *InputError
		var v *ValueError
		var u *UnknownRuleError
		var c *CompressError
		assert.True(t, errors.As(err, &g) || errors.As(err, &i) || errors.As(err, &v) || errors.As(err, &u) || errors.As(err, &c), "%T %v", err, err)
	}
	rewritten := func(r Rewriter, roots ...*G.Node) {
		t.Helper()
		_, err := r.Rewrite(roots...)
		typed(err)
		_, err = r.Lift(roots...)
		typed(err)
	}
	rewritten(Rewriter{})
	rewritten(Rewriter{}, nil, nil)
	rewritten(Rewriter{}, new(G.Node))
	l, y := small(t)
	rewritten(Rewriter{}, y, nil)
	rewritten(Rewriter{}, y, new(G.Node))
	rewritten(Rewriter{Weights: G.Nodes{new(G.Node)}}, y)
	rewritten(Rewriter{Data: G.Nodes{nil}}, y)
	rewritten(Rewriter{Fixed: G.Nodes{G.NewConstant(1.0)}}, y)
	rewritten(Rewriter{Disable: []string{""}}, y)
	_, err := Rewriter{Weights: l.weights, Options: []symmetry.Option{symmetry.Keep("")}}.Rewrite(y)
	typed(err)
	res, err := Rewriter{Weights: l.weights, Options: []symmetry.Option{nil}}.Rewrite(y, y)
	require.NoError(t, err)
	assert.Len(t, res.Roots, 2)

	for _, f := range []*Lifted{nil, {}} {
		assert.NotPanics(t, func() {
			assert.Nil(t, f.Rep())
			assert.Nil(t, f.Node("h"))
			assert.Empty(t, f.Weights())
			_, err := f.Collect(func(*G.Node) G.Value { return nil })
			typed(err)
			typed(f.Scatter(new(quiver.Rep), func(*G.Node) G.Value { return nil }))
		})
	}
	f := res.Lifted
	assert.NotPanics(t, func() {
		typed(f.Scatter(new(quiver.Rep), func(n *G.Node) G.Value { return n.Value() }))
		_, err := f.Collect(func(*G.Node) G.Value { return (*tensor.Dense)(nil) })
		typed(err)
		_, err = f.Collect(func(*G.Node) G.Value { return new(tensor.Dense) })
		typed(err)
	})
	assert.NotPanics(t, func() {
		assert.NotEmpty(t, new(Result).String())
		assert.NotEmpty(t, Report{}.String())
		assert.NotEmpty(t, Certificate{}.String())
		assert.NotEmpty(t, (*Result)(nil).String())
		for _, e := range []error{&GraphError{}, &InputError{}, &ValueError{}, &UnknownRuleError{}, &CompressError{}, &BuildError{}} {
			assert.NotEmpty(t, e.Error())
		}
		assert.Zero(t, Counts{}.Numbers())
	})
}
