package stitch

import (
	"fmt"

	"github.com/quivernet/quivernet/quiver"
)

// Path is the loss on the straight line between two networks.
type Path struct {
	T, Loss []float64
	Barrier float64 // the largest of Loss[k] − ((1−t)·Loss[0] + t·Loss[last]); 0 where the line is below its chord
}

// Along returns the loss of (1−t)a + t·b at n equal steps of t, both ends included: how far two networks
// are from one valley. After symmetry.Aligned, Act brings a near b and the barrier down. Vertex
// parameters are mixed like weights; fixed matrices are b's.
// Errors: *quiver.LayoutError, *FeatureError for n < 2, those of loss.
func Along(a, b *quiver.Rep, n int, loss func(*quiver.Rep) (float64, error)) (*Path, error) {
	if err := b.Fits(a); err != nil {
		return nil, err
	}
	if n < 2 || n > 1<<30 {
		return nil, &FeatureError{"Along", fmt.Sprintf("%d points; want at least the two ends", n)}
	}
	if loss == nil {
		return nil, &FeatureError{"Along", "the loss is nil"}
	}
	p := &Path{T: make([]float64, n), Loss: make([]float64, n)}
	for k := range n {
		t := float64(k) / float64(n-1)
		w := b.Clone()
		w.Scale(t)
		w.AddScaled(1-t, a)
		var err error
		if p.T[k] = t; k == n-1 {
			w = b
		}
		if p.Loss[k], err = loss(w); err != nil {
			return nil, err
		}
	}
	for k, t := range p.T {
		p.Barrier = max(p.Barrier, p.Loss[k]-((1-t)*p.Loss[0]+t*p.Loss[n-1]))
	}
	return p, nil
}
