package identify

import (
	"fmt"
	"math"
	"math/big"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// PathEmbedding returns Φ(θ), paths × outputs: the product of the weights along a path,
// times the entry from its last unit to the output,
//
//	Φ_{p,k} = w_{u_1←u_0} ⋯ w_{u_l←u_{l−1}} · Σ_a W_a[k, u_l].
//
// Rows are in the order of Paths; the sum is over parallel arrows to the output, fixed
// entries count as weights. Φ is constant along positive rescalings, and
// with the path activations α, f_θ(X) = α(X,θ)Φ(θ) (arXiv 2107.09370). limit bounds the
// number of entries; 0 means 2·10⁶.
//
// It is for acyclic quivers whose vertices are linear on each side of 0, with the
// identity at the outputs. Errors: ActivationError, LimitError, OverflowError.
func PathEmbedding(w *quiver.Rep, limit int) (*mat.Dense, error) {
	net, err := pathNet(w, "path embedding")
	if err != nil {
		return nil, err
	}
	ps, err := net.enumerate(limit, net.outDim)
	if err != nil {
		return nil, err
	}
	return embed(net, ps)
}

// embed computes Φ on enumerated paths.
func embed(net *network, ps []path) (*mat.Dense, error) {
	phi := make([]float64, len(ps)*net.outDim)
	for i, p := range ps {
		row := phi[i*net.outDim : (i+1)*net.outDim]
		end := p[len(p)-1]
		product := product(net, p)
		toOutputs(net, end, func(k int, e *edge, at int) { row[k] += product * e.m[at] })
		for k, v := range row {
			if math.IsInf(v, 0) || math.IsNaN(v) {
				return nil, &OverflowError{fmt.Sprintf("Φ of the path %v to output %d", named(net, p), k), "rescale the network, or use PathNorm, which gives logarithms"}
			}
		}
	}
	return wrap(len(ps), net.outDim, phi), nil
}

// product returns the product of the weights along a path.
func product(net *network, p path) float64 {
	f := 1.0
	for i := 1; i < len(p); i++ {
		e := &net.vs[p[i].v].in[p[i].in]
		f *= e.m[p[i].unit*e.cols+p[i-1].unit]
	}
	return f
}

// toOutputs calls f for each entry that leads from a unit to an output: the output's
// row in the stack, the arrow and the entry's place in it.
func toOutputs(net *network, from hop, f func(k int, e *edge, at int)) {
	for _, o := range net.vs[from.v].out {
		t := &net.vs[o.target]
		if t.row < 0 {
			continue
		}
		e := &t.in[o.in]
		for r := range t.dim {
			f(t.row+r, e, r*e.cols+from.unit)
		}
	}
}

// PathActivations returns α(X,θ), samples × paths: the value at the start of a path (the
// input coordinate, or 1 for a bias) times the slopes of the units on it, which for
// ReLU are 1 where they are active and 0 elsewhere. limit bounds the number of
// entries; 0 means 2·10⁶. Errors: as PathEmbedding, and BoundaryError.
func PathActivations(w *quiver.Rep, xs []*mat.Dense, limit int, o Options) (*mat.Dense, error) {
	net, err := pathNet(w, "path activations")
	if err != nil {
		return nil, err
	}
	rows, err := net.samples(xs)
	if err != nil {
		return nil, err
	}
	if rows, _, err = net.smooth(rows, o.Drop); err != nil {
		return nil, err
	}
	ps, err := net.enumerate(limit, len(rows))
	if err != nil {
		return nil, err
	}
	alpha := make([]float64, len(rows)*len(ps))
	s := net.newState()
	for i, x := range rows {
		net.forward(s, x)
		activations(net, alpha[i*len(ps):(i+1)*len(ps)], ps, s)
	}
	return wrap(len(rows), len(ps), alpha), nil
}

// activations stores α of one sample, after forward, in dst.
func activations(net *network, dst []float64, ps []path, s *state) {
	for i, p := range ps {
		a := s.x[p[0].v][p[0].unit]
		for _, h := range p[1:] {
			a *= s.slope[h.v][h.unit]
		}
		dst[i] = a
	}
}

// EmbeddingJacobian returns DΦ(θ), (paths·outputs) × NumParams, row p·outputs+k for the
// entry Φ_{p,k}, columns as in the slab. Away from kinks J = (α ⊗ I)·DΦ. Its rank is
// NumParams minus the independent rescalings, unless some unit has no weights in or
// no weights out (arXiv 2206.07424). limit bounds the number of entries; 0 means 5·10⁷.
// Errors: as PathEmbedding.
func EmbeddingJacobian(w *quiver.Rep, limit int) (*mat.Dense, error) {
	net, err := pathNet(w, "path embedding")
	if err != nil {
		return nil, err
	}
	if limit <= 0 {
		limit = Options{}.limit()
	}
	n := net.countPaths(net.feeders())
	n.Mul(n, big.NewInt(int64(net.outDim*net.params)))
	if !n.IsInt64() || n.Int64() > int64(limit) {
		return nil, &LimitError{"derivative of the path embedding: number of entries", n, limit, "use the rank of J instead"}
	}
	ps, err := net.enumerate(limit, 1)
	if err != nil {
		return nil, err
	}
	d := make([]float64, len(ps)*net.outDim*net.params)
	for i, p := range ps {
		block := d[i*net.outDim*net.params : (i+1)*net.outDim*net.params]
		end := p[len(p)-1]
		product := product(net, p)
		// one derivative for each weight on the path, then for the last entry
		toOutputs(net, end, func(k int, e *edge, at int) {
			row := block[k*net.params : (k+1)*net.params]
			if e.at >= 0 {
				row[e.at+at] += product
			}
			last := e.m[at]
			for j := 1; j < len(p); j++ {
				in := &net.vs[p[j].v].in[p[j].in]
				if in.at < 0 {
					continue
				}
				others := last
				for t := 1; t < len(p); t++ {
					if t != j {
						o := &net.vs[p[t].v].in[p[t].in]
						others *= o.m[p[t].unit*o.cols+p[t-1].unit]
					}
				}
				row[in.at+p[j].unit*in.cols+p[j-1].unit] += others
			}
		})
	}
	return wrap(len(ps)*net.outDim, net.params, d), nil
}
