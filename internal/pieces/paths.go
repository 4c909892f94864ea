package pieces

import (
	"fmt"
	"math/big"
)

// defaultPaths is the largest number of entries of a path embedding unless a limit is
// given.
const defaultPaths = 2e6

// Path is a path through the units of a network, from a unit of an input or a bias to a unit that
// feeds an output.
type Path []Step

// Step is one unit of a path: its vertex by place, its coordinate, and the number of the arrow among
// those into the vertex that leads to it, -1 at the start of the path.
type Step struct{ Vertex, Unit, Arrow int }

// Feeders returns, by vertex, which units feed an output directly: an arrow's entry
// exists where the arrow is trainable or the fixed entry is not 0.
func (net *Network) Feeders() [][]bool {
	f := make([][]bool, len(net.Vertices))
	for i := range net.Vertices {
		f[i] = make([]bool, net.Vertices[i].Dim)
	}
	for _, o := range net.Outputs {
		for r := range net.Vertices[o].Dim {
			net.feed(o, r, f)
		}
	}
	return f
}

// feed marks the units from which an arrow's entry leads to a unit of output o.
func (net *Network) feed(o, unit int, f [][]bool) {
	for k := range net.Vertices[o].In {
		e := &net.Vertices[o].In[k]
		for c := range e.Cols {
			if e.exists(unit, c) {
				f[e.Source][c] = true
			}
		}
	}
}

func (e *Arrow) exists(r, c int) bool { return e.Offset >= 0 || e.W[r*e.Cols+c] != 0 }

// CountPaths returns the number of paths that end in the units of ends, such as Feeders.
func (net *Network) CountPaths(ends [][]bool) *big.Int {
	ending := make([][]*big.Int, len(net.Vertices)) // paths that end at a unit
	total, sums := new(big.Int), make([]*big.Int, len(net.Vertices))
	for i := range net.Vertices {
		v := &net.Vertices[i]
		ending[i], sums[i] = make([]*big.Int, v.Dim), new(big.Int)
		for r := range v.Dim {
			n := new(big.Int)
			if v.IsSource() {
				n.SetInt64(1)
			}
			for k := range v.In {
				e := &v.In[k]
				if e.Offset >= 0 {
					n.Add(n, sums[e.Source])
					continue
				}
				for c := range e.Cols {
					if e.exists(r, c) {
						n.Add(n, ending[e.Source][c])
					}
				}
			}
			ending[i][r] = n
			sums[i].Add(sums[i], n)
			if ends[i][r] {
				total.Add(total, n)
			}
		}
	}
	return total
}

// Paths returns all paths, at most limit/columns of them: paths from inputs in
// declared order, then from biases; from each unit depth first along its vertex's
// arrows in order, extensions before the path itself. For a chain this is the order of
// arXiv 2107.09370: the paths from the input, from the biases of layer 1, 2, …, and the
// output's own bias last.
func (net *Network) Paths(limit, columns int) ([]Path, error) {
	if limit <= 0 {
		limit = defaultPaths
	}
	f := net.Feeders()
	n := net.CountPaths(f)
	if size := new(big.Int).Mul(n, big.NewInt(int64(max(columns, 1)))); !size.IsInt64() || size.Int64() > int64(limit) {
		return nil, &LimitError{fmt.Sprintf("path embedding of %v paths × %d columns: number of entries", n, columns), size, limit, "use PathGram, PathNorm or PathActivationRank, which enumerate no paths"}
	}
	live := net.live(f)
	ps := make([]Path, 0, n.Int64())
	var walk func(p Path)
	walk = func(p Path) {
		end := p[len(p)-1]
		for _, o := range net.Vertices[end.Vertex].Out {
			e := &net.Vertices[o.Target].In[o.In]
			for r := range net.Vertices[o.Target].Dim {
				if e.exists(r, end.Unit) && live[o.Target][r] {
					walk(append(p[:len(p):len(p)], Step{o.Target, r, o.In}))
				}
			}
		}
		if f[end.Vertex][end.Unit] {
			ps = append(ps, p)
		}
	}
	for _, s := range append(append([]int(nil), net.Inputs...), net.Biases...) {
		for r := range net.Vertices[s].Dim {
			walk(Path{{s, r, -1}})
		}
	}
	return ps, nil
}

// live returns which units lead to an output.
func (net *Network) live(f [][]bool) [][]bool {
	live := make([][]bool, len(net.Vertices))
	for i := len(net.Vertices) - 1; i >= 0; i-- {
		live[i] = append([]bool(nil), f[i]...)
		for u := range live[i] {
			for _, o := range net.Vertices[i].Out {
				e := &net.Vertices[o.Target].In[o.In]
				for r := range net.Vertices[o.Target].Dim {
					live[i][u] = live[i][u] || live[o.Target][r] && e.exists(r, u)
				}
			}
		}
	}
	return live
}

// Activations stores the activations α of paths at one sample, after Forward, in dst: the value at
// the start of a path times the slopes of the units on it.
func (net *Network) Activations(dst []float64, ps []Path, s *State) {
	for i, p := range ps {
		a := s.X[p[0].Vertex][p[0].Unit]
		for _, h := range p[1:] {
			a *= s.Slope[h.Vertex][h.Unit]
		}
		dst[i] = a
	}
}
