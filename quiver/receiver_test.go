package quiver_test

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/quiver"
)

// TestNothingToActOn: every method of a nil quiver and of a nil or zero representation returns an
// *InputError, or panics with one where it returns no error.
func TestNothingToActOn(t *testing.T) {
	for _, receiver := range []any{(*quiver.Quiver)(nil), (*quiver.Rep)(nil), new(quiver.Rep)} {
		r := reflect.ValueOf(receiver)
		for i := range r.NumMethod() {
			name, method := r.Type().Method(i).Name, r.Method(i)
			if name == "String" {
				continue // which a debugger may call
			}
			var args []reflect.Value
			for k := range method.Type().NumIn() {
				if !method.Type().IsVariadic() || k < method.Type().NumIn()-1 {
					args = append(args, reflect.Zero(method.Type().In(k)))
				}
			}
			err := func() (err error) {
				defer func() {
					if p := recover(); p != nil {
						err, _ = p.(error)
					}
				}()
				out := method.Call(args)
				if len(out) > 0 {
					err, _ = out[len(out)-1].Interface().(error)
				}
				return err
			}()
			require.ErrorAs(t, err, new(*quiver.InputError), "%T.%s", receiver, name)
		}
	}
	assert.Equal(t, "<nil>", (*quiver.Quiver)(nil).String())
	assert.NoError(t, everything(t).Check(), "a representation that is one")
}

// TestIndices: the numbers 0 … n−1 of arrows and vertices are good, and their neighbours are panics
// that say so.
func TestIndices(t *testing.T) {
	w := everything(t)
	q := w.Quiver()
	for what, c := range map[string]struct {
		n  int
		at func(i int)
	}{
		"Block":        {q.NumArrows(), func(i int) { w.Block(i) }},
		"Matrix":       {q.NumArrows(), func(i int) { w.Matrix(i) }},
		"Fixed":        {q.NumArrows(), func(i int) { w.Fixed(i) }},
		"Quiver.Fixed": {q.NumArrows(), func(i int) { q.Fixed(i) }},
		"ParamsAt":     {q.NumVertices(), func(i int) { w.ParamsAt(i) }},
		"At, row":      {3, func(i int) { quiver.Eye(3).At(i, 0) }},
		"At, column":   {3, func(i int) { quiver.Eye(3).At(0, i) }},
		"fixed row":    {3, func(i int) { w.Fixed(index(t, q, "u->k")).At(i, 0) }},
		"fixed column": {1, func(i int) { w.Fixed(index(t, q, "u->k")).At(0, i) }},
	} {
		for i := -1; i <= c.n; i++ {
			var got any
			func() {
				defer func() { got = recover() }()
				c.at(i)
			}()
			if i >= 0 && i < c.n {
				assert.Nil(t, got, "%s %d", what, i)
				continue
			}
			e, ok := got.(*quiver.IndexError)
			require.True(t, ok, "%s %d: %v", what, i, got)
			assert.Equal(t, []int{i, c.n}, []int{e.Index, e.N}, what)
		}
	}
	in, out := 0, 0
	for v := -1; v <= q.NumVertices(); v++ {
		for _, a := range q.In(v) {
			assert.Equal(t, v, q.Arrows()[a].Target)
			in++
		}
		for _, a := range q.Out(v) {
			assert.Equal(t, v, q.Arrows()[a].Source)
			out++
		}
	}
	assert.Equal(t, []int{q.NumArrows(), q.NumArrows()}, []int{in, out}, "each arrow once")
}

func index(t *testing.T, q *quiver.Quiver, arrow string) int {
	t.Helper()
	i, ok := q.ArrowIndex(arrow)
	require.True(t, ok)
	return i
}
