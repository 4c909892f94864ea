package rewrite

import (
	"hash"
	"testing"

	"github.com/chewxy/hm"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/internal/inspect"
	"github.com/quivernet/quivernet/internal/op"
)

// sumOp is somebody's operation with the name of one of Gorgonia's types, and it prints what that prints: the
// entries of each row in reverse, times the number of its runs where it counts them.
type sumOp struct {
	along []int
	runs  *int
}

func (o sumOp) Arity() int { return 1 }
func (o sumOp) Type() hm.Type {
	t := G.TensorType{Dims: 2, Of: hm.TypeVariable('a')}
	return hm.NewFnType(t, t)
}
func (o sumOp) InferShape(ds ...G.DimSizer) (tensor.Shape, error) {
	return ds[0].(tensor.Shape).Clone(), nil
}
func (o sumOp) Do(vs ...G.Value) (G.Value, error) {
	x, s := inspect.MustNumbers(vs[0]), vs[0].Shape()
	y := make([]float64, len(x))
	if o.runs != nil {
		*o.runs++
	}
	for i := range y {
		r, c := i/s[1], i%s[1]
		y[i] = x[r*s[1]+s[1]-1-c]
		if o.runs != nil {
			y[i] *= float64(*o.runs)
		}
	}
	return inspect.NewValue(tensor.Float64, s, y), nil
}
func (o sumOp) ReturnsPtr() bool      { return false }
func (o sumOp) CallsExtern() bool     { return false }
func (o sumOp) OverwritesInput() int  { return -1 }
func (o sumOp) WriteHash(h hash.Hash) { h.Write([]byte("reverse")) }
func (o sumOp) Hashcode() uint32      { return 4711 }
func (o sumOp) String() string        { return "Σ[1]" }

// TestForeignOperation: an operation is told by the package of its type and not by a name that anybody can
// choose; one that nobody knows is not run, and what it reads is compared instead.
func TestForeignOperation(t *testing.T) {
	runs := 0
	for _, o := range []sumOp{{along: []int{1}}, {along: []int{1}, runs: &runs}} {
		l := newLab(t, 1)
		h := l.rms(l.linear("0", l.input("x", 4, 2), 9))
		n, err := op.Apply(o, l.linear("1", h, 5))
		require.NoError(t, err)
		assert.Equal(t, inspect.Kind{}, inspect.KindOf(n.Op()))
		y := l.linear("3", l.rms(l.linear("2", n, 11)), 2)
		res, err := Rewriter{Weights: l.weights, Data: l.data}.Rewrite(y, n)
		require.NoError(t, err)
		assert.Zero(t, runs, "an operation with a state was run")
		assert.Len(t, res.Report.Changes, 2, "%s", res)
		assert.LessOrEqual(t, res.Certificate.Gap, 1e-12)
		assert.Empty(t, res.Certificate.Unmeasured)
		never(t, res, "foreign operation")
		if o.runs == nil {
			assert.LessOrEqual(t, gapOf(t, tape(t, G.Nodes{y, n}), tape(t, res.Roots)), 1e-12)
		}
	}
}

// TestNamesDecideNothing: a graph is rewritten alike whatever its nodes are called.
func TestNamesDecideNothing(t *testing.T) {
	build := func(x, w, b, h, y string) (*lab, *G.Node) {
		l := newLab(t, 3)
		z := l.bias(G.Must(G.Mul(l.input(x, 4, 2), l.weight(w, 2, 9))), l.weight(b, 1, 9))
		a := radialOf(G.Tanh)(z)
		G.WithName(h)(a)
		unread := l.weight("b", 3, 3) // one that a region does not read
		out := G.Must(G.Add(G.Must(G.Mul(a, l.weight("o", 9, 3))), G.Must(G.Mul(l.input("u", 4, 3), G.Must(G.Exp(unread))))))
		G.WithName(y)(out)
		return l, out
	}
	var want *Result
	for _, names := range [][5]string{
		{"x", "w", "c", "h", "y"}, {"%x", "%!w", "%!s()", "f()", "g(%1)"}, {"one", "→one", "one.2", "a", "a.2"},
		{"constant", "float64 1", "dropout", "batchnorm", "random"}, {"÷#18", "matmul#2", "input#3", "SizeOf=3(%2)", "tanh"},
		{"x->h", "a b", "'", "keeps its width 9: full: rotated", "kept: "}, {"<", "==", "sign", "ceil", "floor"},
	} {
		l, y := build(names[0], names[1], names[2], names[3], names[4])
		res, err := Rewriter{Weights: l.weights, Data: l.data}.Rewrite(y)
		require.NoError(t, err, "%q", names)
		never(t, res, names[0])
		require.Len(t, res.Report.Changes, 1, "%q\n%s", names, res)
		assert.Equal(t, names[3], res.Report.Changes[0].Node)
		assert.Equal(t, names[4], res.Roots[0].Name())
		if want == nil {
			want = res
		}
		assert.Equal(t, want.Report.Before, res.Report.Before, "%q", names)
		assert.Equal(t, want.Report.After, res.Report.After, "%q", names)
		assert.Equal(t, want.Report.Changes[0].To, res.Report.Changes[0].To, "%q", names)
		assert.Len(t, res.Report.Left, len(want.Report.Left), "%q\n%s", names, res)
		assert.LessOrEqual(t, gapOf(t, valuesOf(G.Nodes{y}), tape(t, res.Roots)), 1e-12, "%q", names)
		for _, w := range l.weights {
			assert.NotNil(t, shapes(res.Weights)[w.Name()], "%q: %q lost its name", names, w.Name())
		}
	}
}
