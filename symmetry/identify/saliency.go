package identify

import (
	"fmt"
	"math"
	"slices"

	"github.com/quivernet/quivernet/quiver"
)

// Saliency says how much of the path norm with q = 1 goes through each weight.
type Saliency struct {
	Share *quiver.Rep // the share of ‖Φ‖₁ through each weight, between 0 and 1
	Norm  Norm        // ‖Φ‖₁
}

// Mass returns share × norm, |θ_i|·∂‖Φ‖₁/∂|θ_i|, or an OverflowError where the norm is
// outside the range of float64. Compare shares then.
func (s *Saliency) Mass() (*quiver.Rep, error) {
	n, ok := s.Norm.Value()
	if !ok {
		return nil, &OverflowError{"the path norm", "compare Share, which is the mass over the norm"}
	}
	m := s.Share.Clone()
	m.Scale(n)
	return m, nil
}

// PathSaliency returns the path-magnitude saliency of every weight: the share of ‖Φ‖₁
// that paths through it carry, by one forward and one backward pass over |θ| (arXiv
// 2310.01225). It does not change under positive rescaling, as |θ| does. Shares of tied
// arrows add up; activation parameters have none. A network whose path norm is 0 has
// shares 0. Errors: ActivationError, quiver.NonFiniteError.
func PathSaliency(w *quiver.Rep) (*Saliency, error) {
	net, err := compile(w)
	if err != nil {
		return nil, err
	}
	if err := net.linearPieces("path saliency"); err != nil {
		return nil, err
	}
	s := &Saliency{Share: w.Like(), Norm: net.pathNorm(massPass{q: 1})}
	if math.IsInf(s.Norm.Log10, -1) {
		return s, nil
	}
	x, xs := make([][]float64, len(net.vs)), make([]float64, len(net.vs))
	for i := range net.vs {
		v := &net.vs[i]
		x[i] = make([]float64, v.dim)
		if v.isSource() {
			for r := range x[i] {
				x[i][r] = 1
			}
			continue
		}
		xs[i] = gather(x[i], len(v.in), func(k int) (*edge, []float64, float64) { return &v.in[k], x[v.in[k].source], xs[v.in[k].source] }, false)
	}
	g, gs := make([][]float64, len(net.vs)), make([]float64, len(net.vs))
	for i := len(net.vs) - 1; i >= 0; i-- {
		v := &net.vs[i]
		g[i] = make([]float64, v.dim)
		n := len(v.out)
		if v.row >= 0 {
			n++ // the output itself
		}
		gs[i] = gather(g[i], n, func(k int) (*edge, []float64, float64) {
			if k == len(v.out) {
				return nil, nil, 0
			}
			o := v.out[k]
			return &net.vs[o.target].in[o.in], g[o.target], gs[o.target]
		}, true)
	}
	total := s.Norm.Log10 * math.Ln10
	data := s.Share.Data()
	for i := range net.vs {
		for k := range net.vs[i].in {
			e := &net.vs[i].in[k]
			if e.at < 0 {
				continue
			}
			scale := xs[e.source] + gs[i]
			for r := range net.vs[i].dim {
				for c := range e.cols {
					if m := math.Abs(e.m[r*e.cols+c]) * x[e.source][c] * g[i][r]; m > 0 {
						if n, ok := s.Norm.Value(); ok && scale == 0 {
							data[e.at+r*e.cols+c] += m / n
						} else {
							data[e.at+r*e.cols+c] += math.Exp(math.Log(m) + scale - total)
						}
					}
				}
			}
		}
	}
	return s, nil
}

// gather computes dst = Σ_k |W_k|·x_k (or |W_k|ᵀ·x_k), where x_k stands for
// x_k·e^scale, and returns the scale of dst; it is 0 as long as the numbers keep
// within bounds. A nil arrow stands for 1.
func gather(dst []float64, n int, term func(k int) (*edge, []float64, float64), transposed bool) float64 {
	top := math.Inf(-1)
	for k := range n {
		_, _, s := term(k)
		top = max(top, s)
	}
	if n == 0 {
		return 0
	}
	for k := range n {
		e, x, s := term(k)
		f := math.Exp(s - top)
		if e == nil {
			for r := range dst {
				dst[r] += f
			}
			continue
		}
		rows := len(e.norms)
		for r := range rows {
			for c := range e.cols {
				if w := math.Abs(e.m[r*e.cols+c]); transposed {
					dst[c] += f * w * x[r]
				} else {
					dst[r] += f * w * x[c]
				}
			}
		}
	}
	if m := slices.Max(append(dst, 0)); m > 1e100 || m > 0 && m < 1e-100 {
		for r := range dst {
			dst[r] /= m
		}
		top += math.Log(m)
	}
	return top
}

// PruneOptions are the settings of PruneByPaths.
type PruneOptions struct {
	KeepBiases bool // prune no weight that leaves a bias vertex
}

// PruneReport says what pruning by path magnitude took away. Since |θ′| ≤ |θ|, the
// distance of the path embeddings is the difference of two path norms.
type PruneReport struct {
	Pruned int    `json:"pruned"` // weights set to 0
	Of     int    `json:"of"`     // weights that could be pruned
	Before Norm   `json:"before"` // ‖Φ‖₁
	After  Norm   `json:"after"`
	Bound  Metric `json:"bound"` // on the change of the function
}

// String returns the report as text.
func (r *PruneReport) String() string {
	return fmt.Sprintf("pruned %d of %d weights by path magnitude\n  path norm  %v → %v\n  %v\n", r.Pruned, r.Of, r.Before, r.After, r.Bound)
}

// PruneByPaths returns a copy of w in which the given fraction of the weights on
// trainable arrows, those with the least path saliency, is set to zero; ties are broken
// by place in the slab. Errors: ParameterError for a fraction outside [0, 1], and those
// of PathSaliency.
func PruneByPaths(w *quiver.Rep, fraction float64, o PruneOptions) (*quiver.Rep, *PruneReport, error) {
	if !(fraction >= 0 && fraction <= 1) {
		return nil, nil, &ParameterError{"fraction", fraction, "a number between 0 and 1"}
	}
	s, err := PathSaliency(w)
	if err != nil {
		return nil, nil, err
	}
	net, err := compile(w)
	if err != nil {
		return nil, nil, err
	}
	can := make([]bool, net.params)
	for i := range net.vs {
		for k := range net.vs[i].in {
			e := &net.vs[i].in[k]
			if e.at < 0 || o.KeepBiases && net.vs[e.source].kind == quiver.KindBias {
				continue
			}
			for j := range e.m {
				can[e.at+j] = true
			}
		}
	}
	var at []int
	for j, c := range can {
		if c {
			at = append(at, j)
		}
	}
	share := s.Share.Data()
	slices.SortStableFunc(at, func(a, b int) int {
		switch {
		case share[a] < share[b]:
			return -1
		case share[a] > share[b]:
			return 1
		}
		return a - b
	})
	r := &PruneReport{Of: len(at), Pruned: int(math.Round(fraction * float64(len(at)))), Before: s.Norm}
	out := w.Clone()
	for _, j := range at[:r.Pruned] {
		out.Data()[j] = 0
	}
	if r.After, err = PathNorm(out, 1); err != nil {
		return nil, nil, err
	}
	m, err := PathMetric(w, out)
	if err != nil {
		return nil, nil, err
	}
	r.Bound = *m
	return out, r, nil
}
