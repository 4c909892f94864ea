package rewrite

import "github.com/quivernet/quivernet/internal/ir"

// gain is x∘γ, with a number for each feature: the product with the matrix diag(γ), an arrow. Where
// what it reads or what reads it shrinks, the diagonal becomes a full matrix, which trains as such:
// the equality of trainings that symmetry promises then holds for the matrix and not for γ.
type gain struct {
	single
	x    *ir.Node
	slot int // of x
	by   *bias
}

// matchGain reads the product of features with a weight for each of them.
func (s *scanner) matchGain(e *ir.Node) *gain {
	if e.Kind.Name != "⊙" || len(e.In) != 2 {
		return nil
	}
	for i, x := range e.In {
		l := s.lay[x]
		if l == none || !l.fits(e.Shape) || !ir.SameType(x, e) || s.lay[e.In[1-i]] != none {
			continue
		}
		if b := matchBias(e.In[1-i], l, e.Shape[l.feature()]); b != nil && ir.IsUsable(b.b) && !b.rows {
			return &gain{single{l}, x, i, b}
		}
	}
	return nil
}

// recogniseGain takes x∘γ.
func recogniseGain(s *scanner, e *ir.Node) form {
	if g := s.matchGain(e); g != nil {
		return g
	}
	return nil
}

func (f *gain) repeats() []*ir.Node {
	if n := len(f.by.chain); n > 0 {
		return f.by.chain[n-1:]
	}
	return nil
}
