package rescale

import (
	"math"

	"github.com/quivernet/quivernet/internal/pieces"
	"github.com/quivernet/quivernet/quiver"
)

// Balance returns a factor for each column of J, a power of two, that makes it the
// J of a representation on the same rescaling orbit whose units have incoming
// weights of norm about one. Ranks of J so scaled do not depend on where on its orbit
// the representation is, and the scaling itself is exact.
func Balance(net *pieces.Network) []float64 {
	s := Of(net)
	alone := make([]bool, s.first[len(net.Vertices)])
	for _, v := range s.basis {
		if len(v) == 1 {
			alone[v[0].unit] = true
		}
	}
	f := make([]float64, len(alone)) // the factor of each unit
	for u := range f {
		f[u] = 1
	}
	col := make([]float64, net.Params)
	for j := range col {
		col[j] = 1
	}
	for i := range net.Vertices {
		v := &net.Vertices[i]
		for r := range v.Dim {
			u, sum := s.first[i]+r, 0.0
			for k := range v.In {
				e := &v.In[k]
				p := power(&net.Vertices[e.Source])
				for c := range e.Cols {
					sum = math.Hypot(sum, e.W[r*e.Cols+c]/math.Pow(f[s.first[e.Source]+c], p))
				}
			}
			if alone[u] && sum > 0 && !math.IsInf(sum, 0) && v.Kind == quiver.KindHidden {
				f[u] = math.Ldexp(1, -int(math.Round(math.Log2(sum))))
			}
			for k := range v.In {
				e := &v.In[k]
				if e.Offset < 0 {
					continue
				}
				p := power(&net.Vertices[e.Source])
				for c := range e.Cols {
					col[e.Offset+r*e.Cols+c] = math.Pow(f[s.first[e.Source]+c], p) / f[u]
				}
			}
		}
	}
	return col
}
