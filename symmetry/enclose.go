package symmetry

import (
	"math"

	"github.com/quivernet/quivernet/internal/inputs"

	"github.com/quivernet/quivernet/internal/linalg"

	"github.com/quivernet/quivernet/quiver"
)

// reading is what is known of the values of a vertex: bounds of each coordinate before and
// after the activation.
type reading struct {
	zlo, zhi, xlo, xhi []float64
}

// enclose gives each site bounds that hold on the whole domain, for the network of mathematics:
// interval arithmetic with outward rounding, box by box. refine, if not nil, may tighten the
// bounds before the activation of a site whose sources are done.
func (d *draft) enclose(on *inputs.Set, refine func(*site)) {
	d.gather(true)
	for k := range on.Pieces() {
		d.enclosePiece(on, k, refine)
		if on.Pieces() == 1 {
			return
		}
		for _, s := range d.sites { // the hull of all samples
			if k == 0 {
				s.hull = reading{clone(s.zlo), clone(s.zhi), clone(s.xlo), clone(s.xhi)}
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
	for _, s := range d.sites {
		s.reading = s.hull
	}
}

func clone(s []float64) []float64 { return append([]float64(nil), s...) }

// enclosePiece does one box.
func (d *draft) enclosePiece(on *inputs.Set, k int, refine func(*site)) {
	inputs := map[string]int{}
	for i, name := range d.w.Quiver().Inputs() {
		inputs[name] = i
	}
	for _, s := range d.sites {
		switch s.Kind {
		case quiver.KindInput:
			s.xlo, s.xhi = on.Piece(k, inputs[s.Name], s.Dim)
			continue
		case quiver.KindBias:
			s.xlo, s.xhi = []float64{1}, []float64{1}
			continue
		}
		s.resize()
		for i := range s.Dim {
			s.zlo[i], s.zhi[i] = s.sum(i)
		}
		if refine != nil {
			refine(s)
		}
		s.activate()
	}
}

// resize gives a site room for its bounds.
func (s *site) resize() {
	if len(s.zlo) != s.Dim || len(s.xlo) != s.Dim {
		n := s.Dim
		all := make([]float64, 4*n)
		s.reading = reading{all[:n:n], all[n : 2*n : 2*n], all[2*n : 3*n : 3*n], all[3*n:]}
	}
}

// sum returns bounds of Σ W x at coordinate i. The error of a rounded sum of n products is at
// most n·ε times the sum of their absolute values; a sum without negative terms is not below 0.
func (s *site) sum(i int) (lo, hi float64) {
	var below, above float64
	n := 2
	for _, f := range s.flows {
		xlo, xhi := f.s.xlo, f.s.xhi
		n += f.m.Cols
		for j, w := range f.m.Row(i) {
			var e float64
			if f.slack != nil {
				e = f.slack[i*f.m.Cols+j]
			}
			if w == 0 && e == 0 {
				continue
			}
			p, q := w*xlo[j], w*xhi[j]
			if w < 0 {
				p, q = q, p
			}
			if e != 0 || !(math.Abs(p) >= 0x1p-960 && math.Abs(q) >= 0x1p-960) {
				p, q = term(w, e, xlo[j], xhi[j])
			}
			lo, hi = lo+p, hi+q
			below, above = below+math.Abs(p), above+math.Abs(q)
		}
	}
	err := float64(n) * 0x1p-52
	lo, hi = s.outward(i, lo, err*below, -1), s.outward(i, hi, err*above, 1)
	return lo, hi
}

// outward moves an end of a sum outward by its error; where that would cross 0, which many
// activations bend at, the end is computed exactly.
func (s *site) outward(i int, end, err, side float64) float64 {
	switch {
	case math.IsNaN(end) || math.IsInf(end, 0) || math.IsInf(err, 0):
		return math.Inf(int(side))
	case err == 0:
		return end
	case math.Abs(end) > err:
		return end + side*err
	}
	return s.exactEnd(i, side)
}

// activate carries the bounds through the activation.
func (s *site) activate() {
	if s.known {
		for i := range s.Dim {
			s.xlo[i], s.xhi[i] = s.image(s.zlo[i], s.zhi[i])
		}
		return
	}
	for i := range s.Dim {
		s.xlo[i], s.xhi[i] = math.Inf(-1), math.Inf(1)
	}
	l, ok := s.Act.(quiver.Lipschitz)
	if !ok || s.Dim == 0 || trained(s.Act, s.params) {
		return
	}
	// |ρ(z) − ρ(m)| ≤ Lip·|z − m| between the centre m and the ends.
	mid, half, y := make([]float64, s.Dim), make([]float64, s.Dim), make([]float64, s.Dim)
	for i := range mid {
		mid[i] = s.zlo[i] + (s.zhi[i]-s.zlo[i])/2
		half[i] = max(s.zhi[i]-mid[i], mid[i]-s.zlo[i])
	}
	slack := 1 + float64(s.Dim+16)*0x1p-50
	r, size := extent(half), extent(mid)
	if math.IsNaN(r) { // and so where the centre is not a number
		return
	}
	lip, sup := l.Lipschitz(max(0, size/slack-r), size+r)
	sup *= slack * (1 + 64*0x1p-53)
	if math.IsInf(r, 1) {
		lip = math.Inf(1)
	} else {
		s.Act.Apply(y, mid)
	}
	e := upward(times(lip, r)*slack + 64*0x1p-53*extent(y))
	for i := range y {
		lo, hi := y[i]-e, y[i]+e
		if math.IsNaN(lo) || math.IsNaN(hi) {
			lo, hi = math.Inf(-1), math.Inf(1)
		}
		if !math.IsNaN(sup) {
			lo, hi = max(lo, -sup), min(hi, sup)
		}
		s.xlo[i], s.xhi[i] = lo, hi
	}
}

// extent returns an upper bound of |x|.
func extent(x []float64) float64 {
	return linalg.FrobeniusNorm(linalg.Matrix{Rows: 1, Cols: len(x), Data: x})
}
