package rescale

import (
	"maps"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/pieces"
	"github.com/quivernet/quivernet/internal/rank"
)

// Space is the linear space of the rescalings that an architecture allows, by a basis.
type Space struct {
	net   *pieces.Network
	first []int // number of the first unit by vertex
	basis [][]term
	idle  int // directions that move no weight, in components that no input or output touches
}

// term is one coordinate of a vector over units.
type term struct {
	unit int
	t    float64
}

// Dim returns the number of independent rescalings of a generic representation.
func (s *Space) Dim() int { return len(s.basis) - s.idle }

// Of finds the rescalings of a network. Its weights play no part, except that a fixed entry that is 0
// links no units.
func Of(net *pieces.Network) *Space {
	s := &Space{net: net, first: make([]int, len(net.Vertices)+1)}
	for i := range net.Vertices {
		s.first[i+1] = s.first[i] + net.Vertices[i].Dim
	}
	n := s.first[len(net.Vertices)]
	free, linked := newRatios(n), newRatios(n)
	for i := range net.Vertices {
		v := &net.Vertices[i]
		for r := range v.Dim {
			if !v.Scalable() {
				free.fix(s.first[i] + r)
				linked.fix(s.first[i] + r)
			}
		}
	}
	blocks := make(map[int][]*pieces.Arrow) // trainable arrows by their place in the slab
	target := make(map[*pieces.Arrow]int)
	for i := range net.Vertices {
		v := &net.Vertices[i]
		for k := range v.In {
			e := &v.In[k]
			target[e] = i
			if e.Offset >= 0 && len(e.W) > 0 {
				blocks[e.Offset] = append(blocks[e.Offset], e)
			}
			p := power(&net.Vertices[e.Source])
			for r := range v.Dim {
				for c := range e.Cols {
					if e.Offset < 0 && e.W[r*e.Cols+c] == 0 {
						continue
					}
					to, from := s.first[i]+r, s.first[e.Source]+c
					linked.join(to, from, p)
					if e.Offset < 0 {
						free.join(to, from, p)
					}
				}
			}
		}
	}
	classes := make(map[int][]term)
	var roots []int
	for u := range n {
		root, c := free.find(u)
		if free.zero[root] {
			continue
		}
		if classes[root] == nil {
			roots = append(roots, root)
		}
		classes[root] = append(classes[root], term{u, c})
		if r, _ := linked.find(u); r == u && !linked.zero[r] {
			s.idle++
		}
	}
	for _, r := range roots {
		s.basis = append(s.basis, classes[r])
	}
	s.tie(blocks, target, roots, free)
	return s
}

// power returns the degree of homogeneity where the vertex can be rescaled, else 1.
func power(v *pieces.Vertex) float64 {
	if v.Scalable() {
		return v.Degree
	}
	return 1
}

// tie restricts the basis to what tied arrows allow: t_i − p·t_j is the same for all
// arrows that share the entry (i,j).
func (s *Space) tie(blocks map[int][]*pieces.Arrow, target map[*pieces.Arrow]int, roots []int, free *ratios) {
	column := make(map[int]int, len(roots))
	for k, r := range roots {
		column[r] = k
	}
	var red *rank.Reducer
	for _, at := range slices.Sorted(maps.Keys(blocks)) {
		es := blocks[at]
		for _, e := range es[1:] {
			if red == nil {
				red = rank.NewReducer(len(roots))
			}
			for r := range s.net.Vertices[target[e]].Dim {
				for c := range e.Cols {
					row := make([]float64, len(roots))
					add := func(u int, f float64) {
						if root, k := free.find(u); !free.zero[root] {
							row[column[root]] += f * k
						}
					}
					add(s.first[target[e]]+r, 1)
					add(s.first[e.Source]+c, -power(&s.net.Vertices[e.Source]))
					add(s.first[target[es[0]]]+r, -1)
					add(s.first[es[0].Source]+c, power(&s.net.Vertices[es[0].Source]))
					red.Add(row)
				}
			}
		}
	}
	if red == nil || len(roots) == 0 {
		return
	}
	_, k := red.Kernel(nil, 0)
	old := s.basis
	s.basis = nil
	if k.IsEmpty() {
		s.idle = 0
		return
	}
	rows, cols := k.Dims()
	for j := range cols {
		var v []term
		for i := range rows {
			if x := k.At(i, j); math.Abs(x) > 1e-14 {
				for _, t := range old[i] {
					v = append(v, term{t.unit, x * t.t})
				}
			}
		}
		s.basis = append(s.basis, v)
	}
	s.idle = min(s.idle, len(s.basis))
}

// Tangent returns the directions of the rescaling orbit at w, basis × NumParams:
// ∂/∂t of e^{t_i − p·t_j} W_a[i,j].
func (s *Space) Tangent() *mat.Dense {
	if len(s.basis) == 0 || s.net.Params == 0 {
		return &mat.Dense{}
	}
	m := mat.NewDense(len(s.basis), s.net.Params, nil)
	t := make([]float64, s.first[len(s.net.Vertices)])
	for b, v := range s.basis {
		clear(t)
		for _, x := range v {
			t[x.unit] = x.t
		}
		row := m.RawRowView(b)
		for i := range s.net.Vertices {
			for k := range s.net.Vertices[i].In {
				e := &s.net.Vertices[i].In[k]
				if e.Offset < 0 {
					continue
				}
				p := power(&s.net.Vertices[e.Source])
				for r := range s.net.Vertices[i].Dim {
					for c := range e.Cols {
						row[e.Offset+r*e.Cols+c] = e.W[r*e.Cols+c] * (t[s.first[i]+r] - p*t[s.first[e.Source]+c])
					}
				}
			}
		}
	}
	return m
}

// Orbit returns the directions of the rescaling orbit of a network, as rows, their rank, which is the
// dimension of the orbit, and the dimension that it has at generic weights.
func Orbit(net *pieces.Network) (t *mat.Dense, dim, generic int) {
	s := Of(net)
	t = s.Tangent()
	if t.IsEmpty() {
		return t, 0, s.Dim()
	}
	red := rank.NewReducer(net.Params)
	r, _ := t.Dims()
	row := make([]float64, net.Params)
	for i := range r {
		copy(row, t.RawRowView(i))
		if n := pieces.Norm(row); n > 0 {
			for j := range row {
				row[j] /= n
			}
		}
		red.Add(row)
	}
	return t, red.Rank().Rank, s.Dim()
}
