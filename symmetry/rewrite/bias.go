package rewrite

// bias is a weight that is added to each sample: chain are the nodes from the weight to the
// operand of the sum, the operand last.
type bias struct {
	b     *expr
	chain []*expr
	size  *expr // the node that gives the number of samples, or nil
	rows  bool  // one for each sample
}

// matchBias reads the operand of a sum as a bias of features in layout l: a repetition
// over the samples, or the weight itself, also reshaped, where there is one sample.
func matchBias(e *expr, l layout, d int) *bias {
	one := (l == vector || len(e.shape) == 2 && e.shape[l.batch()] == 1) && e.shape.TotalSize() == d && l.fits(e.shape)
	switch {
	case e.role == weight && one:
		return &bias{b: e}
	case e.role == weight:
		return nil
	case e.kind.name == "reshape" && e.in[0].role == weight && one:
		return &bias{b: e.in[0], chain: []*expr{e}}
	}
	if l == vector || !e.kind.is("repeat", l.batch()) || e.in[1].kind.name != "size" {
		return nil
	}
	b, chain := e.in[0], []*expr{e}
	if b.kind.name == "reshape" {
		b, chain = b.in[0], []*expr{b, e}
	}
	if b.role != weight || b.shape.TotalSize() != d || len(e.in[0].shape) != 2 || e.in[0].shape[l.batch()] != 1 {
		return nil
	}
	return &bias{b: b, chain: chain, size: e.in[1]}
}

// bias reads the operand of a sum as a bias of features in layout l.
func (s *scanner) bias(e *expr, l layout, d int) *bias {
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
func matchSampleBias(e *expr, l layout, _ int) *bias {
	if e.role == weight && l != vector && len(e.shape) == 2 && e.shape[l.batch()] > 1 {
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
