package store_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/golden"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/quiver/store"
)

// checkpoint is a network with all that a file can hold.
func checkpoint(t *testing.T) *quiver.Rep {
	layers.RegisterLambda("onenorm", layers.OneNorm{})
	tanh, norm := layers.Radial(layers.Tanh), layers.Rescaling("onenorm", layers.OneNorm{})
	q, err := quiver.New(
		quiver.Input("x", 3), quiver.Input("π", 1), quiver.Bias("one"),
		quiver.Hidden("g", 4, tanh), quiver.Hidden("h", 4, layers.Gain(layers.RMSNorm(4, 1e-5), true)),
		quiver.Hidden("k", 2, quiver.Restricted(norm, frame(3, 2))), quiver.Hidden("none", 0, tanh),
		quiver.Output("y", 2, nil), quiver.Output("z", 2, layers.Trainable(layers.Softplus, .25, 1.5)),
		quiver.Connect("x", "g"), quiver.Connect("one", "g"), quiver.Connect("g", "h"), quiver.Connect("g", "h", quiver.Named("again"), quiver.Tied("g->h")),
		quiver.Connect("g", "h", quiver.Named("skip"), quiver.Frozen(quiver.Eye(4))), quiver.Connect("h", "k"), quiver.Connect("k", "y"),
		quiver.Connect("π", "k", quiver.Frozen(random(2, 1, 3))), quiver.Connect("x", "y", quiver.Named("<part>"), quiver.Frozen(quiver.Inclusion{Rows: 2, Cols: 3, Col: 1, K: 2})),
		quiver.Connect("y", "z"), quiver.Connect("none", "z"), quiver.Connect("one", "z"),
	)
	require.NoError(t, err)
	w := quiver.Random(q, nil, rand.NewPCG(1, 2))
	w.Arrow("x->g").Set(0, 0, 5e-324)
	w.Arrow("x->g").Set(0, 1, -0x1.fffffffffffffp+1023)
	w.Arrow("x->g").Set(0, 2, 1./3)
	return w
}

// told writes down every bit of a network, and what it computes, by the digits.
func told(t *testing.T, w *quiver.Rep, meta map[string]string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "layout %s\nmetadata %v\n%s", w.Quiver().Layout(), meta, w.Quiver())
	for i, a := range w.Quiver().Arrows() {
		fmt.Fprintf(&b, "%s\n\t%x\n", a.Name, entries(w.Matrix(i)))
	}
	for _, v := range w.Quiver().Vertices() {
		if p := w.Params(v.Name); p != nil {
			fmt.Fprintf(&b, "parameters of %s\n\t%x\n", v.Name, p)
		}
	}
	w.Arrow("x->g").Set(0, 1, 0.5)
	ys, err := w.Eval(mat.NewDense(1, 3, []float64{1, -2, 0.5}), mat.NewDense(1, 1, []float64{3}))
	require.NoError(t, err)
	for i, name := range w.Quiver().Outputs() {
		fmt.Fprintf(&b, "%s at (1, -2, 0.5), 3, with 0.5 in place of the largest weight\n\t%.9v\n", name, entries(ys[i]))
	}
	return b.String()
}

// Files of each version of the format are kept: whoever changes a reader proves here that it reads
// them. A file of an older version is never written anew; -update makes one that is missing.
func TestFilesOfAllVersions(t *testing.T) {
	layers.RegisterLambda("onenorm", layers.OneNorm{})
	for _, version := range []string{"1"} {
		path := filepath.Join("testdata", "version"+version+".safetensors")
		if _, err := os.Stat(path); err != nil && golden.Updating() {
			require.NoError(t, store.Save(path, checkpoint(t), store.WithMetadata(map[string]string{"by": "Käthe", "accuracy": "0.97"})))
		}
		meta := map[string]string{}
		w, err := store.Load(path, store.MetadataInto(meta))
		require.NoError(t, err)
		golden.Check(t, "version"+version+".txt", told(t, w.Clone(), meta))
		requireSame(t, checkpoint(t), w)
		var again bytes.Buffer
		require.NoError(t, store.Write(&again, w, store.WithMetadata(meta)))
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.Equal(t, text, again.Bytes(), "this version still writes the same bytes")
		w.Arrow("x->g").Set(0, 0, 0)
		assert.NotEqual(t, told(t, checkpoint(t), meta), told(t, w, meta), "one last bit changes the text")
	}
}
