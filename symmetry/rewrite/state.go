package rewrite

import (
	"github.com/quivernet/quivernet/internal/inspect"
	"github.com/quivernet/quivernet/internal/regions"
	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/quiver"
)

// state is a rewriting with which the next is compared. Where something stayed and something else shrank, all
// is asked again with the smaller graph for the old one, since a part may be worth it beside what is
// smaller by now; else a second rewriting would find it.
type state struct {
	cost []Counts       // of each expression, by its id
	dim  map[string]int // of each vertex, by its name
	res  *Result        // nil for the graph that was given
}

// given returns the graph without a compression.
func given(l *regions.Regions, w *quiver.Rep) (*state, error) {
	r := newReduction(l)
	r.unchanged(w)
	b, err := rebuild(r, false)
	if err != nil {
		return nil, err
	}
	return stateOf(b, nil), nil
}

// stateOf returns what was built, which is not fused: one operation may belong to several parts.
func stateOf(b *builder, res *Result) *state {
	s := &state{dim: make(map[string]int), res: res}
	for _, v := range b.r.l.Vertices {
		s.dim[v.Name] = b.r.dim[v]
	}
	a := b.r.l.Graph
	s.cost = make([]Counts, len(a.Nodes))
	has := make(map[*gorgonia.Node]bool)
	for _, n := range b.weights {
		has[n] = true
	}
	for _, n := range b.fixed {
		has[n] = true
	}
	var roots gorgonia.Nodes
	for _, e := range a.Roots {
		roots = append(roots, b.out[e])
	}
	for _, n := range (inspect.Wiring{}).Ancestors(roots) {
		if e := b.owner[n]; e != nil {
			s.cost[e.ID].add(n, inspect.Wiring{}.Children(n), has[n])
		}
	}
	return s
}
