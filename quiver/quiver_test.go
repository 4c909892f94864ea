package quiver_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/golden"
	"github.com/quivernet/quivernet/quiver"
)

func TestForms(t *testing.T) {
	q := everything(t).Quiver()
	golden.Check(t, "everything.txt", q.String())
	golden.Check(t, "everything.dot", q.DOT())
	text, err := json.MarshalIndent(q, "", " ")
	require.NoError(t, err)
	golden.Check(t, "everything.json", string(text))
}

func TestAccessors(t *testing.T) {
	w := everything(t)
	q := w.Quiver()
	assert.Equal(t, []string{"x", "u"}, q.Inputs())
	assert.Equal(t, []string{"m", "y"}, q.Outputs())
	assert.Equal(t, []string{"h", "k", "alone", "none"}, sortedLike(q.Hidden(), "h", "k", "alone", "none"))
	assert.Equal(t, 2*3+2*3+3+3+9+6+6+1, q.NumParams(), "x->h, again, two biases, h->m (shared), h->y, k->y, the gate's parameter")
	assert.Len(t, w.Data(), q.NumParams())
	assert.Equal(t, map[string]int{"x": 2, "u": 1, "one": 1, "two": 1, "h": 3, "k": 3, "alone": 2, "none": 0, "m": 3, "y": 2}, q.Dims())
	assert.Same(t, &w.Data()[0], &w.Block(0)[0])
	i, ok := q.ArrowIndex("m->k")
	require.True(t, ok)
	assert.Equal(t, "h->m", q.Arrows()[i].TiedTo)
	w.Arrow("m->k").Set(1, 2, 42)
	assert.Equal(t, 42.0, w.Arrow("h->m").At(1, 2), "tied arrows share their numbers")
	assert.Equal(t, []float64{2}, w.Params("k"))
	assert.True(t, w.Arrow("x->none").IsEmpty())
	fixed := w.Arrow("u->k")
	fixed.Set(0, 0, 7)
	assert.Equal(t, 1.0, w.Arrow("u->k").At(0, 0), "a fixed arrow gives a copy")
	assert.PanicsWithError(t, `quiver: no arrow "x->z"; the arrows are x->h, again, one->h, two->h, x->none, h->m, m->k, h->k and 4 more`, func() { w.Arrow("x->z") })
	n := 0
	var stretches []string
	for seg, data := range w.Segments() {
		assert.Len(t, data, seg.Rows*seg.Cols)
		n += len(data)
		stretches = append(stretches, seg.Arrow+seg.Vertex)
	}
	assert.Equal(t, q.NumParams(), n)
	assert.Equal(t, []string{"x->h", "again", "one->h", "two->h", "x->none", "h->m", "h->y", "k->y", "none->y", "k"}, stretches)
	for range w.Segments() {
		break // a loop may end early, among arrows and among parameters
	}
	for seg := range w.Segments() {
		if seg.Vertex != "" {
			break
		}
	}
	var names []string
	for name := range w.All() {
		if names = append(names, name); len(names) == 3 {
			break
		}
	}
	assert.Equal(t, []string{"x->h", "again", "one->h"}, names)
	assert.NoError(t, w.Check())
	assert.NoError(t, quiver.Check(q))
}

func sortedLike(got []string, want ...string) []string {
	if len(got) != len(want) {
		return got
	}
	for _, w := range want {
		if !strings.Contains(" "+strings.Join(got, " ")+" ", " "+w+" ") {
			return got
		}
	}
	return want
}

