package graph_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// eye is a frozen matrix that is not structured.
func eye() mat.Matrix { return mat.NewDense(2, 2, []float64{1, 0, 0, 1}) }

// TestNamesDoNotDecide: a vertex may be called like an operation of Gorgonia's that has no gradient.
func TestNamesDoNotDecide(t *testing.T) {
	act := layers.Pointwise(layers.Tanh)
	for _, name := range []string{"floor", "sign", "ceil", "SizeOf", "SizeOf=2", "<", ">", "<=", ">=", "==", "!=", "+", "Σ[1]", "softplus", "tanh", "δ[", "loss"} {
		for _, fixed := range []bool{true, false} {
			var arrow []quiver.ArrowOption
			if fixed {
				arrow = append(arrow, quiver.Frozen(eye()))
			}
			q, err := quiver.New(quiver.Input("x", 2), quiver.Hidden("h", 2, act), quiver.Hidden(name, 2, act), quiver.Output("y", 2, nil),
				quiver.Connect("x", "h"), quiver.Connect("h", name, arrow...), quiver.Connect(name, "y"))
			require.NoError(t, err)
			w := quiver.Random(q, nil, rand.NewPCG(3, 4))
			xs, ts := list(normal(5, 2, 1)), list(normal(5, 2, 2))
			want := referenceGradient(t, w, xs, ts)
			for _, opts := range [][]graph.Option{nil, {graph.Unfused}} {
				p, err := graph.Compile(q, append(opts, graph.Loss("y", graph.MSE, 1))...)
				require.NoError(t, err)
				g := w.Like()
				_, err = p.LossGrad(g, w, xs, ts)
				require.NoError(t, err)
				assert.Greater(t, mat.Norm(g.Arrow("x->h"), 2), 1e-3, "%s: a gradient of zero", name)
				g.AddScaled(-1, want)
				assert.LessOrEqual(t, g.Norm(), 1e-13*want.Norm(), name)
			}
		}
	}
}

// TestAnyLegalName: a vertex and an arrow may be called like any value of the expression graph, of the same
// size too; everything that is made of the graph works.
func TestAnyLegalName(t *testing.T) {
	names := []string{"W[x→h]", "W[in→h]", "F[in→h]", "p[h]", "t1[y]", "c1[y]", "r[y]", "·1", "·1·", "L", "loss", "δ[y]", "δ[h]", "z[h]", "v·W[x→h]", "v·p[h]", "dy[y]", "1", "1.5", "∂/∂h", "#0", "H[1]", "E[1,1]", "λ1[h]", "∂L/∂W[x→h]"}
	for _, name := range names {
		for _, n := range []int{1, 2} {
			// The names of the vertex, of an arrow, and of an arrow into a vertex h with a parameter; sizes 2×2 throughout.
			q, err := quiver.New(quiver.Input(name, 2), quiver.Input("x", 2), quiver.Hidden("h", 2, layers.Trainable(layers.Tanh, 0.3, 1.1)), quiver.Hidden("alone", 2, layers.Pointwise(layers.Tanh)),
				quiver.Output("y", 2, nil), quiver.Connect(name, "h"), quiver.Connect("x", "h", quiver.Named("x→h")), quiver.Connect("x", "h"),
				quiver.Connect("h", "y"), quiver.Connect("alone", "y", quiver.Named("m"+name)))
			require.NoError(t, err, name)
			w := quiver.Random(q, nil, rand.NewPCG(3, 4))
			p, err := graph.Compile(q, graph.Loss("y", graph.MSE, 1), graph.Precompile(n))
			require.NoError(t, err, name)
			xs, ts := list(normal(n, 2, 1), normal(n, 2, 2)), list(normal(n, 2, 3))
			g, want := w.Like(), referenceGradient(t, w, xs, ts)
			_, err = p.LossGrad(g, w, xs, ts)
			require.NoError(t, err, name)
			for _, arrow := range []string{name + "->h", "x→h", "x->h"} {
				x, err := p.Gradient(arrow)
				require.NoError(t, err, name)
				got, err := x.Eval(w, xs, ts)
				require.NoError(t, err, name)
				assert.LessOrEqual(t, gap(want.Arrow(arrow), got), 1e-12, "%s: %s", name, arrow)
				if n == 1 && arrow == "x->h" {
					opened, err := x.ExpandAll()
					require.NoError(t, err, name)
					got, err := opened.Eval(w, xs, ts)
					require.NoError(t, err, name)
					assert.LessOrEqual(t, gap(want.Arrow(arrow), got), 1e-12, "%s: opened", name)
				}
			}
			g.AddScaled(-1, want)
			assert.LessOrEqual(t, g.Norm(), 1e-12*want.Norm(), name)
			require.NoError(t, p.HessianVector(g, w, w, xs, ts), name)
			_, err = p.SecondGradient("x->h", name+"->h")
			require.NoError(t, err, name)
			_, err = p.Jacobian(w, xs...)
			require.NoError(t, err, name)
			v, err := graph.Verify(p, w, xs, ts)
			require.NoError(t, err, name)
			require.NoError(t, v.Err(), name)
		}
	}
	w := net(t, tanh)
	p, err := graph.Compile(w.Quiver(), graph.Loss("y", graph.MSE, 1))
	require.NoError(t, err)
	assert.Len(t, p.Expr().ByName("W[x→h1]"), 1, "names that nobody takes stay as they are")
}
