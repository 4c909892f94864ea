package regions

import "github.com/quivernet/quivernet/internal/ir"

// Gain is x∘γ, with a number for each feature: the product with the matrix diag(γ), an arrow. Where
// what it reads or what reads it shrinks, the diagonal becomes a full matrix, which trains as such:
// the equality of trainings that symmetry promises then holds for the matrix and not for γ.
type Gain struct {
	single
	X       *ir.Node
	Operand int // of X
	By      *Bias
}

// matchGain reads the product of features with a weight for each of them.
func (s *Scanner) matchGain(e *ir.Node) *Gain {
	if e.Kind.Name != "⊙" || len(e.In) != 2 {
		return nil
	}
	for i, x := range e.In {
		l := s.lay[x]
		if l == None || !l.Fits(e.Shape) || !ir.SameType(x, e) || s.lay[e.In[1-i]] != None {
			continue
		}
		if b := MatchBias(e.In[1-i], l, e.Shape[l.Feature()]); b != nil && ir.IsUsable(b.Weight) && !b.PerSample {
			return &Gain{single{l}, x, i, b}
		}
	}
	return nil
}

// RecogniseGain takes x∘γ.
func RecogniseGain(s *Scanner, e *ir.Node) Form {
	if g := s.matchGain(e); g != nil {
		return g
	}
	return nil
}

// Repeats returns the node that repeats the weight over the samples.
func (f *Gain) Repeats() []*ir.Node {
	if n := len(f.By.Chain); n > 0 {
		return f.By.Chain[n-1:]
	}
	return nil
}
