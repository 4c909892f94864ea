package graph_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/quiver"
)

// TestAnyBatch: expressions of every kind evaluate at batches that nobody gave to Compile, opened and simplified too, also
// several at once.
func TestAnyBatch(t *testing.T) {
	for _, opts := range [][]graph.Option{nil, {graph.Precompile(4)}, {graph.Float32}} {
		tol := 1e-12
		if len(opts) > 0 {
			tol = 1e-5
		}
		w := five(t, tanh)
		p, err := graph.Compile(w.Quiver(), append(opts, graph.Loss("y", graph.MSE, 1))...)
		require.NoError(t, err)
		v := w.Like()
		for i := range v.Data() {
			v.Data()[i] = float64(i%7) - 3
		}
		arrow, from := "h2->y", "h2"
		gradient, err := p.Gradient(arrow)
		require.NoError(t, err)
		value, err := p.Value("h1")
		require.NoError(t, err)
		loss, err := p.LossValue()
		require.NoError(t, err)
		at, err := p.VertexGradient(from)
		require.NoError(t, err)
		opened, err := gradient.ExpandAll()
		require.NoError(t, err)
		tidy, err := opened.Simplify()
		require.NoError(t, err)
		again, err := tidy.Simplify()
		require.NoError(t, err)
		second, err := p.SecondGradient(arrow, arrow)
		require.NoError(t, err)
		for _, n := range []int{1, 2, 3, 7, 3, 1, 40} {
			xs, ts := list(normal(n, 2, 1)), list(normal(n, 3, 2))
			g := w.Like()
			want, err := p.LossGrad(g, w, xs, ts)
			require.NoError(t, err)
			for name, x := range map[string]*graph.Expr{"gradient": gradient, "opened": opened, "tidy": tidy, "again": again} {
				got, err := x.Eval(w, xs, ts)
				require.NoError(t, err, "%s at %d", name, n)
				assert.LessOrEqual(t, gap(g.Arrow(arrow), got), tol, "%s at %d", name, n)
			}
			l, err := loss.Eval(w, xs, ts)
			require.NoError(t, err)
			near(t, want, l.At(0, 0), tol)
			f, err := w.Features(xs...)
			require.NoError(t, err)
			h1, err := value.Eval(w, xs, nil)
			require.NoError(t, err)
			assert.LessOrEqual(t, gap(f["h1"], h1), tol)
			d, err := at.Eval(w, xs, ts)
			require.NoError(t, err)
			r, c := d.Dims()
			assert.Equal(t, [2]int{n, w.Quiver().Dims()[from]}, [2]int{r, c})
			_, err = second.Eval(w, xs, ts)
			assert.ErrorContains(t, err, "Along")
			one := w.Like()
			copy(one.Arrow(arrow).RawMatrix().Data, v.Arrow(arrow).RawMatrix().Data)
			hv := w.Like()
			require.NoError(t, p.HessianVector(hv, w, one, xs, ts))
			block, err := second.Along(one).Eval(w, xs, ts)
			require.NoError(t, err)
			assert.LessOrEqual(t, gap(hv.Arrow(arrow), block), tol)
		}
		_, err = gradient.Eval(w, list(&mat.Dense{}), list(normal(1, 3, 1)))
		var de *graph.DataError
		assert.ErrorAs(t, err, &de)
	}
}

// TestAnyTargets: so do those of a custom loss with targets of another width than the output.
func TestAnyTargets(t *testing.T) {
	loss := graph.Custom(func(y, t *gorgonia.Node) (*gorgonia.Node, error) {
		return gorgonia.Square(gorgonia.Must(gorgonia.Sub(gorgonia.Must(gorgonia.Sum(y, 1)), gorgonia.Must(gorgonia.Sum(t, 1)))))
	})
	q, err := quiver.New(quiver.Input("x", 2), quiver.Output("y", 3, nil), quiver.Connect("x", "y"))
	require.NoError(t, err)
	w := quiver.Random(q, nil, rngOf(3))
	p, err := graph.Compile(q, graph.Loss("y", loss, 1))
	require.NoError(t, err)
	x, err := p.Gradient("x->y")
	require.NoError(t, err)
	for _, n := range []int{1, 2, 5} {
		for _, width := range []int{1, 2, 3} {
			xs, ts := list(normal(n, 2, 1)), list(normal(n, width, 2))
			g := w.Like()
			_, err := p.LossGrad(g, w, xs, ts)
			require.NoError(t, err)
			got, err := x.Eval(w, xs, ts)
			require.NoError(t, err)
			assert.LessOrEqual(t, gap(g.Arrow("x->y"), got), 1e-12)
		}
	}
}
