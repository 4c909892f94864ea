package symmetry

import (
	"math"
	"math/big"

	"github.com/quivernet/quivernet/internal/linalg"
)

// flow is what one source brings to a site: its parallel arrows are one linear map, of which
// intervals are taken. slack bounds the rounding of the sums, entry by entry; nil where there is
// none.
type flow struct {
	s     *site
	m     linalg.Matrix
	slack []float64
	links []*link
}

// gather notes what enters each site, with parallel arrows added up or one by one; to be called
// before bounds are computed and after the arrows have changed.
func (d *draft) gather(together bool) {
	for _, s := range d.sites {
		s.flows = s.flows[:0]
		place := map[*site]int{}
		for _, l := range s.in {
			k, seen := place[l.s]
			if !seen || !together {
				place[l.s] = len(s.flows)
				s.flows = append(s.flows, flow{s: l.s, m: l.m, links: []*link{l}})
				continue
			}
			s.flows[k].join(l)
		}
	}
}

// join adds a parallel arrow.
func (f *flow) join(l *link) {
	if len(f.links) == 1 {
		f.m, f.slack = f.m.Clone(), make([]float64, len(f.m.Data))
	}
	f.links = append(f.links, l)
	for k, y := range l.m.Data {
		x := f.m.Data[k]
		sum := x + y
		back := sum - x
		if rest := (x - (sum - back)) + (y - back); rest != 0 {
			f.slack[k] = (f.slack[k] + math.Abs(rest)) * (1 + 0x1p-50)
		}
		f.m.Data[k] = sum
	}
}

// term returns bounds of w·x for w within e of the given one and lo ≤ x ≤ hi, before the rounding
// of normal products; a product that underflows is rounded outward.
func term(w, e, lo, hi float64) (least, most float64) {
	if e == 0 {
		if w < 0 {
			lo, hi = hi, lo
		}
		return productDown(w, lo), productUp(w, hi)
	}
	a, b := math.Nextafter(w-e, math.Inf(-1)), math.Nextafter(w+e, math.Inf(1))
	return min(productDown(a, lo), productDown(a, hi), productDown(b, lo), productDown(b, hi)), max(productUp(a, lo), productUp(a, hi), productUp(b, lo), productUp(b, hi))
}

// productDown and productUp return w·x, 0 where one is 0, moved outward where it underflows; the sign stays.
func productDown(w, x float64) float64 { return -productUp(-w, x) }
func productUp(w, x float64) float64 {
	if w == 0 || x == 0 {
		return 0
	}
	p := w * x
	if math.Abs(p) >= 0x1p-960 || math.IsNaN(p) {
		return p
	}
	if positive := (w > 0) == (x > 0); !positive {
		return min(0, p+math.SmallestNonzeroFloat64)
	}
	return p + math.SmallestNonzeroFloat64
}

// exactly returns the end of Σ W x at coordinate i on the side given (−1 or 1), rounded outward
// from the exact sum.
func (s *site) exactEnd(i int, side float64) float64 {
	sum := new(big.Float).SetPrec(4400) // more bits than lie between the ends of the range of squares
	p, w, f := new(big.Float).SetPrec(2300), new(big.Float).SetPrec(2200), new(big.Float)
	for _, flow := range s.flows {
		for j := range flow.m.Cols {
			w.SetFloat64(0)
			for _, l := range flow.links {
				w.Add(w, f.SetFloat64(l.m.Data[i*l.m.Cols+j]))
			}
			x := flow.s.xhi[j]
			if side*float64(w.Sign()) < 0 {
				x = flow.s.xlo[j]
			}
			if w.Sign() != 0 && x != 0 {
				sum.Add(sum, p.Mul(w, f.SetFloat64(x)))
			}
		}
	}
	y, acc := sum.Float64()
	if float64(acc)*side < 0 { // rounded inward
		y = math.Nextafter(y, math.Inf(int(side)))
	}
	return y
}
