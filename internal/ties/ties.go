package ties

import (
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry/group"
)

// Classes are the sets of vertices that tied arrows tie together: arrows that share a
// matrix share the basis at their sources and the basis at their targets.
type Classes struct {
	Of      []int   // class of each vertex
	Members [][]int // vertices of each class, in topological order
}

// Of returns the classes of ties of a quiver.
func Of(q *quiver.Quiver) Classes { return United(q, nil) }

// United returns the classes of ties, with the ends of some arrows in one class too.
func United(q *quiver.Quiver, also []quiver.Arrow) Classes {
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
	c := Classes{Of: make([]int, n)}
	number := make(map[int]int)
	for v := range n {
		r := find(v)
		k, ok := number[r]
		if !ok {
			k = len(c.Members)
			number[r] = k
			c.Members = append(c.Members, nil)
		}
		c.Of[v] = k
		c.Members[k] = append(c.Members[k], v)
	}
	return c
}

// Groups returns the group of each class of tied vertices.
func Groups(q *quiver.Quiver, cl Classes) []group.Group {
	vs := q.Vertices()
	gs := make([]group.Group, len(cl.Members))
	for k, members := range cl.Members {
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
