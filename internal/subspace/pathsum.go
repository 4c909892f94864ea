package subspace

import (
	"slices"

	"github.com/quivernet/quivernet/internal/ties"

	"github.com/quivernet/quivernet/internal/linalg"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// Paths are, at each vertex, the sums over paths M_{n→v}, d_v×d_n, by n.
type paths struct {
	sum     []map[int]*mat.Dense
	through []bool // linear: paths go on through it
}

// look finds the vertices that paths go through and starts with no sums.
func (c *Chooser) look() *paths {
	p := &paths{sum: make([]map[int]*mat.Dense, len(c.vs)), through: make([]bool, len(c.vs))}
	cl := ties.Of(c.q)
	for v, vertex := range c.vs {
		p.through[v] = vertex.Kind == quiver.KindHidden && vertex.Act == quiver.Identity && !c.keep[vertex.Name] && len(cl.Members[cl.Of[v]]) == 1
	}
	return p
}

// at returns the sums of v; those of earlier vertices are remembered.
func (p *paths) at(c *Chooser, v int) map[int]*mat.Dense {
	if p.sum[v] != nil {
		return p.sum[v]
	}
	sum := make(map[int]*mat.Dense)
	add := func(n int, m *mat.Dense) {
		switch {
		case m.IsEmpty():
		case sum[n] == nil:
			sum[n] = m
		default:
			sum[n].Add(sum[n], m)
		}
	}
	for _, i := range c.q.In(v) {
		s := c.as[i].Source
		if !p.through[s] {
			add(s, linalg.Product(nil, false, c.w.Matrix(i), nil))
			continue
		}
		for n, m := range p.at(c, s) {
			add(n, linalg.Product(nil, false, c.w.Matrix(i), m))
		}
	}
	p.sum[v] = sum
	return sum
}

// stack returns [M_{n→v} B_n]_n, biases first.
func (p *paths) stack(c *Chooser, v int) *mat.Dense {
	sum := p.at(c, v)
	var order []int
	for n := range sum {
		order = append(order, n)
	}
	slices.SortFunc(order, func(a, b int) int {
		if x, y := c.vs[a].Kind == quiver.KindBias, c.vs[b].Kind == quiver.KindBias; x != y {
			if x {
				return -1
			}
			return 1
		}
		return a - b
	})
	var parts []*mat.Dense
	for _, n := range order {
		parts = append(parts, linalg.Product(nil, false, sum[n], c.f.Basis[n]))
	}
	return linalg.Beside(c.vs[v].Dim, parts...)
}
