package piecestest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/golden"
	"github.com/quivernet/quivernet/internal/pieces"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// rounding is what the numbers that rounding decides look like.
var rounding = regexp.MustCompile(`[0-9.]+e[-+][0-9]+`)

// Golden compares a text with testdata/name. Numbers such as 2.4e-16, which rounding decides, are
// replaced by #.
func Golden(t testing.TB, name, got string) {
	t.Helper()
	golden.Check(t, name, rounding.ReplaceAllString(got, "#"))
}

// he draws weights from N(0, 2/fan-in) and biases from N(0, 0.01).
func he(dst []float64, a quiver.Arrow, fanIn, fanOut int, rng *rand.Rand) {
	if a.From == layers.BiasName {
		for i := range dst {
			dst[i] = 0.1 * rng.NormFloat64()
		}
		return
	}
	quiver.He(dst, a, fanIn, fanOut, rng)
}

// HeChain is a random multilayer perceptron, with weights of N(0, 2/fan-in).
func HeChain(t testing.TB, act quiver.Activation, seed uint64, dims ...int) *quiver.Rep {
	t.Helper()
	q, err := layers.MLP(act, dims...)
	require.NoError(t, err)
	return quiver.Random(q, he, rand.NewPCG(seed, 11))
}

// Normal is an r×c matrix of numbers from N(0, 1).
func Normal(rng *rand.Rand, r, c int) *mat.Dense {
	m := mat.NewDense(r, c, nil)
	for i := range r {
		for j := range c {
			m.Set(i, j, rng.NormFloat64())
		}
	}
	return m
}

// Gauss draws every weight from N(0, 1).
func Gauss(dst []float64, _ quiver.Arrow, _, _ int, rng *rand.Rand) {
	for i := range dst {
		dst[i] = rng.NormFloat64()
	}
}

// Integers draws every weight from −3, …, 3.
func Integers(dst []float64, _ quiver.Arrow, _, _ int, rng *rand.Rand) {
	for i := range dst {
		dst[i] = float64(rng.IntN(7) - 3)
	}
}

// shape is a random quiver's name and parts.
type shape struct {
	name  string
	parts []quiver.Part
}

// randomShapes returns quivers of every kind, with small random dimensions and
// activations drawn from acts: chains, skips, parallel arrows, several inputs and
// outputs, fixed identities, tied arrows, outputs that feed other vertices, isolated
// vertices, dimension 1.
func randomShapes(rng *rand.Rand, acts ...quiver.Activation) []shape {
	d := func() int { return 1 + rng.IntN(3) }
	act := func() quiver.Activation { return acts[rng.IntN(len(acts))] }
	one := quiver.Bias("one")
	in := quiver.Input("x", d())
	aff := func(from, to string) []quiver.Part { return layers.Affine(from, to) }
	join := func(ps ...[]quiver.Part) []quiver.Part {
		var all []quiver.Part
		for _, p := range ps {
			all = append(all, p...)
		}
		return all
	}
	p := func(ps ...quiver.Part) []quiver.Part { return ps }
	k := d() + 1
	return []shape{
		{"chain", join(p(in, one, quiver.Hidden("a", d()+1, act()), quiver.Hidden("b", d(), act()), quiver.Output("y", d(), nil)), aff("x", "a"), aff("a", "b"), aff("b", "y"))},
		{"skip", join(p(in, one, quiver.Hidden("a", d(), act()), quiver.Hidden("b", d(), act()), quiver.Output("y", d(), nil), quiver.Connect("x", "b"), quiver.Connect("a", "y"), quiver.Connect("x", "y")), aff("x", "a"), aff("a", "b"), aff("b", "y"))},
		{"no bias", p(in, quiver.Hidden("a", d()+1, act()), quiver.Output("y", d(), nil), quiver.Connect("x", "a"), quiver.Connect("a", "y"))},
		{"parallel", join(p(in, one, quiver.Hidden("a", d(), act()), quiver.Hidden("b", d(), act()), quiver.Output("y", d(), nil), quiver.Connect("a", "b", quiver.Named("again"))), aff("x", "a"), aff("a", "b"), aff("b", "y"))},
		{"two in, two out", join(p(in, quiver.Input("u", d()), one, quiver.Hidden("a", d(), act()), quiver.Hidden("b", d(), act()), quiver.Output("y", d(), nil), quiver.Output("z", d(), nil), quiver.Connect("u", "b"), quiver.Connect("u", "a")), aff("x", "a"), aff("a", "y"), aff("a", "b"), aff("b", "z"))},
		{"residual", join(p(in, one, quiver.Hidden("a", k, act()), quiver.Hidden("b", d(), act()), quiver.Hidden("c", k, act()), quiver.Output("y", d(), nil), quiver.Connect("a", "c", quiver.Frozen(quiver.Eye(k))), quiver.Connect("b", "c")), aff("x", "a"), aff("a", "b"), aff("c", "y"))},
		{"tied", join(p(in, one, quiver.Hidden("a", k, act()), quiver.Hidden("b", k, act()), quiver.Hidden("c", k, act()), quiver.Output("y", d(), nil), quiver.Connect("b", "c", quiver.Tied("a->b")), quiver.Connect("one", "c")), aff("x", "a"), aff("a", "b"), aff("c", "y"))},
		{"output inside", join(p(in, one, quiver.Hidden("a", d(), act()), quiver.Output("m", d(), nil), quiver.Hidden("b", d(), act()), quiver.Output("y", d(), nil)), aff("x", "a"), aff("a", "m"), aff("m", "b"), aff("b", "y"))},
		{"isolated", join(p(in, one, quiver.Hidden("a", d(), act()), quiver.Hidden("lost", d(), act()), quiver.Hidden("deaf", d(), act()), quiver.Hidden("mute", d(), act()), quiver.Output("y", d(), nil), quiver.Connect("deaf", "y"), quiver.Connect("x", "mute")), aff("x", "a"), aff("a", "y"))},
		{"two biases", join(p(in, one, quiver.Bias("two"), quiver.Hidden("a", d(), act()), quiver.Output("y", d(), nil), quiver.Connect("two", "y"), quiver.Connect("two", "a", quiver.Named("extra"))), aff("x", "a"), aff("a", "y"))},
		{"concat", join(p(in, one, quiver.Hidden("a", 2, act()), quiver.Hidden("b", 1, act()), quiver.Output("y", d(), nil)), aff("x", "a"), aff("x", "b"), layers.Concat("c", act(), layers.Branch{Name: "a", Dim: 2}, layers.Branch{Name: "b", Dim: 1}), aff("c", "y"))},
	}
}

