package symmetry_test

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/trials"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/quiver/quivertest"
	"github.com/quivernet/quivernet/symmetry"
)

// lawActs are activations that the reference knows: of the catalogue and of a user.
var lawActs = []quivertest.Act{
	{Activation: squash, Size: 1.2},
	{Activation: quiver.Identity, Size: 1.2},
	{Activation: soft{}, Size: 1.2},
	{Activation: unsaid{}, Size: 1.2},
	{Activation: layers.Pointwise(layers.ReLU), Size: 1.2},
	{Activation: layers.Radial(layers.Shift(layers.ReLU, 0.5)), Size: 1.5},
}

// trial is a network with inputs and options.
type trial struct {
	quivertest.Instance
	rng     *rand.Rand
	options [2]string
	opts    []symmetry.Option
	shape   string // how it was spoiled
}

var lawOptions = []string{"none", "Rank(0)", "Rank(tol)", "Tolerance", "Widths", "Weigh", "MergeParallel", "Observe", "PathSum", "Keep", "Data", "Pointwise", "Boxes", "Samples", "MeasureOn"}

func (c *trial) option(name string) symmetry.Option {
	hidden := c.Rep.Quiver().Hidden()
	switch name {
	case "Rank(0)":
		return symmetry.Rank(0)
	case "Rank(tol)":
		return symmetry.Rank(math.Pow(10, -1-8*c.rng.Float64()))
	case "Tolerance":
		return symmetry.Tolerance(math.Pow(10, -1-8*c.rng.Float64()))
	case "Widths":
		w := map[string]int{}
		for _, h := range hidden {
			if v, _ := c.Rep.Quiver().VertexIndex(h); c.Rep.Quiver().Vertices()[v].Act.String() != layers.Pointwise(layers.ReLU).String() {
				w[h] = 1 + c.rng.IntN(4)
			}
		}
		return symmetry.Widths(w)
	case "Weigh":
		return symmetry.Weigh(c.Inputs...)
	case "MergeParallel":
		return symmetry.MergeParallel
	case "Observe":
		return symmetry.Observe()
	case "PathSum":
		return symmetry.PathSum()
	case "Keep":
		if len(hidden) > 0 {
			return symmetry.Keep(hidden[c.rng.IntN(len(hidden))])
		}
	case "Data":
		return symmetry.Data(c.Inputs...)
	case "Pointwise":
		return symmetry.Pointwise()
	case "Boxes":
		return symmetry.Boxes(hull(c.Inputs)...)
	case "Samples":
		return symmetry.Samples(c.Inputs...)
	case "MeasureOn":
		return symmetry.MeasureOn(c.Inputs...)
	}
	return nil
}

// trialOf returns the instance of a number: a quiver of quivertest, spoiled in one of several ways,
// with each pair of options in turn.
func trialOf(n int) *trial {
	rng := rand.New(rand.NewPCG(uint64(n), 0x1a))
	c := &trial{rng: rng}
	for k := uint64(0); ; k++ {
		if c.Instance = quivertest.Generate(uint64(n)+1_000_003*k, lawActs...); c.Rep.Quiver().NumParams() < 700 {
			break
		}
	}
	pairs := len(lawOptions) * (len(lawOptions) + 1) / 2
	k := n % pairs
	for i := range lawOptions {
		if j := k + i; j < len(lawOptions) {
			c.options = [2]string{lawOptions[i], lawOptions[j]}
			break
		}
		k -= len(lawOptions) - i
	}
	c.shape = "as it comes"
	switch n / 3 % 6 {
	case 1:
		c.shape = "units of coordinates"
		c.units(60)
	case 2:
		c.shape = "units of inputs"
		c.inputUnits(80)
	case 3:
		c.shape = "rank lost"
		c.loseRank(0)
	case 4:
		c.shape = "rank almost lost, in units"
		c.loseRank(math.Ldexp(1, -20-rng.IntN(40)))
		c.units(20)
	case 5:
		c.shape = "data on a line, in units, rank lost"
		c.flatten()
		c.loseRank(0)
		c.inputUnits(30)
	}
	for _, name := range slices.Compact(c.options[:]) {
		if o := c.option(name); o != nil {
			c.opts = append(c.opts, o)
		}
	}
	return c
}

