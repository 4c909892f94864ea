package identify

import (
	"math"
	"math/rand/v2"

	"github.com/quivernet/quivernet/internal/pieces"
	"github.com/quivernet/quivernet/internal/rescale"
	"github.com/quivernet/quivernet/quiver"
)

// Sampler draws one sample into x, which holds all inputs in declared order.
type Sampler func(x []float64, rng *rand.Rand)

// Gaussian draws from the normal distribution of mean 0 and standard deviation scale.
func Gaussian(scale float64) Sampler {
	return func(x []float64, rng *rand.Rand) {
		for i := range x {
			x[i] = scale * rng.NormFloat64()
		}
	}
}

// Uniform draws uniformly from a bounded box; NaN, which is an error then, where the box has
// another number of sides than there are input coordinates.
func Uniform(b Box) Sampler {
	return func(x []float64, rng *rand.Rand) {
		for i := range x {
			if len(b.Lo) != len(x) || len(b.Hi) != len(x) {
				x[i] = math.NaN()
				continue
			}
			x[i] = b.Lo[i] + (b.Hi[i]-b.Lo[i])*rng.Float64()
		}
	}
}

// Search says where and how long Dimension looks. The zero value is the good default.
type Search struct {
	Sampler  Sampler     // nil: Gaussian(1)
	Points   int         // at most so many samples; 0: 50·NumParams
	Batch    int         // samples between two looks at the rank; 0: 5·NumParams
	Patience int         // stop after so many batches without gain; 0: 5; < 0: never
	Lines    float64     // share of the samples that lie on random segments, two in each linear piece; 0 ≤ Lines ≤ 1
	Source   rand.Source // nil: a fixed seed
	Options  Options     // Drop is always on
}

// Dimension returns a lower bound of the functional dimension: the rank of J on random
// samples, until it reaches the maximum, or no longer grows, or Points are drawn. The
// report's Saturated says which.
//
// Proved, up to rounding, is only dim ≥ the number returned; equality only where it
// is the maximum. A dimension below it is an observation: cells that no sample hit may
// add to it. Sampling on lines (Lines > 0; piecewise linear quivers only) finds small
// cells more often: on the segment between two draws of the Sampler the breakpoints are computed,
// and each piece gets two samples.
//
// Errors: ActivationError for lines in a quiver that is not piecewise linear,
// ParameterError, BoundaryError if all samples lie on kinks, OverflowError,
// quiver.NonFiniteError.
func Dimension(w *quiver.Rep, s Search) (*DimensionReport, error) {
	net, err := pieces.Of(w)
	if err != nil {
		return nil, err
	}
	if s, err = s.settled(net); err != nil {
		return nil, err
	}
	rng := rand.New(s.Source)
	c := newCollector(net, s.Options.Tolerance)
	best, stale, saturated := -1, 0, false
	most := net.Params - rescale.Of(net).Dim()
	draw := newDraw(net, s, rng)
	for c.boundary.Of < s.Points && !saturated {
		for range min(s.Batch, s.Points-c.boundary.Of) {
			x := draw.next()
			for j, v := range x {
				if math.IsNaN(v) || math.IsInf(v, 0) {
					return nil, &quiver.NonFiniteError{Where: "a sample from the Sampler", Row: c.boundary.Of, Col: j, Value: v}
				}
			}
			if err := c.add(x); err != nil {
				return nil, err
			}
		}
		r := c.rank().Rank
		if r > best {
			best, stale = r, 0
		} else {
			stale++
		}
		saturated = r >= most || s.Patience > 0 && stale >= s.Patience
	}
	if c.samples == 0 {
		return nil, c.boundary
	}
	r := c.report()
	r.Method, r.Saturated = Sampled, saturated
	switch {
	case r.Full():
		r.Proved = "Full: up to rounding, no continuous hidden symmetry. Discrete ones are not excluded."
	case saturated:
		r.Proved = "A lower bound, up to rounding; it stopped growing, which suggests but does not prove that it is the dimension."
	default:
		r.Proved = "A lower bound, up to rounding; it was still growing or was not watched: draw more samples."
	}
	return r, nil
}

// settled fills in the defaults and checks the settings.
func (s Search) settled(net *pieces.Network) (Search, error) {
	if math.IsNaN(s.Lines) || s.Lines < 0 || s.Lines > 1 {
		return s, &ParameterError{"Lines", s.Lines, "a share between 0 and 1"}
	}
	if err := s.Options.Check(); err != nil {
		return s, err
	}
	if s.Points < 0 {
		return s, &ParameterError{"Points", float64(s.Points), "0 or more"}
	}
	if s.Batch < 0 {
		return s, &ParameterError{"Batch", float64(s.Batch), "0 or more"}
	}
	if s.Lines > 0 {
		if err := net.CheckLinear("sampling on lines"); err != nil {
			return s, err
		}
	}
	if s.Sampler == nil {
		s.Sampler = Gaussian(1)
	}
	if s.Points == 0 {
		s.Points = max(50*net.Params, 1)
	}
	if s.Batch == 0 {
		s.Batch = max(5*net.Params, 1)
	}
	if s.Patience == 0 {
		s.Patience = 5
	}
	if s.Source == nil {
		s.Source = rand.NewPCG(1, 2)
	}
	return s, nil
}

// draw hands out samples, some of them on lines.
type draw struct {
	net    *pieces.Network
	s      Search
	rng    *rand.Rand
	queue  [][]float64
	onLine int
	total  int
}

func newDraw(net *pieces.Network, s Search, rng *rand.Rand) *draw {
	return &draw{net: net, s: s, rng: rng}
}

func (d *draw) next() []float64 {
	d.total++
	if float64(d.onLine) < d.s.Lines*float64(d.total) {
		if len(d.queue) == 0 {
			d.queue = d.line()
		}
		if len(d.queue) > 0 {
			x := d.queue[0]
			d.queue = d.queue[1:]
			d.onLine++
			return x
		}
	}
	x := make([]float64, d.net.InDim)
	d.s.Sampler(x, d.rng)
	return x
}

// line returns two samples in each linear piece of f along the segment between two draws.
func (d *draw) line() [][]float64 {
	a, b := make([]float64, d.net.InDim), make([]float64, d.net.InDim)
	d.s.Sampler(a, d.rng)
	d.s.Sampler(b, d.rng)
	for i := range b {
		b[i] -= a[i]
	}
	var xs [][]float64
	for _, p := range d.net.AlongLine(a, b, 0, 1) {
		for _, u := range []float64{1.0 / 3, 2.0 / 3} {
			x := make([]float64, len(a))
			t := p.Lo + u*(p.Hi-p.Lo)
			for i := range x {
				x[i] = a[i] + t*b[i]
			}
			xs = append(xs, x)
		}
	}
	return xs
}
