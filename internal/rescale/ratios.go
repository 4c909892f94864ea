package rescale

import "math"

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
