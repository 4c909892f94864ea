package rebuild

import (
	"fmt"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/internal/ir"
	"github.com/quivernet/quivernet/internal/op"
	"github.com/quivernet/quivernet/internal/regions"
	"github.com/quivernet/quivernet/quiver"
)

// fusible says whether a vertex can be one operation of this library. A trainable matrix behind a
// constant factor stays apart: with the factor inside it would train at another rate.
func fusible(v *regions.Vertex) bool {
	return v.Kind != quiver.KindInput && len(v.Arrows) > 0 && !slices.ContainsFunc(v.Arrows, func(t *regions.Arrow) bool {
		return t.Weight != nil && t.Weight.Role == ir.Weight && t.Factor != 1 && t.Factor != -1 || t.Source != nil && t.Source.Virtual
	})
}

// findUnfused collects the vertices that stay operations of Gorgonia's. A weight that vertices share must stay one
// input, so those that share one with such a vertex, or with an operation of this library that was there
// before, are among them.
func (b *Builder) findUnfused() map[*regions.Vertex]bool {
	l := b.Reduction.Regions
	loose, reads := make(map[*regions.Vertex]bool), make(map[*ir.Node][]*regions.Vertex)
	var stack []*regions.Vertex
	add := func(v *regions.Vertex) {
		if !loose[v] {
			loose[v], stack = true, append(stack, v)
		}
	}
	for _, v := range l.Vertices {
		for _, t := range v.Arrows {
			if t.Weight != nil && t.Weight.Role == ir.Weight {
				reads[t.Weight] = append(reads[t.Weight], v)
			}
		}
		if l.IsOperation(v.Node) || v.Layout != regions.Rows || !fusible(v) || b.apart(v) || l.IsDecayed(v) || b.diagonal(v) || l.ReadsTrainedNumber(v) {
			add(v)
		}
	}
	for len(stack) > 0 {
		v := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		for _, t := range v.Arrows {
			for _, u := range reads[t.Weight] {
				add(u)
			}
		}
	}
	return loose
}

// apart says whether a vertex is made of Gorgonia's operations also where others are fused: it adds
// a source times a constant, or less its mean, which one operation would do with a square
// matrix. A weight that other vertices share must stay one input, which decides first.
func (b *Builder) apart(v *regions.Vertex) bool {
	scaled := false
	for _, t := range v.Arrows {
		switch {
		case t.Weight != nil && b.Reduction.Regions.Uses(t.Weight) > 1:
			return false
		case t.Weight == nil && t.Dense != nil:
			m := b.Reduction.Matrices[t]
			scaled = scaled || m != nil && mat.Equal(m, t.Constant())
		case t.Weight == nil && t.Factor != 1:
			scaled = scaled || b.Reduction.IsCopy(v, t)
		}
	}
	return scaled
}

// vertex rebuilds a vertex as one operation of this library.
func (b *Builder) vertex(v *regions.Vertex) (*gorgonia.Node, error) {
	own := v.Node.Kind.Own
	owner, label := v.Name, v.Node.Name()
	if own != nil {
		owner, label = own.Owner(), own.String()
	}
	var terms []op.Term
	for _, t := range v.Arrows {
		m := b.Reduction.Matrices[t]
		if m == nil {
			continue
		}
		if t.Weight == nil && !(t.Dense == nil && t.Factor == 1 && (mat.Equal(m, t.Inclusion) || b.Reduction.IsCopy(v, t))) {
			n, err := b.fixedTerm(v, t, m)
			if err != nil {
				return nil, err
			}
			terms = append(terms, n)
			continue
		}
		x, err := b.source(v, t)
		if err != nil {
			return nil, err
		}
		s := op.Term{X: x, Arrow: t.Name}
		rows, cols := m.Dims()
		was, err := t.Matrix(v, t.Numbers())
		if err != nil {
			return nil, err
		}
		switch {
		case t.Weight == nil && mat.Equal(m, t.Inclusion):
			s.Fixed = t.Inclusion
		case t.Weight == nil && rows == cols:
			s.Fixed = quiver.Eye(rows)
		case own != nil && t.Weight != nil && t.Weight.Role == ir.Fixed && !t.Transposed && t.Lo == 0 && mat.Equal(m, was):
			s.W, err = b.emit(t.Weight)
		case t.Weight == nil || t.Weight.Role == ir.Fixed:
			s.W, err = b.matrix(t.Path(v), v.Node.Dtype, m)
		case own != nil:
			s.W, err = b.emit(t.Weight)
		default:
			s.W, err = b.fusedWeight(t, m, v.Node.Dtype)
		}
		if err != nil {
			return nil, err
		}
		terms = append(terms, s)
	}
	b.altered[v.Node] = b.Reduction.IsSmaller(v)
	if own != nil && own.Kind() == op.KindSum {
		return op.Sum(owner, label, terms)
	}
	var params *gorgonia.Node
	if v.Params != nil {
		var err error
		if params, err = b.emit(v.Params); err != nil {
			return nil, err
		}
	}
	return op.Vertex(owner, label, b.Reduction.Activations[v], terms, params)
}

// fixedTerm is a term with a fixed matrix.
func (b *Builder) fixedTerm(v *regions.Vertex, t *regions.Arrow, m *mat.Dense) (s op.Term, err error) {
	s.Arrow = t.Name
	from, m := b.Reduction.Through(t, m)
	if s.X, err = b.emit(from.Source.Node); err == nil {
		s.W, err = b.matrix(from.Path(v), v.Node.Dtype, m)
	}
	return s, err
}

// source returns the node that an arrow reads: for a bias a column of ones.
func (b *Builder) source(v *regions.Vertex, t *regions.Arrow) (*gorgonia.Node, error) {
	if s := b.Reduction.Spans[t]; s != nil {
		return b.span(s)
	}
	if t.Source != nil {
		return b.emit(t.Source.Node)
	}
	n := v.Node.Shape[0]
	k := fmt.Sprintf("ones %d %v", n, v.Node.Dtype)
	if b.ones[k] == nil {
		o := mat.NewDense(n, 1, nil)
		for i := range n {
			o.Set(i, 0, 1)
		}
		var err error
		if b.ones[k], err = b.matrix(k, v.Node.Dtype, o); err != nil {
			return nil, err
		}
	}
	return b.ones[k], nil
}

// fusedWeight returns the trainable matrix of an arrow, d_t×d_s; uses that are tied
// share it.
func (b *Builder) fusedWeight(t *regions.Arrow, m *mat.Dense, dt tensor.Dtype) (*gorgonia.Node, error) {
	k := fusedKey{t.Weight, t.Lo}
	if n := b.fusedWeights[k]; n != nil {
		return n, nil
	}
	b.altered[t.Weight] = true
	n, err := b.newMatrix(t.Name, dt, m)
	if err != nil {
		return nil, err
	}
	b.fusedWeights[k] = n
	b.fusedOrder = append(b.fusedOrder, n)
	return n, nil
}

type fusedKey struct {
	w  *ir.Node
	lo int
}
