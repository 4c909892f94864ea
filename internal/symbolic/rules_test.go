package symbolic

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/formula"
	"github.com/quivernet/quivernet/internal/model"
	"github.com/quivernet/quivernet/internal/op"
	"github.com/quivernet/quivernet/quiver"
)

// maker makes the nodes of a test; any error ends it.
type maker struct {
	t    *testing.T
	x, w *gorgonia.Node // 3×2, 2×2
	unit *gorgonia.Node
}

func (m maker) is(n *gorgonia.Node, err error) *gorgonia.Node {
	m.t.Helper()
	require.NoError(m.t, err)
	return n
}
func (m maker) sum(c []float64, xs ...*gorgonia.Node) *gorgonia.Node {
	return m.is(op.Combine("x", "sum", c, xs...))
}
func (m maker) affine(x *gorgonia.Node, a, b float64) *gorgonia.Node {
	return m.is(op.Affine("x", x, a, b))
}
func (m maker) zero() *gorgonia.Node                             { return m.affine(m.x, 0, 0) }
func (m maker) norm() *gorgonia.Node                             { return m.is(op.RowNorm("x", "r", m.x)) }
func (m maker) power(x *gorgonia.Node, p float64) *gorgonia.Node { return m.is(op.Power("x", x, p)) }
func (m maker) times(a, b *gorgonia.Node) *gorgonia.Node         { return m.is(op.Hadamard("x", "∘", a, b)) }
func (m maker) transpose(a *gorgonia.Node) *gorgonia.Node        { return m.is(op.Transpose("x", a)) }
func (m maker) mul(a, b *gorgonia.Node) *gorgonia.Node           { return m.is(op.MatMul("x", a, b)) }
func (m maker) columns(a *gorgonia.Node, lo, hi int) *gorgonia.Node {
	return m.is(op.Columns("x", a, lo, hi))
}
func (m maker) scale(a, s *gorgonia.Node) *gorgonia.Node { return m.is(op.Scale("x", "·", a, s)) }
func (m maker) rows(a, s *gorgonia.Node) *gorgonia.Node  { return m.is(op.RowScale("x", "diag", a, s)) }

var eye = mat.NewDense(3, 2, []float64{0.6, 0, 0.8, 0, 0, 1})

// ruleCases are graphs in and graphs out, as text: the formula alone.
var ruleCases = []struct {
	rule    string
	build   func(m maker) *gorgonia.Node
	in, out string
}{
	{"seed", func(m maker) *gorgonia.Node { return m.scale(m.x, m.unit) }, "x", "x"},
	{"seed", func(m maker) *gorgonia.Node {
		return m.times(m.scale(m.x, m.scale(m.unit, m.is(op.Dot("x", "|x|²", m.x, m.x)))), m.x)
	}, "(⟨x, x⟩·x)∘x", "(⟨x, x⟩·x)∘x"},
	{"one", func(m maker) *gorgonia.Node { return m.sum([]float64{1}, m.affine(m.power(m.x, 1), 1, 0)) }, "x^1", "x"},
	{"one", func(m maker) *gorgonia.Node { return m.sum([]float64{2}, m.x) }, "2·x", "2·x"},
	{"zero", func(m maker) *gorgonia.Node { return m.sum([]float64{1, 1, 0}, m.x, m.zero(), m.power(m.x, 2)) }, "x + 0 + 0·x²", "x"},
	{"zero", func(m maker) *gorgonia.Node { return m.times(m.x, m.zero()) }, "x∘0", "0"},
	{"zero", func(m maker) *gorgonia.Node { return m.affine(m.rows(m.x, m.affine(m.norm(), 0, 0)), 3, 4) }, "3·diag(0)·x + 4", "4"},
	{"zero", func(m maker) *gorgonia.Node { return m.affine(m.x, 0, 1) }, "1", "1"},
	{"transpose", func(m maker) *gorgonia.Node { return m.mul(m.x, m.transpose(m.transpose(m.w))) }, "x·(W[x→y]ᵀ)ᵀ", "x·W[x→y]"},
	{"transpose", func(m maker) *gorgonia.Node { return m.mul(m.x, m.transpose(m.w)) }, "x·W[x→y]ᵀ", "x·W[x→y]ᵀ"},
	{"sums", func(m maker) *gorgonia.Node {
		return m.sum([]float64{1, -2}, m.x, m.sum([]float64{1, -3}, m.power(m.x, 2), m.power(m.x, 3)))
	}, "x − 2·(x² − 3·x³)", "x − 2·x² + 6·x³"},
	{"sums", func(m maker) *gorgonia.Node { // what is used twice stays
		s := m.sum([]float64{1, 1}, m.power(m.x, 2), m.power(m.x, 3))
		return m.sum([]float64{1, 1}, s, m.times(s, m.x))
	}, "u1 + u1∘x", "u1 + u1∘x"},
	{"like terms", func(m maker) *gorgonia.Node { return m.sum([]float64{2, 1, -5}, m.x, m.power(m.x, 2), m.x) }, "2·x + x² − 5·x", "−3·x + x²"},
	{"affine", func(m maker) *gorgonia.Node { return m.affine(m.affine(m.x, 3, 1), 2, -4) }, "2·(3·x + 1) − 4", "6·x − 2"},
	{"affine", func(m maker) *gorgonia.Node { return m.sum([]float64{-1}, m.affine(m.sum([]float64{-1}, m.x), 1, 1)) }, "−(−x + 1)", "x − 1"},
	{"root", func(m maker) *gorgonia.Node { return m.power(m.power(m.is(op.RowDot("x", "·", m.x, m.x)), 0.5), 2) }, "√(rows(⟨x, x⟩))²", "rows(⟨x, x⟩)"},
	{"root", func(m maker) *gorgonia.Node { return m.power(m.power(m.x, 2), 0.5) }, "√(x²)", "√(x²)"}, // that is |x|
	{"columns", func(m maker) *gorgonia.Node { return m.is(op.Join("x", m.columns(m.x, 0, 1), m.columns(m.x, 1, 2))) }, "join(col1(x), col2(x))", "x"},
	{"columns", func(m maker) *gorgonia.Node { return m.is(op.Join("x", m.columns(m.x, 1, 2), m.columns(m.x, 0, 1))) }, "join(col2(x), col1(x))", "join(col2(x), col1(x))"},
	{"columns", func(m maker) *gorgonia.Node {
		return m.columns(m.columns(m.is(op.Basis("x", m.x, eye, true)), 1, 3), 1, 2)
	}, "col2(col2…3(x·B[x]ᵀ))", "col3(x·B[x]ᵀ)"},
	{"basis", func(m maker) *gorgonia.Node {
		return m.is(op.Basis("x", m.is(op.Basis("x", m.x, eye, true)), eye, false))
	}, "x·B[x]ᵀ·B[x]", "x"},
	{"common", func(m maker) *gorgonia.Node {
		return m.sum([]float64{1, 1}, m.times(m.power(m.x, 2), m.x), m.times(m.x, m.power(m.x, 2)))
	}, "x²∘x + x∘x²", "u1 + u1"},
	{"common", func(m maker) *gorgonia.Node { return m.sum([]float64{1, 1}, m.power(m.x, 2), m.power(m.x, 3)) }, "x² + x³", "x² + x³"},
	{"common", func(m maker) *gorgonia.Node { return m.is(op.MatMul("x", m.mul(m.x, m.w), m.mul(m.w, m.w))) }, "x·W[x→y]·W[x→y]·W[x→y]", "x·W[x→y]·W[x→y]·W[x→y]"},
}

