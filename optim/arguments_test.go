package optim_test

import (
	"context"
	"errors"
	"reflect"
	"runtime"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/optim"
	"github.com/quivernet/quivernet/quiver"
)

// outcome is the error that f returns or panics with; any other panic fails the test.
func outcome(t *testing.T, what string, f func() error) (err error) {
	t.Helper()
	defer func() {
		if v := recover(); v != nil {
			e, ok := v.(error)
			var r runtime.Error
			require.True(t, ok && !errors.As(e, &r), "%s: untyped panic: %v", what, v)
			err = e
		}
	}()
	return f()
}

// everyMethod are the methods and their wrappers.
func everyMethod() map[string]optim.Method {
	out := map[string]optim.Method{
		"Clip":            optim.Clip(&optim.Adam{}, 1),
		"ClipEntries":     optim.ClipEntries(&optim.SGD{}, 1),
		"Projected":       optim.Projected(&optim.Adam{}, zeros{}),
		"projected LBFGS": optim.Projected(&optim.LBFGS{}, zeros{}),
		"clip, projected": optim.Clip(optim.Projected(&optim.Muon{}, zeros{}), 1),
	}
	for name, m := range catalogued() {
		out[name] = m()
	}
	return out
}

// TestNilArguments: weights, gradients, methods, projectors, objectives and contexts that are nil are
// *NilError, and change nothing.
func TestNilArguments(t *testing.T) {
	ctx := context.Background()
	var nowhen context.Context
	w := generic(t, layers.Tanh)
	start, g := w.Clone(), w.Like()
	empty := &quiver.Rep{}
	var ne *optim.NilError
	for name, m := range everyMethod() {
		do := m.Step
		if s, ok := m.(optim.Searcher); ok {
			do = func(w, grad *quiver.Rep) error {
				_, err := s.Search(ctx, bowl{}, w, grad, 1)
				return err
			}
			assert.ErrorAs(t, outcome(t, name, func() error { _, err := s.Search(nowhen, bowl{}, w, g, 1); return err }), &ne, name)
			assert.ErrorAs(t, outcome(t, name, func() error { _, err := s.Search(ctx, nil, w, g, 1); return err }), &ne, name)
		}
		for _, pair := range [][2]*quiver.Rep{{nil, g}, {w, nil}, {nil, nil}, {empty, g}, {w, empty}} {
			assert.ErrorAs(t, outcome(t, name, func() error { return do(pair[0], pair[1]) }), &ne, name)
		}
	}
	absent := map[string]optim.Method{
		"Clip":        optim.Clip(nil, 1),
		"ClipEntries": optim.ClipEntries(nil, 1),
		"method":      optim.Projected(nil, zeros{}),
		"projector":   optim.Projected(&optim.SGD{}, nil),
		"both":        optim.Projected(nil, nil),
		"inside":      optim.Clip(optim.Projected(&optim.SGD{}, nil), 1),
		"nil in it":   optim.Projected((*optim.SGD)(nil), zeros{}),
		"nil clipped": optim.Clip((*optim.Adam)(nil), 1),
	}
	for name, m := range catalogued() {
		absent["nil "+name] = reflect.Zero(reflect.TypeOf(m())).Interface().(optim.Method)
	}
	for name, m := range absent {
		if _, search := m.(optim.Searcher); !search { // whose Step is another error
			assert.ErrorAs(t, outcome(t, name, func() error { return m.Step(w, g) }), &ne, name)
		}
		_, err := optim.Minimize(ctx, bowl{}, w, m, nil)
		assert.ErrorAs(t, err, &ne, name)
		if s, ok := m.(optim.Stateful); ok {
			_ = outcome(t, name, func() error { return s.Restore(optim.State{Reps: map[string]*quiver.Rep{}, Step: 1}) })
			_ = outcome(t, name, func() error { s.Snapshot(); return nil })
		}
		if x, ok := m.(optim.Trait); ok {
			_ = outcome(t, name, func() error { x.Traits(); return nil })
		}
		if x, ok := m.(optim.Factored); ok {
			_ = outcome(t, name, func() error { x.Factors(""); return nil })
		}
	}
	for name, f := range map[string]func() error{
		"context":   func() error { _, err := optim.Minimize(nowhen, bowl{}, w, &optim.SGD{}, nil); return err },
		"objective": func() error { _, err := optim.Minimize(ctx, nil, w, &optim.SGD{}, nil); return err },
		"weights":   func() error { _, err := optim.Minimize(ctx, bowl{}, nil, &optim.SGD{}, nil); return err },
		"no quiver": func() error { _, err := optim.Minimize(ctx, bowl{}, empty, &optim.SGD{}, nil); return err },
		"method":    func() error { _, err := optim.Minimize(ctx, bowl{}, w, nil, nil); return err },
	} {
		assert.ErrorAs(t, outcome(t, name, f), &ne, name)
	}
	assert.EqualError(t, (&optim.Adam{}).Step(w, nil), "optim: Adam: no gradient; make one with w.Like()")
	assert.Equal(t, start.Data(), w.Data())
}

// overlapping returns weights and a gradient whose slabs share all but some entries.
func overlapping(t *testing.T, shift int) (w, g *quiver.Rep) {
	t.Helper()
	w = generic(t, layers.Tanh)
	g = w.Like()
	n := len(w.Data())
	both := make([]float64, n+shift)
	set := func(r *quiver.Rep, s []float64) {
		f := reflect.ValueOf(r).Elem().FieldByName("data")
		*(*[]float64)(unsafe.Pointer(f.UnsafeAddr())) = s
	}
	set(w, both[:n])
	set(g, both[shift:])
	return w, g
}

// TestAliasedGradient: a gradient in the memory of the weights is refused, wholly or in part.
func TestAliasedGradient(t *testing.T) {
	var ae *optim.AliasError
	for name, m := range everyMethod() {
		do := m.Step
		if s, ok := m.(optim.Searcher); ok {
			do = func(w, grad *quiver.Rep) error {
				_, err := s.Search(context.Background(), bowl{}, w, grad, 1)
				return err
			}
		}
		w := generic(t, layers.Tanh)
		start := w.Clone()
		same := *w
		assert.ErrorAs(t, do(w, w), &ae, name)
		assert.ErrorAs(t, do(w, &same), &ae, "%s: another header of the same slab", name)
		assert.Equal(t, start.Data(), w.Data())
		for _, shift := range []int{1, 40, len(w.Data()) - 1} {
			a, b := overlapping(t, shift)
			assert.ErrorAs(t, do(a, b), &ae, "%s: %d entries apart", name, shift)
			assert.ErrorAs(t, do(b, a), &ae, name)
		}
		a, b := overlapping(t, len(w.Data())) // the control: neighbours
		fill(b, 0.5)
		assert.NotErrorAs(t, do(a, b), &ae, name)
	}
	assert.EqualError(t, func() error { w := generic(t, layers.Tanh); return (&optim.SGD{}).Step(w, w) }(),
		"optim: SGD: the gradient lies in the memory of the weights, and a step would overwrite it; make one with w.Like()")
}
