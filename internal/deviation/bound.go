package deviation

import (
	"fmt"
	"math"
	"slices"

	"github.com/quivernet/quivernet/internal/enclose"
	"github.com/quivernet/quivernet/internal/evaluate"
	"github.com/quivernet/quivernet/internal/linalg"
	"github.com/quivernet/quivernet/quiver"
	"gonum.org/v1/gonum/mat"
)

// Bound returns a bound of max|F−F'| / max|F| on n samples, the largest over the outputs, for the outputs F of
// the original and F' of the reduced network, of which the values are known or nil; +Inf where there is none.
func (s Step) Bound(xs []*mat.Dense, n int, known *evaluate.Values) float64 {
	if known == nil {
		v := evaluate.Of(s.Reduced, n, xs, true)
		known = &v
	}
	b := &bounder{Step: s, q: s.Original.Quiver(), n: n, z: known.Z}
	b.vs, b.as = b.q.Vertices(), b.q.Arrows()
	b.e, b.x = make([][]float64, len(b.vs)), make([][]float64, len(b.vs))
	for v := range b.vs {
		b.x[v] = known.Lengths(known.X[v])
	}
	b.norm = make([]float64, len(b.as))
	for i := range b.as {
		b.norm[i] = linalg.SpectralNorm(s.Original.Matrix(i))
	}
	var worst float64
	for v := range b.vs {
		if s.Frame.Dropped[v] {
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
			return math.Inf(1)
		default:
			worst = max(worst, e/(size-e))
		}
	}
	return worst
}

type bounder struct {
	Step
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
		d += b.Frame.Lost[v]*math.Sqrt(squares) + 4*cols*0x1p-52*round
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
	if !ok || enclose.Trained(act, b.Original.ParamsAt(v)) || math.IsNaN(d) || math.IsInf(d, 1) {
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

// Unbounded names the first vertex that stands in the way of a bound, or returns "".
func (s Step) Unbounded() string {
	for v, vertex := range s.Original.Quiver().Vertices() {
		if vertex.Act == nil || s.Frame.Dropped[v] {
			continue
		}
		if _, ok := vertex.Act.(quiver.Lipschitz); !ok {
			return fmt.Sprintf("%s at %s does not know its Lipschitz constant", vertex.Act, vertex.Name)
		}
		if enclose.Trained(vertex.Act, s.Original.ParamsAt(v)) {
			return fmt.Sprintf("%s at %s has trained parameters", vertex.Act, vertex.Name)
		}
	}
	return ""
}
