package optim_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/optim"
	"github.com/quivernet/quivernet/quiver"
)

// onSpan multiplies the joined matrix (b | W) of the first layer by JJᵀ from the right.
type onSpan struct{ j *mat.Dense }

func (p onSpan) Project(g *quiver.Rep) error {
	var c, a mat.Dense
	b, w := g.Arrow("one->h"), g.Arrow("x->h")
	a.Augment(b, w)
	c.Product(&a, p.j, p.j.T())
	n, d := w.Dims()
	b.Copy(c.Slice(0, n, 0, 1))
	w.Copy(c.Slice(0, n, 1, 1+d))
	return nil
}

func (onSpan) Joined() [][]string { return [][]string{{"one->h", "x->h"}} }

// TestJoined: the samples (1, x) lie in the span of the columns of J, so bias and weights
// of the first layer act through (b | W)J alone, which a smaller network trains directly.
// Isotropic methods with one rate follow; all others must differ, and are refused.
func TestJoined(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 2))
	act := layers.Radial(layers.Squash)
	large, err := quiver.New(quiver.Input("x", 3), quiver.Bias("one"), quiver.Hidden("h", 4, act), quiver.Output("y", 2, nil),
		quiver.Connect("one", "h"), quiver.Connect("x", "h"), quiver.Connect("h", "y"))
	require.NoError(t, err)
	small, err := quiver.New(quiver.Input("c", 2), quiver.Hidden("h", 4, act), quiver.Output("y", 2, nil),
		quiver.Connect("c", "h"), quiver.Connect("h", "y"))
	require.NoError(t, err)

	// Seven points on a line x = x₀ + s·u, and J from the QR factors of ((1, x₀), (0, u)).
	line := mat.NewDense(4, 2, []float64{1, 0, 0.3, 1, -0.8, 0.5, 1.1, -0.7})
	var qr mat.QR
	qr.Factorize(line)
	var q mat.Dense
	qr.QTo(&q)
	j := mat.DenseCopyOf(q.Slice(0, 4, 0, 2))
	s := mat.NewDense(7, 2, nil)
	s.Apply(func(_, k int, _ float64) float64 {
		if k == 0 {
			return 1
		}
		return r.NormFloat64()
	}, s)
	var ones, c mat.Dense
	ones.Mul(s, line.T()) // the rows (1, x)
	c.Mul(&ones, j)
	xs, ys := mat.DenseCopyOf(ones.Slice(0, 7, 1, 4)), normal(r, 7, 2)
	lossLarge, lossSmall := squares{[]*mat.Dense{xs}, []*mat.Dense{ys}}, squares{[]*mat.Dense{&c}, []*mat.Dense{ys}}

	w := quiver.Zero(large)
	for i := range w.Data() {
		w.Data()[i] = 0.6 * r.NormFloat64()
	}
	reduce := func(w *quiver.Rep) *quiver.Rep {
		v := quiver.Zero(small)
		var a, aj mat.Dense
		a.Augment(w.Arrow("one->h"), w.Arrow("x->h"))
		aj.Mul(&a, j)
		require.NoError(t, v.Set("c->h", &aj))
		require.NoError(t, v.Set("h->y", w.Arrow("h->y")))
		return v
	}
	type pairing struct {
		name         string
		large, small func() optim.Method
		yes          bool
	}
	cases := []pairing{
		{"bias rate ×2", sgd(optim.SGD{Groups: []optim.Group{{Names: []string{"one->h"}, RateFactor: 2}}}), sgd(optim.SGD{}), false},
		{"bias without decay", sgd(optim.SGD{Decay: 0.1, Groups: []optim.Group{{Names: []string{"one->h"}, NoDecay: true}}}), sgd(optim.SGD{Decay: 0.1}), false},
	}
	for _, r := range rows(0.1) {
		for kind, form := range r.forms {
			if is := traits(form()); !is.Weights {
				cases = append(cases, pairing{fmt.Sprint(r.name, ", ", kind), form, form, is.Isotropic})
			}
		}
	}
	for _, c := range cases {
		p := onSpan{j}
		a, b := w.Clone(), reduce(w)
		err := minimizeOn(lossLarge, a, optim.Projected(c.large(), p), 10)
		if c.yes {
			require.NoError(t, err, c.name)
		} else {
			var pe *optim.PairError
			require.ErrorAs(t, err, &pe, c.name)
			require.NoError(t, minimizeOn(lossLarge, a, masked{c.large(), p}, 10))
		}
		require.NoError(t, minimizeOn(lossSmall, b, c.small(), 10))
		if gap := distance(reduce(a), b); c.yes {
			assert.LessOrEqual(t, gap, 1e-10, c.name)
		} else {
			assert.GreaterOrEqual(t, gap, 1e-4, c.name)
		}
	}
}

func sgd(m optim.SGD) func() optim.Method {
	return func() optim.Method { return &optim.SGD{Rate: 0.02, Decay: m.Decay, Groups: m.Groups} }
}
