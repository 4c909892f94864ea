package symmetry

import (
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry/group"
)

// tieClasses are the sets of vertices that tied arrows tie together: arrows that share a
// matrix share the basis at their sources and the basis at their targets.
type tieClasses struct {
	of      []int   // class of each vertex
	members [][]int // vertices of each class, in topological order
}

func classes(q *quiver.Quiver) tieClasses { return united(q, nil) }

// united returns the classes of ties, with the ends of some arrows in one class too.
func united(q *quiver.Quiver, also []quiver.Arrow) tieClasses {
	n := q.NumVertices()
	parent := make([]int, n)
	for i := range parent {
		parent[i] = i
	}
	find := func(i int) int {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	as := q.Arrows()
	for _, a := range as {
		if a.TiedTo == "" {
			continue
		}
		o, _ := q.ArrowIndex(a.TiedTo)
		parent[find(a.Source)] = find(as[o].Source)
		parent[find(a.Target)] = find(as[o].Target)
	}
	for _, a := range also {
		parent[find(a.Source)] = find(a.Target)
	}
	c := tieClasses{of: make([]int, n)}
	number := make(map[int]int)
	for v := range n {
		r := find(v)
		k, ok := number[r]
		if !ok {
			k = len(c.members)
			number[r] = k
			c.members = append(c.members, nil)
		}
		c.of[v] = k
		c.members[k] = append(c.members[k], v)
	}
	return c
}

// classGroups returns the group of each class of tied vertices.
func classGroups(q *quiver.Quiver, cl tieClasses) []group.Group {
	vs := q.Vertices()
	gs := make([]group.Group, len(cl.members))
	for k, members := range cl.members {
		for i, v := range members {
			g := group.Group{}
			if vs[v].Kind == quiver.KindHidden {
				g = group.Of(vs[v].Act, vs[v].Dim)
			}
			if i == 0 {
				gs[k] = g
			} else {
				gs[k] = group.Meet(gs[k], g)
			}
		}
	}
	return gs
}
