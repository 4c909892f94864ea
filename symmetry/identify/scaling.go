package identify

import (
	"maps"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/pieces"
	"github.com/quivernet/quivernet/internal/rank"
	"github.com/quivernet/quivernet/quiver"
)

// The rescalings of a network: a factor e^{t_u} for each unit u multiplies the unit's
// incoming weights, and where the activation is positively homogeneous of degree p,
// e^{−p·t_u} its outgoing ones. A fixed entry from u to v allows only t_v = p·t_u,
// tied arrows only equal factors, and t = 0 at inputs, biases, outputs and at units
// of any other activation. What remains is a linear space of vectors t.

// rescalings is a basis of the space of rescalings that the architecture allows.
type rescalings struct {
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

// dim returns the number of independent rescalings of a generic representation.
func (s *rescalings) dim() int { return len(s.basis) - s.idle }

func rescalingsOf(net *pieces.Network) *rescalings {
	s := &rescalings{net: net, first: make([]int, len(net.Vertices)+1)}
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
func (s *rescalings) tie(blocks map[int][]*pieces.Arrow, target map[*pieces.Arrow]int, roots []int, free *ratios) {
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

// tangent returns the directions of the rescaling orbit at w, basis × NumParams:
// ∂/∂t of e^{t_i − p·t_j} W_a[i,j].
func (s *rescalings) tangent() *mat.Dense {
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

// balance returns a factor for each column of J, a power of two, that makes it the
// J of a representation on the same rescaling orbit whose units have incoming
// weights of norm about one. Ranks of J so scaled do not depend on where on its orbit
// the representation is, and the scaling itself is exact.
func balance(net *pieces.Network) []float64 {
	s := rescalingsOf(net)
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

// ratios is a union–find structure for equations t_i = c·t_j; zero marks the classes
// in which all t are 0.
type ratios struct {
	parent []int
	factor []float64 // t_u = factor·t_parent
	zero   []bool
}

func newRatios(n int) *ratios {
	r := &ratios{make([]int, n), make([]float64, n), make([]bool, n)}
	for i := range n {
		r.parent[i], r.factor[i] = i, 1
	}
	return r
}

// find returns the root of u and c with t_u = c·t_root.
func (r *ratios) find(u int) (root int, c float64) {
	c, root = 1, u
	for r.parent[root] != root {
		c *= r.factor[root]
		root = r.parent[root]
	}
	for f := c; r.parent[u] != u; {
		next, g := r.parent[u], r.factor[u]
		r.parent[u], r.factor[u] = root, f
		f /= g
		u = next
	}
	return root, c
}

func (r *ratios) fix(u int) { root, _ := r.find(u); r.zero[root] = true }

// join adds t_u = c·t_v.
func (r *ratios) join(u, v int, c float64) {
	a, f := r.find(u)
	b, g := r.find(v)
	if a == b {
		if math.Abs(f-c*g) > 1e-12*math.Abs(f) {
			r.zero[a] = true
		}
		return
	}
	r.parent[a], r.factor[a] = b, c*g/f
	r.zero[b] = r.zero[b] || r.zero[a]
}
