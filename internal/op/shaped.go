package op

import (
	"fmt"
	"slices"

	"github.com/chewxy/hm"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// The operations on values of any number of axes, as users' losses make them: what the derivatives
// of Gorgonia's operations are made of. They are closed under differentiation. Numbers stand row-major, and an index is
// a place in that order.

// like applies an entrywise operation to nodes of one shape, whatever that shape is.
func (o *Op) like(xs ...*gorgonia.Node) (*gorgonia.Node, error) {
	if len(xs) > 0 && xs[0] != nil && Axes(xs[0]) != 2 {
		return o.shaped(xs[0].Shape(), xs...)
	}
	return Apply(o, xs...)
}

// shaped applies the operation to nodes of any shapes; the result has the given one.
func (o *Op) shaped(out tensor.Shape, xs ...*gorgonia.Node) (*gorgonia.Node, error) {
	o.out, o.dims = out.Clone(), make([]int, len(xs))
	for i, x := range xs {
		if x == nil {
			return nil, &NodeError{o.label, fmt.Sprintf("input %d is nil", i)}
		}
		o.dims[i] = Axes(x)
	}
	return Apply(o, xs...)
}

// Axes returns the number of axes in a node's type.
func Axes(n *gorgonia.Node) int {
	if t, ok := n.Type().(gorgonia.TensorType); ok {
		return t.Dims
	}
	return 0
}

func typeOf(dims int) hm.Type {
	if dims == 0 {
		return hm.TypeVariable('a')
	}
	return gorgonia.TensorType{Dims: dims, Of: hm.TypeVariable('a')}
}

// fixedSize is the size of a result whose shape is known.
func fixedSize(out tensor.Shape) func([][2]int) ([2]int, error) {
	return func([][2]int) ([2]int, error) { return size(out) }
}

// Count returns the number of entries of a node, 1 for a number.
func Count(n *gorgonia.Node) int { return Entries(n.Shape()) }

// Entries returns the number of entries of a shape, 1 for that of a number.
func Entries(s tensor.Shape) int {
	k := 1
	for _, d := range s {
		k *= d
	}
	return k
}

// Numbers returns 0 … n−1: the places from which a reshaping gathers.
func Numbers(n int) []int32 {
	at := make([]int32, n)
	for i := range at {
		at[i] = int32(i)
	}
	return at
}

// Gather returns the value whose entry i is entry at[i] of x, and 0 where at[i] is negative.
// Repetitions, slices, transpositions and reshapes are of this kind.
func Gather(owner, label string, x *gorgonia.Node, at []int32, out tensor.Shape) (*gorgonia.Node, error) {
	if inOrder(at, Count(x)) {
		if slices.Equal(x.Shape(), out) {
			return x, nil
		}
		label = "reshape"
	}
	k := &both{is: KindGather, size: fixedSize(out),
		f64: func(d Mat[float64], in []Mat[float64], _ []float64) { gatherAt(d.Data, in[0].Data, at) },
		f32: func(d Mat[float32], in []Mat[float32], _ []float64) { gatherAt(d.Data, in[0].Data, at) }}
	k.back = func(o *Op, in gorgonia.Nodes, _, g *gorgonia.Node, _ []bool) (gorgonia.Nodes, error) {
		n, err := Scatter(o.owner, adjointName(o.label), g, at, in[0].Shape())
		return gorgonia.Nodes{n}, err
	}
	o := newOp(k, owner, label, 1)
	o.coefficients = []float64{float64(spreadAlong(at, Count(x), out))}
	return o.shaped(out, x)
}

// spreadAlong says how the index of a matrix repeats: 0 the same row again and again, 1 the same column, -1 one
// number everywhere, -2 otherwise. A reshape is 2.
func spreadAlong(at []int32, n int, out tensor.Shape) int {
	switch {
	case inOrder(at, n):
		return 2
	case n == 1 && slices.Min(at) == 0:
		return -1
	case len(out) != 2:
		return -2
	}
	rows, cols := n == out[1], n == out[0]
	for i, j := range at {
		rows = rows && int(j) == i%out[1]
		cols = cols && int(j) == i/out[1]
	}
	switch {
	case cols:
		return 1
	case rows:
		return 0
	}
	return -2
}

// Scatter adds entry i of x to entry at[i] of the result: the adjoint of Gather. Sums are of this kind.
func Scatter(owner, label string, x *gorgonia.Node, at []int32, out tensor.Shape) (*gorgonia.Node, error) {
	if inOrder(at, Entries(out)) {
		return Gather(owner, label, x, at, out)
	}
	if axis := spreadAlong(at, Entries(out), x.Shape()); label == "Σ" && axis >= 0 {
		label = fmt.Sprintf("Σ[%d]", axis)
	}
	k := &both{is: KindScatter, size: fixedSize(out), tmp: func([][2]int) int { return Entries(out) },
		f64: func(d Mat[float64], in []Mat[float64], tmp []float64) { scatterAt(d.Data, in[0].Data, at, tmp) },
		f32: func(d Mat[float32], in []Mat[float32], tmp []float64) { scatterAt(d.Data, in[0].Data, at, tmp) }}
	k.back = func(o *Op, in gorgonia.Nodes, _, g *gorgonia.Node, _ []bool) (gorgonia.Nodes, error) {
		n, err := Gather(o.owner, adjointName(o.label), g, at, in[0].Shape())
		return gorgonia.Nodes{n}, err
	}
	return newOp(k, owner, label, 1).shaped(out, x)
}

// adjointName writes ᵀ, or takes it away.
func adjointName(s string) string {
	if n := len(s) - len("ᵀ"); n >= 0 && s[n:] == "ᵀ" {
		return s[:n]
	}
	return s + "ᵀ"
}

func inOrder(at []int32, n int) bool {
	for i, j := range at {
		if int(j) != i {
			return false
		}
	}
	return len(at) == n
}

func gatherAt[T Float](d, x []T, at []int32) {
	for i, j := range at {
		if d[i] = 0; j >= 0 {
			d[i] = x[j]
		}
	}
}

func scatterAt[T Float](d, x []T, at []int32, sum []float64) {
	clear(sum[:len(d)])
	for i, j := range at {
		if j >= 0 {
			sum[j] += float64(x[i])
		}
	}
	for i := range d {
		d[i] = T(sum[i])
	}
}

// pick returns entry by entry of the result the entry of u at the place where x is largest among those that
// group names: the first of them where several are. group[i] is the place in the result to which entry i belongs.
// It is linear in u.
func pick(owner string, x, u *gorgonia.Node, group []int32, out tensor.Shape) (*gorgonia.Node, error) {
	k := &both{is: KindPick, size: fixedSize(out), tmp: func([][2]int) int { return Entries(out) },
		f64: func(d Mat[float64], in []Mat[float64], tmp []float64) { pickAt(d.Data, in, group, tmp) },
		f32: func(d Mat[float32], in []Mat[float32], tmp []float64) { pickAt(d.Data, in, group, tmp) }}
	k.back = func(o *Op, in gorgonia.Nodes, _, g *gorgonia.Node, wanted []bool) (gorgonia.Nodes, error) {
		return gradients(wanted, zeroGradient, func() (*gorgonia.Node, error) { return Place(o.owner, in[0], g, group) })
	}
	return newOp(k, owner, "argmax", 2).shaped(out, x, u)
}

// Place is the adjoint of pick: the entries of u stand where x is largest in their group, and zeros elsewhere.
func Place(owner string, x, u *gorgonia.Node, group []int32) (*gorgonia.Node, error) {
	k := &both{is: KindPlace, size: fixedSize(x.Shape()), tmp: func(in [][2]int) int { return in[1][0] * in[1][1] },
		f64: func(d Mat[float64], in []Mat[float64], tmp []float64) { placeAt(d.Data, in, group, tmp) },
		f32: func(d Mat[float32], in []Mat[float32], tmp []float64) { placeAt(d.Data, in, group, tmp) }}
	k.back = func(o *Op, in gorgonia.Nodes, _, g *gorgonia.Node, wanted []bool) (gorgonia.Nodes, error) {
		return gradients(wanted, zeroGradient, func() (*gorgonia.Node, error) { return pick(o.owner, in[0], g, group, in[1].Shape()) })
	}
	return newOp(k, owner, "argmaxᵀ", 2).shaped(x.Shape(), x, u)
}

func zeroGradient() (*gorgonia.Node, error) { return nil, nil }

// largest puts the place of the first largest entry of each group into best.
func largest[T Float](x []T, group []int32, best []float64) {
	for j := range best {
		best[j] = -1
	}
	for i, j := range group {
		if b := best[j]; b < 0 || x[i] > x[int(b)] {
			best[j] = float64(i)
		}
	}
}

func pickAt[T Float](d []T, in []Mat[T], group []int32, tmp []float64) {
	best := tmp[:len(d)]
	largest(in[0].Data, group, best)
	for j, i := range best {
		d[j] = in[1].Data[int(i)]
	}
}

func placeAt[T Float](d []T, in []Mat[T], group []int32, tmp []float64) {
	best := tmp[:len(in[1].Data)]
	largest(in[0].Data, group, best)
	clear(d)
	for j, i := range best {
		d[int(i)] = in[1].Data[j]
	}
}

// Greater returns 1 where a ≥ b and 0 elsewhere; where strict is true, 1 where a > b. Its derivative is 0.
func Greater(owner string, a, b *gorgonia.Node, strict bool) (*gorgonia.Node, error) {
	label := "≥"
	if strict {
		label = ">"
	}
	k := &both{is: KindGreater, size: same,
		f64: func(d Mat[float64], in []Mat[float64], _ []float64) { greater(d.Data, in, strict) },
		f32: func(d Mat[float32], in []Mat[float32], _ []float64) { greater(d.Data, in, strict) }}
	k.back = func(*Op, gorgonia.Nodes, *gorgonia.Node, *gorgonia.Node, []bool) (gorgonia.Nodes, error) {
		return make(gorgonia.Nodes, 2), nil
	}
	return newOp(k, owner, label, 2).like(a, b)
}

func greater[T Float](d []T, in []Mat[T], strict bool) {
	for i, a := range in[0].Data {
		b := in[1].Data[i]
		if d[i] = 0; a > b || a == b && !strict {
			d[i] = 1
		}
	}
}
