package identify

import (
	"fmt"
	"math"

	"github.com/quivernet/quivernet/quiver"
)

// layered is a quiver in the shape of a multilayer perceptron: layer 0 is the input,
// layer L the output, and layer ℓ is fed by layer ℓ−1 and by one bias.
type layered struct {
	net    *network
	at     []int // vertex positions, 0 to L
	weight []*edge
	bias   []*edge // by layer, nil at 0
}

// family is a set of activations that a theorem is about.
type family struct {
	has  func(slopes) bool
	want string
}

var (
	onlyReLU = family{func(s slopes) bool { return s == slopes{1, 0} }, "want pointwise ReLU at hidden vertices, which is what the theorem is about"}

	// lopsided activations bend at 0, and σ(t) − σ(−t) = (up + down)·t does not vanish.
	lopsided = family{func(s slopes) bool { return math.Abs(s.up) != math.Abs(s.down) }, "want pointwise ReLU, leaky ReLU or another activation that is linear on each side of 0, with slopes of different modulus, at hidden vertices"}
)

// layersOf returns the layers, or a ChainError that names what is out of shape. Every
// hidden activation must be of the family, else it is an ActivationError.
func layersOf(net *network, op string, acts family) (*layered, error) {
	fail := func(where, reason string) (*layered, error) { return nil, &ChainError{op, where, reason} }
	if len(net.inputs) != 1 {
		return fail("the quiver", fmt.Sprintf("has %d inputs, want 1", len(net.inputs)))
	}
	if len(net.outputs) != 1 {
		return fail("the quiver", fmt.Sprintf("has %d outputs, want 1", len(net.outputs)))
	}
	l := &layered{net: net, at: []int{net.inputs[0]}, weight: []*edge{nil}, bias: []*edge{nil}}
	for i := range net.vs {
		v := &net.vs[i]
		if v.isSource() {
			continue
		}
		name := fmt.Sprintf("vertex %q", v.name)
		var weight, bias *edge
		for k := range v.in {
			e := &v.in[k]
			arrow := fmt.Sprintf("arrow %q", e.name)
			switch {
			case e.at < 0:
				return fail(arrow, "is fixed")
			case e.tied:
				return fail(arrow, "shares its matrix with another one")
			case net.vs[e.source].kind == quiver.KindBias:
				if bias != nil {
					return fail(name, "has two bias arrows")
				}
				bias = e
			case e.source != l.at[len(l.at)-1]:
				return fail(arrow, "skips a layer")
			default:
				if weight != nil {
					return fail(arrow, "is parallel to another one")
				}
				weight = e
			}
		}
		switch {
		case weight == nil:
			return fail(name, "is not fed by the layer before it")
		case bias == nil:
			return fail(name, "has no bias arrow")
		case v.dim == 0 || net.vs[l.at[len(l.at)-1]].dim == 0:
			return fail(name, "or the layer before it has dimension 0")
		case v.row >= 0 && len(v.out) > 0:
			return fail(name, "is an output with outgoing arrows")
		case v.row < 0 && (!v.pieces || !acts.has(v.slopes)):
			return nil, &ActivationError{op, v.name, v.act.String(), acts.want}
		case v.row >= 0 && (!v.pieces || v.slopes != (slopes{1, 1})):
			return nil, &ActivationError{op, v.name, v.act.String(), "want the identity at the output"}
		}
		l.at, l.weight, l.bias = append(l.at, i), append(l.weight, weight), append(l.bias, bias)
	}
	return l, nil
}

// depth returns L, the number of affine layers.
func (l *layered) depth() int { return len(l.at) - 1 }

func (l *layered) width(layer int) int { return l.net.vs[l.at[layer]].dim }

func (l *layered) name(layer int) string { return l.net.vs[l.at[layer]].name }

// row returns the incoming weights of a unit, not to be changed.
func (l *layered) row(layer, unit int) []float64 {
	e := l.weight[layer]
	return e.m[unit*e.cols : (unit+1)*e.cols]
}

// column returns the outgoing weights of a unit.
func (l *layered) column(layer, unit int) []float64 {
	e := l.weight[layer+1]
	c := make([]float64, l.width(layer+1))
	for r := range c {
		c[r] = e.m[r*e.cols+unit]
	}
	return c
}
