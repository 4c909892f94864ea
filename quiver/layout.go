package quiver

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"gonum.org/v1/gonum/mat"
)

// hash writes down all that decides the meaning of a slab and hashes it. Each
// field is quoted or a number, so no two layouts write the same text.
func (q *Quiver) hash() string {
	h := sha256.New()
	var line []byte
	for _, v := range q.vertices {
		line = appendVertex(line[:0], v)
		h.Write(line)
	}
	for _, a := range q.arrows {
		line = appendArrow(line[:0], a)
		h.Write(line)
	}
	fmt.Fprint(h, q.inputs, q.outputs)
	return hex.EncodeToString(h.Sum(nil)[:16])
}

func appendVertex(line []byte, v Vertex) []byte {
	act := ""
	if v.Act != nil {
		act = v.Act.String()
	}
	return fmt.Appendf(line, "%s %q of dimension %d, activation %q\n", v.Kind, v.Name, v.Dim, act)
}

func appendArrow(line []byte, a Arrow) []byte {
	return fmt.Appendf(line, "arrow %q from %q to %q, fixed %t, tied to %q\n", a.Name, a.From, a.To, a.Fixed, a.TiedTo)
}

// difference says in words where two layouts part.
func (q *Quiver) difference(r *Quiver) string {
	line := func(i int, l []string) string {
		if i < len(l) {
			return l[i][:len(l[i])-1]
		}
		return "nothing"
	}
	lines := func(q *Quiver) (l []string) {
		for _, v := range q.vertices {
			l = append(l, string(appendVertex(nil, v)))
		}
		for _, a := range q.arrows {
			l = append(l, string(appendArrow(nil, a)))
		}
		return l
	}
	a, b := lines(q), lines(r)
	for i := range max(len(a), len(b)) {
		if x, y := line(i, a), line(i, b); x != y {
			return fmt.Sprintf("%s here, %s there", x, y)
		}
	}
	return fmt.Sprintf("inputs %v and outputs %v here, inputs %v and outputs %v there", q.Inputs(), q.Outputs(), r.Inputs(), r.Outputs())
}

// Parts returns the declarations that made the quiver, in their order:
// New(q.Parts()...) makes an equal one.
func (q *Quiver) Parts() []Part {
	q.must()
	return append([]Part(nil), q.parts...)
}

// Derive returns a quiver with the same names, kinds, arrows, ties and order as
// q, and other dimensions, activations or fixed matrices. vertex is called for
// each vertex and may change Dim and Act; fixed is called for each fixed arrow,
// described with its old size, and returns its matrix. A nil function changes
// nothing. Errors are those of New, and a KindError or NameError where vertex
// changes a kind or a name.
func (q *Quiver) Derive(vertex func(Vertex) Vertex, fixed func(Arrow, mat.Matrix) mat.Matrix) (*Quiver, error) {
	if q == nil {
		return nil, nilQuiver
	}
	parts := q.Parts()
	for i, p := range parts {
		switch p := p.(type) {
		case vertexPart:
			if vertex == nil {
				continue
			}
			v := vertex(p.Vertex)
			if v.Name != p.Name {
				return nil, &NameError{"vertex", v.Name, fmt.Sprintf("Derive must keep the name %q", p.Name)}
			}
			if v.Kind != p.Kind {
				return nil, &KindError{Vertex: v.Name, Kind: v.Kind, Reason: fmt.Sprintf("Derive must keep the kind %s", p.Kind)}
			}
			parts[i] = vertexPart{v}
		case arrowPart:
			if fixed == nil || !p.frozen {
				continue
			}
			p.fixed = fixed(q.arrows[q.arrowAt[p.name]], p.fixed)
			parts[i] = p
		}
	}
	return New(parts...)
}
