package symmetry_test

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/trials"
	"github.com/quivernet/quivernet/quiver/quivertest"
	"github.com/quivernet/quivernet/symmetry"
)

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

func rowsOf(xs [][]float64) []*mat.Dense {
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
	bound, err := p.BoundOn(rowsOf(at)...)
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
