package symmetry

import (
	"math"
	"slices"

	"github.com/quivernet/quivernet/internal/subspace"

	"github.com/quivernet/quivernet/internal/units"

	"github.com/quivernet/quivernet/internal/enclose"

	"github.com/quivernet/quivernet/internal/linalg"

	"github.com/quivernet/quivernet/quiver"
)

// BoundBall returns, for each output, a proved bound of |F(x) − F_red(x)| (Euclidean, not
// relative) that holds for all inputs at once: every input vector of length at most radius.
// It is +Inf where there is none, for the reasons that BoundOn has. Derived: the recursion
// of BoundOn with the features replaced by bounds of their lengths over the ball,
//
//	Z_v = Σ_a ‖V_a‖·X_s(a),  X_v = sup of |ρ_v| up to Z_v,  X = radius at inputs and 1 at biases.
//
// Where parallel arrows were merged or units removed the bound is the sum over the steps that led
// from F to F_red: of each the two networks are compared, arrow by arrow, and what they differ by
// counts. Of units that went for a box, by Box or Boxes, nothing is known outside it: the bound is
// +Inf unless the ball lies in the box. After Samples, which are no ball, it is +Inf if units
// went for their sake.
//
// It knows nothing of directions, so it is much larger than the bound on given inputs. A
// radius that is negative or NaN gives NaN.
func (c *Compression) BoundBall(radius float64) map[string]float64 {
	if err := c.made(); err != nil {
		panic(err)
	}
	bounds := map[string]float64{}
	outputs := c.original.Quiver().Outputs()
	for _, name := range outputs {
		bounds[name] = math.NaN()
	}
	if !(radius >= 0) {
		return bounds
	}
	for _, name := range outputs {
		bounds[name] = 0
		if c.joined != nil || c.frame.Summed {
			bounds[name] = math.Inf(1)
		}
	}
	add := func(k *units.Snapshot, e []float64) {
		for _, name := range outputs {
			if bounds[name] += e[k.At[name]]; math.IsNaN(bounds[name]) {
				bounds[name] = math.Inf(1)
			}
		}
	}
	stages := c.stages()
	for _, s := range stages {
		add(s.From, s.Bounds(radius))
	}
	if len(stages) > 0 { // what the steps between compute is of no account, but the ends are rounded
		for _, w := range []*quiver.Rep{c.source, c.reduced()} {
			k := units.SnapshotOf(w)
			add(k, k.Rounding(radius))
		}
	}
	for _, b := range append(slices.Clone(c.bases), basing{c.original, c.reduced(), c.frame}) {
		for name, e := range b.ball(radius) {
			bounds[name] = enclose.Up(bounds[name] + e)
		}
	}
	return bounds
}

// stages returns the steps in which units went or parallel arrows were merged.
func (c *Compression) stages() []*units.Stage {
	var all []*units.Stage
	if c.merged != nil && c.joined == nil {
		c.summing.Do(func() {
			c.sums = &units.Stage{From: units.SnapshotOf(c.source), To: units.SnapshotOf(c.merging())}
		})
		all = append(all, c.sums)
	}
	if c.removed != nil {
		all = append(all, c.removed.Stages...)
	}
	return all
}

// merging returns the network with merged parallel arrows, before units went.
func (c *Compression) merging() *quiver.Rep {
	if c.removed != nil {
		return c.removed.Given
	}
	return c.original
}

// basing is one change of bases: a network, the reduced one, and the frame that leads there.
type basing struct {
	original, reduced *quiver.Rep
	frame             *subspace.Frame
}

// ball bounds the distance of the outputs for inputs of length at most radius.
func (b basing) ball(radius float64) map[string]float64 {
	q := b.original.Quiver()
	vs, as := q.Vertices(), q.Arrows()
	x, e := make([]float64, len(vs)), make([]float64, len(vs))
	for v, vertex := range vs {
		switch {
		case vertex.Kind == quiver.KindBias:
			x[v] = 1
			continue
		case vertex.Kind == quiver.KindInput:
			x[v] = radius
			if vertex.Dim == 0 {
				x[v] = 0
			}
			continue
		case b.frame.Dropped[v] || vertex.Dim == 0:
			continue
		}
		var z, d, in, round float64
		cols := 8.0 + float64(vertex.Dim)
		for _, i := range q.In(v) {
			s, norm := as[i].Source, linalg.SpectralNorm(b.original.Matrix(i))
			z += linalg.SpectralNorm(b.reduced.Matrix(i)) * x[s]
			d += norm * e[s]
			round += norm * (x[s] + e[s])
			in += x[s] * x[s]
			cols += float64(as[i].Cols)
		}
		d += b.frame.Lost[v]*math.Sqrt(in) + 4*cols*0x1p-52*round
		x[v], e[v] = b.through(v, z, d)
	}
	bounds := make(map[string]float64)
	for _, name := range q.Outputs() {
		v, _ := q.VertexIndex(name)
		bounds[name] = e[v]
	}
	return bounds
}

// through carries |z̃| ≤ z and an error d before the activation of v to bounds of
// |x̃| and of the error after it.
func (b basing) through(v int, z, d float64) (x, e float64) {
	vertex := b.original.Quiver().Vertices()[v]
	act := vertex.Act
	l, ok := act.(quiver.Lipschitz)
	if !ok || enclose.Trained(act, b.original.ParamsAt(v)) || !(z+d < math.Inf(1)) {
		return math.Inf(1), math.Inf(1)
	}
	sup := units.SupOf(vertex, b.original.ParamsAt(v))
	x = sup(z)
	if d == 0 {
		return x, 0
	}
	lip, _ := l.Lipschitz(0, z+d)
	e = math.Inf(1)
	if p := lip * d; !math.IsNaN(p) {
		e = min(e, p)
	}
	e = min(e, sup(z+d)+x)
	return x, e + 32*0x1p-52*(x+d)
}
