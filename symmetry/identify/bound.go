package identify

import (
	"github.com/quivernet/quivernet/internal/pieces"
	"github.com/quivernet/quivernet/internal/rank"
	"github.com/quivernet/quivernet/internal/rescale"
	"github.com/quivernet/quivernet/quiver"
)

// Bound is a proved upper bound on a functional dimension. A numerical rank above one
// of them is wrong.
type Bound struct {
	Name  string `json:"name"`
	Value int    `json:"value"`
	Why   string `json:"why"`
}

// symmetryLimit is the largest number of entries of the matrix of generators.
const symmetryLimit = 2e7

// symmetryBound bounds the rank of J by counting directions that J cannot see:
// weights from or to units of slope 0 at all samples; rescalings; and for the units of one
// vertex that keep one slope at all samples, x = Cz with constant C, every change
//
//	z → (1+εE_ij)z  of their pre-activations, undone in the outgoing weights,
//	z → z + εe_i    undone in the biases of the targets,
//
// where the arrows concerned are trainable and untied. For k such units of a layer with
// k ≤ the widths around it this is the bound D − H − k² (arXiv 2209.04036, and
// counted here by the rank of the generators).
func (c *collector) symmetryBound(s *rescale.Space) (int, bool) {
	net := c.net
	dead := make([]bool, net.Params)
	for i := range net.Vertices {
		for k := range net.Vertices[i].In {
			e := &net.Vertices[i].In[k]
			if e.Offset < 0 || e.Tied {
				continue
			}
			for r := range net.Vertices[i].Dim {
				off, still := c.constant(i, r)
				for col := range e.Cols {
					from, quiet := c.constant(e.Source, col)
					dead[e.Offset+r*e.Cols+col] = still && off == 0 || quiet && from == 0
				}
			}
		}
	}
	alive := 0
	for _, d := range dead {
		if !d {
			alive++
		}
	}
	gens := c.generators(s)
	if gens == nil {
		return 0, false
	}
	if len(gens) == 0 || net.Params == 0 {
		return alive, true
	}
	red := rank.NewReducer(net.Params)
	for _, g := range gens {
		for j, d := range dead {
			if d {
				g[j] = 0
			}
		}
		if n := pieces.Norm(g); n > 0 {
			for j := range g {
				g[j] /= n
			}
		}
		red.Add(g)
	}
	rank := red.Rank()
	return alive - rank.Rank, !rank.Ambiguous
}

// generators returns tangent vectors of symmetries, each of length params; nil if there
// are too many.
func (c *collector) generators(s *rescale.Space) [][]float64 {
	net := c.net
	gens := [][]float64{}
	if t := s.Tangent(); !t.IsEmpty() {
		n, _ := t.Dims()
		for b := range n {
			gens = append(gens, append([]float64(nil), t.RawRowView(b)...))
		}
	}
	for i := range net.Vertices {
		v := &net.Vertices[i]
		if v.Kind != quiver.KindHidden || !freeVertex(net, i) {
			continue
		}
		var still []int
		for r := range v.Dim {
			if d, ok := c.constant(i, r); ok && d != 0 {
				still = append(still, r)
			}
		}
		if (len(gens)+len(still)*len(still))*net.Params > symmetryLimit {
			return nil
		}
		for _, a := range still {
			for _, b := range still {
				if a != b {
					gens = append(gens, c.mix(i, a, b))
				}
			}
			if g := c.shift(i, a); g != nil {
				gens = append(gens, g)
			}
		}
	}
	return gens
}

// freeVertex reports whether all arrows at a vertex are trainable and untied.
func freeVertex(net *pieces.Network, i int) bool {
	v := &net.Vertices[i]
	for k := range v.In {
		if v.In[k].Offset < 0 || v.In[k].Tied {
			return false
		}
	}
	for _, o := range v.Out {
		if e := &net.Vertices[o.Target].In[o.In]; e.Offset < 0 || e.Tied {
			return false
		}
	}
	return true
}

// mix is the direction z_a += ε z_b of two units of vertex i with constant slopes.
func (c *collector) mix(i, a, b int) []float64 {
	net, v := c.net, &c.net.Vertices[i]
	g := make([]float64, net.Params)
	for k := range v.In {
		e := &v.In[k]
		copy(g[e.Offset+a*e.Cols:e.Offset+(a+1)*e.Cols], e.W[b*e.Cols:(b+1)*e.Cols])
	}
	ratio := c.low[i][a] / c.low[i][b]
	for _, o := range v.Out {
		e := &net.Vertices[o.Target].In[o.In]
		for r := range net.Vertices[o.Target].Dim {
			g[e.Offset+r*e.Cols+b] = -ratio * e.W[r*e.Cols+a]
		}
	}
	return g
}

// shift is the direction z_a += ε of a unit of vertex i with constant slope; nil where
// the biases to do and undo it are missing.
func (c *collector) shift(i, a int) []float64 {
	net, v := c.net, &c.net.Vertices[i]
	g := make([]float64, net.Params)
	own := biasEdge(net, i)
	if own == nil {
		return nil
	}
	g[own.Offset+a]++
	for _, o := range v.Out {
		e, bias := &net.Vertices[o.Target].In[o.In], biasEdge(net, o.Target)
		if bias == nil {
			return nil
		}
		for r := range net.Vertices[o.Target].Dim {
			g[bias.Offset+r] -= c.low[i][a] * e.W[r*e.Cols+a]
		}
	}
	return g
}

// biasEdge returns a trainable, untied arrow from a bias into vertex i, or nil.
func biasEdge(net *pieces.Network, i int) *pieces.Arrow {
	for k := range net.Vertices[i].In {
		if e := &net.Vertices[i].In[k]; net.Vertices[e.Source].Kind == quiver.KindBias && e.Offset >= 0 && !e.Tied {
			return e
		}
	}
	return nil
}
