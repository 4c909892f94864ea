package shrink

import (
	"github.com/quivernet/quivernet/internal/ir"
	"github.com/quivernet/quivernet/internal/regions"
	"github.com/quivernet/quivernet/quiver"
)

// keepSliced keeps sums of products of which only slices are read, that cover them, by what cannot shrink: the gates of an LSTM in one
// product. Of d directions r are reached by weights of r·d numbers, which would lose r·(d−r), while the slices would
// become fixed matrices of r·d numbers together. So it is no gain, and need not be tried.
func (r *Reduction) keepSliced(keep map[string]string) {
	readers := make(map[*regions.Vertex][]*regions.Vertex)
	copied := make(map[*regions.Vertex]bool) // all readers take it as it is
	for _, v := range r.Regions.Vertices {
		copied[v] = true
	}
	for _, v := range r.Regions.Vertices {
		for _, t := range v.Arrows {
			readers[t.Source] = append(readers[t.Source], v)
			copied[t.Source] = copied[t.Source] && t.Weight == nil
		}
	}
	stays := func(s *regions.Vertex) bool { // a slice
		if s.Kind == quiver.KindOutput {
			return true
		}
		for _, u := range readers[s] {
			if !u.IsElementwise() {
				return false
			}
		}
		return copied[s]
	}
	for _, v := range r.Regions.Vertices {
		if v.Kind != quiver.KindHidden || v.Activation != quiver.Identity || !copied[v] || len(readers[v]) == 0 || keep[v.Name] != "" {
			continue
		}
		covered := make([]bool, v.Dim)
		only := true
		for _, s := range readers[v] {
			if only = only && r.Regions.IsSlice(s.Node) && len(s.Arrows) == 1 && stays(s); !only {
				break
			}
			for i := range s.Dim {
				covered[s.Arrows[0].Inclusion.Col+i] = true
			}
		}
		for _, c := range covered {
			only = only && c
		}
		for _, t := range v.Arrows { // each of the r directions costs a row of a weight
			only = only && t.Weight != nil && t.Weight.Role == ir.Weight
		}
		if only {
			keep[v.Name] = "left alone: its slices would become fixed matrices with more numbers than its weights would lose"
		}
	}
}
