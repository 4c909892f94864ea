package symmetry

import (
	"math"
	"slices"

	"github.com/quivernet/quivernet/internal/deviation"

	"github.com/quivernet/quivernet/internal/enclose"
	"github.com/quivernet/quivernet/internal/units"

	"github.com/quivernet/quivernet/internal/inputs"

	"github.com/quivernet/quivernet/internal/evaluate"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// BoundOn returns a proved bound of the gap on the given inputs, max|F−F_red| / max|F|, the
// largest over the outputs; +Inf where there is none. It runs the reduced network only.
// Derived, for any acyclic quiver and any orthonormal B_v: with the features x̃ of the
// reduced network, its pre-activations z̃_v, and A_v = [W_a B_s(a)]_a, per sample
//
//	d_v = Σ_a ‖W_a‖·e_s(a) + ‖(I−B_vB_vᵀ)A_v‖·|x̃_in| + rounding,
//	e_v = min( Lip(ρ_v; |z̃_v| ± d_v)·d_v, sup|ρ_v| on that shell + |x̃_v| ),
//
// where Lip is infinite if ρ_v jumps inside the shell. Relative to the true output it
// needs max|F| ≥ max|F_red| − bound; where that is not positive there is no bound. There
// is none either where an activation does not implement quiver.Lipschitz, or has
// trained parameters, or for a compression with Data, whose inputs lie in the span up to
// rounding only, or with PathSum. Where units were removed (Pointwise, Box, Samples) the outputs of both networks are
// enclosed by interval arithmetic instead, and the bound is the widest distance within.
func (c *Compression) BoundOn(xs ...*mat.Dense) (float64, error) {
	if err := c.made(); err != nil {
		return 0, err
	}
	if err := matrices(xs); err != nil {
		return 0, err
	}
	q := c.reduced().Quiver()
	n, ok := evaluate.Rows(q, q.Vertices(), xs)
	if !ok { // no samples, or what Features refuses
		f, err := c.reduced().Features(xs...)
		if err != nil {
			return 0, err
		}
		for _, x := range f {
			if r, _ := x.Dims(); !x.IsEmpty() {
				n = max(n, r)
			}
		}
	}
	return c.boundOn(xs, n, nil)
}

// boundOn is BoundOn on n samples, where the values of the reduced network are known or nil.
func (c *Compression) boundOn(xs []*mat.Dense, n int, known *evaluate.Values) (float64, error) {
	if c.unitsWent() {
		if inputs.Rows(xs) == 0 && slices.ContainsFunc(c.reduced().Quiver().Inputs(), func(name string) bool { return c.reduced().Quiver().Dims()[name] > 0 }) {
			return 0, nil // no samples
		}
		return deviation.EnclosedGap(c.source, c.reduced(), xs)
	}
	if c.joined != nil || c.frame.Summed {
		return math.Inf(1), nil
	}
	return c.step().Bound(xs, n, known), nil
}

// whyNoBound names the first vertex that stands in the way of a bound, or returns "".
func (c *Compression) whyNoBound() string {
	if !c.unitsWent() && c.frame.Summed {
		return "sums over paths are equal up to rounding only"
	}
	if c.joined != nil {
		return "inputs lie in the span of the data up to rounding only"
	}
	return c.step().Unbounded()
}

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
	for _, b := range append(slices.Clone(c.bases), c.step()) {
		for name, e := range b.Ball(radius) {
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