// units scales the rows into a hidden vertex, and the columns out of it back, by powers of two.
func (c *trial) units(most int) {
	q := c.Rep.Quiver()
	as := q.Arrows()
	for _, v := range q.Vertices() {
		i, _ := q.VertexIndex(v.Name)
		if v.Kind != quiver.KindHidden || slices.ContainsFunc(slices.Concat(q.In(i), q.Out(i)), func(a int) bool { return as[a].Fixed || as[a].TiedTo != "" }) {
			continue
		}
		for k := range v.Dim {
			f := math.Ldexp(1, c.rng.IntN(most+1)-most)
			for _, a := range q.In(i) {
				row(c.Rep, as[a], k, f)
			}
			for _, a := range q.Out(i) {
				col(c.Rep, as[a], k, 1/f)
			}
		}
	}
}

func row(w *quiver.Rep, a quiver.Arrow, i int, f float64) {
	for j := range a.Cols {
		m := w.Arrow(a.Name)
		m.Set(i, j, m.At(i, j)*f)
	}
}

func col(w *quiver.Rep, a quiver.Arrow, j int, f float64) {
	for i := range a.Rows {
		m := w.Arrow(a.Name)
		m.Set(i, j, m.At(i, j)*f)
	}
}

// inputUnits scales inputs by powers of two, and the columns that take them back.
func (c *trial) inputUnits(most int) {
	q := c.Rep.Quiver()
	as := q.Arrows()
	for i, name := range q.Inputs() {
		v, _ := q.VertexIndex(name)
		if slices.ContainsFunc(q.Out(v), func(a int) bool { return as[a].Fixed || as[a].TiedTo != "" }) || slices.ContainsFunc(as, func(b quiver.Arrow) bool {
			return slices.ContainsFunc(q.Out(v), func(a int) bool { return b.TiedTo == as[a].Name })
		}) {
			continue
		}
		for j := range q.Vertices()[v].Dim {
			f := math.Ldexp(1, c.rng.IntN(2*most+1)-most)
			for _, a := range q.Out(v) {
				col(c.Rep, as[a], j, 1/f)
			}
			for s := range c.Inputs[i].RawMatrix().Rows {
				c.Inputs[i].Set(s, j, c.Inputs[i].At(s, j)*f)
			}
		}
	}
}

// loseRank makes columns of trainable matrices equal to others up to e, and some biases 0.
func (c *trial) loseRank(e float64) {
	for _, m := range c.Rep.All() {
		r, k := m.Dims()
		if k < 2 {
			if c.rng.IntN(3) == 0 {
				m.Zero()
			}
			continue
		}
		from, to := c.rng.IntN(k), c.rng.IntN(k)
		f := c.rng.NormFloat64()
		for i := range r {
			if from != to {
				m.Set(i, to, f*m.At(i, from)+e*c.rng.NormFloat64())
			}
		}
	}
}

// flatten puts the rows of each input on a line with an offset.
func (c *trial) flatten() {
	for _, x := range c.Inputs {
		r, d := x.Dims()
		for j := 1; j < d; j++ {
			f, o := c.rng.NormFloat64(), 10*c.rng.NormFloat64()
			for s := range r {
				x.Set(s, j, o+f*x.At(s, 0))
			}
		}
	}
}

// has says whether an option is among those of the trial.
func (c *trial) has(name string) bool { return slices.Contains(c.options[:], name) }

