package optim_test

import (
	"context"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/optim"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
)

// squares is Σ (F(x) − y)² over all outputs.
type squares struct{ xs, ys []*mat.Dense }

func (s squares) LossGrad(grad, w *quiver.Rep) (float64, error) {
	fs, err := w.Eval(s.xs...)
	if err != nil {
		return 0, err
	}
	l := 0.0
	for i, f := range fs {
		f.Sub(f, s.ys[i])
		l += mat.Dot(f.ColView(0), f.ColView(0)) + mat.Dot(f.ColView(1), f.ColView(1))
		f.Scale(2, f)
	}
	g, _, err := w.VJP(s.xs, fs)
	if err != nil {
		return 0, err
	}
	grad.CopyFrom(g)
	return l, nil
}

func normal(r *rand.Rand, rows, cols int) *mat.Dense {
	m := mat.NewDense(rows, cols, nil)
	m.Apply(func(_, _ int, _ float64) float64 { return r.NormFloat64() }, m)
	return m
}

// winding has a fixed identity skip, parallel arrows, two inputs, and activations with
// parameters.
func winding(t *testing.T) (*quiver.Rep, squares) {
	t.Helper()
	act := layers.Trainable(layers.Sigmoid, 0.3, 1.1)
	q, err := quiver.New(
		quiver.Input("a", 2), quiver.Input("b", 1), quiver.Bias("one"),
		quiver.Hidden("u", 9, act), quiver.Hidden("v", 9, layers.Radial(layers.Tanh)), quiver.Output("y", 2, nil),
		quiver.Connect("a", "u"), quiver.Connect("b", "v"), quiver.Connect("one", "u"),
		quiver.Connect("u", "v", quiver.Frozen(quiver.Eye(9))), quiver.Connect("u", "v", quiver.Named("second")),
		quiver.Connect("v", "y"), quiver.Connect("a", "y"), quiver.Connect("one", "y"),
	)
	require.NoError(t, err)
	r := rand.New(rand.NewPCG(1, 2))
	w := quiver.Zero(q)
	for i := range w.Data() {
		w.Data()[i] = 0.4 * r.NormFloat64()
	}
	copy(w.Params("u"), []float64{0.3, 1.1})
	s := squares{[]*mat.Dense{normal(r, 8, 2), normal(r, 8, 1)}, []*mat.Dense{normal(r, 8, 2)}}
	return w, s
}

// TestWindingQuiver: fixed arrows never change, parameters of activations train, and projected
// training is reduced training, for every method.
func TestWindingQuiver(t *testing.T) {
	w, o := winding(t)
	s := newSetting(t, w)
	require.Less(t, s.c.Reduced.Quiver().NumParams(), w.Quiver().NumParams())
	methods := map[string]func() optim.Method{
		"Clip": func() optim.Method { return optim.Clip(&optim.Adam{}, 0.5) },
		"AdamW, no decay on parameters": func() optim.Method {
			return &optim.AdamW{Groups: []optim.Group{{Names: []string{"u"}, NoDecay: true, RateFactor: 3}}}
		},
	}
	for name, m := range catalogued() {
		methods[name] = func() optim.Method { return m() }
	}
	for name, m := range methods {
		a, b := s.rotated.Clone(), s.c.Reduced.Clone()
		require.NoError(t, minimizeOn(o, a, optim.Projected(m(), s.sub), 10), name)
		require.NoError(t, minimizeOn(o, b, m(), 10), name)
		r, err := s.sub.Reduce(a)
		require.NoError(t, err)
		assert.LessOrEqual(t, distance(r, b), 1e-10, name)
		assert.NotEqual(t, s.rotated.Params("u"), a.Params("u"), "%s trains parameters", name)
		assert.Equal(t, s.rotated.Arrow("u->v").RawMatrix().Data, a.Arrow("u->v").RawMatrix().Data, "%s leaves fixed arrows alone", name)
		free := s.rotated.Clone()
		require.NoError(t, minimizeOn(o, free, m(), 10), name)
		assert.False(t, s.sub.Contains(free), "unprojected %s must leave the subspace", name)
	}
}

