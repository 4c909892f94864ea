package symbolic

import (
	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/op"
)

func seedRule(s *simplifier, o *op.Op, in gorgonia.Nodes) *gorgonia.Node {
	if o.Kind() != op.KindScale {
		return nil
	}
	unit := s.r.at[s.r.from.e.Unit]
	switch {
	case unit == nil:
	case in[1] == unit:
		return in[0]
	case in[0] == unit:
		return in[1]
	}
	return nil
}

func oneRule(_ *simplifier, o *op.Op, in gorgonia.Nodes) *gorgonia.Node {
	c := o.Coefficients()
	switch o.Kind() {
	case op.KindCombine:
		if len(in) == 1 && c[0] == 1 {
			return in[0]
		}
	case op.KindAffine:
		if c[0] == 1 && c[1] == 0 {
			return in[0]
		}
	case op.KindPower:
		if c[0] == 1 {
			return in[0]
		}
	}
	return nil
}

// isZero says that a node is zero whatever its input is.
func isZero(n *gorgonia.Node) bool {
	o, _ := inside(n, op.KindAffine)
	return o != nil && o.Coefficients()[0] == 0 && o.Coefficients()[1] == 0
}

// zero is a matrix of zeros like x.
func (s *simplifier) zero(owner string, x *gorgonia.Node) *gorgonia.Node {
	if isZero(x) {
		return x
	}
	return s.do(op.Affine(owner, x, 0, 0))
}

func zeroRule(s *simplifier, o *op.Op, in gorgonia.Nodes) *gorgonia.Node {
	switch o.Kind() {
	case op.KindCombine:
		var left gorgonia.Nodes
		var c []float64
		for i, x := range in {
			if o.Coefficients()[i] != 0 && !isZero(x) {
				left, c = append(left, x), append(c, o.Coefficients()[i])
			}
		}
		switch len(left) {
		case len(in):
			return nil
		case 0:
			return s.zero(o.Owner(), in[0])
		}
		return s.do(op.Combine(o.Owner(), s.n.Name(), c, left...))
	case op.KindHadamard:
		for i, x := range in {
			if isZero(x) {
				return s.zero(o.Owner(), in[1-i])
			}
		}
	case op.KindRowScale, op.KindColScale, op.KindScale:
		if isZero(in[0]) || isZero(in[1]) {
			return s.zero(o.Owner(), in[0])
		}
	case op.KindAffine:
		if c := o.Coefficients(); isZero(in[0]) && c[0] != 0 {
			return s.do(op.Affine(o.Owner(), in[0], 0, c[1]))
		}
	}
	return nil
}

func transposeRule(_ *simplifier, o *op.Op, in gorgonia.Nodes) *gorgonia.Node {
	if o.Kind() == op.KindTranspose {
		if p, x := inside(in[0], op.KindTranspose); p != nil {
			return x[0]
		}
	}
	return nil
}

// sumsRule takes up the terms of a sum that has no name and is used nowhere else.
func sumsRule(s *simplifier, o *op.Op, in gorgonia.Nodes) *gorgonia.Node {
	if o.Kind() != op.KindCombine {
		return nil
	}
	var all gorgonia.Nodes
	var c []float64
	found := false
	for i, x := range in {
		k := o.Coefficients()[i]
		p, terms := inside(x, op.KindCombine)
		if p == nil || !s.bare(x) || !s.single(i) {
			all, c = append(all, x), append(c, k)
			continue
		}
		found = true
		for j, y := range terms {
			all, c = append(all, y), append(c, k*p.Coefficients()[j])
		}
	}
	if !found {
		return nil
	}
	return s.do(op.Combine(o.Owner(), s.n.Name(), c, all...))
}

func likeRule(s *simplifier, o *op.Op, in gorgonia.Nodes) *gorgonia.Node {
	if o.Kind() != op.KindCombine {
		return nil
	}
	at := make(map[*gorgonia.Node]int)
	var all gorgonia.Nodes
	var c []float64
	for i, x := range in {
		if j, ok := at[x]; ok {
			c[j] += o.Coefficients()[i]
			continue
		}
		at[x] = len(all)
		all, c = append(all, x), append(c, o.Coefficients()[i])
	}
	if len(all) == len(in) {
		return nil
	}
	return s.do(op.Combine(o.Owner(), s.n.Name(), c, all...))
}

func affineRule(s *simplifier, o *op.Op, in gorgonia.Nodes) *gorgonia.Node {
	c := o.Coefficients()
	switch {
	case o.Kind() == op.KindAffine:
	case o.Kind() == op.KindCombine && len(in) == 1:
		c = []float64{c[0], 0}
	default:
		return nil
	}
	if !s.bare(in[0]) {
		return nil
	}
	if p, x := inside(in[0], op.KindAffine); p != nil {
		d := p.Coefficients()
		return s.do(op.Affine(o.Owner(), x[0], c[0]*d[0], c[0]*d[1]+c[1]))
	}
	if p, x := inside(in[0], op.KindCombine); o.Kind() == op.KindAffine && p != nil && len(x) == 1 {
		return s.do(op.Affine(o.Owner(), x[0], c[0]*p.Coefficients()[0], c[1]))
	}
	return nil
}

func rootRule(_ *simplifier, o *op.Op, in gorgonia.Nodes) *gorgonia.Node {
	if o.Kind() == op.KindPower && o.Coefficients()[0] == 2 {
		if p, x := inside(in[0], op.KindPower); p != nil && p.Coefficients()[0] == 0.5 {
			return x[0]
		}
	}
	return nil
}

func columnsRule(s *simplifier, o *op.Op, in gorgonia.Nodes) *gorgonia.Node {
	switch o.Kind() {
	case op.KindColumns:
		lo, hi := int(o.Coefficients()[0]), int(o.Coefficients()[1])
		if lo == 0 && hi == in[0].Shape()[1] {
			return in[0]
		}
		if p, x := inside(in[0], op.KindColumns); p != nil {
			from := int(p.Coefficients()[0])
			return s.do(op.Columns(o.Owner(), x[0], from+lo, from+hi))
		}
	case op.KindJoin:
		if len(in) == 1 {
			return in[0]
		}
		var whole *gorgonia.Node
		at := 0
		for _, part := range in {
			p, x := inside(part, op.KindColumns)
			if p == nil || whole != nil && x[0] != whole || int(p.Coefficients()[0]) != at {
				return nil
			}
			whole, at = x[0], int(p.Coefficients()[1])
		}
		if at == whole.Shape()[1] {
			return whole
		}
	}
	return nil
}

func basisRule(_ *simplifier, o *op.Op, in gorgonia.Nodes) *gorgonia.Node {
	if o.Kind() == op.KindBasis && o.Coefficients()[0] == 0 {
		if p, x := inside(in[0], op.KindBasis); p != nil && p.Coefficients()[0] == 1 && p.Owner() == o.Owner() {
			return x[0]
		}
	}
	return nil
}
