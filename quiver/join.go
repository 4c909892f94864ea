package quiver

import (
	"fmt"
	"slices"
)

// Rename returns w with other names of vertices and arrows, as a map from old to new. An arrow
// whose name is "from->to" follows its vertices unless it is named itself.
// Errors: UnknownVertexError for a name that is neither, those of New.
func (w *Rep) Rename(names map[string]string) (*Rep, error) {
	if err := made(w); err != nil {
		return nil, err
	}
	for _, old := range sortedKeys(names) {
		_, isVertex := w.q.vertexAt[old]
		if _, isArrow := w.q.arrowAt[old]; !isVertex && !isArrow {
			return nil, &UnknownVertexError{Vertex: old, Known: w.q.vertexNames()}
		}
	}
	to := func(s string) string {
		if n, ok := names[s]; ok {
			return n
		}
		return s
	}
	return w.renamed(to)
}

func (w *Rep) renamed(to func(string) string) (*Rep, error) {
	arrow := func(p arrowPart) string {
		if n := to(p.name); n != p.name || p.name != p.from+"->"+p.to {
			return n
		}
		return to(p.from) + "->" + to(p.to)
	}
	old := make(map[string]string)
	parts := w.q.Parts()
	newName := make(map[string]string)
	for _, p := range parts {
		if a, ok := p.(arrowPart); ok {
			newName[a.name] = arrow(a)
		}
	}
	for k, p := range parts {
		switch p := p.(type) {
		case vertexPart:
			n := to(p.Name)
			old[n] = p.Name
			p.Name = n
			parts[k] = p
		case arrowPart:
			old[newName[p.name]] = p.name
			p.name, p.from, p.to = newName[p.name], to(p.from), to(p.to)
			if p.tied != "" {
				p.tied = newName[p.tied]
			}
			parts[k] = p
		}
	}
	q, err := New(parts...)
	if err != nil {
		return nil, err
	}
	return carry(q, old, w)
}

// Join returns the network that feeds outputs of a to inputs of b: glue maps the name of an
// output of a to that of an input of b, of the same dimension. All vertices of a are renamed to
// "a.…" and all of b to "b.…"; a glued input becomes a hidden identity vertex, fed by a fixed
// identity, and a glued output a hidden vertex. An empty glue gives the disjoint union.
// Errors: UnknownVertexError, KindError, ShapeError.
func Join(a, b *Rep, glue map[string]string) (*Rep, error) {
	if err := made(a, b); err != nil {
		return nil, err
	}
	prefix := func(w *Rep, p string) (*Rep, error) {
		return w.renamed(func(s string) string {
			if _, ok := w.q.vertexAt[s]; ok {
				return p + s
			}
			if i, ok := w.q.arrowAt[s]; ok && s != w.q.arrows[i].From+"->"+w.q.arrows[i].To {
				return p + s
			}
			return s
		})
	}
	pa, err := prefix(a, "a.")
	if err != nil {
		return nil, err
	}
	pb, err := prefix(b, "b.")
	if err != nil {
		return nil, err
	}
	into := make(map[string]string)
	for _, out := range sortedKeys(glue) {
		in := glue[out]
		va, err := a.vertex(out)
		if err != nil {
			return nil, err
		}
		vb, err := b.vertex(in)
		switch {
		case err != nil:
			return nil, err
		case va.Kind != KindOutput:
			return nil, &KindError{Vertex: out, Kind: va.Kind, Reason: "only outputs of the first network can be glued"}
		case vb.Kind != KindInput:
			return nil, &KindError{Vertex: in, Kind: vb.Kind, Reason: "only inputs of the second network can be glued"}
		case va.Dim != vb.Dim:
			return nil, &ShapeError{fmt.Sprintf("output %q glued to input %q", out, in), va.Dim, 1, vb.Dim, 1, "their dimensions must agree"}
		case into["b."+in] != "":
			return nil, &DuplicateError{"vertex", in}
		}
		into["b."+in] = "a." + out
	}
	glued := make(map[string]bool)
	for _, out := range into {
		glued[out] = true
	}
	var parts []Part
	for _, p := range slices.Concat(pa.q.parts, pb.q.parts) {
		if v, ok := p.(vertexPart); ok {
			if from := into[v.Name]; from != "" {
				v.Kind, v.Act = KindHidden, Identity
				parts = append(parts, Connect(from, v.Name, Frozen(Eye(v.Dim))))
			}
			if glued[v.Name] {
				v.Kind = KindHidden
			}
			p = v
		}
		parts = append(parts, p)
	}
	q, err := New(parts...)
	if err != nil {
		return nil, err
	}
	return carry(q, nil, pa, pb)
}
