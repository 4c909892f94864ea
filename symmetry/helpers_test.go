package symmetry_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
)

var (
	sigmoid = layers.Radial(layers.Sigmoid)
	squash  = layers.Radial(layers.Squash)
	tanh    = layers.Radial(layers.Tanh)
)

func must[T any](x T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		require.NoError(t, err)
		return x
	}
}

func mlp(t testing.TB, act quiver.Activation, dims ...int) *quiver.Quiver {
	t.Helper()
	return must(layers.MLP(act, dims...))(t)
}

func random(q *quiver.Quiver, seed uint64) *quiver.Rep {
	return quiver.Random(q, nil, rand.NewPCG(seed, 7))
}

func rngOf(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 3)) }

func compress(t testing.TB, w *quiver.Rep, opts ...symmetry.Option) *symmetry.Compression {
	t.Helper()
	return must(symmetry.Compress(w, opts...))(t)
}

// inputs returns n rows of normal numbers for each input of q.
func inputs(q *quiver.Quiver, n int, seed uint64) []*mat.Dense {
	rng := rand.New(rand.NewPCG(seed, 11))
	dims := q.Dims()
	var xs []*mat.Dense
	for _, name := range q.Inputs() {
		if dims[name] == 0 {
			xs = append(xs, &mat.Dense{})
			continue
		}
		m := mat.NewDense(n, dims[name], nil)
		for i := range m.RawMatrix().Data {
			m.RawMatrix().Data[i] = rng.NormFloat64()
		}
		xs = append(xs, m)
	}
	return xs
}

// gap returns max|F−F'| / max|F|, the largest over the outputs; 0/0 = 0.
func gap(t testing.TB, a, b *quiver.Rep, xs ...*mat.Dense) float64 {
	t.Helper()
	ya, yb := must(a.Eval(xs...))(t), must(b.Eval(xs...))(t)
	require.Len(t, yb, len(ya))
	var worst float64
	for i := range ya {
		worst = max(worst, relative(ya[i], yb[i]))
	}
	return worst
}

func relative(a, b mat.Matrix) float64 {
	r, c := a.Dims()
	var diff, size float64
	for i := range r {
		for j := range c {
			diff = max(diff, math.Abs(a.At(i, j)-b.At(i, j)))
			size = max(size, math.Abs(a.At(i, j)))
		}
	}
	if diff == 0 {
		return 0
	}
	return diff / size
}

// distance returns the largest difference of the trainable numbers.
func distance(a, b *quiver.Rep) float64 {
	var d float64
	for i, x := range a.Data() {
		d = max(d, math.Abs(x-b.Data()[i]))
	}
	return d
}

// widths returns the dimensions of the named vertices of the reduced quiver.
func widths(c *symmetry.Compression, names ...string) []int {
	d := c.Reduced.Quiver().Dims()
	var w []int
	for _, n := range names {
		w = append(w, d[n])
	}
	return w
}

// halfSumOfSquares returns ½Σ|F−y|² and its gradient.
func halfSumOfSquares(t testing.TB, w *quiver.Rep, xs, ys []*mat.Dense) (float64, *quiver.Rep) {
	t.Helper()
	out := must(w.Eval(xs...))(t)
	var loss float64
	for i, o := range out {
		if o.IsEmpty() {
			continue
		}
		o.Sub(o, ys[i])
		loss += mat.Dot(o.ColView(0), o.ColView(0)) / 2
		_, c := o.Dims()
		for j := 1; j < c; j++ {
			loss += mat.Dot(o.ColView(j), o.ColView(j)) / 2
		}
	}
	g, _, err := w.VJP(xs, out)
	require.NoError(t, err)
	return loss, g
}

// targets returns n rows of normal numbers for each output of q.
func targets(q *quiver.Quiver, n int, seed uint64) []*mat.Dense {
	fed := false
	for _, name := range q.Inputs() {
		fed = fed || q.Dims()[name] > 0
	}
	if !fed {
		n = 1
	}
	rng := rand.New(rand.NewPCG(seed, 13))
	dims := q.Dims()
	var ys []*mat.Dense
	for _, name := range q.Outputs() {
		if dims[name] == 0 {
			ys = append(ys, &mat.Dense{})
			continue
		}
		m := mat.NewDense(n, dims[name], nil)
		for i := range m.RawMatrix().Data {
			m.RawMatrix().Data[i] = rng.NormFloat64()
		}
		ys = append(ys, m)
	}
	return ys
}

// shape is a vertex list and an arrow list in short form: "x:i2", "h:h8", "y:o2", "one:b",
// "x>h".
func build(t testing.TB, act quiver.Activation, parts ...string) *quiver.Quiver {
	t.Helper()
	var ps []quiver.Part
	seen := map[string]int{}
	for _, p := range parts {
		var from, to string
		for i, r := range p {
			if r == '>' {
				from, to = p[:i], p[i+1:]
			}
		}
		if from != "" {
			var opts []quiver.ArrowOption
			if seen[p]++; seen[p] > 1 {
				opts = append(opts, quiver.Named(fmt.Sprintf("%s.%s.%d", from, to, seen[p])))
			}
			ps = append(ps, quiver.Connect(from, to, opts...))
			continue
		}
		var name string
		var kind rune
		var d int
		for i, r := range p {
			if r == ':' {
				name, kind = p[:i], rune(p[i+1])
				fmt.Sscanf(p[i+2:], "%d", &d)
			}
		}
		switch kind {
		case 'i':
			ps = append(ps, quiver.Input(name, d))
		case 'b':
			ps = append(ps, quiver.Bias(name))
		case 'h':
			ps = append(ps, quiver.Hidden(name, d, act))
		case 'o':
			ps = append(ps, quiver.Output(name, d, nil))
		default:
			t.Fatalf("bad part %q", p)
		}
	}
	return must(quiver.New(ps...))(t)
}