// TestRules applies each rule alone: the graph in and the graph out, and the same numbers. Every
// rule of the table has a case in which it applies, and most one in which it must not.
func TestRules(t *testing.T) {
	q, err := quiver.New(quiver.Input("x", 2), quiver.Output("y", 2, nil), quiver.Connect("x", "y"))
	require.NoError(t, err)
	p := sourceOf(t, q)
	w := quiver.Random(q, nil, rand.NewPCG(1, 2))
	xs := []*mat.Dense{mat.NewDense(3, 2, []float64{1, 2, 3, 4, 0, 0.5})}
	applied := map[string]bool{}
	for _, c := range ruleCases {
		e, err := p.model.Build(3)
		require.NoError(t, err)
		m := maker{t: t, x: e.Vertex[0], w: e.Weight[0]}
		m.unit = m.is(op.Input(e.Graph, e.Dtype, model.UnitName, 1, 1))
		e.Unit = m.unit
		x := p.expr(e, c.build(m), formula.Symbol("f", "f"))
		var others []string
		for _, r := range Rules() {
			if r.Name != c.rule {
				others = append(others, r.Name)
			}
		}
		y, err := x.Simplify(others...)
		require.NoError(t, err)
		first := func(x *Expr) string {
			_, s, _ := strings.Cut("\n"+x.String(), "\nf = ")
			s, _, _ = strings.Cut(s, "\n")
			return s
		}
		assert.Equal(t, c.in, first(x), c.rule)
		assert.Equal(t, c.out, first(y), c.rule)
		applied[c.rule] = applied[c.rule] || y.DOT() != x.DOT()
		before, err := x.Eval(w, xs, nil)
		require.NoError(t, err)
		after, err := y.Eval(w, xs, nil)
		require.NoError(t, err)
		assert.True(t, mat.EqualApprox(before, after, 1e-14*(mat.Norm(before, math.Inf(1)))), "%s: %s", c.rule, c.in)
		again, err := y.Simplify(others...)
		require.NoError(t, err)
		assert.Equal(t, y.DOT(), again.DOT(), "twice changes nothing more")
		same, err := x.Simplify(append(others, c.rule)...)
		require.NoError(t, err)
		assert.Equal(t, x.DOT(), same.DOT(), "with no rule nothing changes")
	}
	for _, r := range Rules() {
		assert.True(t, applied[r.Name], "rule %q has no case in which it applies", r.Name)
	}
	e, err := p.Value("y")
	require.NoError(t, err)
	_, err = e.Simplify("nonsense")
	var ue *UnknownRuleError
	assert.ErrorAs(t, err, &ue)
}
