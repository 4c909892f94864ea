package builtin

import (
	"fmt"
	"math"
	"slices"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/internal/op"
)

// The derivatives of Gorgonia's sums, maxima and softmax.

// groups returns for each entry of a value of shape s the place of its group when the given axes
// are taken together.
func groups(s tensor.Shape, along []int) []int32 {
	at := make([]int32, op.Entries(s))
	index := make([]int, len(s))
	for i := range at {
		place := 0
		for axis, k := range index {
			if !slices.Contains(along, axis) {
				place = place*s[axis] + k
			}
		}
		at[i] = int32(place)
		for axis := len(s) - 1; axis >= 0; axis-- {
			if index[axis]++; index[axis] < s[axis] {
				break
			}
			index[axis] = 0
		}
	}
	return at
}

// reduced returns the groups of the reduction at hand.
func (d *differentiator) reduced() []int32 {
	x := d.in[0]
	along, ok := axesOf(d.n.Op(), "along")
	if len(along) == 0 {
		for i := range x.Shape() {
			along = append(along, i)
		}
	}
	if !ok {
		d.refused = "its axes cannot be read"
		return nil
	}
	at := groups(x.Shape(), along)
	if n := int(slices.Max(at)) + 1; n != op.Count(d.n) {
		d.refused = fmt.Sprintf("%d groups for a result of shape %v", n, d.n.Shape())
	}
	return at
}

func (d *differentiator) sum() gorgonia.Nodes {
	at := d.reduced()
	d.agrees(func(in [][]float64) []float64 {
		out := make([]float64, op.Count(d.n))
		for i, j := range at {
			out[j] += in[0][i]
		}
		return out
	})
	if d.refused != "" {
		return nil
	}
	return gorgonia.Nodes{d.gather("repeat", d.g, at, d.in[0].Shape())}
}

// maximum sends the gradient to the first of the largest entries: a subgradient.
func (d *differentiator) maximum() gorgonia.Nodes {
	at := d.reduced()
	d.agrees(func(in [][]float64) []float64 {
		out := slices.Repeat([]float64{math.Inf(-1)}, op.Count(d.n))
		for i, j := range at {
			out[j] = max(out[j], in[0][i])
		}
		return out
	})
	if d.refused != "" {
		return nil
	}
	return gorgonia.Nodes{d.Put(op.Place(d.owner, d.in[0], d.g, at))}
}

// softmax has the gradient s∘(g − Σ s∘g), its logarithm g − s·Σg; the sums are along one axis.
func (d *differentiator) softmax() gorgonia.Nodes {
	s := d.n.Shape()
	axis := len(s) - 1
	if len(s) > 0 && s.IsColVec() {
		axis = 0
	}
	if k, ok := axesOf(d.n.Op(), "axis"); ok && len(k) == 1 && k[0] != -1 {
		axis = k[0]
	}
	logarithm := field(d.n.Op(), "isLog")
	if axis < 0 || axis >= len(s) || !logarithm.IsValid() {
		d.refused = "its axis cannot be read"
		return nil
	}
	at := groups(s, []int{axis})
	n := int(slices.Max(at)) + 1
	d.agrees(func(in [][]float64) []float64 {
		z := make([]float64, n)
		for i, j := range at {
			z[j] += math.Exp(in[0][i])
		}
		out := make([]float64, len(at))
		for i, j := range at {
			if out[i] = in[0][i] - math.Log(z[j]); !logarithm.Bool() {
				out[i] = math.Exp(out[i])
			}
		}
		return out
	})
	if d.refused != "" {
		return nil
	}
	total := func(x *gorgonia.Node) *gorgonia.Node {
		return d.gather("repeat", d.scatter("Σ", x, at, tensor.Shape{n}), at, s)
	}
	if logarithm.Bool() {
		return gorgonia.Nodes{d.minus(d.g, d.times(d.function("exp", op.ExpJets, 0, d.n), total(d.g)))}
	}
	sg := d.times(d.n, d.g)
	return gorgonia.Nodes{d.minus(sg, d.times(d.n, total(sg)))}
}
