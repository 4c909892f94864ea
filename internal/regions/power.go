package regions

import (
	"math"

	"github.com/quivernet/quivernet/internal/inspect"
	"github.com/quivernet/quivernet/internal/ir"
	"github.com/quivernet/quivernet/layers"
)

// RecognisePower takes x∘x and xᵏ with a whole constant k ≥ 2, entry by entry.
func RecognisePower(s *Scanner, e *ir.Node) Form {
	switch {
	case e.Kind.Name == "⊙" && e.In[0] == e.In[1]:
		return s.spelled(e, e.In[0], layers.Pointwise(layers.Square))
	case e.Kind.Name == "^":
		if k, ok := e.In[1].Number(); ok && e.In[1].Role == ir.Fixed && k >= 2 && k == math.Trunc(k) && inspect.IsFinite(k) && ir.SameType(e.In[0], e) {
			return s.spelled(e, e.In[0], layers.Pointwise(layers.Power(k)))
		}
	}
	return nil
}
