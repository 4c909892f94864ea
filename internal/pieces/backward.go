package pieces

import (
	"fmt"
	"math"

	"github.com/quivernet/quivernet/quiver"
)

// Sweep computes Jacobian rows: the rows of all outputs at once, by one reverse pass.
type Sweep struct {
	net   *Network
	State *State
	g     [][]float64 // by vertex: OutDim×Dim, row-major
	hit   [][]bool    // by vertex: the outputs that have a gradient there
	tmp   []float64
}

// NewSweep returns the memory of a reverse pass.
func (net *Network) NewSweep() *Sweep {
	p := &Sweep{net: net, State: net.NewState(), g: make([][]float64, len(net.Vertices)), hit: make([][]bool, len(net.Vertices))}
	widest := 0
	for i := range net.Vertices {
		p.g[i] = make([]float64, net.OutDim*net.Vertices[i].Dim)
		p.hit[i] = make([]bool, net.OutDim)
		widest = max(widest, net.Vertices[i].Dim)
	}
	p.tmp = make([]float64, widest)
	return p
}

// Rows stores ∂f_k/∂θ for all k, after State was computed by Forward, in dst, OutDim×Params row-major: with
// G_y = the rows of the identity that belong to y, in reverse topological order
//
//	Δ_v = G_v·Dρ_v(z_v),  ∂/∂W_a = Δ_{t(a)}[k,·]ᵀ x_{s(a)},  G_s += Δ_{t(a)} W_a.
//
// A derivative beyond float64 is an OverflowError.
func (p *Sweep) Rows(dst []float64, sample int) error {
	net := p.net
	clear(dst)
	for i := range net.Vertices {
		clear(p.g[i])
		clear(p.hit[i])
	}
	for i := len(net.Vertices) - 1; i >= 0; i-- {
		v := &net.Vertices[i]
		if v.Row >= 0 {
			for r := range v.Dim {
				p.g[i][(v.Row+r)*v.Dim+r]++
				p.hit[i][v.Row+r] = true
			}
		}
		if v.IsSource() {
			continue
		}
		for k := range net.OutDim {
			if !p.hit[i][k] {
				continue
			}
			delta := p.g[i][k*v.Dim : (k+1)*v.Dim]
			row := dst[k*net.Params : (k+1)*net.Params]
			switch {
			case v.PiecewiseLinear || v.Jet != nil:
				for r, d := range p.State.Slope[i] {
					delta[r] *= d
				}
			case v.Params != nil:
				act := v.Act.(quiver.Parametric)
				copy(p.tmp, delta)
				act.VJPP(delta, row[v.ParamOffset:v.ParamOffset+len(v.Params)], p.State.Z[i], p.tmp[:v.Dim], v.Params)
			default:
				v.Act.VJP(delta, p.State.Z[i], delta)
			}
			for j := range v.In {
				e := &v.In[j]
				x := p.State.X[e.Source]
				var up []float64
				if !net.Vertices[e.Source].IsSource() {
					up = p.g[e.Source][k*e.Cols : (k+1)*e.Cols]
					p.hit[e.Source][k] = true
				}
				for r, d := range delta {
					if d == 0 {
						continue
					}
					if e.Offset >= 0 {
						Axpy(row[e.Offset+r*e.Cols:e.Offset+(r+1)*e.Cols], d, x)
					}
					if up != nil {
						Axpy(up, d, e.W[r*e.Cols:(r+1)*e.Cols])
					}
				}
			}
		}
	}
	for j, x := range dst {
		if math.IsInf(x, 0) || math.IsNaN(x) {
			return &OverflowError{fmt.Sprintf("the derivative of output %d by %s at sample %d", j/net.Params, net.place(j%net.Params), sample), "rescale the weights or the samples"}
		}
	}
	return nil
}

// Sample computes sample number n and stores its rows in dst, unless a unit lies on a kink there: it
// is returned then. Errors: OverflowError.
func (p *Sweep) Sample(dst, x []float64, n int) (b Boundary, kink bool, err error) {
	p.net.Forward(p.State, x)
	if err := p.net.overflow(p.State, n); err != nil {
		return Boundary{}, false, err
	}
	if b, kink = p.net.Boundary(p.State, n); kink {
		return b, true, nil
	}
	return Boundary{}, false, p.Rows(dst, n)
}

// place names a number of the slab: the arrow with its entry, or the vertex whose
// activation has it.
func (net *Network) place(j int) string {
	for s, d := range net.Rep.Segments() {
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
