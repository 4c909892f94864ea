package builtin

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/internal/op"
)

// The derivatives of Gorgonia's products and of what only moves numbers.

// agrees runs Gorgonia's operation on random numbers and compares it with what this package takes it for. Where they
// differ there is no derivative: it would be that of another function.
func (d *differentiator) agrees(model func(in [][]float64) []float64) {
	if d.refused != "" || d.Err != nil {
		return
	}
	rng := rand.New(rand.NewPCG(1, 0xa9ee))
	in := make([][]float64, len(d.in))
	vs := make([]gorgonia.Value, len(d.in))
	for i, x := range d.in {
		in[i] = make([]float64, op.Count(x))
		for j := range in[i] {
			in[i][j] = rng.NormFloat64()
		}
		vs[i] = valueLike(x, slices.Clone(in[i]))
	}
	got, err := run(d.n, vs)
	if err != nil {
		d.refused = err.Error()
		return
	}
	want := model(in)
	if len(got) != len(want) {
		d.refused = fmt.Sprintf("it returns %d numbers, want %d", len(got), len(want))
		return
	}
	for i := range got {
		if diff := math.Abs(got[i] - want[i]); !(diff <= 1e-9*(1+math.Abs(want[i]))) {
			d.refused = fmt.Sprintf("Gorgonia computes another function at the shapes %v: %g instead of %g", shapesOf(d.in), got[i], want[i])
			return
		}
	}
}

func shapesOf(ns gorgonia.Nodes) (ss []tensor.Shape) {
	for _, n := range ns {
		ss = append(ss, n.Shape())
	}
	return ss
}

// valueLike wraps double-precision numbers as Gorgonia has values of the shape of a node.
func valueLike(n *gorgonia.Node, x []float64) gorgonia.Value {
	if op.Axes(n) == 0 {
		return gorgonia.NewF64(x[0])
	}
	return tensor.New(tensor.WithShape(n.Shape().Clone()...), tensor.WithBacking(x))
}

// run computes a node's operation on values of double precision.
func run(n *gorgonia.Node, vs []gorgonia.Value) (out []float64, err error) {
	defer func() {
		if r := recover(); r != nil {
			out, err = nil, fmt.Errorf("it panics: %v", r)
		}
	}()
	v, err := n.Op().Do(vs...)
	if err != nil {
		return nil, err
	}
	switch x := v.Data().(type) {
	case []float64:
		return x, nil
	case float64:
		return []float64{x}, nil
	}
	return nil, fmt.Errorf("it returns %T", v.Data())
}

// moved is an operation that only moves numbers: a slice, a transposition, a repetition. Where each of them comes from is found by moving
// their own numbers, counted through all inputs from 1; 0 is filled in.
func (d *differentiator) moved() gorgonia.Nodes {
	vs := make([]gorgonia.Value, len(d.in))
	from := make([]int, len(d.in))
	total := 0
	for i, x := range d.in {
		from[i] = total
		if i > 0 && kindOf(d.n.Op()) == "repeatOp" {
			if vs[i] = repetitions(x); vs[i] == nil {
				d.refused = "how often it repeats is not known"
				return nil
			}
			continue
		}
		at := make([]float64, op.Count(x))
		for j := range at {
			at[j] = float64(total + j + 1)
		}
		total += len(at)
		vs[i] = valueLike(x, at)
	}
	got, err := run(d.n, vs)
	if err != nil {
		d.refused = err.Error()
		return nil
	}
	if len(got) != op.Count(d.n) {
		d.refused = fmt.Sprintf("it returns %d numbers, want %d", len(got), op.Count(d.n))
		return nil
	}
	back := make(gorgonia.Nodes, len(d.in))
	for i, x := range d.in {
		if !d.wanted[i] || i > 0 && kindOf(d.n.Op()) == "repeatOp" {
			continue
		}
		at := make([]int32, len(got))
		for j, v := range got {
			k := int(v) - 1
			if float64(k+1) != v || k < -1 || k >= total {
				d.refused = fmt.Sprintf("it makes the number %g of whole ones up to %d", v, total)
				return nil
			}
			if at[j] = int32(k - from[i]); k < from[i] || k >= from[i]+op.Count(x) {
				at[j] = -1
			}
		}
		back[i] = d.scatter("Σ", d.g, at, x.Shape())
	}
	return back
}

// repetitions returns the number that a size or a constant is.
func repetitions(n *gorgonia.Node) gorgonia.Value {
	if v := n.Value(); v != nil {
		return v
	}
	in := op.Children(n)
	if kindOf(n.Op()) != "sizeOp" || len(in) != 1 {
		return nil
	}
	x, err := run(n, []gorgonia.Value{valueLike(in[0], make([]float64, op.Count(in[0])))})
	if err != nil {
		return nil
	}
	return gorgonia.NewF64(x[0])
}

