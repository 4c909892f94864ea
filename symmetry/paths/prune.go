package paths

import (
	"fmt"
	"math"
	"slices"

	"github.com/quivernet/quivernet/internal/pieces"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry/identify"
)

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
	if r == nil {
		return "<nil>"
	}
	return fmt.Sprintf("pruned %d of %d weights by path magnitude\n  path norm  %v → %v\n  %v\n", r.Pruned, r.Of, r.Before, r.After, r.Bound)
}

// PruneByPaths returns a copy of w in which the given fraction of the weights on
// trainable arrows, those with the least path saliency, is set to zero; ties are broken
// by place in the slab. Errors: ParameterError for a fraction outside [0, 1], and those
// of PathSaliency.
func PruneByPaths(w *quiver.Rep, fraction float64, o PruneOptions) (*quiver.Rep, *PruneReport, error) {
	if !(fraction >= 0 && fraction <= 1) {
		return nil, nil, &identify.ParameterError{Name: "fraction", Value: fraction, Want: "a number between 0 and 1"}
	}
	s, err := PathSaliency(w)
	if err != nil {
		return nil, nil, err
	}
	net, err := pieces.Of(w)
	if err != nil {
		return nil, nil, err
	}
	can := make([]bool, net.Params)
	for i := range net.Vertices {
		for k := range net.Vertices[i].In {
			e := &net.Vertices[i].In[k]
			if e.Offset < 0 || o.KeepBiases && net.Vertices[e.Source].Kind == quiver.KindBias {
				continue
			}
			for j := range e.W {
				can[e.Offset+j] = true
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
