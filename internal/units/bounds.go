package units

import (
	"github.com/quivernet/quivernet/internal/enclose"
	"github.com/quivernet/quivernet/internal/inputs"

	"github.com/quivernet/quivernet/quiver"
)

// bounds is what is known of the values of a vertex: bounds of each coordinate before and
// after the activation.
type bounds struct {
	zlo, zhi, xlo, xhi []float64
}

// enclose gives each vertex bounds that hold on the whole domain, for the network of mathematics:
// interval arithmetic with outward rounding, box by box. refine, if not nil, may tighten the
// bounds before the activation of a vertex whose sources are done.
func (d *network) enclose(on *inputs.Set, refine func(*vertex)) {
	d.gather(true)
	for k := range on.Pieces() {
		d.enclosePiece(on, k, refine)
		if on.Pieces() == 1 {
			return
		}
		for _, s := range d.vertices { // the hull of all samples
			if k == 0 {
				s.hull = bounds{clone(s.zlo), clone(s.zhi), clone(s.xlo), clone(s.xhi)}
				continue
			}
			for i := range s.zlo {
				s.hull.zlo[i], s.hull.zhi[i] = min(s.hull.zlo[i], s.zlo[i]), max(s.hull.zhi[i], s.zhi[i])
			}
			for i := range s.xlo {
				s.hull.xlo[i], s.hull.xhi[i] = min(s.hull.xlo[i], s.xlo[i]), max(s.hull.xhi[i], s.xhi[i])
			}
		}
	}
	for _, s := range d.vertices {
		s.bounds = s.hull
	}
}

func clone(s []float64) []float64 { return append([]float64(nil), s...) }

// enclosePiece does one box.
func (d *network) enclosePiece(on *inputs.Set, k int, refine func(*vertex)) {
	inputs := map[string]int{}
	for i, name := range d.w.Quiver().Inputs() {
		inputs[name] = i
	}
	for _, s := range d.vertices {
		switch s.Kind {
		case quiver.KindInput:
			s.xlo, s.xhi = on.Piece(k, inputs[s.Name], s.Dim)
			continue
		case quiver.KindBias:
			s.xlo, s.xhi = []float64{1}, []float64{1}
			continue
		}
		s.resize()
		for k, from := range s.from {
			s.flows[k].Lo, s.flows[k].Hi = from.xlo, from.xhi
		}
		for i := range s.Dim {
			s.zlo[i], s.zhi[i] = enclose.Sum(s.flows, i)
		}
		if refine != nil {
			refine(s)
		}
		s.activate()
	}
}

// resize gives a vertex room for its bounds.
func (s *vertex) resize() {
	if len(s.zlo) != s.Dim || len(s.xlo) != s.Dim {
		n := s.Dim
		all := make([]float64, 4*n)
		s.bounds = bounds{all[:n:n], all[n : 2*n : 2*n], all[2*n : 3*n : 3*n], all[3*n:]}
	}
}

// activate carries the bounds through the activation.
func (s *vertex) activate() {
	if !s.known {
		enclose.Vector(s.Act, s.params, s.zlo, s.zhi, s.xlo, s.xhi)
		return
	}
	for i := range s.Dim {
		s.xlo[i], s.xhi[i] = s.Image(s.zlo[i], s.zhi[i])
	}
}

// lay makes the lines of a vertex whose bounds are known.
func (s *vertex) lay() *enclose.Lines {
	if !s.known {
		return enclose.Lay(nil, s.zlo, s.zhi, s.xlo, s.xhi)
	}
	return enclose.Lay(&s.Scalar, s.zlo, s.zhi, s.xlo, s.xhi)
}
