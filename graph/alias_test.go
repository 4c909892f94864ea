package graph_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/quiver"
)

// TestSharedMemory: a result that shares memory with what is read, or with another result, is an error; columns of one matrix
// that lie beside each other are not shared.
func TestSharedMemory(t *testing.T) {
	q, err := quiver.New(quiver.Input("x", 2), quiver.Output("y", 2, nil), quiver.Output("v", 2, nil), quiver.Connect("x", "y"), quiver.Connect("x", "v"))
	require.NoError(t, err)
	p, err := graph.Compile(q, graph.Loss("y", graph.MSE, 1))
	require.NoError(t, err)
	w := quiver.Zero(q)
	for i := range w.Data() {
		w.Data()[i] = float64(i)
	}
	big := mat.NewDense(8, 6, nil)
	view := func(i, j, r, c int) *mat.Dense { return big.Slice(i, i+r, j, j+c).(*mat.Dense) }
	x, y, v := mat.NewDense(3, 2, []float64{1, 2, 3, 4, 5, 6}), mat.NewDense(3, 2, nil), mat.NewDense(3, 2, nil)
	want, err := p.Forward(w, x)
	require.NoError(t, err)

	// What is apart.
	beside := view(0, 0, 3, 2)
	beside.Copy(x)
	for _, dst := range [][]*mat.Dense{{y, v}, {view(0, 2, 3, 2), view(0, 4, 3, 2)}, {view(3, 0, 3, 2), view(3, 2, 3, 2)}} {
		require.NoError(t, p.ForwardTo(dst, w, beside))
		assert.True(t, mat.Equal(want[0], dst[0]) && mat.Equal(want[1], dst[1]))
	}

	// What is not.
	in := func(m *mat.Dense) *mat.Dense { m.Copy(x); return m }
	wide := mat.NewDense(3, 2, big.RawMatrix().Data[3:9]) // another stride over the same numbers
	for name, err := range map[string]error{
		"the input itself":          p.ForwardTo(list(x, v), w, x),
		"one matrix twice":          p.ForwardTo(list(y, y), w, x),
		"one column of the input":   p.ForwardTo(list(view(0, 1, 3, 2), v), w, in(view(0, 0, 3, 2))),
		"a row further":             p.ForwardTo(list(y, view(2, 0, 3, 2)), w, in(view(0, 0, 3, 2))),
		"a column and a row before": p.ForwardTo(list(y, view(0, 1, 3, 2)), w, in(view(1, 0, 3, 2))),
		"two results":               p.ForwardTo(list(view(0, 0, 3, 2), view(1, 1, 3, 2)), w, x),
		"another stride":            p.ForwardTo(list(wide, v), w, in(view(0, 0, 3, 2))),
		"the weights":               p.ForwardTo(list(mat.NewDense(2, 2, w.Data()[2:6]), mat.NewDense(2, 2, nil)), w, mat.NewDense(2, 2, nil)),
		"gradient and input": func() error {
			g := w.Like()
			_, err := p.LossGrad(g, w, list(mat.NewDense(2, 2, g.Data()[1:5])), list(mat.NewDense(2, 2, nil)))
			return err
		}(),
		"gradient and targets": func() error {
			g := w.Like()
			_, err := p.LossGrad(g, w, list(mat.NewDense(2, 2, nil)), list(mat.NewDense(2, 2, g.Data()[:4])))
			return err
		}(),
		"Jacobian and input": func() error {
			j := mat.NewDense(12, 8, nil)
			return p.JacobianTo(j, w, mat.NewDense(3, 2, j.RawMatrix().Data[90:]))
		}(),
	} {
		var bad *graph.DataError
		if assert.ErrorAs(t, err, &bad, name) {
			assert.Contains(t, bad.Reason, "shares memory", name)
		}
	}
	for i := range 8 { // a control: the weights have stayed
		assert.Equal(t, float64(i), w.Data()[i])
	}

	var re *graph.RepError
	dir := w.Clone()
	for _, dst := range []*quiver.Rep{w, dir} {
		require.ErrorAs(t, p.HessianVector(dst, w, dir, list(x), list(y)), &re)
	}
	require.NoError(t, p.HessianVector(w.Like(), w, w, list(x), list(y)), "weights and direction may be one")
	dir.Data()[1] /= 0 * dir.Data()[1]
	require.ErrorAs(t, p.HessianVector(w.Like(), w, dir, list(x), list(y)), &re)
}

// TestOptionsThatCannotBe are refused by Compile.
func TestOptionsThatCannotBe(t *testing.T) {
	q, err := quiver.New(quiver.Input("x", 1), quiver.Output("y", 1, nil), quiver.Connect("x", "y"))
	require.NoError(t, err)
	for _, o := range []graph.Option{nil, graph.Workers(0), graph.Workers(-1)} {
		_, err := graph.Compile(q, o)
		var bad *graph.OptionError
		assert.ErrorAs(t, err, &bad)
	}
	_, err = graph.Compile(q, graph.Precompile(4, 0))
	var empty *graph.DataError
	assert.ErrorAs(t, err, &empty)
	_, err = graph.Compile(q, graph.Workers(1), graph.Precompile(4))
	assert.NoError(t, err)
}

// TestManyResults: of many results, each of which is compared with its neighbours in memory alone, the two that meet are found.
func TestManyResults(t *testing.T) {
	const n = 40
	parts := []quiver.Part{quiver.Input("x", 1)}
	for i := range n {
		name := fmt.Sprint("y", i)
		parts = append(parts, quiver.Output(name, 1, nil), quiver.Connect("x", name))
	}
	q, err := quiver.New(parts...)
	require.NoError(t, err)
	p, err := graph.Compile(q)
	require.NoError(t, err)
	w, x, dst, all := quiver.Zero(q), mat.NewDense(2, 1, nil), make([]*mat.Dense, n), mat.NewDense(2, n, nil)
	for i := range dst {
		dst[i] = all.Slice(0, 2, i, i+1).(*mat.Dense)
	}
	require.NoError(t, p.ForwardTo(dst, w, x))
	var bad *graph.DataError
	for _, c := range [][2]int{{0, n - 1}, {7, 8}, {31, 2}} {
		was := dst[c[0]]
		dst[c[0]] = dst[c[1]]
		assert.ErrorAs(t, p.ForwardTo(dst, w, x), &bad)
		dst[c[0]] = was
	}
	assert.ErrorAs(t, p.ForwardTo(dst, w, dst[9]), &bad)
	require.NoError(t, p.ForwardTo(dst, w, x))
}
