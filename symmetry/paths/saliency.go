package paths

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/quivernet/quivernet/internal/pieces"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry/identify"
)

// Saliency says how much of the path norm with q = 1 goes through each weight.
type Saliency struct {
	Share *quiver.Rep // the share of ‖Φ‖₁ through each weight, between 0 and 1
	Norm  Norm        // ‖Φ‖₁
}

// entries returns the weights that carry something, the greatest share first.
func (s *Saliency) entries() []entry {
	var es []entry
	for name, m := range s.Share.All() {
		r, c := m.Dims()
		for i := range r {
			for j := range c {
				if x := m.At(i, j); x > 0 {
					es = append(es, entry{name, i, j, x})
				}
			}
		}
	}
	slices.SortStableFunc(es, func(a, b entry) int { return cmp.Compare(b.share, a.share) })
	return es
}

type entry struct {
	arrow    string
	row, col int
	share    float64
}

// String returns the path norm and the ten weights through which most of it goes.
func (s *Saliency) String() string {
	if s == nil || s.Share == nil {
		return "<nil>"
	}
	var b strings.Builder
	es := s.entries()
	fmt.Fprintf(&b, "path norm %v; %d of %d weights carry it\n", s.Norm, len(es), len(s.Share.Data()))
	for _, e := range es[:min(len(es), 10)] {
		fmt.Fprintf(&b, "  %6.2f %%  %s[%d,%d]\n", 100*e.share, e.arrow, e.row, e.col)
	}
	if len(es) > 10 {
		fmt.Fprintf(&b, "  and %d more\n", len(es)-10)
	}
	return b.String()
}

// MarshalJSON returns the norm, and the shares as a slab.
func (s *Saliency) MarshalJSON() ([]byte, error) {
	if s == nil || s.Share == nil {
		return nil, &identify.ParameterError{Name: "Saliency", Value: 0, Want: "one that PathSaliency made"}
	}
	return json.Marshal(struct {
		Norm  Norm      `json:"norm"`
		Share []float64 `json:"share"`
	}{s.Norm, s.Share.Data()})
}

// Mass returns share × norm, |θ_i|·∂‖Φ‖₁/∂|θ_i|, or an OverflowError where the norm is
// outside the range of float64. Compare shares then.
func (s *Saliency) Mass() (*quiver.Rep, error) {
	if s == nil || s.Share == nil {
		return nil, &identify.ParameterError{Name: "Saliency", Value: 0, Want: "one that PathSaliency made"}
	}
	n, ok := s.Norm.Value()
	if !ok {
		return nil, &pieces.OverflowError{What: "the path norm", Advice: "compare Share, which is the mass over the norm"}
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
	net, err := pieces.Of(w)
	if err != nil {
		return nil, err
	}
	if err := net.CheckLinear("path saliency"); err != nil {
		return nil, err
	}
	s := &Saliency{Share: w.Like(), Norm: pathNorm(net, normPass{q: 1})}
	if math.IsInf(s.Norm.Log10, -1) {
		return s, nil
	}
	x, xs := make([][]float64, len(net.Vertices)), make([]float64, len(net.Vertices))
	for i := range net.Vertices {
		v := &net.Vertices[i]
		x[i] = make([]float64, v.Dim)
		if v.IsSource() {
			for r := range x[i] {
				x[i][r] = 1
			}
			continue
		}
		xs[i] = gather(x[i], len(v.In), func(k int) (*pieces.Arrow, []float64, float64) {
			return &v.In[k], x[v.In[k].Source], xs[v.In[k].Source]
		}, false)
	}
	g, gs := make([][]float64, len(net.Vertices)), make([]float64, len(net.Vertices))
	for i := len(net.Vertices) - 1; i >= 0; i-- {
		v := &net.Vertices[i]
		g[i] = make([]float64, v.Dim)
		n := len(v.Out)
		if v.Row >= 0 {
			n++ // the output itself
		}
		gs[i] = gather(g[i], n, func(k int) (*pieces.Arrow, []float64, float64) {
			if k == len(v.Out) {
				return nil, nil, 0
			}
			o := v.Out[k]
			return &net.Vertices[o.Target].In[o.In], g[o.Target], gs[o.Target]
		}, true)
	}
	total := s.Norm.Log10 * math.Ln10
	data := s.Share.Data()
	for i := range net.Vertices {
		for k := range net.Vertices[i].In {
			e := &net.Vertices[i].In[k]
			if e.Offset < 0 {
				continue
			}
			scale := xs[e.Source] + gs[i]
			for r := range net.Vertices[i].Dim {
				for c := range e.Cols {
					if m := math.Abs(e.W[r*e.Cols+c]) * x[e.Source][c] * g[i][r]; m > 0 {
						if n, ok := s.Norm.Value(); ok && scale == 0 {
							data[e.Offset+r*e.Cols+c] += m / n
						} else {
							data[e.Offset+r*e.Cols+c] += math.Exp(math.Log(m) + scale - total)
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
func gather(dst []float64, n int, term func(k int) (*pieces.Arrow, []float64, float64), transposed bool) float64 {
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
		rows := len(e.RowNorms)
		for r := range rows {
			for c := range e.Cols {
				if w := math.Abs(e.W[r*e.Cols+c]); transposed {
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
