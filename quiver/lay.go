package quiver

import "math"

// tie resolves what each arrow is tied to, through other ties, to the arrow that owns the
// block.
func (q *Quiver) tie(as []arrowPart) error {
	owner, seen := make([]int, len(as)), make([]int, len(as)) // seen: 1 + the arrow that last came by
	for i, a := range as {
		if owner[i] = -1; a.tied == "" {
			owner[i] = i
		}
	}
	var path []int
	for i, a := range as {
		if a.tied == "" {
			continue
		}
		if a.frozen {
			return &TieError{a.name, a.tied, "a frozen arrow has a matrix of its own; drop Frozen or Tied"}
		}
		root := i
		for path = path[:0]; owner[root] < 0; {
			if seen[root] == i+1 {
				return &TieError{a.name, a.tied, "the ties go round in a circle; one arrow must own the matrix"}
			}
			seen[root] = i + 1
			path = append(path, root)
			next, ok := q.arrowAt[as[root].tied]
			if !ok {
				return &UnknownArrowError{as[root].tied, q.arrowNames()}
			}
			root = next
		}
		root = owner[root]
		for _, k := range path {
			owner[k] = root
		}
		r := q.arrows[root]
		if r.Fixed {
			return &TieError{a.name, a.tied, "that arrow is frozen; freeze this one with the same matrix instead"}
		}
		if b := q.arrows[i]; r.Rows != b.Rows || r.Cols != b.Cols {
			return &TieError{a.name, a.tied, "one matrix cannot be both " + size(b.Rows, b.Cols) + " and " + size(r.Rows, r.Cols) + "; give the ends the same dimensions"}
		}
		q.arrows[i].TiedTo = r.Name
	}
	return nil
}

// lay gives each trainable arrow and each vertex with parameters its place in
// the slab: arrows in order, tied ones at their owner's, then the parameters.
func (q *Quiver) lay() error {
	q.block = make([]int, len(q.arrows))
	grow := func(v Vertex, r, c int) error {
		if r > 0 && c > (math.MaxInt/16-q.size)/r {
			return &DimError{v.Name, v.Dim, "makes more parameters than this machine can count"}
		}
		q.size += r * c
		return nil
	}
	for i, a := range q.arrows {
		switch {
		case a.Fixed:
			q.block[i] = -1
		case a.TiedTo == "":
			q.block[i] = q.size
			if err := grow(q.vertices[a.Target], a.Rows, a.Cols); err != nil {
				return err
			}
		}
	}
	for i, a := range q.arrows {
		if a.TiedTo != "" {
			q.block[i] = q.block[q.arrowAt[a.TiedTo]]
		}
	}
	q.param, q.nparam = make([]int, len(q.vertices)), make([]int, len(q.vertices))
	for i, v := range q.vertices {
		q.param[i] = q.size
		if p, ok := v.Act.(Parametric); ok {
			q.nparam[i] = p.NumParams(v.Dim)
			if err := grow(v, q.nparam[i], 1); err != nil {
				return err
			}
		}
	}
	return nil
}
