package quiver_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

func eval(t *testing.T, w *quiver.Rep, xs ...*mat.Dense) []*mat.Dense {
	t.Helper()
	ys, err := w.Eval(xs...)
	require.NoError(t, err)
	return ys
}

// TestSurgery: each operation returns something new, keeps the function where it should,
// and leaves its argument alone.
func TestSurgery(t *testing.T) {
	w := everything(t)
	before := w.Clone()
	x, u := normal(4, 2, 1), normal(4, 1, 2)
	want := eval(t, w, x, u)

	frozen, err := w.Freeze("h->m")
	require.NoError(t, err)
	assert.Equal(t, w.Quiver().NumParams()-9, frozen.Quiver().NumParams(), "the tied one too")
	got := eval(t, frozen, x, u)
	assert.True(t, mat.Equal(want[1], got[1]))
	free, err := frozen.Unfreeze("h->m", "m->k")
	require.NoError(t, err)
	assert.Equal(t, w.Quiver().NumParams()+9, free.Quiver().NumParams(), "and no tie any more")
	assert.True(t, mat.Equal(want[1], eval(t, free, x, u)[1]))

	renamed, err := w.Rename(map[string]string{"h": "first", "again": "second"})
	require.NoError(t, err)
	assert.True(t, mat.Equal(want[1], eval(t, renamed, x, u)[1]))
	_, ok := renamed.Lookup("first->m")
	assert.True(t, ok)
	_, ok = renamed.Lookup("second")
	assert.True(t, ok)

	cut, err := w.CutAfter("h")
	require.NoError(t, err)
	f, err := w.Features(x, u)
	require.NoError(t, err)
	assert.True(t, mat.Equal(f["h"], eval(t, cut, x, u)[0]))
	assert.Equal(t, []string{"h"}, cut.Quiver().Outputs())
	last, err := w.CutAfter("k") // m, an output, becomes hidden
	require.NoError(t, err)
	assert.True(t, mat.Equal(f["k"], eval(t, last, x, u)[0]))

	linear, err := w.ReplaceActivation("h", quiver.Identity)
	require.NoError(t, err)
	assert.False(t, mat.Equal(want[1], eval(t, linear, x, u)[1]))
	gated, err := w.ReplaceActivation("h", gate{})
	require.NoError(t, err)
	assert.Equal(t, []float64{2}, gated.Params("h"))

	head, err := w.ReplaceHead("y", 5, nil, nil, rand.NewPCG(1, 2))
	require.NoError(t, err)
	ys := eval(t, head, x, u)
	_, c := ys[1].Dims()
	assert.Equal(t, 5, c)
	assert.True(t, mat.Equal(want[0], ys[0]), "the other output is as it was")

	q, err := quiver.New(quiver.Input("in", 2), quiver.Output("out", 1, nil), quiver.Connect("in", "out"))
	require.NoError(t, err)
	b := quiver.Random(q, nil, rand.NewPCG(5, 6))
	joined, err := quiver.Join(w, b, map[string]string{"y": "in"})
	require.NoError(t, err)
	ys = eval(t, joined, x, u)
	assert.True(t, mat.EqualApprox(eval(t, b, want[1])[0], ys[1], 1e-14))
	union, err := quiver.Join(w, b, nil)
	require.NoError(t, err)
	assert.Len(t, union.Quiver().Outputs(), 3)
	// A name may be too long with its prefix, in the first network and in the second.
	q, err = quiver.New(quiver.Input(strings.Repeat("n", 255), 2))
	require.NoError(t, err)
	for _, err := range []error{second(quiver.Join(quiver.Zero(q), b, nil)), second(quiver.Join(b, quiver.Zero(q), nil))} {
		var ne *quiver.NameError
		require.ErrorAs(t, err, &ne)
		assert.Contains(t, ne.Error(), "longer than 256 bytes")
	}

	assert.Equal(t, before.Data(), w.Data())
	assert.Equal(t, before.Quiver().Layout(), w.Quiver().Layout())
}
