package store_test

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/quiver/store"
)

// lopsided is an activation outside the catalogue: z ↦ (z₁, 2z₂, 3z₃, …)·c.
type lopsided struct{ c float64 }

func (a lopsided) String() string { return fmt.Sprintf("lopsided(%g)", a.c) }
func (a lopsided) Apply(dst, z []float64) {
	for i, x := range z {
		dst[i] = a.c * float64(i+1) * x
	}
}
func (a lopsided) VJP(dst, _, g []float64)                         { a.Apply(dst, g) }
func (a lopsided) Restrict(b *mat.Dense) (quiver.Activation, bool) { return nil, false }

// parseLopsided is the parser that goes with it.
func parseLopsided(s string) (quiver.Activation, error) {
	var a lopsided
	if _, err := fmt.Sscanf(s, "lopsided(%g)", &a.c); err != nil {
		return nil, fmt.Errorf("not lopsided")
	}
	return a, nil
}

// frame returns an n×k matrix with orthonormal columns.
func frame(n, k int) *mat.Dense {
	b := mat.NewDense(n, k, nil)
	rng := rand.New(rand.NewPCG(uint64(n), uint64(k)))
	quiver.Orthogonal(b.RawMatrix().Data, quiver.Arrow{Rows: n, Cols: k}, 0, 0, rng)
	return b
}

func random(r, c int, seed uint64) *mat.Dense {
	rng := rand.New(rand.NewPCG(seed, 7))
	m := mat.NewDense(r, c, nil)
	for i := range r {
		for j := range c {
			m.Set(i, j, rng.NormFloat64())
		}
	}
	return m
}

// zoo returns quivers of every kind that a file must be able to hold.
func zoo(t testing.TB) map[string]*quiver.Quiver {
	layers.RegisterLambda("onenorm", layers.OneNorm{})
	tanh, norm := layers.Radial(layers.Tanh), layers.Rescaling("onenorm", layers.OneNorm{})
	trained := layers.Trainable(layers.Sigmoid, 0.25, 1.5)
	kinds := map[string][]quiver.Part{
		"empty":    nil,
		"isolated": {quiver.Input("x", 2), quiver.Hidden("alone", 3, tanh), quiver.Output("y", 2, nil), quiver.Connect("x", "y")},
		"chain": {quiver.Input("x", 2), quiver.Bias("one"), quiver.Hidden("h", 4, tanh), quiver.Output("y", 1, nil),
			quiver.Connect("x", "h"), quiver.Connect("one", "h"), quiver.Connect("h", "y"), quiver.Connect("one", "y")},
		"identity skip": {quiver.Input("x", 3), quiver.Hidden("h", 3, tanh), quiver.Output("y", 3, tanh),
			quiver.Connect("x", "h"), quiver.Connect("h", "y"), quiver.Connect("x", "y", quiver.Frozen(quiver.Eye(3)))},
		"dense fixed": {quiver.Input("x", 3), quiver.Hidden("h", 5, tanh), quiver.Output("y", 2, nil),
			quiver.Connect("x", "h", quiver.Frozen(random(5, 3, 1))), quiver.Connect("h", "y"),
			quiver.Connect("x", "y", quiver.Named("part"), quiver.Frozen(quiver.Inclusion{Rows: 2, Cols: 3, Row: 1, Col: 2, K: 1})),
			quiver.Connect("x", "y", quiver.Named("zero"), quiver.Frozen(quiver.Inclusion{Rows: 2, Cols: 3})),
			quiver.Connect("x", "y", quiver.Named("view"), quiver.Frozen(random(6, 6, 2).Slice(1, 3, 2, 5))),
			quiver.Connect("h", "y", quiver.Named("sum"), quiver.Frozen(random(5, 2, 3).T()))},
		"parallel and tied": {quiver.Input("x", 3), quiver.Hidden("g", 3, tanh), quiver.Hidden("h", 3, tanh), quiver.Output("y", 3, nil),
			quiver.Connect("g", "h", quiver.Tied("x->g")), quiver.Connect("x", "g"), quiver.Connect("x", "g", quiver.Named("other")),
			quiver.Connect("h", "y", quiver.Tied("g->h")), quiver.Connect("x", "y")},
		"many ends": {quiver.Output("out", 2, tanh), quiver.Input("b", 1), quiver.Input("a", 2), quiver.Bias("one"), quiver.Bias("two"),
			quiver.Hidden("h", 3, layers.Pointwise(layers.GELU)), quiver.Output("y", 1, layers.RMSNorm(3, 1e-5)), quiver.Connect("a", "h"), quiver.Connect("b", "h"),
			quiver.Connect("h", "out"), quiver.Connect("out", "y"), quiver.Connect("one", "y"), quiver.Connect("two", "h")},
		"zero widths": {quiver.Input("x", 2), quiver.Input("none", 0), quiver.Hidden("h", 0, tanh), quiver.Output("y", 2, nil), quiver.Output("z", 0, trained),
			quiver.Connect("x", "h"), quiver.Connect("h", "y"), quiver.Connect("x", "y"), quiver.Connect("none", "z"), quiver.Connect("h", "z"),
			quiver.Connect("h", "y", quiver.Named("fixed"), quiver.Frozen(&mat.Dense{})), quiver.Connect("none", "y", quiver.Named("eye"), quiver.Frozen(quiver.Inclusion{Rows: 2}))},
		"parameters": {quiver.Input("x", 2), quiver.Hidden("h", 3, trained), quiver.Output("y", 2, layers.Gain(tanh, true)),
			quiver.Connect("x", "h"), quiver.Connect("h", "y"), quiver.Connect("x", "y", quiver.Named("h"))},
		"restricted": {quiver.Input("x", 2), quiver.Hidden("g", 2, quiver.Restricted(norm, frame(5, 2))), quiver.Hidden("h", 2, quiver.Restricted(norm, frame(5, 2))),
			quiver.Hidden("i", 3, quiver.Restricted(layers.Gain(tanh, true), frame(4, 3))), quiver.Hidden("j", 0, quiver.Restricted(norm, &mat.Dense{})),
			quiver.Hidden("k", 0, quiver.Restricted(quiver.Restricted(norm, frame(3, 2)), &mat.Dense{})), quiver.Output("y", 2, nil),
			quiver.Connect("x", "g"), quiver.Connect("g", "h"), quiver.Connect("h", "i"), quiver.Connect("i", "y"), quiver.Connect("j", "y"), quiver.Connect("x", "k")},
		"own activation": {quiver.Input("x", 3), quiver.Hidden("h", 2, lopsided{1. / 3}), quiver.Hidden("g", 2, quiver.Restricted(lopsided{.5}, frame(3, 2))), quiver.Output("y", 2, lopsided{2}),
			quiver.Connect("x", "h"), quiver.Connect("h", "y"), quiver.Connect("x", "g"), quiver.Connect("g", "y")},
		"names": {quiver.Input("π/x", 1), quiver.Hidden("<h>&", 2, tanh), quiver.Output(`a\b`, 1, nil), quiver.Connect("π/x", "<h>&"), quiver.Connect("<h>&", `a\b`, quiver.Named("__metadata__"))},
	}
	qs := make(map[string]*quiver.Quiver)
	for name, parts := range kinds {
		q, err := quiver.New(parts...)
		require.NoError(t, err, name)
		qs[name] = q
	}
	return qs
}

