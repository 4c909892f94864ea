package rewrite

import (
	"slices"

	"github.com/quivernet/quivernet/internal/ir"
)

// decayed says whether the squares of a weight of v are summed: then it must stay one input.
func (s *scanner) decayed(v *vertex) bool {
	for _, d := range each[*decay](s) {
		if slices.ContainsFunc(v.terms, func(t *term) bool { return t.w == d.w }) {
			return true
		}
	}
	return false
}

// scaledByNumbers says whether a trained number is part of the activation of v, or of the way from a weight to it: one
// operation would hold the number that it is now, and would not train it.
func (l *lifter) scaledByNumbers(v *vertex) bool {
	if v.acts != nil {
		for n := range v.acts.nodes {
			if trained(n) {
				return true
			}
		}
	}
	return slices.ContainsFunc(v.terms, func(t *term) bool {
		p := l.product(t.at)
		return p != nil && slices.ContainsFunc(p.through, trained)
	})
}

// trained says whether an operation reads a trained number.
func trained(n *ir.Node) bool {
	return slices.ContainsFunc(n.In, func(c *ir.Node) bool { return c.Role == ir.Weight && c.IsScalar() })
}
