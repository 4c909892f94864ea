package regions

import (
	"slices"

	"github.com/quivernet/quivernet/internal/ir"
)

// IsDecayed says whether the squares of a weight of v are summed: then it must stay one input.
func (s *Scanner) IsDecayed(v *Vertex) bool {
	for _, d := range each[*Decay](s) {
		if slices.ContainsFunc(v.Arrows, func(t *Arrow) bool { return t.Weight == d.Weight }) {
			return true
		}
	}
	return false
}

// ReadsTrainedNumber says whether a trained number is part of the activation of v, or of the way from a weight to it: one
// operation would hold the number that it is now, and would not train it.
func (l *Regions) ReadsTrainedNumber(v *Vertex) bool {
	if v.Spelled != nil {
		for n := range v.Spelled.Nodes {
			if trained(n) {
				return true
			}
		}
	}
	return slices.ContainsFunc(v.Arrows, func(t *Arrow) bool {
		p := l.Product(t.Node)
		return p != nil && slices.ContainsFunc(p.Between, trained)
	})
}

// trained says whether an operation reads a trained number.
func trained(n *ir.Node) bool {
	return slices.ContainsFunc(n.In, func(c *ir.Node) bool { return c.Role == ir.Weight && c.IsScalar() })
}
