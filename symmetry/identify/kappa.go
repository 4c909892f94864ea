package identify

import (
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/gonum/mat"
)

// group is a set of units, the ends of the paths that lead to each of count outputs.
type group struct {
	feed  [][]bool
	count int
}

// groups collects the outputs that the same units feed.
func (net *network) groups() []group {
	var gs []group
	at := make(map[string]int)
	for _, o := range net.outputs {
		for r := range net.vs[o].dim {
			f := make([][]bool, len(net.vs))
			for i := range f {
				f[i] = make([]bool, net.vs[i].dim)
			}
			net.feed(o, r, f)
			var key strings.Builder
			for i := range f {
				for u, on := range f[i] {
					if on {
						key.WriteString(strconv.Itoa(i) + "." + strconv.Itoa(u) + " ")
					}
				}
			}
			k, ok := at[key.String()]
			if !ok {
				k = len(gs)
				at[key.String()] = k
				gs = append(gs, group{f, 0})
			}
			gs[k].count++
		}
	}
	return gs
}

// gram returns the Gram matrix of the paths of each group, and whether all numbers met
// on the way were whole and below 2⁵³, so that the result is exact.
func (net *network) gram(rows [][]float64, gs []group) (ms []*mat.SymDense, exact bool) {
	n := len(rows)
	states := make([]*state, n)
	for i, x := range rows {
		states[i] = net.newState()
		net.forward(states[i], x)
	}
	for range gs {
		ms = append(ms, mat.NewSymDense(n, nil))
	}
	kappa, sum := make([][]float64, len(net.vs)), make([]float64, len(net.vs))
	for i := range net.vs {
		kappa[i] = make([]float64, net.vs[i].dim)
	}
	exact = true
	see := func(x float64) float64 {
		exact = exact && x == math.Trunc(x) && math.Abs(x) < 1<<53
		return x
	}
	for i := range n {
		for j := i; j < n; j++ {
			a, b := states[i], states[j]
			for v := range net.vs {
				sum[v] = 0
				x := &net.vs[v]
				base := 0.0
				for k := range x.in {
					if x.in[k].at >= 0 {
						base += sum[x.in[k].source]
					}
				}
				for u := range x.dim {
					switch {
					case x.isSource():
						kappa[v][u] = see(a.x[v][u] * b.x[v][u])
					default:
						t := base
						for k := range x.in {
							if e := &x.in[k]; e.at < 0 {
								for c := range e.cols {
									if e.exists(u, c) {
										t += kappa[e.source][c]
									}
								}
							}
						}
						kappa[v][u] = see(see(t) * a.slope[v][u] * b.slope[v][u])
					}
					sum[v] = see(sum[v] + kappa[v][u])
				}
			}
			for k, g := range gs {
				t := 0.0
				for v := range g.feed {
					for u, on := range g.feed[v] {
						if on {
							t += kappa[v][u]
						}
					}
				}
				ms[k].SetSym(i, j, see(t))
			}
		}
	}
	return ms, exact
}
