package identify

import (
	"fmt"
	"math"

	"github.com/quivernet/quivernet/quiver"
)

// sweep computes Jacobian rows: the rows of all outputs at once, by one reverse pass.
type sweep struct {
	net *network
	s   *state
	g   [][]float64 // by vertex: outDim×dim, row-major
	hit [][]bool    // by vertex: the outputs that have a gradient there
	tmp []float64
}

func (net *network) newSweep() *sweep {
	p := &sweep{net: net, s: net.newState(), g: make([][]float64, len(net.vs)), hit: make([][]bool, len(net.vs))}
	widest := 0
	for i := range net.vs {
		p.g[i] = make([]float64, net.outDim*net.vs[i].dim)
		p.hit[i] = make([]bool, net.outDim)
		widest = max(widest, net.vs[i].dim)
	}
	p.tmp = make([]float64, widest)
	return p
}

// rows stores ∂f_k/∂θ for all k, after forward, in dst, outDim×params row-major: with
// G_y = the rows of the identity that belong to y, in reverse topological order
//
//	Δ_v = G_v·Dρ_v(z_v),  ∂/∂W_a = Δ_{t(a)}[k,·]ᵀ x_{s(a)},  G_s += Δ_{t(a)} W_a.
//
// A derivative beyond float64 is an OverflowError.
func (p *sweep) rows(dst []float64, sample int) error {
	net := p.net
	clear(dst)
	for i := range net.vs {
		clear(p.g[i])
		clear(p.hit[i])
	}
	for i := len(net.vs) - 1; i >= 0; i-- {
		v := &net.vs[i]
		if v.row >= 0 {
			for r := range v.dim {
				p.g[i][(v.row+r)*v.dim+r]++
				p.hit[i][v.row+r] = true
			}
		}
		if v.isSource() {
			continue
		}
		for k := range net.outDim {
			if !p.hit[i][k] {
				continue
			}
			delta := p.g[i][k*v.dim : (k+1)*v.dim]
			row := dst[k*net.params : (k+1)*net.params]
			switch {
			case v.pieces || v.point != nil:
				for r, d := range p.s.slope[i] {
					delta[r] *= d
				}
			case v.params != nil:
				act := v.act.(quiver.Parametric)
				copy(p.tmp, delta)
				act.VJPP(delta, row[v.paramAt:v.paramAt+len(v.params)], p.s.z[i], p.tmp[:v.dim], v.params)
			default:
				v.act.VJP(delta, p.s.z[i], delta)
			}
			for j := range v.in {
				e := &v.in[j]
				x := p.s.x[e.source]
				var up []float64
				if !net.vs[e.source].isSource() {
					up = p.g[e.source][k*e.cols : (k+1)*e.cols]
					p.hit[e.source][k] = true
				}
				for r, d := range delta {
					if d == 0 {
						continue
					}
					if e.at >= 0 {
						axpy(row[e.at+r*e.cols:e.at+(r+1)*e.cols], d, x)
					}
					if up != nil {
						axpy(up, d, e.m[r*e.cols:(r+1)*e.cols])
					}
				}
			}
		}
	}
	for j, x := range dst {
		if math.IsInf(x, 0) || math.IsNaN(x) {
			return &OverflowError{fmt.Sprintf("the derivative of output %d by %s at sample %d", j/net.params, net.place(j%net.params), sample), "rescale the weights or the samples"}
		}
	}
	return nil
}

// sample computes a sample and stores its rows in dst, unless a unit lies on a kink there.
// Errors: OverflowError.
func (p *sweep) sample(dst, x []float64, n int) (b Boundary, kink bool, err error) {
	p.net.forward(p.s, x)
	if err := p.net.overflow(p.s, n); err != nil {
		return Boundary{}, false, err
	}
	if b, kink = p.net.boundary(p.s, n); kink {
		return b, true, nil
	}
	return Boundary{}, false, p.rows(dst, n)
}

// place names a number of the slab: the arrow with its entry, or the vertex whose
// activation has it.
func (net *network) place(j int) string {
	for s, d := range net.w.Segments() {
		if j < len(d) {
			if s.Arrow == "" {
				return fmt.Sprintf("parameter %d of vertex %q", j, s.Vertex)
			}
			return fmt.Sprintf("%q[%d,%d]", s.Arrow, j/s.Cols, j%s.Cols)
		}
		j -= len(d)
	}
	return ""
}
