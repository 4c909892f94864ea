package deviation

import (
	"math"

	"github.com/quivernet/quivernet/internal/enclose"
	"github.com/quivernet/quivernet/internal/linalg"
	"github.com/quivernet/quivernet/internal/units"
	"github.com/quivernet/quivernet/quiver"
)

// Ball bounds the distance of the outputs for inputs of length at most radius.
func (b Step) Ball(radius float64) map[string]float64 {
	q := b.Original.Quiver()
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
		case b.Frame.Dropped[v] || vertex.Dim == 0:
			continue
		}
		var z, d, in, round float64
		cols := 8.0 + float64(vertex.Dim)
		for _, i := range q.In(v) {
			s, norm := as[i].Source, linalg.SpectralNorm(b.Original.Matrix(i))
			z += linalg.SpectralNorm(b.Reduced.Matrix(i)) * x[s]
			d += norm * e[s]
			round += norm * (x[s] + e[s])
			in += x[s] * x[s]
			cols += float64(as[i].Cols)
		}
		d += b.Frame.Lost[v]*math.Sqrt(in) + 4*cols*0x1p-52*round
		x[v], e[v] = b.throughBall(v, z, d)
	}
	bounds := make(map[string]float64)
	for _, name := range q.Outputs() {
		v, _ := q.VertexIndex(name)
		bounds[name] = e[v]
	}
	return bounds
}

// throughBall carries |z̃| ≤ z and an error d before the activation of v to bounds of
// |x̃| and of the error after it.
func (b Step) throughBall(v int, z, d float64) (x, e float64) {
	vertex := b.Original.Quiver().Vertices()[v]
	act := vertex.Act
	l, ok := act.(quiver.Lipschitz)
	if !ok || enclose.Trained(act, b.Original.ParamsAt(v)) || !(z+d < math.Inf(1)) {
		return math.Inf(1), math.Inf(1)
	}
	sup := units.SupOf(vertex, b.Original.ParamsAt(v))
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
