package shrink

import (
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/inspect"
	"github.com/quivernet/quivernet/internal/regions"
	"github.com/quivernet/quivernet/quiver"
)

// Span is a vertex that symmetry.Data adds: what the data of one input span, c = Jᵀ(1, x), or
// c = Jᵀx.
type Span struct {
	Name  string
	Input *regions.Vertex
	X     *mat.Dense // k×d
	One   *mat.Dense // k×1, nil without a bias
	Dim   int
}

// readSpans finds the vertices that the compression added, and which products read them: those
// whose arrows are gone, in order.
func (r *Reduction) readSpans() {
	small := r.Compression.Reduced.Quiver()
	known := make(map[string]*regions.Vertex)
	for _, v := range r.Regions.Vertices {
		known[v.Name] = v
	}
	as := small.Arrows()
	for i, v := range small.Vertices() {
		if known[v.Name] != nil || v.Kind != quiver.KindHidden {
			continue
		}
		s := &Span{Name: v.Name}
		for _, a := range small.In(i) {
			m, _ := r.Compression.Reduced.Lookup(as[a].Name)
			if in := known[as[a].From]; in != nil {
				s.Input = in
				s.Dim = r.padded(&regions.Vertex{Layout: in.Layout, Dim: max(v.Dim, 2)}, v.Dim)
				s.X = enlarged(m, s.Dim, in.Dim)
			} else {
				s.One = m
			}
		}
		if s.One != nil {
			s.One = enlarged(s.One, s.Dim, 1)
		}
		for _, a := range small.Out(i) {
			target := known[as[a].To]
			for _, t := range target.Arrows {
				if _, stays := small.ArrowIndex(t.Name); !stays && t.Source == s.Input && t.Weight != nil && r.Spans[t] == nil {
					m, _ := r.Compression.Reduced.Lookup(as[a].Name)
					r.Spans[t], r.Matrices[t] = s, enlarged(m, r.Dim[target], s.Dim)
					break
				}
			}
		}
	}
}

// Draw returns random samples of an input within its span, n×d or turned for other layouts.
func (s *Span) Draw(n *gorgonia.Node, rng *rand.Rand) gorgonia.Value {
	e, d := s.Input.Node, s.Input.Dim
	samples := 1
	if b := s.Input.Layout.Batch(); b >= 0 {
		samples = e.Shape[b]
	}
	out := make([]float64, samples*d)
	for i := range samples {
		a := mat.NewVecDense(s.Dim, nil)
		for j := range s.Dim {
			a.SetVec(j, rng.NormFloat64())
		}
		if s.One != nil { // (1, x) = J·a: the first entry of J·a is 1
			j := mat.NewVecDense(s.Dim, mat.Col(nil, 0, s.One))
			a.AddScaledVec(a, (1-mat.Dot(j, a))/mat.Dot(j, j), j)
		}
		var x mat.VecDense
		x.MulVec(s.X.T(), a)
		for j := range d {
			if s.Input.Layout == regions.Columns {
				out[j*samples+i] = x.AtVec(j)
			} else {
				out[i*d+j] = x.AtVec(j)
			}
		}
	}
	return inspect.NewValue(e.Dtype, n.Shape(), out)
}
