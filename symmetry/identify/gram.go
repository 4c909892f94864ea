package identify

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// PathGram returns α(X,θ)α(X,θ)ᵀ, samples × samples, without enumerating paths. With κ_u
// the sum over paths that end at unit u and σ′ the slopes,
//
//	κ_u(i,j) = σ′_u(x_i)σ′_u(x_j) Σ_{s→u} κ_s(i,j),
//
// κ = x_i x_j at an input coordinate and 1 at a bias, and the Gram matrix is the sum of κ
// over the units that feed an output. It costs O(n²·units). Its rank is the rank of α,
// but its condition number is the square: see PathActivationRank. Errors: as
// PathActivations.
func PathGram(w *quiver.Rep, xs []*mat.Dense, o Options) (*mat.SymDense, error) {
	net, err := pathNet(w, "path activations")
	if err != nil {
		return nil, err
	}
	rows, err := net.samples(xs)
	if err != nil {
		return nil, err
	}
	if rows, _, err = net.smooth(rows, o.Drop); err != nil {
		return nil, err
	}
	if n := len(rows); n > o.limit()/max(n, 1) {
		return nil, &LimitError{fmt.Sprintf("Gram matrix of %d samples: number of entries", n), new(big.Int).Mul(big.NewInt(int64(n)), big.NewInt(int64(n))), o.limit(), "give fewer samples"}
	}
	g, _ := net.gram(rows, []group{{net.feeders(), 1}})
	return g[0], nil
}

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
