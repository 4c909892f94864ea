package quiver_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// What two readers could understand differently is refused, and so is what is left out.
func TestJSONIsStrict(t *testing.T) {
	const good = `{"format":"quivernet.quiver/1","vertices":[{"name":"x","kind":"input","dim":2},{"name":"y","kind":"output","dim":2,"act":"squash"}],` +
		`"arrows":[{"from":"x","to":"y"},{"name":"eye","from":"x","to":"y","fixed":{"inclusion":[2,2,0,0,2]}},{"name":"m","from":"x","to":"y","fixed":{"dense":{"rows":2,"cols":2,"data":[1,2,3,4]}}}],"bases":{}}`
	decode := func(text string) error {
		_, err := quiver.DecodeJSON(strings.NewReader(text), parse)
		return err
	}
	require.NoError(t, decode(good))
	for _, c := range [][3]string{ // what is replaced, by what, and what the error says
		{`"dim":2,"act"`, `"dim":2,"dim":2,"act"`, `vertex 1 "y", offset 115: the key "dim" stands there twice`},
		{`"dim":2,"act"`, `"dim":7,"Dim":2,"act"`, `unknown key "Dim"`},
		{`"name":"x"`, `"NAME":"x"`, `vertex 0, offset 44: unknown key "NAME"`},
		{`"format":`, `"Format":`, `unknown key "Format"`},
		{`"arrows":`, `"arrows":[],"arrows":`, `the key "arrows" stands there twice`},
		{`"vertices":`, `"vertices":[],"vertices":`, `the key "vertices" stands there twice`},
		{`"from":"x","to":"y"}`, `"from":"x","from":"y","to":"y"}`, `the key "from" stands there twice`},
		{`"from":"x","to":"y"}`, `"From":"x","to":"y"}`, `unknown key "From"`},
		{`{"name":"eye",`, `{"name":"eye","name":"nose",`, `arrow 1 "eye"`},
		{`"inclusion":`, `"inclusion":[2,2,0,0,1],"inclusion":`, `the key "inclusion" stands there twice`},
		{`"data":[1,2,3,4]`, `"data":[1,2,3,4],"data":[1,2,3,4]`, `the key "data" stands there twice`},
		{`"rows":2`, `"Rows":2`, `unknown key "Rows"`},
		{`"kind":"input","dim":2`, `"kind":"input"`, `vertex 0 "x", offset 70: "dim" is missing`},
		{`"kind":"input",`, ``, `"kind" is missing`},
		{`"kind":"input"`, `"kind":7`, `vertex 0 "x", offset 62: 7 where a text should be`},
		{`"kind":"input"`, `"kind":["input"]`, `a list where a text should be`},
		{`"from":"x","to":"y"}`, `"from":"x"}`, `"to" is missing`},
		{`"rows":2,`, ``, `want rows, cols and rows·cols numbers`},
		{`[2,2,0,0,2]`, `[2,2]`, `arrow 1 "eye", offset 224: an inclusion of 2 numbers; want rows, cols, row, col and the number of ones`},
		{`[2,2,0,0,2]`, `[]`, `an inclusion of 0 numbers`},
		{`[2,2,0,0,2]`, `[2,2,0,0,2,0]`, `more than 5 numbers`},
		{`[2,2,0,0,2]`, `[2,2,0,0,-2]`, `a size of -2`},
		{`[2,2,0,0,2]`, `null`, `null where a list should be`},
		{`"dim":2,"act"`, `"dim":null,"act"`, `null where a number should be`},
		{`"dim":2,"act"`, `"dim":2.0,"act"`, `2.0 is not a whole number`},
		{`"dim":2,"act"`, `"dim":4294967296,"act"`, `a size of 4294967296`},
		{`"act":"squash"`, `"act":null`, `null where a text should be`},
		{`"act":"squash"`, `"act":""`, `an activation without a name`},
		{`"bases":{}`, `"bases":[]`, `a list where an object should be`},
		{`"bases":{}`, `"bases":{},"more":1`, `unknown key "more"`},
		{`,"bases":{}`, ``, ``},
	} {
		require.Contains(t, good, c[0])
		err := decode(strings.Replace(good, c[0], c[1], 1))
		if c[2] == "" {
			require.NoError(t, err, c[1])
			continue
		}
		require.ErrorAs(t, err, new(*quiver.SyntaxError), "%s for %s", c[1], c[0])
		assert.ErrorContains(t, err, c[2], "%s for %s", c[1], c[0])
	}
	for _, missing := range []string{`{}`, `{"format":"quivernet.quiver/1"}`, `{"format":"quivernet.quiver/1","vertices":[]}`} {
		require.ErrorContains(t, decode(missing), "is missing")
	}
}

