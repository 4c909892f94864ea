package recovery

import (
	"fmt"
	"math"

	"github.com/quivernet/quivernet/internal/pieces"
)

// sections looks at P.d of a layer: a deeper kink whose unit is, by interval bounds, one
// affine function of the layer before is a complete straight section. For the others it
// looks for points of the same hyperplane that are on no deeper kink.
func (p *lineCheck) sections(layer int, deep []kink, c *Condition) {
	l := p.l
	if layer == l.depth()-1 {
		c.Status = Certified
		return
	}
	tried, bent := 0, 0
	for _, k := range deep {
		if k.layer <= layer || !p.innerLayer(layer-1, k.span) {
			continue
		}
		if p.unbent(layer, k) && p.provenInside(k, layer) {
			c.refute(k.unit, fmt.Sprintf("%s[%d] is 0 on a complete section, since the units between never switch on the box", l.name(k.layer), k.unit))
			return
		}
		if tried < 40 {
			tried++
			if p.bends(layer, k) {
				bent++
			}
		}
	}
	c.Witness = fmt.Sprintf("%d of %d kinks of deeper layers were seen to bend", bent, tried)
}

// unbent reports whether no unit of the layers from layer to before k's switches.
func (p *lineCheck) unbent(layer int, k kink) bool {
	for j := layer; j < k.layer; j++ {
		for i := range p.l.width(j) {
			if _, ok := p.stable(j, i); !ok {
				return false
			}
		}
	}
	return true
}

// bends looks for a point of the hyperplane of a kink, in the space of the layer before,
// at which no deeper unit is 0.
func (p *lineCheck) bends(layer int, k kink) bool {
	l, net := p.l, p.l.net
	d := p.derivative(k.layer-1, k.span)
	grad := make([]float64, net.InDim)
	for i, w := range l.row(k.layer, k.unit) {
		pieces.Axpy(grad, w, d.RawRowView(i))
	}
	if pieces.Norm(grad) == 0 {
		return false
	}
	same := func(s *pieces.State) bool { // the same pattern before the layer
		for j := 1; j < layer; j++ {
			for i, z := range s.Z[l.at[j]] {
				if (z > 0) != k.span.On(l.at[j], i) {
					return false
				}
			}
		}
		return true
	}
	s := net.NewState()
	x := make([]float64, net.InDim)
	for range 60 {
		p.draw(x, p.rng)
		// drop x on the hyperplane along the gradient
		t := 0.0
		for i := range x {
			t += grad[i] * (x[i] - k.x[i])
		}
		t /= pieces.Dot(grad, grad)
		ok := true
		for i := range x {
			x[i] -= t * grad[i]
			ok = ok && (p.box.IsWhole() || p.box.Lo[i] < x[i] && x[i] < p.box.Hi[i])
		}
		if !ok {
			continue
		}
		if net.Forward(s, x); !same(s) {
			continue
		}
		clear := true
		for j := layer + 1; j < l.depth(); j++ {
			for i, z := range s.Z[l.at[j]] {
				if math.Abs(z) <= 1e-7*(l.weight[j].RowNorms[i]*pieces.Norm(s.X[l.at[j-1]])+math.Abs(l.bias[j].W[i])) {
					clear = false
				}
			}
		}
		if clear {
			return true
		}
	}
	return false
}
