package symmetry_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/internal/golden"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
)

// skip is a network with two inputs, two hidden vertices and a skip.
func skip() *quiver.Quiver {
	q, err := quiver.New(
		quiver.Input("x", 2), quiver.Bias("one"),
		quiver.Hidden("h1", 64, squash), quiver.Hidden("h2", 64, squash), quiver.Output("y", 1, nil),
		quiver.Connect("x", "h1"), quiver.Connect("one", "h1"),
		quiver.Connect("h1", "h2"), quiver.Connect("x", "h2"), quiver.Connect("one", "h2"),
		quiver.Connect("h2", "y"), quiver.Connect("one", "y"))
	if err != nil {
		panic(err)
	}
	return q
}

// stable replaces the measured gap, whose last digits depend on the machine.
func stable(s string) string {
	return regexp.MustCompile(`max gap [0-9.e+-]+`).ReplaceAllString(s, "max gap ε")
}

func TestReport(t *testing.T) {
	c := compress(t, random(skip(), 1))
	line, _, _ := strings.Cut(c.String(), "\n")
	assert.Regexp(t, `^h1 64→3, h2 64→6, parameters 4545→52, max gap [0-9.]+e-1[5-9]$`, line)
	golden.Check(t, "skip.txt", stable(c.String()))
	golden.Check(t, "kept.txt", stable(compress(t, random(skip(), 1), symmetry.Keep("h2")).String()))
	golden.Check(t, "none.txt", stable(compress(t, random(mlp(t, squash, 4, 3, 2), 1)).String()))

	var parts []quiver.Part
	parts = append(parts, quiver.Input("x", 1), quiver.Output("y", 1, nil))
	from := "x"
	for i := range 60 {
		h := fmt.Sprintf("h%d", i)
		parts = append(parts, quiver.Hidden(h, 3, tanh), quiver.Connect(from, h))
		from = h
	}
	parts = append(parts, quiver.Connect(from, "y"))
	long := compress(t, random(must(quiver.New(parts...))(t), 1)).String()
	golden.Check(t, "long.txt", stable(long))
}

func TestCertificateString(t *testing.T) {
	c := compress(t, random(skip(), 1))
	assert.Regexp(t, `^exact; max gap [0-9.]+e-1[5-9] \(holds for every input, measured on 64 normal random inputs\)`, c.Certificate.String())
}

func TestEquivalent(t *testing.T) {
	q := skip()
	w := random(q, 1)
	e := must(symmetry.Equivalent(w, compress(t, w).Reduced))(t)
	assert.LessOrEqual(t, e, 1e-13)
	v := w.Clone()
	v.Data()[0] += 1e-3
	d := must(symmetry.Equivalent(w, v))(t)
	assert.Greater(t, d, 1e-9)
	assert.Zero(t, must(symmetry.Equivalent(quiver.Zero(q), quiver.Zero(q)))(t), "0/0 counts as 0")
	e = must(symmetry.Equivalent(quiver.Zero(q), w))(t)
	assert.Greater(t, e, 1e300, "a difference from nothing is infinite")
	// It is the size of the output that counts: a network of tiny outputs is not
	// "equal" to another one.
	small, other := w.Clone(), w.Clone()
	for _, a := range []string{"h2->y", "one->y"} {
		small.Arrow(a).Scale(1e-9, w.Arrow(a).T().T())
		other.Arrow(a).Scale(-1e-9, w.Arrow(a).T().T())
	}
	assert.InDelta(t, 2, must(symmetry.Equivalent(small, other))(t), 1e-6)

	_, err := symmetry.Equivalent(w, random(mlp(t, squash, 3, 2, 1), 1))
	require.Error(t, err)
	_, err = symmetry.Equivalent(w, random(mlp(t, squash, 2, 2, 2), 1))
	var shape *quiver.ShapeError
	require.ErrorAs(t, err, &shape)
}

func Example() {
	w := random(skip(), 1)
	c, err := symmetry.Compress(w)
	if err != nil {
		panic(err)
	}
	for _, v := range c.Widths {
		fmt.Printf("%s %d→%d: %s\n", v.Vertex, v.From, v.To, v.Reason)
	}
	gap, err := symmetry.Equivalent(w, c.Reduced)
	fmt.Println(c.Reduced.Quiver().NumParams(), gap < 1e-13, err)
	// Output:
	// h1 64→3: 3 directions reach it (one 1, x 2)
	// h2 64→6: 6 directions reach it (one 1, h1 3, x 2)
	// 52 true <nil>
}
