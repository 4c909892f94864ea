package identify

import (
	"fmt"
	"math/big"
)

// defaultPaths is the largest number of entries of a path embedding unless a limit is
// given.
const defaultPaths = 2e6

// path is a Path by position: units[i] is coordinate units[i].unit of vertex
// units[i].v, and edge number in of it was used to get there.
type path []hop

type hop struct{ v, unit, in int }

// feeders returns, by vertex, which units feed an output directly: an arrow's entry
// exists where the arrow is trainable or the fixed entry is not 0.
func (net *network) feeders() [][]bool {
	f := make([][]bool, len(net.vs))
	for i := range net.vs {
		f[i] = make([]bool, net.vs[i].dim)
	}
	for _, o := range net.outputs {
		for r := range net.vs[o].dim {
			net.feed(o, r, f)
		}
	}
	return f
}

// feed marks the units from which an arrow's entry leads to a unit of output o.
func (net *network) feed(o, unit int, f [][]bool) {
	for k := range net.vs[o].in {
		e := &net.vs[o].in[k]
		for c := range e.cols {
			if e.exists(unit, c) {
				f[e.source][c] = true
			}
		}
	}
}

func (e *edge) exists(r, c int) bool { return e.at >= 0 || e.m[r*e.cols+c] != 0 }

// countPaths returns the number of paths.
func (net *network) countPaths(f [][]bool) *big.Int {
	ending := make([][]*big.Int, len(net.vs)) // paths that end at a unit
	total, sums := new(big.Int), make([]*big.Int, len(net.vs))
	for i := range net.vs {
		v := &net.vs[i]
		ending[i], sums[i] = make([]*big.Int, v.dim), new(big.Int)
		for r := range v.dim {
			n := new(big.Int)
			if v.isSource() {
				n.SetInt64(1)
			}
			for k := range v.in {
				e := &v.in[k]
				if e.at >= 0 {
					n.Add(n, sums[e.source])
					continue
				}
				for c := range e.cols {
					if e.exists(r, c) {
						n.Add(n, ending[e.source][c])
					}
				}
			}
			ending[i][r] = n
			sums[i].Add(sums[i], n)
			if f[i][r] {
				total.Add(total, n)
			}
		}
	}
	return total
}

// enumerate returns all paths, at most limit/columns of them: paths from inputs in
// declared order, then from biases; from each unit depth first along its vertex's
// arrows in order, extensions before the path itself. For a chain this is the order of
// arXiv 2107.09370: the paths from the input, from the biases of layer 1, 2, …, and the
// output's own bias last.
func (net *network) enumerate(limit, columns int) ([]path, error) {
	if limit <= 0 {
		limit = defaultPaths
	}
	f := net.feeders()
	n := net.countPaths(f)
	if size := new(big.Int).Mul(n, big.NewInt(int64(max(columns, 1)))); !size.IsInt64() || size.Int64() > int64(limit) {
		return nil, &LimitError{fmt.Sprintf("path embedding of %v paths × %d columns: number of entries", n, columns), size, limit, "use PathGram, PathNorm or PathActivationRank, which enumerate no paths"}
	}
	live := net.live(f)
	ps := make([]path, 0, n.Int64())
	var walk func(p path)
	walk = func(p path) {
		end := p[len(p)-1]
		for _, o := range net.vs[end.v].out {
			e := &net.vs[o.target].in[o.in]
			for r := range net.vs[o.target].dim {
				if e.exists(r, end.unit) && live[o.target][r] {
					walk(append(p[:len(p):len(p)], hop{o.target, r, o.in}))
				}
			}
		}
		if f[end.v][end.unit] {
			ps = append(ps, p)
		}
	}
	for _, s := range append(append([]int(nil), net.inputs...), net.biases...) {
		for r := range net.vs[s].dim {
			walk(path{{s, r, -1}})
		}
	}
	return ps, nil
}

// live returns which units lead to an output.
func (net *network) live(f [][]bool) [][]bool {
	live := make([][]bool, len(net.vs))
	for i := len(net.vs) - 1; i >= 0; i-- {
		live[i] = append([]bool(nil), f[i]...)
		for u := range live[i] {
			for _, o := range net.vs[i].out {
				e := &net.vs[o.target].in[o.in]
				for r := range net.vs[o.target].dim {
					live[i][u] = live[i][u] || live[o.target][r] && e.exists(r, u)
				}
			}
		}
	}
	return live
}
