package symmetry

import (
	"math"

	"github.com/quivernet/quivernet/quiver"
)

// BoundBall returns, for each output, a proved bound of |F(x) − F_red(x)| (Euclidean, not
// relative) that holds for all inputs at once: every input vector of length at most radius.
// It is +Inf where there is none, for the reasons that BoundOn has. Derived: the recursion
// of BoundOn with the features replaced by bounds of their lengths over the ball,
//
//	Z_v = Σ_a ‖V_a‖·X_s(a),  X_v = sup of |ρ_v| up to Z_v,  X = radius at inputs and 1 at biases.
//
// It knows nothing of directions, so it is much larger than the bound on given inputs. A
// radius that is negative or NaN gives NaN.
func (c *Compression) BoundBall(radius float64) map[string]float64 {
	if err := c.made(); err != nil {
		panic(err)
	}
	q := c.original.Quiver()
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
		case c.frame.dropped[v] || vertex.Dim == 0:
			continue
		}
		var z, d, in, round float64
		cols := 8.0 + float64(vertex.Dim)
		for _, i := range q.In(v) {
			s, norm := as[i].Source, spectral(c.original.Matrix(i))
			z += spectral(c.Reduced.Matrix(i)) * x[s]
			d += norm * e[s]
			round += norm * (x[s] + e[s])
			in += x[s] * x[s]
			cols += float64(as[i].Cols)
		}
		d += c.frame.lost[v]*math.Sqrt(in) + 4*cols*0x1p-52*round
		x[v], e[v] = c.ballThrough(v, z, d)
	}
	bounds := make(map[string]float64)
	for _, name := range q.Outputs() {
		v, _ := q.VertexIndex(name)
		bounds[name] = e[v]
		switch {
		case !(radius >= 0):
			bounds[name] = math.NaN()
		case c.joined != nil || c.frame.summed:
			bounds[name] = math.Inf(1)
		}
	}
	return bounds
}

// ballThrough carries |z̃| ≤ z and an error d before the activation of v to bounds of
// |x̃| and of the error after it.
func (c *Compression) ballThrough(v int, z, d float64) (x, e float64) {
	act := c.original.Quiver().Vertices()[v].Act
	l, ok := act.(quiver.Lipschitz)
	if !ok || trained(act, c.original.ParamsAt(v)) || !(z+d < math.Inf(1)) {
		return math.Inf(1), math.Inf(1)
	}
	if _, x = l.Lipschitz(0, z); math.IsNaN(x) {
		x = math.Inf(1)
	}
	if d == 0 {
		return x, 0
	}
	lip, sup := l.Lipschitz(0, z+d)
	e = math.Inf(1)
	if p := lip * d; !math.IsNaN(p) {
		e = min(e, p)
	}
	if s := sup + x; !math.IsNaN(s) {
		e = min(e, s)
	}
	return x, e + 32*0x1p-52*(x+d)
}