// TestActivationsAreParsedOnce: vertices that name one activation share it, and so do those of one
// restriction; another name is another activation.
func TestActivationsAreParsedOnce(t *testing.T) {
	b := mat.NewDense(2, 1, []float64{0.6, 0.8})
	r := quiver.Restricted(gate{}, b)
	parts := []quiver.Part{quiver.Input("x", 1)}
	for i, act := range []quiver.Activation{squash{}, r, squash{}, r, gate{}, squash{}, quiver.Identity} {
		parts = append(parts, quiver.Hidden(fmt.Sprintf("h%d", i), 1, act))
	}
	q, err := quiver.New(parts...)
	require.NoError(t, err)
	text, err := json.Marshal(q)
	require.NoError(t, err)
	asked := map[string]int{}
	back, err := quiver.DecodeJSON(bytes.NewReader(text), func(s string) (quiver.Activation, error) {
		asked[s]++
		return parse(s)
	})
	require.NoError(t, err)
	assert.Equal(t, map[string]int{"squash": 1, "gate": 1, r.String(): 1}, asked)
	assert.Same(t, back.Vertices()[2].Act, back.Vertices()[4].Act)
}

// Building and drawing weights take a time proportional to the number of arrows: a quadratic pass
// over these takes a hundred times as long.
func TestManyArrows(t *testing.T) {
	const n = 50_000
	parts := []quiver.Part{quiver.Input("x", 1), quiver.Output("y", 1, nil)}
	for i := range n {
		a := quiver.Connect("x", "y", quiver.Named(fmt.Sprint(i)))
		if i%2 == 1 {
			a = quiver.Connect("x", "y", quiver.Named(fmt.Sprint(i)), quiver.Tied(fmt.Sprint((i+2)%n)))
		}
		if i == n-1 {
			a = quiver.Connect("x", "y", quiver.Named(fmt.Sprint(i)))
		}
		parts = append(parts, a)
	}
	q, err := quiver.New(parts...)
	require.NoError(t, err)
	assert.Equal(t, n/2+1, q.NumParams())
	as := q.Arrows()
	assert.Equal(t, fmt.Sprint(n-1), as[1].TiedTo, "through a chain of ties")
	w := quiver.Random(q, func(dst []float64, _ quiver.Arrow, fanIn, fanOut int, _ *rand.Rand) {
		dst[0] = float64(fanIn) / float64(fanOut)
	}, rand.NewPCG(1, 2))
	ys, err := w.Eval(mat.NewDense(1, 1, []float64{1}))
	require.NoError(t, err)
	assert.Equal(t, float64(n), ys[0].At(0, 0))
}

// A cycle is found among many vertices that lie on none, and it is a shortest one.
func TestCycleBehindManyVertices(t *testing.T) {
	const n = 20_000
	name := func(i int) string { return fmt.Sprint("v", i) }
	var parts []quiver.Part
	for i := range n {
		parts = append(parts, quiver.Hidden(name(i), 1, quiver.Identity))
		if i > 0 {
			parts = append(parts, quiver.Connect(name(i), name(i-1)))
		}
	}
	_, err := quiver.New(parts...)
	require.NoError(t, err)
	for _, c := range []struct {
		arrows [][2]int
		want   []string
	}{
		{[][2]int{{n - 2, n - 1}}, []string{name(n - 2), name(n - 1), name(n - 2)}},
		{[][2]int{{7, 7}}, []string{"v7", "v7"}},
		{[][2]int{{3, 9}, {5, 8}}, []string{"v3", "v9", "v8", "v7", "v6", "v5", "v4", "v3"}},
		{[][2]int{{0, n - 1}, {4, 2}, {0, 2}}, []string{"v0", "v2", "v1", "v0"}},
	} {
		more := append([]quiver.Part(nil), parts...)
		for _, a := range c.arrows {
			more = append(more, quiver.Connect(name(a[0]), name(a[1]), quiver.Named(fmt.Sprintf("back%d", a[0]*n+a[1]))))
		}
		_, err := quiver.New(more...)
		var e *quiver.CycleError
		require.ErrorAs(t, err, &e)
		assert.Equal(t, c.want, e.Path)
	}
}
