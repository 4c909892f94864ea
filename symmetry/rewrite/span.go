package rewrite

import (
	"math/rand/v2"

	"github.com/quivernet/quivernet/internal/regions"

	"github.com/quivernet/quivernet/internal/inspect"

	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/quiver"
)

// span is a vertex that symmetry.Data adds: what the data of one input span, c = Jᵀ(1, x), or
// c = Jᵀx.
type span struct {
	name  string
	input *regions.Vertex
	x     *mat.Dense // k×d
	one   *mat.Dense // k×1, nil without a bias
	k     int
}

// readSpans finds the vertices that the compression added, and which products read them: those
// whose arrows are gone, in order.
func (r *reduction) readSpans() {
	small := r.c.Reduced.Quiver()
	known := make(map[string]*regions.Vertex)
	for _, v := range r.l.Vertices {
		known[v.Name] = v
	}
	as := small.Arrows()
	for i, v := range small.Vertices() {
		if known[v.Name] != nil || v.Kind != quiver.KindHidden {
			continue
		}
		s := &span{name: v.Name}
		for _, a := range small.In(i) {
			m, _ := r.c.Reduced.Lookup(as[a].Name)
			if in := known[as[a].From]; in != nil {
				s.input = in
				s.k = r.padded(&regions.Vertex{Layout: in.Layout, Dim: max(v.Dim, 2)}, v.Dim)
				s.x = enlarged(m, s.k, in.Dim)
			} else {
				s.one = m
			}
		}
		if s.one != nil {
			s.one = enlarged(s.one, s.k, 1)
		}
		for _, a := range small.Out(i) {
			target := known[as[a].To]
			for _, t := range target.Arrows {
				if _, stays := small.ArrowIndex(t.Name); !stays && t.Source == s.input && t.Weight != nil && r.from[t] == nil {
					m, _ := r.c.Reduced.Lookup(as[a].Name)
					r.from[t], r.mats[t] = s, enlarged(m, r.dim[target], s.k)
					break
				}
			}
		}
	}
}

// draw returns random samples of an input within its span, n×d or turned for other layouts.
func (s *span) draw(n *gorgonia.Node, rng *rand.Rand) gorgonia.Value {
	e, d := s.input.Node, s.input.Dim
	samples := 1
	if b := s.input.Layout.Batch(); b >= 0 {
		samples = e.Shape[b]
	}
	out := make([]float64, samples*d)
	for i := range samples {
		a := mat.NewVecDense(s.k, nil)
		for j := range s.k {
			a.SetVec(j, rng.NormFloat64())
		}
		if s.one != nil { // (1, x) = J·a: the first entry of J·a is 1
			j := mat.NewVecDense(s.k, mat.Col(nil, 0, s.one))
			a.AddScaledVec(a, (1-mat.Dot(j, a))/mat.Dot(j, j), j)
		}
		var x mat.VecDense
		x.MulVec(s.x.T(), a)
		for j := range d {
			if s.input.Layout == regions.Columns {
				out[j*samples+i] = x.AtVec(j)
			} else {
				out[i*d+j] = x.AtVec(j)
			}
		}
	}
	return inspect.NewValue(e.Dtype, n.Shape(), out)
}
