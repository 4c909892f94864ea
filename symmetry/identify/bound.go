package identify

import (
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/rank"
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
func (c *collector) symmetryBound(s *rescalings) (int, bool) {
	net := c.net
	dead := make([]bool, net.params)
	for i := range net.vs {
		for k := range net.vs[i].in {
			e := &net.vs[i].in[k]
			if e.at < 0 || e.tied {
				continue
			}
			for r := range net.vs[i].dim {
				off, still := c.constant(i, r)
				for col := range e.cols {
					from, quiet := c.constant(e.source, col)
					dead[e.at+r*e.cols+col] = still && off == 0 || quiet && from == 0
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
	if len(gens) == 0 || net.params == 0 {
		return alive, true
	}
	red := rank.NewReducer(net.params)
	for _, g := range gens {
		for j, d := range dead {
			if d {
				g[j] = 0
			}
		}
		if n := norm(g); n > 0 {
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
func (c *collector) generators(s *rescalings) [][]float64 {
	net := c.net
	gens := [][]float64{}
	if t := s.tangent(); !t.IsEmpty() {
		for b := range s.basis {
			gens = append(gens, append([]float64(nil), t.RawRowView(b)...))
		}
	}
	for i := range net.vs {
		v := &net.vs[i]
		if v.kind != quiver.KindHidden || !freeVertex(net, i) {
			continue
		}
		var still []int
		for r := range v.dim {
			if d, ok := c.constant(i, r); ok && d != 0 {
				still = append(still, r)
			}
		}
		if (len(gens)+len(still)*len(still))*net.params > symmetryLimit {
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
func freeVertex(net *network, i int) bool {
	v := &net.vs[i]
	for k := range v.in {
		if v.in[k].at < 0 || v.in[k].tied {
			return false
		}
	}
	for _, o := range v.out {
		if e := &net.vs[o.target].in[o.in]; e.at < 0 || e.tied {
			return false
		}
	}
	return true
}

// mix is the direction z_a += ε z_b of two units of vertex i with constant slopes.
func (c *collector) mix(i, a, b int) []float64 {
	net, v := c.net, &c.net.vs[i]
	g := make([]float64, net.params)
	for k := range v.in {
		e := &v.in[k]
		copy(g[e.at+a*e.cols:e.at+(a+1)*e.cols], e.m[b*e.cols:(b+1)*e.cols])
	}
	ratio := c.low[i][a] / c.low[i][b]
	for _, o := range v.out {
		e := &net.vs[o.target].in[o.in]
		for r := range net.vs[o.target].dim {
			g[e.at+r*e.cols+b] = -ratio * e.m[r*e.cols+a]
		}
	}
	return g
}

// shift is the direction z_a += ε of a unit of vertex i with constant slope; nil where
// the biases to do and undo it are missing.
func (c *collector) shift(i, a int) []float64 {
	net, v := c.net, &c.net.vs[i]
	g := make([]float64, net.params)
	own := biasEdge(net, i)
	if own == nil {
		return nil
	}
	g[own.at+a]++
	for _, o := range v.out {
		e, bias := &net.vs[o.target].in[o.in], biasEdge(net, o.target)
		if bias == nil {
			return nil
		}
		for r := range net.vs[o.target].dim {
			g[bias.at+r] -= c.low[i][a] * e.m[r*e.cols+a]
		}
	}
	return g
}

// biasEdge returns a trainable, untied arrow from a bias into vertex i, or nil.
func biasEdge(net *network, i int) *edge {
	for k := range net.vs[i].in {
		if e := &net.vs[i].in[k]; net.vs[e.source].kind == quiver.KindBias && e.at >= 0 && !e.tied {
			return e
		}
	}
	return nil
}

// orbit returns the tangent of the rescaling orbit at w, its rank, and the rank that it
// has at generic weights.
func orbit(net *network) (t *mat.Dense, dim, generic int) {
	s := rescalingsOf(net)
	t = s.tangent()
	if t.IsEmpty() {
		return t, 0, s.dim()
	}
	red := rank.NewReducer(net.params)
	r, _ := t.Dims()
	row := make([]float64, net.params)
	for i := range r {
		copy(row, t.RawRowView(i))
		if n := norm(row); n > 0 {
			for j := range row {
				row[j] /= n
			}
		}
		red.Add(row)
	}
	return t, red.Rank().Rank, s.dim()
}
