package identify

import (
	"fmt"
	"math"
	"math/big"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// Options are the settings that all methods on a batch of samples share. The zero
// value is the good default.
type Options struct {
	// Drop leaves out the samples that lie on a kink and counts them; without it
	// they are a BoundaryError.
	Drop bool

	// Limit is the largest number of entries of a matrix that is returned or held
	// whole; 0 means 5·10⁷ (400 MB). Ranks are computed in chunks and do not need it.
	Limit int

	// Tolerance is the relative tolerance of numerical ranks: singular values up to
	// Tolerance·s_1 count as zero. 0 means max(rows, columns)·2⁻⁵².
	Tolerance float64
}

// check returns a ParameterError for a tolerance that is none.
func (o Options) check() error { return tolerance("Tolerance", o.Tolerance) }

func tolerance(name string, x float64) error {
	if !(x >= 0) || math.IsInf(x, 0) {
		return &ParameterError{name, x, "a finite number, 0 or more"}
	}
	return nil
}

func (o Options) limit() int {
	if o.Limit > 0 {
		return o.Limit
	}
	return 5e7
}

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

// Jacobian returns J, the matrix of the derivatives of all outputs at all samples with
// respect to all trainable numbers: (samples·outputs) × NumParams, rows by sample and,
// within a sample, by output (in declared order), columns as in the slab (Rep.Data).
//
// It works for any acyclic quiver and any activations: one forward and one reverse
// pass per sample, O(samples·outputs·NumParams) in all. At a kink (of a pointwise
// activation) f has no derivative: see Options.Drop. Errors: BoundaryError,
// LimitError (then use Dimension or EachRow, which keep no J), OverflowError, quiver.InputError,
// quiver.ShapeError, quiver.NonFiniteError, EmptyError.
func Jacobian(w *quiver.Rep, xs []*mat.Dense, o Options) (*mat.Dense, error) {
	net, err := compile(w)
	if err != nil {
		return nil, err
	}
	rows, err := net.samples(xs)
	if err != nil {
		return nil, err
	}
	kept, _, err := net.smooth(rows, o.Drop)
	if err != nil {
		return nil, err
	}
	n := new(big.Int).Mul(big.NewInt(int64(len(kept))), new(big.Int).Mul(big.NewInt(int64(net.outDim)), big.NewInt(int64(net.params))))
	if !n.IsInt64() || n.Int64() > int64(o.limit()) {
		return nil, &LimitError{fmt.Sprintf("Jacobian of %d samples × %d outputs × %d parameters: number of entries", len(kept), net.outDim, net.params), n, o.limit(), "use Dimension or EachRow, which work in chunks"}
	}
	if n.Sign() == 0 {
		return &mat.Dense{}, nil
	}
	j := mat.NewDense(len(kept)*net.outDim, net.params, nil)
	p := net.newSweep()
	data, block := j.RawMatrix().Data, net.outDim*net.params
	for i, x := range kept {
		net.forward(p.s, x)
		if err := p.rows(data[i*block:(i+1)*block], i); err != nil {
			return nil, err
		}
	}
	return j, nil
}

// EachRow calls f with the rows of J sample by sample, without holding J: rows is
// outputs × NumParams and is overwritten by the next call. f returning an error ends
// the pass. Errors as Jacobian, but for LimitError.
func EachRow(w *quiver.Rep, xs []*mat.Dense, o Options, f func(sample int, rows *mat.Dense) error) error {
	if f == nil {
		return &ParameterError{"f", 0, "a function"}
	}
	net, err := compile(w)
	if err != nil {
		return err
	}
	samples, err := net.samples(xs)
	if err != nil {
		return err
	}
	if _, _, err = net.smooth(samples, o.Drop); err != nil {
		return err
	}
	if net.outDim*net.params == 0 {
		return nil
	}
	p := net.newSweep()
	rows := mat.NewDense(net.outDim, net.params, nil)
	for i, x := range samples {
		net.forward(p.s, x)
		if _, bad := net.boundary(p.s, i); bad {
			continue
		}
		if err := p.rows(rows.RawMatrix().Data, i); err != nil {
			return err
		}
		if err := f(i, rows); err != nil {
			return err
		}
	}
	return nil
}

func axpy(dst []float64, a float64, x []float64) {
	for i, v := range x {
		dst[i] += a * v
	}
}