// TestMuon: the step of a matrix has singular values near 1, whatever the gradient's length,
// and 0 stays 0.
func TestMuon(t *testing.T) {
	w, o := winding(t)
	g := w.Like()
	_, err := o.LossGrad(g, w)
	require.NoError(t, err)
	for _, scale := range []float64{1, 1e-6, 1e150, 1e-150} {
		h := g.Clone()
		h.Scale(scale)
		h.Arrow("a->y").Zero()
		x := w.Clone()
		require.NoError(t, (&optim.Muon{Rate: 1}).Step(x, h))
		x.AddScaled(-1, w)
		for name, m := range x.All() {
			var svd mat.SVD
			require.True(t, svd.Factorize(m, mat.SVDNone))
			largest := svd.Values(nil)[0]
			if name == "a->y" {
				assert.Zero(t, largest)
				continue
			}
			assert.InDelta(t, 0.95, largest, 0.35, name)
		}
		p := x.Params("u")
		assert.InDelta(t, -0.01*1.95*h.Params("u")[0], p[0], 1e-9*scale+1e-12, "parameters take the step of momentum")
	}
	var se *optim.SettingError
	for _, m := range []*optim.Muon{{Mu: 1}, {Sweeps: -1}, {ParamRate: -1}, {Rate: -1}} {
		assert.ErrorAs(t, m.Step(w, g), &se)
	}
	// A tall matrix and its transpose take steps that are transposes of each other.
	q1, err := quiver.New(quiver.Input("x", 3), quiver.Output("y", 7, nil), quiver.Connect("x", "y"))
	require.NoError(t, err)
	q2, err := quiver.New(quiver.Input("x", 7), quiver.Output("y", 3, nil), quiver.Connect("x", "y"))
	require.NoError(t, err)
	tall, wide := quiver.Zero(q1), quiver.Zero(q2)
	g1, g2 := quiver.Zero(q1), quiver.Zero(q2)
	m := normal(rand.New(rand.NewPCG(5, 6)), 7, 3)
	require.NoError(t, g1.Set("x->y", m))
	require.NoError(t, g2.Set("x->y", mat.DenseCopyOf(m.T())))
	require.NoError(t, (&optim.Muon{}).Step(tall, g1))
	require.NoError(t, (&optim.Muon{}).Step(wide, g2))
	assert.True(t, mat.EqualApprox(tall.Arrow("x->y"), wide.Arrow("x->y").T(), 1e-14))
}

// TestMuonIsDeterministic on matrices large enough for products in several goroutines.
func TestMuonIsDeterministic(t *testing.T) {
	q, err := quiver.New(quiver.Input("x", 210), quiver.Output("y", 190, nil), quiver.Connect("x", "y"))
	require.NoError(t, err)
	g := quiver.Zero(q)
	require.NoError(t, g.Set("x->y", normal(rand.New(rand.NewPCG(5, 6)), 190, 210)))
	var first []float64
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, procs := range []int{1, 2, 8} {
		runtime.GOMAXPROCS(procs)
		w := quiver.Zero(q)
		require.NoError(t, (&optim.Muon{}).Step(w, g))
		if first == nil {
			first = w.Data()
		}
		assert.Equal(t, first, w.Data(), "%d processors", procs)
	}
}

// TestEmptyShapes: vertices of dimension 0 are no trouble.
func TestEmptyShapes(t *testing.T) {
	q, err := quiver.New(quiver.Input("x", 2), quiver.Hidden("h", 0, layers.Radial(layers.Tanh)), quiver.Output("y", 1, nil),
		quiver.Connect("x", "h"), quiver.Connect("h", "y"), quiver.Connect("x", "y"))
	require.NoError(t, err)
	for name, m := range steppers() {
		w := quiver.Zero(q)
		g := w.Like()
		g.Arrow("x->y").Set(0, 0, 1)
		require.NoError(t, m().Step(w, g), name)
		assert.Negative(t, w.Arrow("x->y").At(0, 0), name)
		assert.Zero(t, w.Arrow("x->y").At(0, 1), name)
	}
	none, err := quiver.New(quiver.Input("x", 2), quiver.Output("y", 2, nil))
	require.NoError(t, err)
	for name, m := range steppers() {
		require.NoError(t, m().Step(quiver.Zero(none), quiver.Zero(none)), name)
	}
}

