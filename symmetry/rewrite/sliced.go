package rewrite

import (
	"github.com/quivernet/quivernet/internal/ir"
	"github.com/quivernet/quivernet/quiver"
)

// keepSliced keeps sums of products of which only slices are read, that cover them, by what cannot shrink: the gates of an LSTM in one
// product. Of d directions r are reached by weights of r·d numbers, which would lose r·(d−r), while the slices would
// become fixed matrices of r·d numbers together. So it is no gain, and need not be tried.
func (r *reduction) keepSliced(keep map[string]string) {
	readers := make(map[*vertex][]*vertex)
	copied := make(map[*vertex]bool) // all readers take it as it is
	for _, v := range r.l.vertices {
		copied[v] = true
	}
	for _, v := range r.l.vertices {
		for _, t := range v.terms {
			readers[t.source] = append(readers[t.source], v)
			copied[t.source] = copied[t.source] && t.w == nil
		}
	}
	stays := func(s *vertex) bool { // a slice
		if s.kind == quiver.KindOutput {
			return true
		}
		for _, u := range readers[s] {
			if !u.elementwise() {
				return false
			}
		}
		return copied[s]
	}
	for _, v := range r.l.vertices {
		if v.kind != quiver.KindHidden || v.act != quiver.Identity || !copied[v] || len(readers[v]) == 0 || keep[v.name] != "" {
			continue
		}
		covered := make([]bool, v.dim)
		only := true
		for _, s := range readers[v] {
			if only = only && r.l.slice(s.at) && len(s.terms) == 1 && stays(s); !only {
				break
			}
			for i := range s.dim {
				covered[s.terms[0].fixed.Col+i] = true
			}
		}
		for _, c := range covered {
			only = only && c
		}
		for _, t := range v.terms { // each of the r directions costs a row of a weight
			only = only && t.w != nil && t.w.Role == ir.Weight
		}
		if only {
			keep[v.name] = "left alone: its slices would become fixed matrices with more numbers than its weights would lose"
		}
	}
}
