package quiver

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
)

// Check says whether a quiver is well-formed. Whatever New returns is; a pass that
// rewrites quivers runs it before and after. It rebuilds q from its
// declarations and compares layouts.
func Check(q *Quiver) error {
	if q == nil {
		return nilQuiver
	}
	r, err := New(q.parts...)
	if err != nil {
		return err
	}
	if r.layout != q.layout {
		return &LayoutError{q, r}
	}
	return nil
}

// Check says whether a Rep is well-formed: its quiver is, its slab has the length
// that the quiver asks for, and each fixed arrow has a finite matrix of its size.
// Trainable numbers may be anything: see CheckFinite.
func (w *Rep) Check() error {
	if w == nil || w.q == nil {
		return nilRep
	}
	if err := Check(w.q); err != nil {
		return err
	}
	if len(w.data) != w.q.size || len(w.fixed) != len(w.q.arrows) {
		return &InputError{fmt.Sprintf("a slab of %d numbers, want %d", len(w.data), w.q.size)}
	}
	for i, a := range w.q.arrows {
		if !a.Fixed {
			continue
		}
		if err := checkFixed(a, w.fixed[i]); err != nil {
			return err
		}
	}
	return nil
}

func (q *Quiver) vertexNames() []string {
	s := make([]string, len(q.vertices))
	for i, v := range q.vertices {
		s[i] = v.Name
	}
	return s
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
