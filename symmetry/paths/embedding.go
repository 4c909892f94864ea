package paths

import (
	"fmt"
	"math"
	"math/big"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/pieces"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry/identify"
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
	net, err := pieces.LinearToOutputs(w, "path embedding")
	if err != nil {
		return nil, err
	}
	ps, err := net.Paths(limit, net.OutDim)
	if err != nil {
		return nil, err
	}
	return embed(net, ps)
}

// embed computes Φ on enumerated paths.
func embed(net *pieces.Network, ps []pieces.Path) (*mat.Dense, error) {
	phi := make([]float64, len(ps)*net.OutDim)
	for i, p := range ps {
		row := phi[i*net.OutDim : (i+1)*net.OutDim]
		end := p[len(p)-1]
		product := product(net, p)
		toOutputs(net, end, func(k int, e *pieces.Arrow, at int) { row[k] += product * e.W[at] })
		for k, v := range row {
			if math.IsInf(v, 0) || math.IsNaN(v) {
				return nil, &pieces.OverflowError{What: fmt.Sprintf("Φ of the path %v to output %d", named(net, p), k), Advice: "rescale the network, or use PathNorm, which gives logarithms"}
			}
		}
	}
	return wrap(len(ps), net.OutDim, phi), nil
}

// product returns the product of the weights along a path.
func product(net *pieces.Network, p pieces.Path) float64 {
	f := 1.0
	for i := 1; i < len(p); i++ {
		e := &net.Vertices[p[i].Vertex].In[p[i].Arrow]
		f *= e.W[p[i].Unit*e.Cols+p[i-1].Unit]
	}
	return f
}

// toOutputs calls f for each entry that leads from a unit to an output: the output's
// row in the stack, the arrow and the entry's place in it.
func toOutputs(net *pieces.Network, from pieces.Step, f func(k int, e *pieces.Arrow, at int)) {
	for _, o := range net.Vertices[from.Vertex].Out {
		t := &net.Vertices[o.Target]
		if t.Row < 0 {
			continue
		}
		e := &t.In[o.In]
		for r := range t.Dim {
			f(t.Row+r, e, r*e.Cols+from.Unit)
		}
	}
}

// PathActivations returns α(X,θ), samples × paths: the value at the start of a path (the
// input coordinate, or 1 for a bias) times the slopes of the units on it, which for
// ReLU are 1 where they are active and 0 elsewhere. limit bounds the number of
// entries; 0 means 2·10⁶. Errors: as PathEmbedding, and BoundaryError.
func PathActivations(w *quiver.Rep, xs []*mat.Dense, limit int, o identify.Options) (*mat.Dense, error) {
	net, err := pieces.LinearToOutputs(w, "path activations")
	if err != nil {
		return nil, err
	}
	rows, err := net.Samples(xs)
	if err != nil {
		return nil, err
	}
	if rows, _, err = net.Smooth(rows, o.Drop); err != nil {
		return nil, err
	}
	ps, err := net.Paths(limit, len(rows))
	if err != nil {
		return nil, err
	}
	alpha := make([]float64, len(rows)*len(ps))
	s := net.NewState()
	for i, x := range rows {
		net.Forward(s, x)
		net.Activations(alpha[i*len(ps):(i+1)*len(ps)], ps, s)
	}
	return wrap(len(rows), len(ps), alpha), nil
}

// EmbeddingJacobian returns DΦ(θ), (paths·outputs) × NumParams, row p·outputs+k for the
// entry Φ_{p,k}, columns as in the slab. Away from kinks J = (α ⊗ I)·DΦ. Its rank is
// NumParams minus the independent rescalings, unless some unit has no weights in or
// no weights out (arXiv 2206.07424). limit bounds the number of entries; 0 means 5·10⁷.
// Errors: as PathEmbedding.
func EmbeddingJacobian(w *quiver.Rep, limit int) (*mat.Dense, error) {
	net, err := pieces.LinearToOutputs(w, "path embedding")
	if err != nil {
		return nil, err
	}
	if limit <= 0 {
		limit = identify.Options{}.MaxEntries()
	}
	n := net.CountPaths(net.Feeders())
	n.Mul(n, big.NewInt(int64(net.OutDim*net.Params)))
	if !n.IsInt64() || n.Int64() > int64(limit) {
		return nil, &pieces.LimitError{What: "derivative of the path embedding: number of entries", Count: n, Limit: limit, Advice: "use the rank of J instead"}
	}
	ps, err := net.Paths(limit, 1)
	if err != nil {
		return nil, err
	}
	d := make([]float64, len(ps)*net.OutDim*net.Params)
	for i, p := range ps {
		block := d[i*net.OutDim*net.Params : (i+1)*net.OutDim*net.Params]
		end := p[len(p)-1]
		product := product(net, p)
		// one derivative for each weight on the path, then for the last entry
		toOutputs(net, end, func(k int, e *pieces.Arrow, at int) {
			row := block[k*net.Params : (k+1)*net.Params]
			if e.Offset >= 0 {
				row[e.Offset+at] += product
			}
			last := e.W[at]
			for j := 1; j < len(p); j++ {
				in := &net.Vertices[p[j].Vertex].In[p[j].Arrow]
				if in.Offset < 0 {
					continue
				}
				others := last
				for t := 1; t < len(p); t++ {
					if t != j {
						o := &net.Vertices[p[t].Vertex].In[p[t].Arrow]
						others *= o.W[p[t].Unit*o.Cols+p[t-1].Unit]
					}
				}
				row[in.Offset+p[j].Unit*in.Cols+p[j-1].Unit] += others
			}
		})
	}
	return wrap(len(ps)*net.OutDim, net.Params, d), nil
}
