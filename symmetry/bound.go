package symmetry

import (
	"fmt"
	"math"
	"slices"

	"github.com/quivernet/quivernet/internal/enclose"

	"github.com/quivernet/quivernet/internal/inputs"

	"github.com/quivernet/quivernet/internal/evaluate"

	"github.com/quivernet/quivernet/internal/linalg"

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
		return c.apart(xs)
	}
	if c.joined != nil || c.frame.Summed {
		return math.Inf(1), nil
	}
	if known == nil {
		v := evaluate.Of(c.reduced(), n, xs, true)
		known = &v
	}
	b := &bounder{c: c, q: c.original.Quiver(), n: n, z: known.Z}
	b.vs, b.as = b.q.Vertices(), b.q.Arrows()
	b.e, b.x = make([][]float64, len(b.vs)), make([][]float64, len(b.vs))
	for v := range b.vs {
		b.x[v] = known.Lengths(known.X[v])
	}
	b.norm = make([]float64, len(b.as))
	for i := range b.as {
		b.norm[i] = linalg.SpectralNorm(c.original.Matrix(i))
	}
	var worst float64
	for v := range b.vs {
		if c.frame.Dropped[v] {
			b.e[v] = make([]float64, b.n)
			continue
		}
		b.vertex(v)
	}
	for _, name := range b.q.Outputs() {
		v, _ := b.q.VertexIndex(name)
		if b.n == 0 || b.vs[v].Dim == 0 {
			continue
		}
		e := slices.Max(b.e[v])
		var size float64
		for _, x := range known.X[v] {
			size = max(size, math.Abs(x))
		}
		switch {
		case e == 0:
		case !(size > e):
			return math.Inf(1), nil
		default:
			worst = max(worst, e/(size-e))
		}
	}
	return worst, nil
}

type bounder struct {
	c    *Compression
	q    *quiver.Quiver
	vs   []quiver.Vertex
	as   []quiver.Arrow // of the original; those of the reduced network stand in the same order
	n    int            // samples
	x, z [][]float64    // by vertex: |x̃_v| and |z̃_v| of each sample
	norm []float64      // bounds of ‖W_a‖₂
	e    [][]float64    // by vertex: bound of |x_v − B_v x̃_v| for each sample
}

// vertex runs the recursion at v.
func (b *bounder) vertex(v int) {
	b.e[v] = make([]float64, b.n)
	if k := b.vs[v].Kind; k == quiver.KindInput || k == quiver.KindBias {
		return
	}
	cols := 8.0 + float64(b.vs[v].Dim)
	in := b.q.In(v)
	for _, i := range in {
		cols += float64(b.as[i].Cols)
	}
	for s := range b.n {
		var d, squares, round float64
		for _, i := range in {
			from := b.as[i].Source
			xs, e := b.x[from][s], b.e[from][s]
			d += b.norm[i] * e
			round += b.norm[i] * (xs + e)
			squares += xs * xs
		}
		d += b.c.frame.Lost[v]*math.Sqrt(squares) + 4*cols*0x1p-52*round
		var z float64
		if b.z[v] != nil {
			z = b.z[v][s]
		}
		b.e[v][s] = b.through(v, z, b.x[v][s], d) + 32*0x1p-52*(b.x[v][s]+d)
	}
}

// through carries an error d before the activation, at |z̃| = r, to one after it.
func (b *bounder) through(v int, r, x, d float64) float64 {
	act := b.vs[v].Act
	if d == 0 {
		return 0
	}
	l, ok := act.(quiver.Lipschitz)
	if !ok || enclose.Trained(act, b.c.original.ParamsAt(v)) || math.IsNaN(d) || math.IsInf(d, 1) {
		return math.Inf(1)
	}
	lip, sup := l.Lipschitz(max(0, r-d), r+d)
	e := math.Inf(1)
	if !math.IsNaN(lip) {
		e = min(e, lip*d)
	}
	if !math.IsNaN(sup) {
		e = min(e, sup+x)
	}
	return e
}

// whyNoBound names the first vertex that stands in the way of a bound, or returns "".
func (c *Compression) whyNoBound() string {
	if !c.unitsWent() && c.frame.Summed {
		return "sums over paths are equal up to rounding only"
	}
	if c.joined != nil {
		return "inputs lie in the span of the data up to rounding only"
	}
	for v, vertex := range c.original.Quiver().Vertices() {
		if vertex.Act == nil || c.frame.Dropped[v] {
			continue
		}
		if _, ok := vertex.Act.(quiver.Lipschitz); !ok {
			return fmt.Sprintf("%s at %s does not know its Lipschitz constant", vertex.Act, vertex.Name)
		}
		if enclose.Trained(vertex.Act, c.original.ParamsAt(v)) {
			return fmt.Sprintf("%s at %s has trained parameters", vertex.Act, vertex.Name)
		}
	}
	return ""
}