// place returns inputs of which the certificate speaks: every input near or far, corners and inner
// points of the box, or combinations of the rows of the data, or some of the rows.
func (c *trial) place() [][]float64 {
	xs := make([][]float64, len(c.Inputs))
	s, o := c.rng.IntN(quivertest.Rows), c.rng.IntN(quivertest.Rows)
	size, mix := math.Pow(10, 6*c.rng.Float64()-3), c.rng.NormFloat64()
	if c.rng.IntN(4) == 0 {
		size = 1e9
	}
	box := hull(c.Inputs)
	for i, x := range c.Inputs {
		if x.IsEmpty() {
			continue
		}
		xs[i] = append([]float64(nil), x.RawRowView(s)...)
		for j := range xs[i] {
			switch lo, hi := box[i].At(0, j), box[i].At(1, j); {
			case c.has("Samples"), c.has("Data") && c.has("Boxes"):
			case c.has("Data"):
				xs[i][j] += mix * (x.At(o, j) - x.At(s, j))
			case c.has("Boxes") && c.rng.IntN(2) == 0:
				xs[i][j] = []float64{lo, hi}[c.rng.IntN(2)]
			case c.has("Boxes"):
				xs[i][j] = min(hi, max(lo, lo+(hi-lo)*c.rng.Float64()))
			default:
				xs[i][j] *= size * c.rng.NormFloat64()
			}
		}
	}
	return xs
}

// beside returns a point near xs of which the certificate speaks too.
func (c *trial) beside(xs [][]float64) [][]float64 {
	if c.has("Samples") || c.has("Data") {
		return c.place()
	}
	box := hull(c.Inputs)
	ys := make([][]float64, len(xs))
	f := math.Pow(10, -3*c.rng.Float64())
	for i, x := range xs {
		for j, v := range x {
			if v *= 1 + f*c.rng.NormFloat64(); c.has("Boxes") {
				v = min(box[i].At(1, j), max(box[i].At(0, j), v))
			}
			ys[i] = append(ys[i], v)
		}
	}
	return ys
}

// excess is how much of what rounding explains the difference of two networks uses up, at one
// point, and the difference itself beside the largest entry, output by output.
type excess struct {
	of       float64 // |F − F'| / allowance, the largest over the outputs
	diff     []float64
	size     []float64
	nonzero  bool
	overflow bool
}

// The allowance is the running error bounds of both evaluations, times the largest width: the
// matrices of the reduced network come out of factorizations, whose own bound is n·s·ε where that
// of a sum of s terms is s·ε.
func (c *trial) compare(t testing.TB, full, small *reference, xs [][]float64) excess {
	t.Helper()
	most := 2
	for _, d := range c.Rep.Quiver().Dims() {
		most = max(most, d)
	}
	a, bounds := full.at(t, xs)
	b, own := small.at(t, xs)
	e := excess{diff: make([]float64, len(a)), size: make([]float64, len(a))}
	for k := range a {
		var bound float64
		for i := range a[k] {
			d, _ := new(big.Float).Sub(a[k][i], b[k][i]).Float64()
			y, _ := a[k][i].Float64()
			e.diff[k] = max(e.diff[k], math.Abs(d))
			e.size[k] = max(e.size[k], math.Abs(y))
			bound = max(bound, bounds[k][i]+own[k][i])
		}
		e.nonzero = e.nonzero || e.diff[k] > 0
		e.overflow = e.overflow || math.IsInf(e.size[k], 0) || math.IsInf(bound, 0) || math.IsNaN(bound)
		if e.diff[k] > 0 {
			e.of = max(e.of, e.diff[k]/(float64(most)*bound))
		}
	}
	return e
}

// worst looks for a large excess from random starts and by climbing.
func (c *trial) worst(t testing.TB, full, small *reference) (excess, [][]float64) {
	t.Helper()
	var best excess
	var at [][]float64
	for range 5 {
		xs := c.place()
		if e := c.compare(t, full, small, xs); at == nil || e.of > best.of {
			best, at = e, xs
		}
	}
	for range 8 {
		xs := c.beside(at)
		if e := c.compare(t, full, small, xs); e.of > best.of && !e.overflow {
			best, at = e, xs
		}
	}
	return best, at
}

