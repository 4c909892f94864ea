package recovery

import (
	"fmt"
	"math"

	"github.com/quivernet/quivernet/internal/pieces"
	"github.com/quivernet/quivernet/quiver"
)

// layered is a quiver in the shape of a multilayer perceptron: layer 0 is the input,
// layer L the output, and layer ℓ is fed by layer ℓ−1 and by one bias.
type layered struct {
	net    *pieces.Network
	at     []int // vertex positions, 0 to L
	weight []*pieces.Arrow
	bias   []*pieces.Arrow // by layer, nil at 0
}

// family is a set of activations that a theorem is about.
type family struct {
	has  func(pieces.Slopes) bool
	want string
}

var (
	onlyReLU = family{func(s pieces.Slopes) bool { return s == pieces.Slopes{Up: 1, Down: 0} }, "want pointwise ReLU at hidden vertices, which is what the theorem is about"}

	// lopsided activations bend at 0, and σ(t) − σ(−t) = (up + down)·t does not vanish.
	lopsided = family{func(s pieces.Slopes) bool { return math.Abs(s.Up) != math.Abs(s.Down) }, "want pointwise ReLU, leaky ReLU or another activation that is linear on each side of 0, with slopes of different modulus, at hidden vertices"}
)

// layersOf returns the layers, or a ChainError that names what is out of shape. Every
// hidden activation must be of the family, else it is an ActivationError.
func layersOf(net *pieces.Network, op string, acts family) (*layered, error) {
	fail := func(where, reason string) (*layered, error) { return nil, &ChainError{op, where, reason} }
	if len(net.Inputs) != 1 {
		return fail("the quiver", fmt.Sprintf("has %d inputs, want 1", len(net.Inputs)))
	}
	if len(net.Outputs) != 1 {
		return fail("the quiver", fmt.Sprintf("has %d outputs, want 1", len(net.Outputs)))
	}
	l := &layered{net: net, at: []int{net.Inputs[0]}, weight: []*pieces.Arrow{nil}, bias: []*pieces.Arrow{nil}}
	for i := range net.Vertices {
		v := &net.Vertices[i]
		if v.IsSource() {
			continue
		}
		name := fmt.Sprintf("vertex %q", v.Name)
		var weight, bias *pieces.Arrow
		for k := range v.In {
			e := &v.In[k]
			arrow := fmt.Sprintf("arrow %q", e.Name)
			switch {
			case e.Offset < 0:
				return fail(arrow, "is fixed")
			case e.Tied:
				return fail(arrow, "shares its matrix with another one")
			case net.Vertices[e.Source].Kind == quiver.KindBias:
				if bias != nil {
					return fail(name, "has two bias arrows")
				}
				bias = e
			case e.Source != l.at[len(l.at)-1]:
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
		case v.Dim == 0 || net.Vertices[l.at[len(l.at)-1]].Dim == 0:
			return fail(name, "or the layer before it has dimension 0")
		case v.Row >= 0 && len(v.Out) > 0:
			return fail(name, "is an output with outgoing arrows")
		case v.Row < 0 && (!v.PiecewiseLinear || !acts.has(v.Slopes)):
			return nil, &pieces.ActivationError{Op: op, Vertex: v.Name, Activation: v.Act.String(), Reason: acts.want}
		case v.Row >= 0 && (!v.PiecewiseLinear || v.Slopes != (pieces.Slopes{Up: 1, Down: 1})):
			return nil, &pieces.ActivationError{Op: op, Vertex: v.Name, Activation: v.Act.String(), Reason: "want the identity at the output"}
		}
		l.at, l.weight, l.bias = append(l.at, i), append(l.weight, weight), append(l.bias, bias)
	}
	return l, nil
}

// depth returns L, the number of affine layers.
func (l *layered) depth() int { return len(l.at) - 1 }

func (l *layered) width(layer int) int { return l.net.Vertices[l.at[layer]].Dim }

func (l *layered) name(layer int) string { return l.net.Vertices[l.at[layer]].Name }

// row returns the incoming weights of a unit, not to be changed.
func (l *layered) row(layer, unit int) []float64 {
	e := l.weight[layer]
	return e.W[unit*e.Cols : (unit+1)*e.Cols]
}

// column returns the outgoing weights of a unit.
func (l *layered) column(layer, unit int) []float64 {
	e := l.weight[layer+1]
	c := make([]float64, l.width(layer+1))
	for r := range c {
		c[r] = e.W[r*e.Cols+unit]
	}
	return c
}
