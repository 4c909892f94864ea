package rewrite

import (
	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/inspect"
	"github.com/quivernet/quivernet/internal/rebuild"
	"github.com/quivernet/quivernet/internal/regions"
	"github.com/quivernet/quivernet/internal/shrink"
	"github.com/quivernet/quivernet/quiver"
)

// baseline is a rewriting with which the next is compared. Where something stayed and something else shrank, all
// is asked again with the smaller graph for the old one, since a part may be worth it beside what is
// smaller by now; else a second rewriting would find it.
type baseline struct {
	cost []Counts       // of each expression, by its id
	dim  map[string]int // of each vertex, by its name
	res  *Result        // nil for the graph that was given
}

// given returns the graph without a compression.
func given(l *regions.Regions, w *quiver.Rep) (*baseline, error) {
	r := shrink.New(l)
	r.Unchanged(w)
	b, err := built(r, false)
	if err != nil {
		return nil, err
	}
	return baselineOf(b, nil), nil
}

// baselineOf returns what was built, which is not fused: one operation may belong to several parts.
func baselineOf(b *rebuild.Builder, res *Result) *baseline {
	s := &baseline{dim: make(map[string]int), res: res}
	for _, v := range b.Reduction.Regions.Vertices {
		s.dim[v.Name] = b.Reduction.Dim[v]
	}
	a := b.Reduction.Regions.Graph
	s.cost = make([]Counts, len(a.Nodes))
	has := make(map[*gorgonia.Node]bool)
	for _, n := range append(b.Trainable(), b.Fixed...) {
		has[n] = true
	}
	for _, n := range (inspect.Wiring{}).Ancestors(b.Roots()) {
		if e := b.Owner(n); e != nil {
			s.cost[e.ID].add(n, inspect.Wiring{}.Children(n), has[n])
		}
	}
	return s
}
