package quiver

import (
	"fmt"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"
)

// Surgery: each function returns a Rep on a new quiver with the weights carried over
// by the names of the arrows, and leaves its argument alone.

// carry returns a Rep on q with the numbers that w, or any other of ws, has under the
// same names and sizes; from maps new names of arrows and vertices to old ones.
func carry(q *Quiver, from map[string]string, ws ...*Rep) (*Rep, error) {
	if err := q.bearable(); err != nil {
		return nil, err
	}
	out := Zero(q)
	fixed := make(map[string]mat.Matrix)
	old := func(name string) string {
		if o, ok := from[name]; ok {
			return o
		}
		return name
	}
	for _, w := range ws {
		for _, a := range q.arrows {
			i, ok := w.q.arrowAt[old(a.Name)]
			if !ok || w.q.arrows[i].Rows != a.Rows || w.q.arrows[i].Cols != a.Cols {
				continue
			}
			switch b := w.q.arrows[i]; {
			case a.Fixed && b.Fixed:
				fixed[a.Name] = w.fixed[i]
			case !a.Fixed && !b.Fixed:
				copy(out.Block(q.arrowAt[a.Name]), w.Block(i))
			case !a.Fixed:
				if err := out.Set(a.Name, w.fixed[i]); err != nil {
					return nil, err
				}
			}
		}
		for v, vertex := range q.vertices {
			i, ok := w.q.vertexAt[old(vertex.Name)]
			if ok && q.nparam[v] == w.q.nparam[i] && q.nparam[v] > 0 && vertex.Act.String() == w.q.vertices[i].Act.String() {
				copy(out.ParamsAt(v), w.ParamsAt(i))
			}
		}
	}
	return out.WithFixed(fixed)
}

// freshParams sets the parameters of the named vertices to their initial values.
func (w *Rep) freshParams(vertices ...string) *Rep {
	for _, name := range vertices {
		if v, ok := w.q.vertexAt[name]; ok && w.q.nparam[v] > 0 {
			w.q.vertices[v].Act.(Parametric).InitParams(w.ParamsAt(v))
		}
	}
	return w
}

func (w *Rep) vertex(name string) (Vertex, error) {
	i, ok := w.q.vertexAt[name]
	if !ok {
		return Vertex{}, &UnknownVertexError{Vertex: name, Known: w.q.vertexNames()}
	}
	return w.q.vertices[i], nil
}

// ReplaceActivation returns w with another activation at a hidden or output vertex. Parameters of
// the new activation take their initial values. Errors: UnknownVertexError,
// KindError for a source, those of New.
func (w *Rep) ReplaceActivation(vertex string, act Activation) (*Rep, error) {
	if err := made(w); err != nil {
		return nil, err
	}
	v, err := w.vertex(vertex)
	if err != nil {
		return nil, err
	}
	if v.source() {
		return nil, &KindError{Vertex: vertex, Kind: v.Kind, Reason: "a source has no activation to replace"}
	}
	q, err := w.q.Derive(func(v Vertex) Vertex {
		if v.Name == vertex {
			v.Act = act
		}
		return v
	}, nil)
	if err != nil {
		return nil, err
	}
	out, err := carry(q, nil, w)
	if err != nil {
		return nil, err
	}
	if act.String() != v.Act.String() {
		out.freshParams(vertex)
	}
	return out, nil
}

// CutAfter returns the network that computes the value of the named vertex: it becomes the only
// output, and what it does not depend on is dropped, but for the inputs.
// Errors: UnknownVertexError, KindError for a source.
func (w *Rep) CutAfter(vertex string) (*Rep, error) {
	if err := made(w); err != nil {
		return nil, err
	}
	v, err := w.vertex(vertex)
	if err != nil {
		return nil, err
	}
	if v.source() {
		return nil, &KindError{Vertex: vertex, Kind: v.Kind, Reason: "nothing comes before a source"}
	}
	need := make([]bool, len(w.q.vertices))
	need[w.q.vertexAt[vertex]] = true
	for i := len(need) - 1; i >= 0; i-- {
		for _, a := range w.q.in[i] {
			need[w.q.arrows[a].Source] = need[w.q.arrows[a].Source] || need[i]
		}
	}
	var parts []Part
	for _, p := range w.q.parts {
		switch p := p.(type) {
		case vertexPart:
			switch {
			case p.Name == vertex:
				p.Kind = KindOutput
			case p.Kind == KindOutput:
				p.Kind = KindHidden
			}
			if need[w.q.vertexAt[p.Name]] || p.Kind == KindInput {
				parts = append(parts, p)
			}
		case arrowPart:
			a := w.q.arrows[w.q.arrowAt[p.name]]
			if need[a.Target] {
				parts = append(parts, w.untie(p, func(b Arrow) bool { return need[b.Target] }))
			}
		}
	}
	q, err := New(parts...)
	if err != nil {
		return nil, err
	}
	return carry(q, nil, w)
}

