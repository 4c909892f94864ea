package graph

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// TestOpenerAfterAnError: once a step of an expansion has failed, nodes are nil; the steps after it do nothing with them, and the
// first error is the one that is told.
func TestOpenerAfterAnError(t *testing.T) {
	first := errors.New("first")
	act := layers.Radial(layers.Tanh)
	for name, step := range map[string]func(o *opener) *gorgonia.Node{
		"join": func(o *opener) *gorgonia.Node { return o.join(nil, nil) }, "columns": func(o *opener) *gorgonia.Node { return o.columns(nil, 0, 1) },
		"colScale": func(o *opener) *gorgonia.Node { return o.colScale(nil, nil) }, "colSum": func(o *opener) *gorgonia.Node { return o.colSum(nil) },
		"norm": func(o *opener) *gorgonia.Node { return o.norm(nil) }, "times": func(o *opener) *gorgonia.Node { return o.times(nil, nil) },
		"minus": func(o *opener) *gorgonia.Node { return o.minus(nil, nil) }, "affine": func(o *opener) *gorgonia.Node { return o.affine(nil, 2, 1) },
		"power": func(o *opener) *gorgonia.Node { return o.power(nil, 2) }, "ratio": func(o *opener) *gorgonia.Node { return o.ratio(nil, nil, 1) },
		"inner": func(o *opener) *gorgonia.Node { return o.inner(act, nil) }, "innerVJP": func(o *opener) *gorgonia.Node { return o.innerVJP(act, nil, nil) },
		"jet": func(o *opener) *gorgonia.Node { return o.jet(act.(quiver.RadialJet), 1, nil) },
		"pointJet": func(o *opener) *gorgonia.Node {
			return o.pointJet(layers.Pointwise(layers.Tanh).(quiver.PointJet), 1, nil)
		},
	} {
		o := &opener{err: first, owner: "v", r: &rebuilder{to: &Expr{}}}
		assert.NotPanics(t, func() { assert.Nil(t, step(o), name) }, name)
		assert.Same(t, first, o.err, name)
		fresh := &opener{owner: "v"}
		assert.Nil(t, fresh.do(nil, first), name)
		assert.Same(t, first, fresh.err, "a control: it is kept")
	}
}
