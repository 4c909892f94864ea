package graph_test

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/quiver"
)

// typed calls f, and fails where what comes out is a panic without a type of this module.
func typed(t *testing.T, name string, f func()) {
	t.Helper()
	defer func() {
		r := recover()
		if r == nil {
			return
		}
		err, ok := r.(error)
		_, runtimeError := r.(runtime.Error)
		assert.True(t, ok && !runtimeError, "%s panics with %T: %v", name, r, r)
		assert.NotEmpty(t, fmt.Sprint(err))
	}()
	f()
}

// TestNothing calls every function and method of the package with nothing: nil, zero and empty values, alone and
// together with right ones. Only typed values come out.
func TestNothing(t *testing.T) {
	q, err := quiver.New(quiver.Input("x", 2), quiver.Hidden("h1", 2, tanh), quiver.Output("y", 1, nil), quiver.Connect("x", "h1"), quiver.Connect("h1", "y"))
	require.NoError(t, err)
	w := quiver.Random(q, nil, rngOf(1))
	p, err := graph.Compile(q, graph.Loss("y", graph.MSE, 1))
	require.NoError(t, err)
	x, err := p.Gradient("x->h1")
	require.NoError(t, err)
	v, err := graph.Verify(p, w, list(normal(3, 2, 1)), list(normal(3, 1, 1)))
	require.NoError(t, err)
	e, err := p.Explain()
	require.NoError(t, err)
	receivers := []any{
		(*graph.Program)(nil), new(graph.Program), p, (*graph.Expr)(nil), new(graph.Expr), x, (*graph.Problem)(nil), new(graph.Problem), p.Problem(nil, nil),
		(*graph.Verification)(nil), new(graph.Verification), v, (*graph.Explanation)(nil), new(graph.Explanation), e, (*graph.Profile)(nil), new(graph.Profile),
		graph.LossFunc{}, graph.Origin{}, graph.Pass(9), graph.Status(9), graph.Check{},
		new(graph.DataError), new(graph.ExpandError), new(graph.LossError), new(graph.NonFiniteError), new(graph.OpError), new(graph.RepError), new(graph.SymmetryError),
		new(graph.UnknownArrowError), new(graph.UnknownRuleError), new(graph.UnknownVertexError), new(graph.VerifyError), new(graph.OptionError), new(graph.NodeError), new(graph.OrderError),
	}
	functions := map[string]any{
		"Arguments": graph.Arguments, "Engine": graph.Engine, "Coupled": graph.Coupled, "Custom": graph.Custom, "Loss": graph.Loss, "Precompile": graph.Precompile,
		"Workers": graph.Workers, "Rules": graph.Rules, "Verify": graph.Verify, "Compile": graph.Compile,
	}
	for _, r := range receivers {
		of := reflect.ValueOf(r)
		for i := range of.NumMethod() {
			functions[fmt.Sprintf("%T.%s %d", r, of.Type().Method(i).Name, len(functions))] = of.Method(i).Interface()
		}
	}
	values := []any{
		w, w.Like(), (*quiver.Rep)(nil), w.Quiver(), (*quiver.Quiver)(nil), new(quiver.Quiver), (*mat.Dense)(nil), &mat.Dense{}, normal(3, 2, 1), normal(3, 6, 1), p, (*graph.Program)(nil), new(graph.Program),
		[]*mat.Dense(nil), []*mat.Dense{}, []*mat.Dense{nil}, list(&mat.Dense{}), list(normal(3, 2, 1)), list(normal(3, 1, 1)), "", "x->h1", "y", "h1", 0, -1, 1, math.MaxInt, math.NaN(), math.Inf(1), 1.0,
		(*gorgonia.Node)(nil), x.Node(), new(gorgonia.Node), graph.LossFunc{}, graph.MSE, graph.Option(nil), graph.Workers(-1), graph.Precompile(-1), graph.Loss("y", graph.Custom(nil), 1),
	}
	for name, f := range functions {
		if name == "Precompile" || name == "Workers" {
			continue // absurd numbers are tried below
		}
		calls(t, name, reflect.ValueOf(f), values)
	}
}

// calls calls f with many combinations of values that fit its parameters.
func calls(t *testing.T, name string, f reflect.Value, values []any) {
	of := f.Type()
	fitting := make([][]reflect.Value, of.NumIn())
	for i := range fitting {
		in := of.In(i)
		if of.IsVariadic() && i == of.NumIn()-1 {
			in = in.Elem()
		}
		for _, v := range values {
			if k, ok := v.(int); ok && k > 1 && in.Kind() == reflect.Int { // a graph for so many samples
				continue
			}
			if reflect.TypeOf(v).AssignableTo(in) {
				fitting[i] = append(fitting[i], reflect.ValueOf(v))
			}
		}
		fitting[i] = append(fitting[i], reflect.Zero(in))
	}
	for k := range 40 {
		var in []reflect.Value
		for i, vs := range fitting {
			if len(vs) == 1 && of.IsVariadic() && i == len(fitting)-1 {
				continue
			}
			in = append(in, vs[(k*(i+1)+k/(i+2))%len(vs)])
		}
		typed(t, name, func() { f.Call(in) })
	}
}

// TestAbsurdOptions: every option with a value that makes no sense is refused with a typed error that names it.
func TestAbsurdOptions(t *testing.T) {
	q, err := quiver.New(quiver.Input("x", 1), quiver.Output("y", 1, nil), quiver.Connect("x", "y"))
	require.NoError(t, err)
	compile := func(opts ...graph.Option) error { _, err := graph.Compile(q, opts...); return err }
	var oe *graph.OptionError
	for _, n := range []int{0, -1, math.MinInt} {
		require.ErrorAs(t, compile(graph.Workers(n)), &oe)
		assert.Equal(t, "Workers", oe.Option)
		require.ErrorAs(t, compile(graph.Workers(n), graph.Workers(2)), &oe, "a later option does not hide it")
		var de *graph.DataError
		require.ErrorAs(t, compile(graph.Precompile(n)), &de)
	}
	require.ErrorAs(t, compile(nil), &oe)
	require.ErrorAs(t, compile(graph.Float32, nil), &oe)
	assert.Contains(t, oe.Error(), "option 2")
	var le *graph.LossError
	for _, o := range []graph.Option{
		graph.Loss("y", graph.MSE, math.NaN()), graph.Loss("y", graph.MSE, math.Inf(1)), graph.Loss("y", graph.LossFunc{}, 1), graph.Loss("y", graph.Coupled(graph.LossFunc{}), 1),
		graph.Loss("y", graph.Custom(nil), 1), graph.Loss("y", graph.Coupled(graph.Custom(nil)), 1), graph.Loss("", graph.MSE, 1), graph.Loss("x", graph.MSE, 1),
	} {
		require.ErrorAs(t, compile(o), &le)
	}
	assert.NoError(t, compile(graph.Workers(1), graph.Workers(64), graph.Precompile(), graph.Loss("y", graph.MSE, 0), graph.Loss("y", graph.MSE, -1)))
	_, err = graph.Compile(nil, nil)
	assert.Error(t, err)
	assert.False(t, errors.As(err, new(runtime.Error)))
}