// untie keeps a tie only where its owner stays; of a class that loses its owner, the
// first arrow that stays becomes the owner.
func (w *Rep) untie(p arrowPart, stays func(Arrow) bool) arrowPart {
	a := w.q.arrows[w.q.arrowAt[p.name]]
	if a.TiedTo == "" {
		p.tied = ""
		return p
	}
	p.tied = a.TiedTo
	if stays(w.q.arrows[w.q.arrowAt[a.TiedTo]]) {
		return p
	}
	for _, b := range w.q.arrows {
		if b.TiedTo == a.TiedTo && stays(b) {
			p.tied = b.Name
			break
		}
	}
	if p.tied == p.name {
		p.tied = ""
	}
	return p
}

// Freeze returns w with the named trainable arrows fixed at their present matrices, and all
// that are tied to them. Errors: UnknownArrowError.
func (w *Rep) Freeze(arrows ...string) (*Rep, error) {
	return w.freezing(arrows, true)
}

// Unfreeze returns w with the named fixed arrows trainable, from their present matrices.
// Errors: UnknownArrowError.
func (w *Rep) Unfreeze(arrows ...string) (*Rep, error) {
	return w.freezing(arrows, false)
}

func (w *Rep) freezing(arrows []string, freeze bool) (*Rep, error) {
	if err := made(w); err != nil {
		return nil, err
	}
	roots := make(map[string]bool)
	for _, name := range arrows {
		i, ok := w.q.arrowAt[name]
		if !ok {
			return nil, &UnknownArrowError{name, w.q.arrowNames()}
		}
		roots[w.q.root(i)] = true
	}
	parts := w.q.Parts()
	for k, p := range parts {
		a, ok := p.(arrowPart)
		if !ok || !roots[w.q.root(w.q.arrowAt[a.name])] {
			continue
		}
		if freeze && !a.frozen {
			m, _ := w.Lookup(a.name)
			a.fixed, a.frozen, a.tied = dense(m), true, ""
		} else if !freeze {
			a.fixed, a.frozen = nil, false
		}
		parts[k] = a
	}
	q, err := New(parts...)
	if err != nil {
		return nil, err
	}
	return carry(q, nil, w)
}

// root returns the name of the arrow that owns the block of arrow i.
func (q *Quiver) root(i int) string {
	if t := q.arrows[i].TiedTo; t != "" {
		return t
	}
	return q.arrows[i].Name
}

// ReplaceHead returns w with an output of another dimension or activation, whose incoming
// arrows are drawn afresh by init (nil means PyTorch); the other weights are kept. The
// output must have no outgoing arrows. Errors: UnknownVertexError, KindError, those of New.
func (w *Rep) ReplaceHead(output string, dim int, act Activation, init Init, src rand.Source) (_ *Rep, err error) {
	if err := made(w); err != nil {
		return nil, err
	}
	v, err := w.vertex(output)
	if err != nil {
		return nil, err
	}
	i := w.q.vertexAt[output]
	if v.Kind != KindOutput || len(w.q.out[i]) > 0 {
		return nil, &KindError{Vertex: output, Kind: v.Kind, Reason: "a head is an output without outgoing arrows"}
	}
	for _, a := range w.q.in[i] {
		if w.q.arrows[a].Fixed && dim != v.Dim {
			return nil, &KindError{Vertex: output, Kind: v.Kind, Reason: fmt.Sprintf("its fixed arrow %q has no other size; replace it first", w.q.arrows[a].Name)}
		}
	}
	if act == nil {
		act = Identity
	}
	q, err := w.q.Derive(func(v Vertex) Vertex {
		if v.Name == output {
			v.Dim, v.Act = dim, act
		}
		return v
	}, nil)
	if err != nil {
		return nil, err
	}
	out, err := carry(q, nil, w)
	if err != nil {
		return nil, err
	}
	defer func() {
		if p := recover(); p == nilSource {
			err = nilSource
		} else if p != nil {
			panic(p)
		}
	}()
	fresh := Random(q, init, src)
	for _, a := range q.in[q.vertexAt[output]] {
		copy(out.Block(a), fresh.Block(a))
	}
	return out.freshParams(output), nil
}
