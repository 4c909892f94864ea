package quiver_test

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/quiver"
)

// TestLayout: equal declarations make one layout, and an error says where two layouts part.
func TestLayout(t *testing.T) {
	q := everything(t).Quiver()
	r, err := quiver.New(q.Parts()...)
	require.NoError(t, err)
	assert.Equal(t, q.Layout(), r.Layout())
	for what, change := range map[string]func(quiver.Vertex) quiver.Vertex{
		"dimension": func(v quiver.Vertex) quiver.Vertex {
			if v.Name == "alone" {
				v.Dim++
			}
			return v
		},
		"activation": func(v quiver.Vertex) quiver.Vertex {
			if v.Name == "alone" {
				v.Act = quiver.Identity
			}
			return v
		},
	} {
		d, err := q.Derive(change, nil)
		require.NoError(t, err)
		assert.NotEqual(t, q.Layout(), d.Layout(), what)
		var le *quiver.LayoutError
		require.ErrorAs(t, quiver.Zero(q).Fits(quiver.Zero(d)), &le)
		assert.Contains(t, le.Error(), `hidden "alone"`)
		assert.Panics(t, func() { quiver.Zero(q).AddScaled(1, quiver.Zero(d)) })
	}
}

// TestLayoutHash: files carry the hash of a layout, so that it must never change: it is the first half
// of the SHA-256 of this text.
func TestLayoutHash(t *testing.T) {
	q, err := quiver.New(quiver.Input("x", 2), quiver.Bias("one"), quiver.Hidden("h", 3, squash{}), quiver.Hidden("k", 3, gate{}), quiver.Output("y", 3, nil),
		quiver.Connect("x", "h"), quiver.Connect("one", "h"), quiver.Connect("h", "k", quiver.Named("turn")), quiver.Connect("k", "y", quiver.Tied("turn")), quiver.Connect("h", "y", quiver.Frozen(quiver.Eye(3))))
	require.NoError(t, err)
	const text = `input "x" of dimension 2, activation ""
bias "one" of dimension 1, activation ""
hidden "h" of dimension 3, activation "squash"
hidden "k" of dimension 3, activation "gate"
output "y" of dimension 3, activation "identity"
arrow "x->h" from "x" to "h", fixed false, tied to ""
arrow "one->h" from "one" to "h", fixed false, tied to ""
arrow "turn" from "h" to "k", fixed false, tied to ""
arrow "k->y" from "k" to "y", fixed false, tied to "turn"
arrow "h->y" from "h" to "y", fixed true, tied to ""
[0] [4]`
	sum := sha256.Sum256([]byte(text))
	assert.Equal(t, hex.EncodeToString(sum[:16]), q.Layout())
	assert.Equal(t, "5b6dd7db5b54e666b2ed1979d3b6f3aa", q.Layout())
}

// fickle is an activation whose text changes.
type fickle struct {
	squash
	text *string
}

func (a fickle) String() string { return *a.text }

// TestActivationThatChangesItsName: the layout is that of New, and Check sees that it holds no more.
func TestActivationThatChangesItsName(t *testing.T) {
	text := "before"
	q, err := quiver.New(quiver.Input("x", 1), quiver.Output("y", 1, fickle{text: &text}), quiver.Connect("x", "y"))
	require.NoError(t, err)
	require.NoError(t, quiver.Check(q))
	layout := q.Layout()
	text = "after"
	assert.Equal(t, layout, q.Layout())
	assert.ErrorAs(t, quiver.Check(q), new(*quiver.LayoutError))
	assert.ErrorAs(t, quiver.Zero(q).Check(), new(*quiver.LayoutError))
}

// TestTooManyParameters: it is the sum over all arrows that must stay countable.
func TestTooManyParameters(t *testing.T) {
	parts := []quiver.Part{quiver.Input("x", 1<<29), quiver.Output("y", 1<<29, nil), quiver.Connect("x", "y")}
	q, err := quiver.New(parts...)
	require.NoError(t, err)
	assert.Equal(t, 1<<58, q.NumParams())
	_, err = quiver.New(append(parts, quiver.Connect("x", "y", quiver.Named("second")))...)
	var de *quiver.DimError
	require.ErrorAs(t, err, &de)
	assert.Equal(t, "y", de.Vertex)
	_, err = quiver.New(append(parts, quiver.Connect("x", "y", quiver.Named("second"), quiver.Tied("x->y")))...)
	assert.NoError(t, err, "a tied arrow has no parameters of its own")
}

// TestScale: every trainable number is multiplied, and nothing else.
func TestScale(t *testing.T) {
	w := everything(t)
	v := w.Clone()
	v.Scale(-3)
	for i, x := range w.Data() {
		assert.Equal(t, -3*x, v.Data()[i])
	}
	assert.Equal(t, w.Arrow("u->k"), v.Arrow("u->k"), "a fixed matrix")
	assert.NotZero(t, w.Norm())
}
