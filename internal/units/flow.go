package units

import (
	"github.com/quivernet/quivernet/internal/enclose"
	"github.com/quivernet/quivernet/internal/linalg"
)

// gather notes what enters each vertex, with parallel arrows added up or one by one; to be called
// before bounds are computed and after the arrows have changed.
func (d *network) gather(together bool) {
	for _, s := range d.vertices {
		s.flows, s.from = s.flows[:0], s.from[:0]
		place := map[*vertex]int{}
		for _, l := range s.in {
			k, seen := place[l.s]
			if !seen || !together {
				place[l.s] = len(s.flows)
				s.flows, s.from = append(s.flows, enclose.Flow{M: l.m, Parts: []linalg.Matrix{l.m}}), append(s.from, l.s)
				continue
			}
			s.flows[k].Join(l.m)
		}
	}
}