func matrices(xs [][]float64) []*mat.Dense {
	var ms []*mat.Dense
	for _, x := range xs {
		if len(x) == 0 {
			ms = append(ms, &mat.Dense{})
			continue
		}
		ms = append(ms, mat.NewDense(1, len(x), append([]float64(nil), x...)))
	}
	return ms
}

// lawful holds a compression to the law of certificates, and says what it breaks, or "".
func (c *trial) lawful(t testing.TB, p *symmetry.Compression) (broken string, vacuous bool) {
	t.Helper()
	cert := p.Certificate
	if cert.Exact && !(cert.Gap <= cert.Rounding) {
		return fmt.Sprintf("exact with a gap of %g above the rounding of %g", cert.Gap, cert.Rounding), false
	}
	full, small := referenceOf(c.Rep), referenceOf(p.Reduced)
	e, at := c.worst(t, full, small)
	vacuous = !e.nonzero && p.Reduced.Quiver().NumParams() == c.Rep.Quiver().NumParams() || e.overflow
	if cert.Exact && e.of > 1 && !e.overflow {
		return fmt.Sprintf("exact, and at %v off by %g of what rounding explains: %v of %v", at, e.of, e.diff, e.size), false
	}
	if e.overflow {
		return "", vacuous
	}
	bound, err := p.BoundOn(matrices(at)...)
	if err != nil {
		return err.Error(), false
	}
	var radius float64
	for _, x := range at {
		if len(x) > 0 {
			radius = max(radius, mat.Norm(mat.NewVecDense(len(x), x), 2))
		}
	}
	for k, d := range e.diff {
		if d > bound*e.size[k]*(1+1e-12) {
			return fmt.Sprintf("at %v a gap of %g above the bound of %g", at, d/e.size[k], bound), false
		}
		name := c.Rep.Quiver().Outputs()[k]
		if ball := p.BoundBall(radius)[name]; len(p.Units) == 0 && d > ball*(1+1e-12) {
			return fmt.Sprintf("at %v an error of %g above the bound %g of the ball of radius %g", at, d, ball, radius), false
		}
	}
	return "", vacuous
}

// TestCertificateLaw: on every option and pair of options, on badly scaled, ill-conditioned, tied and
// residual networks with activations of the catalogue and of a user: what is called exact differs by
// no more than rounding explains, for all inputs of which the certificate speaks, and no bound is
// below an error that was found.
func TestCertificateLaw(t *testing.T) {
	all, exact, cut, bounded, vacuous, refused := trials.Count(900, 14000), 0, 0, 0, 0, 0
	for n := range all {
		c := trialOf(n)
		p, err := symmetry.Compress(c.Rep, c.opts...)
		what := fmt.Sprintf("instance %d, %s, %s, options %v", n, c.Name, c.shape, c.options)
		if err != nil {
			var option *symmetry.OptionError
			require.True(t, errors.As(err, &option), "%s: %v", what, err)
			refused++
			continue
		}
		broken, empty := c.lawful(t, p)
		require.Empty(t, broken, "%s\n%s", what, p)
		switch {
		case empty:
			vacuous++
		case p.Certificate.Exact:
			exact++
		default:
			cut++
		}
		if !math.IsInf(p.Certificate.Bound, 1) {
			bounded++
		}
	}
	t.Logf("%d instances: %d exact, %d cut, %d vacuous, %d refused with the reason; %d with a bound; %.0f %% of those compressed say something",
		all, exact, cut, vacuous, refused, bounded, 100*float64(exact+cut)/float64(all-refused))
	require.Greater(t, 10*(exact+cut), 7*(all-refused), "at least seven in ten say something")
}
