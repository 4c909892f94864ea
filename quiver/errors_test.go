package quiver_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/golden"
	"github.com/quivernet/quivernet/quiver"
)

// TestBadInput is a table of what may be given by mistake, with the texts of the errors.
func TestBadInput(t *testing.T) {
	x, y := quiver.Input("x", 2), quiver.Output("y", 1, nil)
	h := func(name string) quiver.Part { return quiver.Hidden(name, 3, squash{}) }
	make := func(parts ...quiver.Part) error { _, err := quiver.New(parts...); return err }
	decode := func(text string) error {
		_, err := quiver.DecodeJSON(strings.NewReader(text), parse)
		return err
	}
	w := everything(t)
	eval := func(xs ...*mat.Dense) error { _, err := w.Eval(xs...); return err }
	vjp := func(xs, dys []*mat.Dense) error { _, _, err := w.VJP(xs, dys); return err }
	op := func(_ *quiver.Rep, err error) error { return err }
	bad := w.Clone()
	bad.Params("k")[0] = math.Inf(1)
	head := `{"format":"quivernet.quiver/1","vertices":[`
	cases := []struct {
		name string
		err  error
	}{
		{"empty name", make(quiver.Input("", 1))},
		{"arrow in a name", make(quiver.Input("a->b", 1))},
		{"space in a name", make(quiver.Input("a b", 1))},
		{"quote in a name", make(quiver.Input(`a"b`, 1))},
		{"control character in a name", make(quiver.Input("a\x00b", 1))},
		{"broken UTF-8 in a name", make(quiver.Input("a\xffb", 1))},
		{"very long name", make(quiver.Input(strings.Repeat("a", 300), 1))},
		{"two vertices of one name", make(x, x)},
		{"two arrows of one name", make(x, y, quiver.Connect("x", "y"), quiver.Connect("x", "y"))},
		{"ill-formed name of an arrow", make(x, y, quiver.Connect("x", "y", quiver.Named("a->b")))},
		{"arrow from nowhere", make(x, y, quiver.Connect("z", "y"))},
		{"arrow to nowhere", make(x, y, quiver.Connect("x", "z"))},
		{"arrow into an input", make(x, h("h"), quiver.Connect("h", "x"))},
		{"arrow into a bias", make(x, quiver.Bias("one"), quiver.Connect("x", "one"))},
		{"negative dimension", make(quiver.Input("x", -1))},
		{"absurd dimension", make(quiver.Input("x", math.MaxInt))},
		{"too many parameters", make(quiver.Input("x", math.MaxInt32), quiver.Output("y", math.MaxInt32, nil), quiver.Connect("x", "y"))},
		{"no activation", make(quiver.Hidden("h", 2, nil))},
		{"loop", make(h("h"), quiver.Connect("h", "h"))},
		{"cycle", make(x, h("a"), h("b"), h("c"), quiver.Connect("x", "a"), quiver.Connect("a", "b"), quiver.Connect("b", "c"), quiver.Connect("c", "a"))},
		{"nil part", make(x, nil)},
		{"fixed matrix of another shape", make(x, y, quiver.Connect("x", "y", quiver.Frozen(mat.NewDense(2, 1, nil))))},
		{"nil fixed matrix", make(x, y, quiver.Connect("x", "y", quiver.Frozen(nil)))},
		{"NaN in a fixed matrix", make(x, y, quiver.Connect("x", "y", quiver.Frozen(mat.NewDense(1, 2, []float64{0, math.NaN()}))))},
		{"inclusion that does not fit", make(x, y, quiver.Connect("x", "y", quiver.Frozen(quiver.Inclusion{Rows: 1, Cols: 2, K: 2})))},
		{"tied to nothing", make(x, y, quiver.Connect("x", "y", quiver.Tied("z")))},
		{"tied to itself", make(x, y, quiver.Connect("x", "y", quiver.Tied("x->y")))},
		{"tied to another shape", make(x, y, h("h"), quiver.Connect("x", "h"), quiver.Connect("h", "y", quiver.Tied("x->h")))},
		{"tied to a fixed arrow", make(x, y, quiver.Connect("x", "y", quiver.Frozen(mat.NewDense(1, 2, nil))), quiver.Connect("x", "y", quiver.Named("b"), quiver.Tied("x->y")))},
		{"tied and frozen", make(x, y, quiver.Connect("x", "y"), quiver.Connect("x", "y", quiver.Named("b"), quiver.Tied("x->y"), quiver.Frozen(mat.NewDense(1, 2, nil))))},
		{"no inputs given", eval()},
		{"too many inputs", eval(normal(1, 2, 1), normal(1, 1, 1), normal(1, 1, 1))},
		{"nil input", eval(normal(1, 2, 1), nil)},
		{"input too narrow", eval(normal(3, 1, 1), normal(3, 1, 1))},
		{"batches of different sizes", eval(normal(3, 2, 1), normal(4, 1, 1))},
		{"gradient of another shape", vjp([]*mat.Dense{normal(3, 2, 1), normal(3, 1, 1)}, []*mat.Dense{nil, normal(3, 1, 1)})},
		{"too few gradients", vjp([]*mat.Dense{normal(3, 2, 1), normal(3, 1, 1)}, nil)},
		{"infinite parameter", bad.CheckFinite()},
		{"set an unknown arrow", w.Set("a", eye(2))},
		{"set a fixed arrow", w.Set("h->k", eye(3))},
		{"set another shape", w.Set("h->m", eye(2))},
		{"fix a trainable arrow", op(w.WithFixed(map[string]mat.Matrix{"h->m": eye(3)}))},
		{"fix another shape", op(w.WithFixed(map[string]mat.Matrix{"h->k": eye(2)}))},
		{"replace the activation of an input", op(w.ReplaceActivation("x", squash{}))},
		{"replace an activation by nothing", op(w.ReplaceActivation("h", nil))},
		{"cut after nothing", op(w.CutAfter("z"))},
		{"cut after an input", op(w.CutAfter("x"))},
		{"freeze nothing", op(w.Freeze("z"))},
		{"rename nothing", op(w.Rename(map[string]string{"z": "a"}))},
		{"rename to a name in use", op(w.Rename(map[string]string{"h": "k"}))},
		{"head that is no output", op(w.ReplaceHead("h", 2, nil, nil, rand.NewPCG(1, 2)))},
		{"join of different dimensions", op(quiver.Join(w, w, map[string]string{"m": "x"}))},
		{"join from a hidden vertex", op(quiver.Join(w, w, map[string]string{"h": "x"}))},
		{"empty text", decode("")},
		{"cut text", decode(head)},
		{"not JSON", decode("quiver")},
		{"another format", decode(`{"format":"onnx","vertices":[],"arrows":[]}`)},
		{"unknown field", decode(`{"format":"quivernet.quiver/1","nodes":[]}`)},
		{"text after the end", decode(`{"format":"quivernet.quiver/1","vertices":[],"arrows":[]} x`)},
		{"unknown kind", decode(head + `{"name":"x","kind":"neuron","dim":1}],"arrows":[]}`)},
		{"unknown activation", decode(head + `{"name":"x","kind":"hidden","dim":1,"act":"magic"}],"arrows":[]}`)},
		{"restriction without its basis", decode(head + `{"name":"x","kind":"hidden","dim":1,"act":"restrict(squash,#12)"}],"arrows":[]}`)},
		{"basis that is not orthonormal", decode(head + `{"name":"x","kind":"hidden","dim":1,"act":"restrict(squash,#12)"}],"arrows":[],"bases":{"12":{"rows":2,"cols":1,"data":[1,1]}}}`)},
		{"matrix with too few numbers", decode(head + `{"name":"x","kind":"input","dim":2},{"name":"y","kind":"output","dim":1,"act":"identity"}],"arrows":[{"from":"x","to":"y","fixed":{"dense":{"rows":1,"cols":2,"data":[1]}}}]}`)},
		{"fixed matrix of no kind", decode(head + `{"name":"x","kind":"input","dim":2}],"arrows":[{"from":"x","to":"y","fixed":{}}]}`)},
		{"deep text", decode(strings.Repeat(`{"vertices":[`, 20000))},
	}
	var b strings.Builder
	for _, c := range cases {
		if assert.Error(t, c.err, c.name) {
			fmt.Fprintf(&b, "%s\n\t%s\n", c.name, c.err)
		}
	}
	golden.Check(t, "errors.txt", b.String())
}

// TestArticles: the text of an error is a sentence for every kind of vertex.
func TestArticles(t *testing.T) {
	for kind, want := range map[quiver.Kind]string{quiver.KindInput: "an input", quiver.KindBias: "a bias", quiver.KindHidden: "a hidden", quiver.KindOutput: "an output"} {
		assert.EqualError(t, &quiver.KindError{Vertex: "v", Kind: kind, Arrow: "u->v", Reason: "for a reason"}, `quiver: arrow "u->v": vertex "v" is `+want+`, for a reason`)
	}
}
