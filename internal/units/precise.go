package units

import (
	"math"

	"github.com/quivernet/quivernet/quiver"
)

// precisely runs the network on one input, a row per input vertex in the order of the vertices,
// with numbers of twice the length: x = hi + lo. So it shows what two networks differ by, and not
// the rounding of their evaluation. Activations are taken at hi, with the slope for lo where they
// work entry by entry; products and sums have about 100 bits.
func (k *Snapshot) precisely(input func(name string) []float64) (hi, lo [][]float64) {
	hi, lo = make([][]float64, len(k.vertices)), make([][]float64, len(k.vertices))
	for v := range k.vertices {
		s := &k.vertices[v]
		x, y := make([]float64, s.Dim), make([]float64, s.Dim)
		hi[v], lo[v] = x, y
		switch {
		case s.Kind == quiver.KindBias:
			x[0] = 1
			continue
		case s.Dim == 0:
			continue
		case s.Kind == quiver.KindInput:
			copy(x, input(s.Name))
			continue
		}
		for _, l := range s.in {
			a, b := hi[l.source], lo[l.source]
			for i := range x {
				sum, rest := x[i], y[i]
				for j, w := range l.m.Row(i) {
					p := w * a[j]
					next := sum + p
					back := next - sum
					rest += (sum - (next - back)) + (p - back) + math.FMA(w, a[j], -p) + w*b[j]
					sum = next
				}
				x[i], y[i] = sum, rest
			}
		}
		for i := range x {
			sum := x[i] + y[i]
			x[i], y[i] = sum, y[i]-(sum-x[i])
		}
		if s.Act == quiver.Identity {
			continue
		}
		jet, entrywise := s.Act.(quiver.PointJet)
		for i := range y {
			if entrywise && s.known {
				y[i] *= jet.PointJet(1, x[i])
			} else {
				y[i] = 0
			}
		}
		if p, ok := s.Act.(quiver.Parametric); ok {
			p.ApplyP(x, x, s.params)
		} else {
			s.Act.Apply(x, x)
		}
	}
	return hi, lo
}
