package regions

import "github.com/quivernet/quivernet/internal/ir"

// Bias is a weight that is added to each sample.
type Bias struct {
	Weight    *ir.Node
	Chain     []*ir.Node // the nodes from the weight to the operand of the sum, the operand last
	PerSample bool       // there is one for each sample
}

// MatchBias reads the operand of a sum as a bias of features in layout l: a repetition
// over the samples, or the weight itself, also reshaped, where there is one sample.
func MatchBias(e *ir.Node, l Layout, d int) *Bias {
	one := (l == Vector || len(e.Shape) == 2 && e.Shape[l.Batch()] == 1) && e.Shape.TotalSize() == d && l.Fits(e.Shape)
	switch {
	case e.Role == ir.Weight && one:
		return &Bias{Weight: e}
	case e.Role == ir.Weight:
		return nil
	case e.Kind.Name == "reshape" && e.In[0].Role == ir.Weight && one:
		return &Bias{Weight: e.In[0], Chain: []*ir.Node{e}}
	}
	if l == Vector || !e.Kind.Is("repeat", l.Batch()) || e.In[1].Kind.Name != "size" {
		return nil
	}
	b, chain := e.In[0], []*ir.Node{e}
	if b.Kind.Name == "reshape" {
		b, chain = b.In[0], []*ir.Node{b, e}
	}
	if b.Role != ir.Weight || b.Shape.TotalSize() != d || len(e.In[0].Shape) != 2 || e.In[0].Shape[l.Batch()] != 1 {
		return nil
	}
	return &Bias{Weight: b, Chain: chain}
}

// bias reads the operand of a sum as a bias of features in layout l.
func (s *Scanner) bias(e *ir.Node, l Layout, d int) *Bias {
	for _, r := range s.rules {
		if r.Bias == nil {
			continue
		}
		if b := r.Bias(e, l, d); b != nil {
			return b
		}
	}
	return nil
}

// MatchSampleBias reads a weight of the sum's own shape as a bias for each sample.
func MatchSampleBias(e *ir.Node, l Layout, _ int) *Bias {
	if e.Role == ir.Weight && l != Vector && len(e.Shape) == 2 && e.Shape[l.Batch()] > 1 {
		return &Bias{Weight: e, PerSample: true}
	}
	return nil
}

// as names the way in which a bias reads its weight.
func (b *Bias) as() string {
	if b.PerSample {
		return "bias of each sample"
	}
	return "bias"
}