// linear is a product of matrices, of a matrix and a vector, of two vectors, or of matrices one by one.
func (d *differentiator) linear() gorgonia.Nodes {
	a, b := d.in[0].Shape(), d.in[1].Shape()
	flag := func(name string) bool { f := field(d.n.Op(), name); return f.IsValid() && f.Bool() }
	c := op.Contraction{}
	var ok bool
	switch {
	case len(a) >= 2 && len(a) == len(b) && len(d.n.Shape()) == len(a):
		c, ok = matrices(a, b, flag("transA"), flag("transB"))
	case len(a) == 2 && len(d.n.Shape()) == 1: // a matrix and a vector, which may be a column
		c.Extent, c.A, c.B, c.Out, ok = []int{a[0], a[1]}, []int{0, 1}, []int{1}, []int{0}, true
		if flag("transA") {
			c.B, c.Out = []int{0}, []int{1}
		}
		ok = op.Entries(b) == c.Extent[c.B[0]]
	case len(d.n.Shape()) == 0:
		c.Extent, c.A, c.B, ok = []int{op.Entries(a)}, []int{0}, []int{0}, op.Entries(a) == op.Entries(b)
	case len(d.n.Shape()) == 2:
		c.Extent, c.A, c.B, c.Out, ok = []int{op.Entries(a), op.Entries(b)}, []int{0}, []int{1}, []int{0, 1}, true
	}
	if !ok {
		d.refused = fmt.Sprintf("a product of shapes %v and %v", a, b)
		return nil
	}
	return d.contracted(c)
}

// matrices is the product of matrices, with all but the last two axes taken one by one.
func matrices(a, b tensor.Shape, transA, transB bool) (c op.Contraction, ok bool) {
	n := len(a) - 2
	for i := range n {
		if a[i] != b[i] {
			return c, false
		}
		c.Extent = append(c.Extent, a[i])
		c.A, c.B, c.Out = append(c.A, i), append(c.B, i), append(c.Out, i)
	}
	rows, inner, cols := n, n+1, n+2
	at := []int{rows, inner}
	if transA {
		at = []int{inner, rows}
	}
	bt := []int{inner, cols}
	if transB {
		bt = []int{cols, inner}
	}
	c.Extent = append(c.Extent, 0, 0, 0)
	for i := range 2 {
		c.Extent[at[i]], c.Extent[bt[i]] = a[n+i], b[n+i]
	}
	for i := range 2 {
		if c.Extent[at[i]] != a[n+i] || c.Extent[bt[i]] != b[n+i] {
			return c, false
		}
	}
	c.A, c.B, c.Out = append(c.A, at...), append(c.B, bt...), append(c.Out, rows, cols)
	return c, true
}

// tensordot sums along pairs of axes; the result has the other axes of a, then those of b.
func (d *differentiator) tensordot() gorgonia.Nodes {
	a, b := d.in[0].Shape(), d.in[1].Shape()
	along, ok1 := axesOf(d.n.Op(), "aAxes")
	with, ok2 := axesOf(d.n.Op(), "bAxes")
	if !ok1 || !ok2 || len(along) != len(with) {
		d.refused = "its axes cannot be read"
		return nil
	}
	c := op.Contraction{Extent: slices.Clone(a), B: make([]int, len(b))}
	for i := range a {
		if c.A = append(c.A, i); !slices.Contains(along, i) {
			c.Out = append(c.Out, i)
		}
	}
	for j := range b {
		if k := slices.Index(with, j); k >= 0 {
			c.B[j] = along[k]
			continue
		}
		c.B[j] = len(c.Extent)
		c.Out = append(c.Out, c.B[j])
		c.Extent = append(c.Extent, b[j])
	}
	return d.contracted(c)
}

// contracted returns the gradients of a contraction.
func (d *differentiator) contracted(c op.Contraction) gorgonia.Nodes {
	d.agrees(func(in [][]float64) []float64 {
		out := make([]float64, op.Count(d.n))
		c.Sum(out, in[0], in[1])
		return out
	})
	back := make(gorgonia.Nodes, 2)
	if d.wanted[0] && d.refused == "" && d.Err == nil {
		back[0] = d.Put(op.Contract(d.owner, "×", op.Contraction{A: c.Out, B: c.B, Out: c.A, Extent: c.Extent}, d.in[0].Shape(), d.g, d.in[1]))
	}
	if d.wanted[1] && d.refused == "" && d.Err == nil {
		back[1] = d.Put(op.Contract(d.owner, "×", op.Contraction{A: c.Out, B: c.A, Out: c.B, Extent: c.Extent}, d.in[1].Shape(), d.g, d.in[0]))
	}
	return back
}
