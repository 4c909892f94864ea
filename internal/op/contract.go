package op

import (
	"slices"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// contraction is a sum of products in the notation of Einstein: entry out of the result is the sum of
// a·b over all labels that do not stand in out. An index is a list of labels, one for each axis; extent gives their lengths.
// Matrix products of every kind are contractions, and so are their derivatives: each label stands in two of the three.
type contraction struct {
	a, b, out []int
	extent    []int
}

// contract returns the contraction of a and b with the shape of the result, which may have more axes of length 1
// than c.out has labels.
func contract(owner, label string, c contraction, shape tensor.Shape, a, b *gorgonia.Node) (*gorgonia.Node, error) {
	plan := c.plan()
	k := &both{name: "contract", size: fixedSize(shape),
		f64: func(d Mat[float64], in []Mat[float64], _ []float64) { runPlan(plan, d.Data, in[0].Data, in[1].Data) },
		f32: func(d Mat[float32], in []Mat[float32], _ []float64) { runPlan(plan, d.Data, in[0].Data, in[1].Data) }}
	k.back = func(o *Op, in gorgonia.Nodes, _, g *gorgonia.Node, wanted []bool) (gorgonia.Nodes, error) {
		return gradients(wanted,
			func() (*gorgonia.Node, error) {
				return contract(o.owner, "×", contraction{c.out, c.b, c.a, c.extent}, in[0].Shape(), g, in[1])
			},
			func() (*gorgonia.Node, error) {
				return contract(o.owner, "×", contraction{c.out, c.a, c.b, c.extent}, in[1].Shape(), g, in[0])
			})
	}
	return newOp(k, owner, label, 2).shaped(shape, a, b)
}

// loop is one label: its length and how far the three places move with it.
type loop struct{ n, a, b, out int }

// plan returns the loops, the labels of the result first.
func (c contraction) plan() []loop {
	stride := func(index []int, label int) int {
		s := 0
		for i, l := range index {
			if l != label {
				continue
			}
			step := 1
			for _, m := range index[i+1:] {
				step *= c.extent[m]
			}
			s += step
		}
		return s
	}
	var first, last []loop
	for l, n := range c.extent {
		p := loop{n, stride(c.a, l), stride(c.b, l), stride(c.out, l)}
		if slices.Contains(c.out, l) {
			first = append(first, p)
		} else {
			last = append(last, p)
		}
	}
	return append(first, last...)
}

func runPlan[T Float](ls []loop, d, a, b []T) {
	clear(d)
	if len(ls) == 0 {
		d[0] = a[0] * b[0]
		return
	}
	nest(ls, d, a, b, 0, 0, 0)
}

func nest[T Float](ls []loop, d, a, b []T, i, j, k int) {
	l := ls[0]
	if len(ls) > 1 {
		for range l.n {
			nest(ls[1:], d, a, b, i, j, k)
			i, j, k = i+l.out, j+l.a, k+l.b
		}
		return
	}
	if l.out == 0 {
		var s float64
		for range l.n {
			s += float64(a[j]) * float64(b[k])
			j, k = j+l.a, k+l.b
		}
		d[i] += T(s)
		return
	}
	for range l.n {
		d[i] += a[j] * b[k]
		i, j, k = i+l.out, j+l.a, k+l.b
	}
}
