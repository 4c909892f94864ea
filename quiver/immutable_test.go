package quiver_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// one returns x(2) → y(2) through the fixed matrix m, and its value at (1, 2).
func one(t *testing.T, opts ...quiver.ArrowOption) (*quiver.Quiver, func(*quiver.Rep) []float64) {
	t.Helper()
	q, err := quiver.New(quiver.Input("x", 2), quiver.Output("y", 2, nil), quiver.Connect("x", "y", opts...))
	require.NoError(t, err)
	return q, func(w *quiver.Rep) []float64 {
		ys, err := w.Eval(mat.NewDense(1, 2, []float64{1, 2}))
		require.NoError(t, err)
		return mat.Row(nil, 0, ys[0])
	}
}

// What becomes of a matrix after it was given to Frozen, Derive or WithFixed changes no quiver and
// no network, nor what is made of them later.
func TestFixedMatricesAreCopied(t *testing.T) {
	spoil := func(m *mat.Dense) {
		m.Set(0, 0, 100)
		m.Set(1, 1, math.NaN())
	}
	eye := func() *mat.Dense { return mat.NewDense(2, 2, []float64{1, 0, 0, 1}) }
	want := []float64{1, 2}

	m := eye()
	q, value := one(t, quiver.Frozen(m))
	w := quiver.Zero(q)
	spoil(m)
	assert.Equal(t, want, value(w))
	assert.Equal(t, want, value(quiver.Zero(q)))
	again, err := quiver.New(q.Parts()...)
	require.NoError(t, err)
	assert.Equal(t, want, value(quiver.Zero(again)))
	require.NoError(t, w.Check())
	text, err := q.MarshalJSON()
	require.NoError(t, err)
	assert.Contains(t, string(text), `"data":[1,0,0,1]`)

	m = eye()
	v, err := w.WithFixed(map[string]mat.Matrix{"x->y": m})
	require.NoError(t, err)
	spoil(m)
	assert.Equal(t, want, value(v))

	m = eye()
	d, err := q.Derive(nil, func(quiver.Arrow, mat.Matrix) mat.Matrix { return m })
	require.NoError(t, err)
	spoil(m)
	assert.Equal(t, want, value(quiver.Zero(d)))

	m = eye()
	for _, view := range []mat.Matrix{m.T(), m.Slice(0, 2, 0, 2), mat.Transpose{Matrix: m}} {
		q, value := one(t, quiver.Frozen(view))
		spoil(m)
		assert.Equal(t, want, value(quiver.Zero(q)), "a view of a matrix")
		m.Copy(eye())
	}
	in := quiver.Inclusion{Rows: 2, Cols: 2, Row: 1, K: 1}
	q, _ = one(t, quiver.Frozen(mat.Transpose{Matrix: in}))
	assert.Equal(t, quiver.Inclusion{Rows: 2, Cols: 2, Col: 1, K: 1}, q.Fixed(0), "nobody can change an inclusion, which keeps its structure")
	diagonal := mat.NewDiagDense(2, []float64{1, 1})
	q, value = one(t, quiver.Frozen(diagonal))
	diagonal.SetDiag(0, 100)
	assert.Equal(t, want, value(quiver.Zero(q)), "a matrix of another type")
}

// What the quiver and its networks hand out cannot change them.
func TestWhatIsHandedOutIsNotTheOriginal(t *testing.T) {
	q, value := one(t, quiver.Frozen(mat.NewDense(2, 2, []float64{1, 0, 0, 1})))
	w := quiver.Zero(q)
	for _, m := range []mat.Matrix{q.Fixed(0), w.Fixed(0), w.Matrix(0), w.Arrow("x->y"), q.Fixed(0).T(), w.Fixed(0).T().T()} {
		if s, ok := m.(mat.Mutable); ok {
			s.Set(0, 0, 100)
		}
		if u, ok := m.(mat.Untransposer); ok {
			m = u.Untranspose()
		}
		if r, ok := m.(mat.RawMatrixer); ok {
			r.RawMatrix().Data[0] = 100
		}
	}
	q.In(1)[0] = 7
	q.Out(0)[0] = 7
	q.Arrows()[0].Fixed = false
	q.Vertices()[0].Dim = 9
	q.Parts()[0] = nil
	q.Inputs()[0] = "z"
	q.Dims()["x"] = 9
	assert.Equal(t, []float64{1, 2}, value(w))
	assert.Equal(t, []float64{1, 2}, value(quiver.Zero(q)))
	require.NoError(t, quiver.Check(q))
	assert.Equal(t, []int{0}, q.In(1))
	assert.Equal(t, []string{"x"}, q.Inputs())
	assert.True(t, mat.Equal(q.Fixed(0).T(), quiver.Eye(2)))
	assert.False(t, mat.Equal(q.Fixed(0), mat.NewDense(2, 2, []float64{2, 0, 0, 1})))

	free, value := one(t)
	v := quiver.Zero(free)
	v.Arrow("x->y").Set(0, 0, 3) // the trainable ones are views
	assert.Equal(t, []float64{3, 0}, value(v))
}

// Initialisers keep a copy of the map that they were made of, restrictions of their basis.
func TestInitialisersAndRestrictionsKeepCopies(t *testing.T) {
	q, _ := one(t)
	by := map[string]quiver.Init{"x->y": quiver.Constant(1)}
	in := quiver.PerArrow(by, nil)
	by["x->y"] = quiver.Constant(2)
	assert.Equal(t, []float64{1, 1, 1, 1}, quiver.Random(q, in, rand.NewPCG(1, 2)).Data())

	b := mat.NewDense(3, 2, []float64{1, 0, 0, 1, 0, 0})
	act := quiver.Restricted(squash{}, b)
	z, before, after := []float64{1, 2}, make([]float64, 2), make([]float64, 2)
	act.Apply(before, z)
	b.Set(0, 0, 100)
	act.(quiver.Restriction).Basis().Set(0, 0, 100)
	act.Apply(after, z)
	assert.Equal(t, before, after)
}
