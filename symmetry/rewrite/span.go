package rewrite

import (
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/quiver"
)

// span is a vertex that symmetry.Data adds: what the data of one input span, c = Jᵀ(1, x), or
// c = Jᵀx.
type span struct {
	name  string
	input *vertex
	x     *mat.Dense // k×d
	one   *mat.Dense // k×1, nil without a bias
	k     int
}

// readSpans finds the vertices that the compression added, and which products read them: those
// whose arrows are gone, in order.
func (r *reduction) readSpans() {
	small := r.c.Reduced.Quiver()
	known := make(map[string]*vertex)
	for _, v := range r.l.vertices {
		known[v.name] = v
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
				s.k = r.padded(&vertex{lay: in.lay, dim: max(v.Dim, 2)}, v.Dim)
				s.x = enlarged(m, s.k, in.dim)
			} else {
				s.one = m
			}
		}
		if s.one != nil {
			s.one = enlarged(s.one, s.k, 1)
		}
		for _, a := range small.Out(i) {
			target := known[as[a].To]
			for _, t := range target.terms {
				if _, stays := small.ArrowIndex(t.arrow); !stays && t.source == s.input && t.w != nil && r.from[t] == nil {
					m, _ := r.c.Reduced.Lookup(as[a].Name)
					r.from[t], r.mats[t] = s, enlarged(m, r.dim[target], s.k)
					break
				}
			}
		}
	}
}

// span makes the node of c from that of x.
func (b *builder) span(s *span) (*gorgonia.Node, error) {
	if n := b.spans[s]; n != nil {
		return n, nil
	}
	x, err := b.emit(s.input.at)
	if err != nil {
		return nil, err
	}
	v := &vertex{name: s.name, lay: s.input.lay, at: s.input.at}
	n, err := b.times(x, &term{source: s.input}, v, s.x)
	if err == nil && s.one != nil {
		n, err = b.shifted(n, s, v.at.dt)
	}
	b.spans[s] = n
	return n, err
}

// shifted adds the bias part to each sample.
func (b *builder) shifted(n *gorgonia.Node, s *span, dt tensor.Dtype) (*gorgonia.Node, error) {
	name := biasVertex + "→" + s.name
	switch s.input.lay {
	case rows:
		f, err := b.matrix(name, dt, s.one.T())
		if err != nil {
			return nil, err
		}
		return gorgonia.BroadcastAdd(n, f, nil, []byte{0})
	case columns:
		f, err := b.matrix(name, dt, s.one)
		if err != nil {
			return nil, err
		}
		return gorgonia.BroadcastAdd(n, f, nil, []byte{1})
	}
	f, err := b.variable(b.name(name), n, []int{s.k})
	if err != nil {
		return nil, err
	}
	b.fixed = append(b.fixed, f)
	if err := gorgonia.Let(f, tensorOf(dt, []int{s.k}, s.one.RawMatrix().Data)); err != nil {
		return nil, err
	}
	return gorgonia.Add(n, f)
}

// draw returns random samples of an input within its span, n×d or turned for other layouts.
func (s *span) draw(n *gorgonia.Node, rng *rand.Rand) gorgonia.Value {
	e, d := s.input.at, s.input.dim
	samples := 1
	if b := s.input.lay.batch(); b >= 0 {
		samples = e.shape[b]
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
			if s.input.lay == columns {
				out[j*samples+i] = x.AtVec(j)
			} else {
				out[i*d+j] = x.AtVec(j)
			}
		}
	}
	return tensorOf(e.dt, n.Shape(), out)
}
