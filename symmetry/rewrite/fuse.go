package rewrite

import (
	"fmt"
	"slices"

	"github.com/quivernet/quivernet/internal/ir"

	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/internal/op"
	"github.com/quivernet/quivernet/quiver"
)

// fusible says whether a vertex can be one operation of this library. A trainable matrix behind a
// constant factor stays apart: with the factor inside it would train at another rate.
func fusible(v *vertex) bool {
	return v.kind != quiver.KindInput && len(v.terms) > 0 && !slices.ContainsFunc(v.terms, func(t *term) bool {
		return t.w != nil && t.w.Role == ir.Weight && t.outer != 1 && t.outer != -1 || t.source != nil && t.source.virtual
	})
}

// unfused collects the vertices that stay operations of Gorgonia's. A weight that vertices share must stay one
// input, so those that share one with such a vertex, or with an operation of this library that was there
// before, are among them.
func (b *builder) unfused() map[*vertex]bool {
	l := b.r.l
	loose, reads := make(map[*vertex]bool), make(map[*ir.Node][]*vertex)
	var stack []*vertex
	add := func(v *vertex) {
		if !loose[v] {
			loose[v], stack = true, append(stack, v)
		}
	}
	for _, v := range l.vertices {
		for _, t := range v.terms {
			if t.w != nil && t.w.Role == ir.Weight {
				reads[t.w] = append(reads[t.w], v)
			}
		}
		if l.own(v.at) || v.lay != rows || !fusible(v) || b.apart(v) || l.decayed(v) || b.diagonal(v) || l.scaledByNumbers(v) {
			add(v)
		}
	}
	for len(stack) > 0 {
		v := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		for _, t := range v.terms {
			for _, u := range reads[t.w] {
				add(u)
			}
		}
	}
	return loose
}

// apart says whether a vertex is made of Gorgonia's operations also where others are fused: it adds
// a source times a constant, or less its mean, which one operation would do with a square
// matrix. A weight that other vertices share must stay one input, which decides first.
func (b *builder) apart(v *vertex) bool {
	scaled := false
	for _, t := range v.terms {
		switch {
		case t.w != nil && b.r.l.uses(t.w) > 1:
			return false
		case t.w == nil && t.dense != nil:
			m := b.r.mats[t]
			scaled = scaled || m != nil && mat.Equal(m, t.inclusion())
		case t.w == nil && t.outer != 1:
			scaled = scaled || b.r.copies(v, t)
		}
	}
	return scaled
}

// vertex rebuilds a vertex as one operation of this library.
func (b *builder) vertex(v *vertex) (*gorgonia.Node, error) {
	own := v.at.Kind.Own
	owner, label := v.name, v.at.Name()
	if own != nil {
		owner, label = own.Owner(), own.String()
	}
	var terms []op.Term
	for _, t := range v.terms {
		m := b.r.mats[t]
		if m == nil {
			continue
		}
		if t.w == nil && !(t.dense == nil && t.outer == 1 && (mat.Equal(m, t.fixed) || b.r.copies(v, t))) {
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
		s := op.Term{X: x, Arrow: t.arrow}
		rows, cols := m.Dims()
		was, err := t.matrix(v, t.value())
		if err != nil {
			return nil, err
		}
		switch {
		case t.w == nil && mat.Equal(m, t.fixed):
			s.Fixed = t.fixed
		case t.w == nil && rows == cols:
			s.Fixed = quiver.Eye(rows)
		case own != nil && t.w != nil && t.w.Role == ir.Fixed && !t.over && t.lo == 0 && mat.Equal(m, was):
			s.W, err = b.emit(t.w)
		case t.w == nil || t.w.Role == ir.Fixed:
			s.W, err = b.matrix(t.path(v), v.at.Dtype, m)
		case own != nil:
			s.W, err = b.emit(t.w)
		default:
			s.W, err = b.fusedWeight(t, m, v.at.Dtype)
		}
		if err != nil {
			return nil, err
		}
		terms = append(terms, s)
	}
	b.altered[v.at] = b.r.shrunk(v)
	if own != nil && own.Kind() == "sum" {
		return op.Sum(owner, label, terms)
	}
	var params *gorgonia.Node
	if v.parms != nil {
		var err error
		if params, err = b.emit(v.parms); err != nil {
			return nil, err
		}
	}
	return op.Vertex(owner, label, b.r.act[v], terms, params)
}

// fixedTerm is a term with a fixed matrix.
func (b *builder) fixedTerm(v *vertex, t *term, m *mat.Dense) (s op.Term, err error) {
	s.Arrow = t.arrow
	from, m := b.r.through(t, m)
	if s.X, err = b.emit(from.source.at); err == nil {
		s.W, err = b.matrix(from.path(v), v.at.Dtype, m)
	}
	return s, err
}

// source returns the node that a term reads: for a bias a column of ones.
func (b *builder) source(v *vertex, t *term) (*gorgonia.Node, error) {
	if s := b.r.from[t]; s != nil {
		return b.span(s)
	}
	if t.source != nil {
		return b.emit(t.source.at)
	}
	n := v.at.Shape[0]
	k := fmt.Sprintf("ones %d %v", n, v.at.Dtype)
	if b.ones[k] == nil {
		o := mat.NewDense(n, 1, nil)
		for i := range n {
			o.Set(i, 0, 1)
		}
		var err error
		if b.ones[k], err = b.matrix(k, v.at.Dtype, o); err != nil {
			return nil, err
		}
	}
	return b.ones[k], nil
}

// fusedWeight returns the trainable matrix of an arrow, d_t×d_s; uses that are tied
// share it.
func (b *builder) fusedWeight(t *term, m *mat.Dense, dt tensor.Dtype) (*gorgonia.Node, error) {
	k := fusedKey{t.w, t.lo}
	if n := b.fusedWeights[k]; n != nil {
		return n, nil
	}
	b.altered[t.w] = true
	n, err := b.newMatrix(t.arrow, dt, m)
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