// TestOrder: whatever the order of declaration, the function is the same; a topological
// declaration keeps its order.
func TestOrder(t *testing.T) {
	parts := everything(t).Quiver().Parts()
	rng := rand.New(rand.NewPCG(3, 3))
	want, err := everything(t).Eval(normal(4, 2, 1), normal(4, 1, 2))
	require.NoError(t, err)
	for range 20 {
		rng.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
		q, err := quiver.New(parts...)
		require.NoError(t, err)
		w := quiver.Zero(q)
		for name, m := range everything(t).All() {
			require.NoError(t, w.Set(name, m))
		}
		copy(w.Params("k"), []float64{2})
		xs := []*mat.Dense{normal(4, 2, 1), normal(4, 1, 2)}
		if q.Inputs()[0] == "u" {
			xs[0], xs[1] = xs[1], xs[0]
		}
		got, err := w.Eval(xs...)
		require.NoError(t, err)
		if q.Outputs()[0] == "y" {
			got[0], got[1] = got[1], got[0]
		}
		for k := range want {
			assert.True(t, mat.EqualApprox(want[k], got[k], 1e-14))
		}
		for _, a := range q.Arrows() {
			assert.Less(t, a.Source, a.Target, a.Name)
		}
	}
}

// TestGradient compares the reference gradient with central differences, inputs
// included.
func TestGradient(t *testing.T) {
	w := everything(t)
	xs := []*mat.Dense{normal(4, 2, 1), normal(4, 1, 2)}
	xs[0].SetRow(2, []float64{0, 0})
	dys := []*mat.Dense{normal(4, 3, 3), normal(4, 2, 4)}
	loss := func() float64 {
		ys, err := w.Eval(xs...)
		require.NoError(t, err)
		var s float64
		for k, y := range ys {
			r, c := y.Dims()
			for i := range r {
				for j := range c {
					s += y.At(i, j) * dys[k].At(i, j)
				}
			}
		}
		return s
	}
	grad, dxs, err := w.VJP(xs, dys)
	require.NoError(t, err)
	const h = 1e-6
	for i, x := range w.Data() {
		w.Data()[i] = x + h
		up := loss()
		w.Data()[i] = x - h
		down := loss()
		w.Data()[i] = x
		assert.InDelta(t, (up-down)/(2*h), grad.Data()[i], 1e-7, "number %d", i)
	}
	for k, m := range xs {
		r, c := m.Dims()
		for i := range r {
			for j := range c {
				x := m.At(i, j)
				m.Set(i, j, x+h)
				up := loss()
				m.Set(i, j, x-h)
				down := loss()
				m.Set(i, j, x)
				assert.InDelta(t, (up-down)/(2*h), dxs[k].At(i, j), 1e-7, "input %d", k)
			}
		}
	}
	_, _, err = w.VJP(xs, []*mat.Dense{nil, dys[1]})
	assert.NoError(t, err, "nil stands for a zero gradient")
}

// TestPathSum: with the identity everywhere the output is the sum over the paths of the
// products of their matrices.
func TestPathSum(t *testing.T) {
	q, err := quiver.New(quiver.Input("x", 3), quiver.Bias("one"), quiver.Hidden("a", 4, quiver.Identity), quiver.Hidden("b", 2, quiver.Identity), quiver.Output("y", 2, nil),
		quiver.Connect("x", "a"), quiver.Connect("one", "a"), quiver.Connect("x", "b"), quiver.Connect("a", "b"), quiver.Connect("b", "y"), quiver.Connect("a", "y"), quiver.Connect("one", "y"))
	require.NoError(t, err)
	w := quiver.Random(q, quiver.He, rand.NewPCG(1, 2))
	m := func(names ...string) *mat.Dense {
		p := mat.DenseCopyOf(w.Arrow(names[0]))
		for _, n := range names[1:] {
			var r mat.Dense
			r.Mul(w.Arrow(n), p)
			p = &r
		}
		return p
	}
	var lin, bias mat.Dense
	lin.Add(m("x->a", "a->y"), m("x->b", "b->y"))
	lin.Add(&lin, m("x->a", "a->b", "b->y"))
	bias.Add(m("one->y"), m("one->a", "a->y"))
	bias.Add(&bias, m("one->a", "a->b", "b->y"))
	x := normal(5, 3, 1)
	y, err := w.Eval(x)
	require.NoError(t, err)
	for i := range 5 {
		var want mat.Dense
		want.Mul(&lin, x.RowView(i))
		want.Add(&want, &bias)
		assert.InDelta(t, want.At(0, 0), y[0].At(i, 0), 1e-12)
		assert.InDelta(t, want.At(1, 0), y[0].At(i, 1), 1e-12)
	}
	require.NoError(t, w.Set("one->a", mat.NewDense(4, 1, nil)))
	z, err := w.Eval(x)
	require.NoError(t, err)
	assert.Greater(t, math.Abs(z[0].At(0, 0)-y[0].At(0, 0)), 1e-3, "biases matter")
}

