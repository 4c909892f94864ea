package symmetry

import (
	"fmt"
	"math"

	"github.com/quivernet/quivernet/internal/deviation"

	"github.com/quivernet/quivernet/internal/subspace"

	"github.com/quivernet/quivernet/internal/inputs"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// Certificate says how far the reduced network is from the original.
type Certificate struct {
	Exact    bool    // equal by a theorem, up to rounding, and Gap ≤ Rounding where it was measured
	Gap      float64 // measured: max|F−F_red| / max|F|, the largest over the outputs; NaN where nothing could be measured
	Rounding float64 // of the evaluation: what rounding explains of Gap, relative like it
	Bound    float64 // proved for the inputs of the measurement, relative like Gap; +Inf where there is none
	On       string  // for which inputs Exact and Bound speak, and where Gap was measured
}

// String returns the certificate in one line.
func (c Certificate) String() string {
	s := fmt.Sprintf("max gap %.2g (%s)", c.Gap, c.On)
	if math.IsNaN(c.Gap) {
		s = "no gap was measured (" + c.On + ")"
	}
	if c.Exact {
		s = "exact; " + s
	}
	if !math.IsInf(c.Bound, 1) {
		s += fmt.Sprintf(", bound %.2g", c.Bound)
	}
	return s
}

// certify measures the gap of a compression, computes its bounds on the same inputs, and holds it
// to the law: what is called exact differs by no more than rounding explains. Where it does not, it
// notes in o which cut not to make, and asks for another attempt.
func (c *Compression) certify(o *options) (again bool, err error) {
	exact := c.frame.Exact || c.frame.Summed
	xs, on := c.inputs(o, exact)
	m, err := deviation.Measure(c.source, c.Reduced, xs)
	if err != nil {
		return false, err
	}
	if err := c.step().Examine(inputs.Pick(xs, m.Some(examined))); err != nil {
		return false, claimError(err)
	}
	if exact && m.Broken {
		return c.mend(o, xs, m)
	}
	if exact {
		if far, m, err := c.remote(); err != nil || m.Broken {
			if err != nil {
				return false, err
			}
			return c.mend(o, far, m)
		}
	}
	cert := Certificate{Exact: exact && m.Rows > 0, Gap: m.Gap, Rounding: m.Rounding}
	switch {
	case m.Rows == 0 && m.Of > 0:
		cert.Gap, cert.Rounding = math.NaN(), math.NaN()
		cert.On = "nothing was measured: outputs are not finite on " + on
	case m.Rows < m.Of:
		on = fmt.Sprintf("%d of %s, on which outputs are finite", m.Rows, on)
		fallthrough
	default:
		cert.On = "holds " + c.holds() + ", measured on " + on
		if !cert.Exact {
			cert.On = "gap and bound on " + on
		}
	}
	if m.Values == nil {
		cert.Bound, err = c.BoundOn(xs...)
	} else {
		cert.Bound, err = c.boundOn(xs, m.Values.N, m.Values)
	}
	if err != nil {
		return false, err
	}
	if cert.Gap > cert.Bound+cert.Rounding {
		return false, &GapError{c.step().Parting(inputs.Pick(xs, m.Worst), nil), o.names(), cert.Gap, cert.Bound}
	}
	c.Certificate = cert
	return false, nil
}

const examined = 3 // rows on which activations are examined

// mend finds a cut to take back.
func (c *Compression) mend(o *options, xs []*mat.Dense, m deviation.Measurement) (again bool, err error) {
	rows := inputs.Pick(xs, m.Worst)
	bar := func(name string) {
		if o.barred == nil {
			o.barred = make(map[string]string)
		}
		o.barred[name] = fmt.Sprintf("kept: a cut would change outputs by %.2g, more than rounding explains", m.Gap)
	}
	if c.joined != nil {
		if j, err := deviation.MeasureWithin(c.source, c.begun, xs, m.Margin); err != nil || j.Broken {
			o.data = make([]*mat.Dense, len(o.data)) // the span of the data is too narrow for these weights
			return true, err
		}
	}
	if len(c.Units) > 0 {
		if u, err := deviation.MeasureWithin(c.begun, c.original, xs, m.Margin); err != nil || u.Broken {
			found := false
			for _, u := range c.Units {
				if o.barred[u.Vertex] == "" {
					bar(u.Vertex)
					found = true
				}
			}
			if found || err != nil {
				return true, err
			}
		}
	}
	name := c.step().Parting(rows, o.barred)
	if name != "" && c.lossy(o, name) {
		if o.inexact == nil {
			o.inexact = make(map[string]bool)
		}
		o.inexact[name] = true
		return true, nil
	}
	if name != "" {
		bar(name)
		return true, nil
	}
	for v, vertex := range c.original.Quiver().Vertices() { // all that is left
		if vertex.Kind == quiver.KindHidden && c.frame.Basis[v] != nil && !c.frame.Dropped[v] && o.barred[vertex.Name] == "" {
			bar(vertex.Name)
			again = true
		}
	}
	if again {
		return true, nil
	}
	return false, &GapError{"", o.names(), m.Gap, m.Rounding}
}

// lossy says whether the cut at a vertex is one that an option asks for, exact or not.
func (c *Compression) lossy(o *options, name string) bool {
	if r, ok := o.rule.(subspace.ByRank); ok && r.Tol == 0 || o.inexact[name] {
		return false
	}
	if _, ok := o.rule.(subspace.ByColumns); ok {
		return false
	}
	v, _ := c.original.Quiver().VertexIndex(name)
	return c.frame.Lost[v] > 0
}

// inputs returns the inputs of a measurement, and what they are.
func (c *Compression) inputs(o *options, exact bool) ([]*mat.Dense, string) {
	q := c.source.Quiver()
	rows := inputs.Count(c.original.Quiver())
	switch {
	case o.on != nil:
		return o.on, "the given inputs"
	case o.hasData:
		return inputs.Few(q, o.rows, rows), "the given inputs"
	case c.removed != nil && c.removed.Domain != nil:
		it, them := "it", "them"
		if !exact { // nothing has named the set
			it, them = c.removed.Domain.Text, c.removed.Domain.Text
		}
		on := fmt.Sprintf("%d points of %s", rows, it)
		if s := c.removed.Domain.Samples; s != nil {
			on = fmt.Sprintf("%d of %s", min(rows, c.removed.Domain.Rows), them)
		}
		return c.removed.Domain.Points(c.original.Quiver(), rows), on
	}
	return inputs.Normal(c.original.Quiver(), rows), fmt.Sprintf("%d normal random inputs", rows)
}

// holds says for which inputs the function is the same.
func (c *Compression) holds() string {
	units := c.removed != nil && c.removed.Domain != nil
	switch {
	case units && c.joined != nil:
		return "on the span of the data within " + c.removed.Domain.Text
	case units:
		return "on " + c.removed.Domain.Text
	case c.joined != nil:
		return "on the span of the data"
	}
	return "for every input"
}

// GapError reports that a compression would not have what its certificate has to say, and that no
// vertex could be left alone to mend it: an activation may give other values at each call.
type GapError struct {
	Vertex        string // where the networks part, or ""
	Options       string // those that were given, as far as they cut
	Gap, Rounding float64
}

func (e *GapError) Error() string {
	at := ""
	if e.Vertex != "" {
		at = fmt.Sprintf(" from vertex %q on", e.Vertex)
	}
	return fmt.Sprintf("symmetry: %s: outputs differ by %.2g%s, where the bound allows %.2g; leave the option out, or Keep the vertex", e.Options, e.Gap, at, e.Rounding)
}

// remote compares the networks on far inputs, where the certificate speaks of every input. What
// rounding explains there is the running error times the largest width, since the reduced matrices
// come out of factorizations, whose error is that of n·s terms.
func (c *Compression) remote() (xs []*mat.Dense, m deviation.Measurement, err error) {
	q := c.source.Quiver()
	if q.NumVertices() == 0 || c.holds() != "for every input" {
		return nil, m, nil
	}
	most := 2
	for _, d := range q.Dims() {
		most = max(most, d)
	}
	xs = inputs.Far(q)
	m, err = deviation.MeasureWithin(c.source, c.Reduced, xs, float64(deviation.Margin*most))
	if m.Values != nil {
		m.Values.Release()
		m.Values = nil
	}
	return xs, m, err
}

// Equivalent returns how far two networks are apart on the given inputs,
// max|F_a−F_b| / max|F_a| for each output vertex, the largest over the outputs, where
// 0/0 counts as 0. Without inputs it takes 64 normal random ones (fewer where a vertex is
// huge). The networks need the same
// input and output dimensions in the same order. Dividing by the size of the output
// itself matters: a deep network's output may be small.
func Equivalent(a, b *quiver.Rep, xs ...*mat.Dense) (float64, error) {
	if err := sameInputs(a, b); err != nil {
		return 0, err
	}
	if len(xs) == 0 {
		xs = inputs.Normal(a.Quiver(), inputs.Count(a.Quiver()))
	}
	return deviation.Between(a, b, xs)
}