// instance is a random representation with a batch.
type instance struct {
	Name   string
	Rep    *quiver.Rep
	Inputs []*mat.Dense
}

// Instances draws rounds representations of every random shape and n samples for each.
func Instances(t testing.TB, seed uint64, rounds, n int, init quiver.Init, acts ...quiver.Activation) []instance {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 5))
	var all []instance
	for range rounds {
		for _, s := range randomShapes(rng, acts...) {
			q, err := quiver.New(s.parts...)
			require.NoError(t, err)
			w := quiver.Random(q, init, rand.NewPCG(rng.Uint64(), 1))
			all = append(all, instance{fmt.Sprintf("%s/%d", s.name, len(all)), w, normalInputs(rng, q, n)})
		}
	}
	return all
}

// normalInputs draws n samples for each input.
func normalInputs(rng *rand.Rand, q *quiver.Quiver, n int) []*mat.Dense {
	var xs []*mat.Dense
	for _, name := range q.Inputs() {
		xs = append(xs, Normal(rng, n, q.Dims()[name]))
	}
	return xs
}

// MaxDiff returns max|a−b|/max|a|; 0/0 = 0.
func MaxDiff(a, b mat.Matrix) float64 {
	r, c := a.Dims()
	if r == 0 || c == 0 {
		return 0
	}
	var d mat.Dense
	d.Sub(a, b)
	gap, size := mat.Max(Absolute(&d)), mat.Max(Absolute(mat.DenseCopyOf(a)))
	if gap == 0 {
		return 0
	}
	return gap / size
}

// Absolute returns the moduli of the entries.
func Absolute(m *mat.Dense) *mat.Dense {
	var a mat.Dense
	a.Apply(func(_, _ int, x float64) float64 { return max(x, -x) }, m)
	return &a
}

// Moved returns w after a random permutation and positive rescaling of its hidden
// units, factors between 1/most and most; nil where the quiver's arrows are not free.
func Moved(t testing.TB, w *quiver.Rep, rng *rand.Rand, most float64, permute bool) *quiver.Rep {
	t.Helper()
	net, err := pieces.Rescalable(w, "test")
	if err != nil {
		return nil
	}
	for i := range net.Vertices {
		v := &net.Vertices[i]
		if v.Kind != quiver.KindHidden {
			continue
		}
		for r := range v.Dim {
			net.ScaleUnit(i, r, math.Exp((2*rng.Float64()-1)*math.Log(most)))
		}
		if permute {
			net.Permute(i, rng.Perm(v.Dim))
		}
	}
	return net.Rep
}

// Oracle is the function of a network with one input and one output, as a query.
func Oracle(t testing.TB, w *quiver.Rep) func([]float64) []float64 {
	return func(x []float64) []float64 {
		y, err := w.Eval(mat.NewDense(1, len(x), x))
		require.NoError(t, err)
		return y[0].RawRowView(0)
	}
}

// Must takes a result and fails the test if it comes with an error.
func Must[T any](x T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		require.NoError(t, err)
		return x
	}
}
