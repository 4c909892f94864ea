package pieces

import (
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/gonum/mat"
)

// Ends is a set of units, the ends of the paths that lead to each of Count outputs.
type Ends struct {
	Units [][]bool
	Count int
}

// OutputEnds collects the outputs that the same units feed.
func (net *Network) OutputEnds() []Ends {
	var gs []Ends
	at := make(map[string]int)
	for _, o := range net.Outputs {
		for r := range net.Vertices[o].Dim {
			f := make([][]bool, len(net.Vertices))
			for i := range f {
				f[i] = make([]bool, net.Vertices[i].Dim)
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
				gs = append(gs, Ends{f, 0})
			}
			gs[k].Count++
		}
	}
	return gs
}

// Gram returns the Gram matrix of the activations of the paths to each set of ends, samples ×
// samples, without enumerating paths, and whether all numbers met
// on the way were whole and below 2⁵³, so that the result is exact.
func (net *Network) Gram(rows [][]float64, gs []Ends) (ms []*mat.SymDense, exact bool) {
	n := len(rows)
	states := make([]*State, n)
	for i, x := range rows {
		states[i] = net.NewState()
		net.Forward(states[i], x)
	}
	for range gs {
		ms = append(ms, mat.NewSymDense(n, nil))
	}
	kappa, sum := make([][]float64, len(net.Vertices)), make([]float64, len(net.Vertices))
	for i := range net.Vertices {
		kappa[i] = make([]float64, net.Vertices[i].Dim)
	}
	exact = true
	see := func(x float64) float64 {
		exact = exact && x == math.Trunc(x) && math.Abs(x) < 1<<53
		return x
	}
	for i := range n {
		for j := i; j < n; j++ {
			a, b := states[i], states[j]
			for v := range net.Vertices {
				sum[v] = 0
				x := &net.Vertices[v]
				base := 0.0
				for k := range x.In {
					if x.In[k].Offset >= 0 {
						base += sum[x.In[k].Source]
					}
				}
				for u := range x.Dim {
					switch {
					case x.IsSource():
						kappa[v][u] = see(a.X[v][u] * b.X[v][u])
					default:
						t := base
						for k := range x.In {
							if e := &x.In[k]; e.Offset < 0 {
								for c := range e.Cols {
									if e.exists(u, c) {
										t += kappa[e.Source][c]
									}
								}
							}
						}
						kappa[v][u] = see(see(t) * a.Slope[v][u] * b.Slope[v][u])
					}
					sum[v] = see(sum[v] + kappa[v][u])
				}
			}
			for k, g := range gs {
				t := 0.0
				for v := range g.Units {
					for u, on := range g.Units[v] {
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