// TestGroupNames: names that match nothing are errors, the last group counts, tied arrows go by
// their owner.
func TestGroupNames(t *testing.T) {
	w, o := winding(t)
	var ge *optim.GroupError
	err := (&optim.SGD{Groups: []optim.Group{{Names: []string{"w->z"}}}}).Step(w, w.Like())
	require.ErrorAs(t, err, &ge)
	assert.EqualError(t, err, `optim: SGD: group name "w->z" matches no trainable arrow and no vertex with parameters; there are 8: a->u, one->u, b->v, second, v->y, a->y, one->y, u`)
	require.ErrorAs(t, (&optim.SGD{Groups: []optim.Group{{Names: []string{"u->v"}}}}).Step(w, w.Like()), &ge, "a fixed arrow")

	m := &optim.SGD{Rate: 0.01, Decay: 0.5, Groups: []optim.Group{{Names: []string{"*"}, Hold: true}, {Names: []string{"*->y"}, RateFactor: 2}, {Names: []string{"one->y"}, NoDecay: true}}}
	g := w.Like()
	_, err = o.LossGrad(g, w)
	require.NoError(t, err)
	x := w.Clone()
	require.NoError(t, m.Step(x, g))
	for name, want := range map[string][2]float64{"a->u": {0, 0}, "u": {0, 0}, "v->y": {2, 1}, "a->y": {2, 1}, "one->y": {1, 0}} {
		r, d := m.Factors(name)
		assert.Equal(t, want, [2]float64{r, d}, name)
		if name == "u" {
			assert.Equal(t, w.Params("u"), x.Params("u"))
			continue
		}
		old, grad := w.Arrow(name).At(0, 0), g.Arrow(name).At(0, 0)
		assert.InDelta(t, old-0.01*r*(grad+0.5*d*old), x.Arrow(name).At(0, 0), 1e-15, name)
	}
}

// TestEvenTied: a rotation of a network with tied arrows turns all of their vertices alike, and
// training with momentum follows.
func TestEvenTied(t *testing.T) {
	act := layers.Radial(layers.Squash)
	q, err := quiver.New(
		quiver.Input("x", 2), quiver.Bias("one"), quiver.Hidden("h1", 5, act), quiver.Hidden("h2", 5, act), quiver.Hidden("h3", 5, act), quiver.Output("y", 2, nil),
		quiver.Connect("x", "h1"), quiver.Connect("one", "h1"), quiver.Connect("h1", "h2"), quiver.Connect("h2", "h3", quiver.Tied("h1->h2")), quiver.Connect("h3", "y"),
	)
	require.NoError(t, err)
	r := rand.New(rand.NewPCG(8, 9))
	w := quiver.Zero(q)
	for i := range w.Data() {
		w.Data()[i] = 0.5 * r.NormFloat64()
	}
	o := squares{[]*mat.Dense{normal(r, 6, 2)}, []*mat.Dense{normal(r, 6, 2)}}
	g := symmetry.RandomElement(q, rand.NewPCG(1, 1))
	gw, err := symmetry.Act(g, w)
	require.NoError(t, err)
	for name, m := range map[string]func() optim.Method{
		"Momentum": func() optim.Method { return &optim.Momentum{} },
		"Muon":     func() optim.Method { return &optim.Muon{} },
		"Adam":     func() optim.Method { return &optim.Adam{Rate: 0.01} },
	} {
		a, b := w.Clone(), gw.Clone()
		_, err := optim.Minimize(context.Background(), o, a, m(), &optim.Settings{Steps: 10})
		require.NoError(t, err)
		_, err = optim.Minimize(context.Background(), o, b, m(), &optim.Settings{Steps: 10})
		require.NoError(t, err)
		ga, err := symmetry.Act(g, a)
		require.NoError(t, err)
		if name == "Adam" {
			assert.GreaterOrEqual(t, distance(ga, b), 1e-4, name)
		} else {
			assert.LessOrEqual(t, distance(ga, b), 1e-10, name)
		}
	}
}
