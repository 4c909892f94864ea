package graph

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/internal/vec"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// TestNarrowKernels: which layers one kernel computes forward, through which arrow it brings the gradient back, and at which
// matrix and bias it computes both gradients. All others take the long way, to the same numbers.
func TestNarrowKernels(t *testing.T) {
	const wide = vec.NarrowMax + 1
	radial := layers.Radial(layers.Tanh)
	for _, c := range []struct {
		name                  string
		act                   quiver.Activation
		dim                   int
		into                  func(h string) []quiver.Part
		layer, through, grads bool
	}{
		{"a matrix", radial, 3, func(h string) []quiver.Part { return []quiver.Part{quiver.Connect("x", h)} }, true, true, false},
		{"a matrix and a bias", radial, 3, func(h string) []quiver.Part { return []quiver.Part{quiver.Connect("x", h), quiver.Connect("one", h)} }, true, true, true},
		{"at the limit", radial, wide - 1, func(h string) []quiver.Part { return []quiver.Part{quiver.Connect("x", h), quiver.Connect("one", h)} }, true, true, true},
		{"wide", radial, wide, func(h string) []quiver.Part { return []quiver.Part{quiver.Connect("x", h), quiver.Connect("one", h)} }, false, false, false},
		{"from a wide one", radial, 3, func(h string) []quiver.Part { return []quiver.Part{quiver.Connect("u", h), quiver.Connect("one", h)} }, true, true, false},
		{"two matrices", radial, 3, func(h string) []quiver.Part {
			return []quiver.Part{quiver.Connect("x", h), quiver.Connect("x", h, quiver.Named("again")), quiver.Connect("one", h)}
		}, false, true, true},
		{"two biases", radial, 3, func(h string) []quiver.Part {
			return []quiver.Part{quiver.Connect("x", h), quiver.Connect("one", h), quiver.Connect("one", h, quiver.Named("again"))}
		}, false, true, true},
		{"a bias alone", radial, 3, func(h string) []quiver.Part { return []quiver.Part{quiver.Connect("one", h)} }, false, true, false},
		{"a fixed matrix", radial, 3, func(h string) []quiver.Part {
			return []quiver.Part{quiver.Connect("x", h, quiver.Frozen(quiver.Inclusion{Rows: 3, Cols: 2, K: 2})), quiver.Connect("one", h)}
		}, false, true, false},
		{"nothing", radial, 3, func(string) []quiver.Part { return nil }, false, false, false},
		{"pointwise", layers.Pointwise(layers.Tanh), 3, func(h string) []quiver.Part { return []quiver.Part{quiver.Connect("x", h), quiver.Connect("one", h)} }, false, false, true},
		{"one feature", radial, 1, func(h string) []quiver.Part { return []quiver.Part{quiver.Connect("x", h), quiver.Connect("one", h)} }, false, false, true},
		{"trained", layers.Trainable(layers.Tanh, 0.1, 1), 3, func(h string) []quiver.Part { return []quiver.Part{quiver.Connect("x", h), quiver.Connect("one", h)} }, false, false, true},
	} {
		q, err := quiver.New(append([]quiver.Part{quiver.Input("x", 2), quiver.Input("u", wide), quiver.Bias("one"), quiver.Hidden("h", c.dim, c.act), quiver.Output("y", 2, nil),
			quiver.Connect("h", "y")}, c.into("h")...)...)
		require.NoError(t, err)
		p, err := Compile(q, Loss("y", MSE, 1))
		require.NoError(t, err)
		r := p.engine.(*runner[float64])
		u, err := r.unit(key{rows: 5, purpose: lossAndGrad}, p.model.TargetWidths(nil))
		require.NoError(t, err)
		var layer, through, grads bool
		for _, s := range u.tape.stages {
			switch s := s.(type) {
			case *forward[float64]:
				layer = layer || s.narrow != nil
			case *backward[float64]:
				through = through || s.from != nil
			case *weights[float64]:
				grads = grads || s.bias != nil
			}
		}
		assert.Equal(t, []bool{c.layer, c.through, c.grads}, []bool{layer, through, grads}, c.name)
	}
}

// TestIdleWork: works that calls have given back are lent again, each to one call at a time.
func TestIdleWork(t *testing.T) {
	q, err := layers.MLP(layers.Radial(layers.Tanh), 2, 3, 1)
	require.NoError(t, err)
	p, err := Compile(q)
	require.NoError(t, err)
	_, err = p.Forward(quiver.Random(q, nil, rand.NewPCG(1, 2)), nil)
	require.Error(t, err, "a control: no data")
	r := newRunner[float64](p.model, 1, false, nil)
	lent := func() map[*work[float64]]bool {
		set := make(map[*work[float64]]bool)
		for range 4 {
			set[r.borrow()] = true
		}
		require.Len(t, set, 4, "no two calls share one")
		return set
	}
	first := lent()
	for w := range first {
		r.giveBack(w)
	}
	assert.Equal(t, first, lent(), "none is lost")
}