func TestBatches(t *testing.T) {
	w := everything(t)
	ys, err := w.Eval(&mat.Dense{}, &mat.Dense{})
	require.NoError(t, err)
	assert.True(t, ys[0].IsEmpty())
	q, err := quiver.New(quiver.Bias("one"), quiver.Output("y", 2, nil), quiver.Connect("one", "y"))
	require.NoError(t, err)
	c := quiver.Random(q, quiver.Constant(3), nil)
	ys, err = c.Eval()
	require.NoError(t, err)
	assert.Equal(t, []float64{3, 3}, ys[0].RawRowView(0), "without inputs there is one sample")
	q, err = quiver.New(quiver.Input("x", 1), quiver.Output("y", 2, nil))
	require.NoError(t, err)
	ys, err = quiver.Zero(q).Eval(mat.NewDense(3, 1, nil))
	require.NoError(t, err)
	r, _ := ys[0].Dims()
	assert.Equal(t, 3, r)
}

// TestJSON: the text reads back as the same quiver, restrictions with their bases included.
func TestJSON(t *testing.T) {
	q := everything(t).Quiver()
	b := mat.NewDense(3, 2, []float64{0.6, 0, 0.8, 0, 0, 1})
	q, err := q.Derive(func(v quiver.Vertex) quiver.Vertex {
		if v.Name == "alone" {
			v.Act = quiver.Restricted(squash{}, b)
		}
		return v
	}, nil)
	require.NoError(t, err)
	text, err := json.Marshal(q)
	require.NoError(t, err)
	r, err := quiver.DecodeJSON(bytes.NewReader(text), parse)
	require.NoError(t, err)
	assert.Equal(t, q.Layout(), r.Layout())
	again, err := json.Marshal(r)
	require.NoError(t, err)
	assert.Equal(t, string(text), string(again))
	for i, a := range q.Arrows() {
		if a.Fixed {
			assert.True(t, mat.Equal(q.Fixed(i), r.Fixed(i)), a.Name)
			assert.Equal(t, fmt.Sprintf("%T", q.Fixed(i)), fmt.Sprintf("%T", r.Fixed(i)), "structure is kept")
		}
	}
}

