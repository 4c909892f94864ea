package deviation

import (
	"math"

	"github.com/quivernet/quivernet/internal/linalg"
	"github.com/quivernet/quivernet/internal/rounding"
	"github.com/quivernet/quivernet/internal/subspace"
	"github.com/quivernet/quivernet/quiver"
	"gonum.org/v1/gonum/mat"
)

// Step is one change of bases: a network, the reduced one, and the frame that leads there.
type Step struct {
	Original, Reduced *quiver.Rep
	Frame             *subspace.Frame
}

// Parting returns the hidden vertex at which the reduced network first leaves the original by more
// than rounding explains, on some rows: the difference of x_v and B_v·x̃_v, coordinate by
// coordinate, beside twice the running error. It returns "" where there is none.
func (s Step) Parting(xs []*mat.Dense, barred map[string]string) string {
	q := s.Original.Quiver()
	full, small := rounding.Of(s.Original, xs), rounding.Of(s.Reduced, xs)
	excess := make([]float64, q.NumVertices())
	for v, vertex := range q.Vertices() {
		b := s.Frame.Basis[v]
		if vertex.Kind != quiver.KindHidden || b == nil || s.Frame.Dropped[v] || vertex.Dim == 0 || barred[vertex.Name] != "" {
			continue
		}
		d, k := vertex.Dim, linalg.Width(b)
		for n := range full.N {
			x, e := full.X[v][n*d:(n+1)*d], full.E[v][n*d:(n+1)*d]
			y := make([]float64, d)
			if k > 0 {
				y = linalg.MulVec(b, small.X[v][n*k:(n+1)*k])
			}
			for i := range x {
				if o := math.Abs(x[i] - y[i]); o > Margin*e[i] {
					excess[v] = max(excess[v], o/e[i])
				}
			}
		}
	}
	most := maximum(excess)
	for v, x := range excess {
		if x > 0 && x >= 0.1*most {
			return q.Vertices()[v].Name
		}
	}
	return ""
}
