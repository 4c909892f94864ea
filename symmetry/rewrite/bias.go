package rewrite

import "github.com/quivernet/quivernet/internal/ir"

// bias is a weight that is added to each sample: chain are the nodes from the weight to the
// operand of the sum, the operand last.
type bias struct {
	b     *ir.Node
	chain []*ir.Node
	size  *ir.Node // the node that gives the number of samples, or nil
	rows  bool     // one for each sample
}

// matchBias reads the operand of a sum as a bias of features in layout l: a repetition
// over the samples, or the weight itself, also reshaped, where there is one sample.
func matchBias(e *ir.Node, l layout, d int) *bias {
	one := (l == vector || len(e.Shape) == 2 && e.Shape[l.batch()] == 1) && e.Shape.TotalSize() == d && l.fits(e.Shape)
	switch {
	case e.Role == ir.Weight && one:
		return &bias{b: e}
	case e.Role == ir.Weight:
		return nil
	case e.Kind.Name == "reshape" && e.In[0].Role == ir.Weight && one:
		return &bias{b: e.In[0], chain: []*ir.Node{e}}
	}
	if l == vector || !e.Kind.Is("repeat", l.batch()) || e.In[1].Kind.Name != "size" {
		return nil
	}
	b, chain := e.In[0], []*ir.Node{e}
	if b.Kind.Name == "reshape" {
		b, chain = b.In[0], []*ir.Node{b, e}
	}
	if b.Role != ir.Weight || b.Shape.TotalSize() != d || len(e.In[0].Shape) != 2 || e.In[0].Shape[l.batch()] != 1 {
		return nil
	}
	return &bias{b: b, chain: chain, size: e.In[1]}
}

// bias reads the operand of a sum as a bias of features in layout l.
func (s *scanner) bias(e *ir.Node, l layout, d int) *bias {
	for _, r := range s.rules {
		if r.bias == nil {
			continue
		}
		if b := r.bias(e, l, d); b != nil {
			return b
		}
	}
	return nil
}

// matchSampleBias reads a weight of the sum's own shape as a bias for each sample.
func matchSampleBias(e *ir.Node, l layout, _ int) *bias {
	if e.Role == ir.Weight && l != vector && len(e.Shape) == 2 && e.Shape[l.batch()] > 1 {
		return &bias{b: e, rows: true}
	}
	return nil
}

// as names the way in which a bias reads its weight.
func (b *bias) as() string {
	if b.rows {
		return "bias of each sample"
	}
	return "bias"
}