func FuzzDecodeJSON(f *testing.F) {
	text, err := json.Marshal(everything(f).Quiver())
	require.NoError(f, err)
	f.Add(text)
	f.Add([]byte(`{"format":"quivernet.quiver/1","vertices":[{"name":"x","kind":"input","dim":1}],"arrows":[]}`))
	f.Add([]byte(`{"format":"quivernet.quiver/1","vertices":[{"name":"h","kind":"hidden","dim":1,"act":"restrict(squash,#00)"}],"arrows":[],"bases":{"00":{"rows":1,"cols":1,"data":[1]}}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		q, err := quiver.DecodeJSON(bytes.NewReader(text), parse)
		if err != nil {
			return
		}
		again, err := json.Marshal(q)
		require.NoError(t, err)
		r, err := quiver.DecodeJSON(bytes.NewReader(again), parse)
		require.NoError(t, err)
		require.Equal(t, q.Layout(), r.Layout())
	})
}

// TestLongChain builds 10,000 vertices; a search through all names or arrows for each
// would take minutes.
func TestLongChain(t *testing.T) {
	parts := []quiver.Part{quiver.Input("v0", 1)}
	for i := 1; i < 10_000; i++ {
		parts = append(parts, quiver.Hidden(fmt.Sprint("v", i), 1, squash{}), quiver.Connect(fmt.Sprint("v", i-1), fmt.Sprint("v", i)))
	}
	parts = append(parts, quiver.Output("y", 1, nil), quiver.Connect("v9999", "y"))
	q, err := quiver.New(parts...)
	require.NoError(t, err)
	assert.Equal(t, 10_000, q.NumArrows())
	_, err = quiver.Random(q, nil, rand.NewPCG(1, 2)).Eval(mat.NewDense(1, 1, []float64{1}))
	require.NoError(t, err)
}

func TestInit(t *testing.T) {
	q, err := quiver.New(quiver.Input("x", 50), quiver.Bias("one"), quiver.Output("y", 40, nil), quiver.Connect("x", "y"), quiver.Connect("one", "y"))
	require.NoError(t, err)
	draw := func(in quiver.Init) *quiver.Rep { return quiver.Random(q, in, rand.NewPCG(1, 2)) }
	assert.Equal(t, draw(nil).Data(), draw(quiver.PyTorch).Data())
	assert.LessOrEqual(t, mat.Max(draw(nil).Arrow("one->y")), 1/math.Sqrt(50))
	assert.InDelta(t, 1/math.Sqrt(50), mat.Max(draw(nil).Arrow("x->y")), 0.01)
	w := draw(quiver.Orthogonal).Arrow("x->y")
	var p mat.Dense
	p.Mul(w, w.T())
	assert.True(t, mat.EqualApprox(&p, eye(40), 1e-13))
	z := draw(quiver.ZeroBiases(q, quiver.Glorot))
	assert.Zero(t, mat.Norm(z.Arrow("one->y"), 2))
	assert.LessOrEqual(t, mat.Max(z.Arrow("x->y")), math.Sqrt(6.0/90))
	v := mat.Norm(draw(quiver.He).Arrow("x->y"), 2)
	assert.InDelta(t, math.Sqrt(2.0/50*2000), v, 1)
	c := draw(quiver.PerArrow(map[string]quiver.Init{"x->y": quiver.Constant(1)}, nil))
	assert.Equal(t, 1.0, mat.Min(c.Arrow("x->y")))
	assert.NotZero(t, c.Arrow("one->y").At(0, 0))

	q, err = quiver.New(quiver.Hidden("none", 0, slopes{}), quiver.Hidden("h", 3, slopes{}))
	require.NoError(t, err)
	assert.Equal(t, []float64{2, 0, 0}, draw(nil).Data(), "an activation without parameters here is not asked for them")
}

// slopes is an activation with a parameter for each coordinate, of which it begins with the first.
type slopes struct{ gate }

func (slopes) NumParams(dim int) int { return dim }

func eye(n int) *mat.Dense { return mat.DenseCopyOf(quiver.Eye(n)) }

// TestRestricted: the restriction is bᵀρ(b·w), with its VJP, and composes.
func TestRestricted(t *testing.T) {
	b := mat.NewDense(3, 2, []float64{0.6, 0, 0.8, 0, 0, 1})
	a := quiver.Restricted(squash{}, b)
	w := []float64{0.3, -0.7}
	got, want := make([]float64, 2), make([]float64, 2)
	a.Apply(got, w)
	squash{}.Apply(want, w)
	assert.InDeltaSlice(t, want, got, 1e-15, "a radial activation restricts to itself")
	g := []float64{1, 2}
	a.VJP(got, w, g)
	squash{}.VJP(want, w, g)
	assert.InDeltaSlice(t, want, got, 1e-15)
	c := mat.NewDense(2, 1, []float64{0.6, 0.8})
	twice := quiver.Restricted(a, c).(quiver.Restriction)
	assert.Equal(t, "squash", twice.Inner().String())
	var p mat.Dense
	p.Mul(b, c)
	assert.True(t, mat.EqualApprox(&p, twice.Basis(), 1e-15))
	assert.Equal(t, squash{}, quiver.Restricted(squash{}, eye(2)))
	assert.NotEqual(t, a.String(), twice.String())
	_, trained := quiver.Restricted(gate{}, b).(quiver.Parametric)
	assert.True(t, trained)
}
