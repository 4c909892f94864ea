package graph

// segmentOf returns the position among the segments of the slab of the matrix of an arrow.
func (p *model) segmentOf(arrow string) (int, error) {
	k := 0
	var known []string
	for _, a := range p.arrows {
		if a.Fixed || a.TiedTo != "" {
			continue
		}
		if known = append(known, a.Name); a.Name == p.owner(arrow) {
			return k, nil
		}
		k++
	}
	return 0, &UnknownArrowError{Arrow: arrow, Known: known}
}

// numOwners returns how many segments are matrices.
func (p *model) numOwners() (k int) {
	for _, a := range p.arrows {
		if !a.Fixed && a.TiedTo == "" {
			k++
		}
	}
	return k
}

func (p *model) vertexOf(name string) (int, error) {
	if v, ok := p.q.VertexIndex(name); ok {
		return v, nil
	}
	e := &UnknownVertexError{Vertex: name}
	for _, v := range p.vertices {
		e.Known = append(e.Known, v.Name)
	}
	return 0, e
}

// owner returns the arrow that owns the matrix of the named one.
func (p *model) owner(arrow string) string {
	for _, a := range p.arrows {
		if a.Name == arrow && a.TiedTo != "" {
			return a.TiedTo
		}
	}
	return arrow
}

// numOutputs returns Σ dim over the outputs.
func (p *model) numOutputs() int {
	m := 0
	for _, v := range p.outputs {
		m += p.vertices[v].Dim
	}
	return m
}

// segments returns the sizes of the slab's segments: arrows, then parameters.
func (p *model) segments() []int {
	var sizes []int
	for _, a := range p.arrows {
		if !a.Fixed && a.TiedTo == "" {
			sizes = append(sizes, a.Rows*a.Cols)
		}
	}
	for _, n := range p.params {
		if n > 0 {
			sizes = append(sizes, n)
		}
	}
	return sizes
}

// offsets returns where the slab holds the matrix of each arrow and the parameters of each
// vertex.
func (p *model) offsets() (block, param []int) {
	block, param = make([]int, len(p.arrows)), make([]int, len(p.vertices))
	at := 0
	for i, a := range p.arrows {
		if !a.Fixed && a.TiedTo == "" {
			block[i] = at
			at += a.Rows * a.Cols
		}
	}
	for i, a := range p.arrows {
		if a.TiedTo != "" {
			k, _ := p.q.ArrowIndex(a.TiedTo)
			block[i] = block[k]
		}
	}
	for v, n := range p.params {
		param[v] = at
		at += n
	}
	return block, param
}