// inputs returns n random samples for each input of q.
func inputs(q *quiver.Quiver, n int) (xs []*mat.Dense) {
	for i, name := range q.Inputs() {
		if d := q.Dims()[name]; d > 0 {
			xs = append(xs, random(n, d, uint64(i)))
		} else {
			xs = append(xs, &mat.Dense{})
		}
	}
	return xs
}

func bits(x []float64) []uint64 {
	b := make([]uint64, len(x))
	for i, v := range x {
		b[i] = math.Float64bits(v)
	}
	return b
}

func entries(m mat.Matrix) (x []float64) {
	r, c := m.Dims()
	for i := range r {
		for j := range c {
			x = append(x, m.At(i, j))
		}
	}
	return x
}

// requireSame fails unless a and b are the same network, bit by bit.
func requireSame(t require.TestingT, a, b *quiver.Rep) {
	require.Equal(t, a.Quiver().Layout(), b.Quiver().Layout())
	require.Equal(t, bits(a.Data()), bits(b.Data()))
	for i, arrow := range a.Quiver().Arrows() {
		if !arrow.Fixed {
			continue
		}
		if in, ok := a.Fixed(i).(quiver.Inclusion); ok {
			require.Equal(t, in, b.Fixed(i), "stays structured")
		}
		require.Equal(t, bits(entries(a.Fixed(i))), bits(entries(b.Fixed(i))))
		require.Equal(t, bits(entries(a.Fixed(i))), bits(entries(b.Quiver().Fixed(i))), "the quiver that is loaded starts with them")
	}
	xs := inputs(a.Quiver(), 5)
	ya, err := a.Eval(xs...)
	require.NoError(t, err)
	yb, err := b.Eval(xs...)
	require.NoError(t, err)
	require.Equal(t, len(ya), len(yb))
	for i := range ya {
		require.Equal(t, bits(entries(ya[i])), bits(entries(yb[i])))
	}
}

func save(t require.TestingT, w *quiver.Rep, opts ...store.Option) []byte {
	var b bytes.Buffer
	require.NoError(t, store.Write(&b, w, opts...))
	return b.Bytes()
}

func TestRoundTrip(t *testing.T) {
	for name, q := range zoo(t) {
		t.Run(name, func(t *testing.T) {
			w := quiver.Random(q, nil, rand.NewPCG(1, 2))
			if len(w.Data()) > 0 {
				w.Data()[0] = math.Copysign(0, -1)
			}
			before := w.Clone()
			file := save(t, w)
			assert.Equal(t, before.Data(), w.Data(), "saving changes nothing")
			assert.Equal(t, file, save(t, w), "the same bytes each time")
			got, err := store.Read(bytes.NewReader(file), store.WithParser(parseLopsided))
			require.NoError(t, err)
			requireSame(t, w, got)
			assert.Equal(t, file, save(t, got), "a loaded network makes the same file")
			if len(w.Data()) > 0 { // the comparison above can fail
				got.Data()[0] = math.Float64frombits(1)
				assert.NotEqual(t, bits(w.Data()), bits(got.Data()))
			}
		})
	}
}

// Any bits are kept: subnormals, negative zero and, where they are allowed, NaN with their payloads.
func TestRoundTripOfBits(t *testing.T) {
	q, err := layers.MLP(layers.Radial(layers.Tanh), 2, 3, 1)
	require.NoError(t, err)
	rapid.Check(t, func(t *rapid.T) {
		w := quiver.Zero(q)
		for i := range w.Data() {
			w.Data()[i] = math.Float64frombits(rapid.Uint64().Draw(t, "bits"))
		}
		got, err := store.Read(bytes.NewReader(save(t, w, store.AllowNonFinite())), store.AllowNonFinite())
		require.NoError(t, err)
		require.Equal(t, bits(w.Data()), bits(got.Data()))
	})
}

// A file holds the fixed matrices that the Rep has now, not those its quiver began with.
func TestCurrentFixedMatricesAreSaved(t *testing.T) {
	q := zoo(t)["dense fixed"]
	w, err := quiver.Random(q, nil, rand.NewPCG(1, 2)).WithFixed(map[string]mat.Matrix{
		"x->h": quiver.Inclusion{Rows: 5, Cols: 3, K: 2}, // a tensor becomes structured
		"part": random(2, 3, 9),                          // and the other way round
		"view": mat.NewDense(2, 3, nil),
	})
	require.NoError(t, err)
	got, err := store.Read(bytes.NewReader(save(t, w)))
	require.NoError(t, err)
	requireSame(t, w, got)

	first, err := store.Read(bytes.NewReader(save(t, quiver.Random(q, nil, rand.NewPCG(1, 2)))))
	require.NoError(t, err)
	i, _ := q.ArrowIndex("part")
	assert.NotEqual(t, entries(first.Fixed(i)), entries(got.Fixed(i)))
}

func TestTiesAreStoredOnce(t *testing.T) {
	w := quiver.Random(zoo(t)["parallel and tied"], nil, rand.NewPCG(1, 2))
	info, err := store.Inspect(bytes.NewReader(save(t, w)))
	require.NoError(t, err)
	var names []string
	for _, x := range info.Tensors {
		names = append(names, x.Name)
	}
	assert.Equal(t, []string{"x->g", "other", "x->y"}, names)
	got, err := store.Read(bytes.NewReader(save(t, w)))
	require.NoError(t, err)
	got.Arrow("h->y").Set(0, 0, 42)
	assert.Equal(t, 42.0, got.Arrow("x->g").At(0, 0))
}

func TestNonFiniteWeights(t *testing.T) {
	q := zoo(t)["parameters"]
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		w := quiver.Random(q, nil, rand.NewPCG(1, 2))
		w.Params("y")[1] = v
		var b bytes.Buffer
		err := store.Write(&b, w)
		require.ErrorAs(t, err, new(*quiver.NonFiniteError))
		require.ErrorAs(t, err, new(*store.FormatError))
		assert.Empty(t, b.Bytes())

		file := save(t, w, store.AllowNonFinite())
		_, err = store.Read(bytes.NewReader(file))
		require.ErrorAs(t, err, new(*quiver.NonFiniteError))
		assert.ErrorContains(t, err, `the weights are not finite: quiver: parameters of vertex "y": entry (0,1)`)
		got, err := store.Read(bytes.NewReader(file), store.AllowNonFinite())
		require.NoError(t, err)
		assert.Equal(t, bits(w.Data()), bits(got.Data()))
	}
}
