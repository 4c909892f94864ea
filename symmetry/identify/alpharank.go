package identify

import (
	"fmt"
	"math"
	"math/big"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/exact"
	"github.com/quivernet/quivernet/internal/pieces"
	"github.com/quivernet/quivernet/internal/rank"
	"github.com/quivernet/quivernet/quiver"
)

// ActivationRank is the rank of the path activations at a batch. Total is the rank of
// the linear map η ↦ αη from tables over paths and outputs, R_A of arXiv 2206.07424:
// Σ over outputs of the rank of α on the paths that lead there, N_L·rank α for a chain.
// It bounds the rank of J.
type ActivationRank struct {
	Total     int      `json:"total"`
	Rank      int      `json:"rank"` // of α on all paths; of those of the last output where outputs have different ones
	Paths     *big.Int `json:"paths"`
	Gap       Number   `json:"gap"` // the smallest
	Ambiguous bool     `json:"ambiguous"`
	Exact     bool     `json:"exact"` // whole numbers, rank modulo a prime near 2⁶¹: no rounding
	How       string   `json:"how"`
}

// String returns one line.
func (r ActivationRank) String() string {
	s := fmt.Sprintf("rank %d (%v paths, %s", r.Total, r.Paths, r.How)
	if !r.Exact {
		s += fmt.Sprintf(", gap %v", r.Gap)
	}
	if r.Ambiguous {
		s += ", ambiguous"
	}
	return s + ")"
}

// PathActivationRank returns the rank of the path activations at a batch: from α itself
// where there are few paths, else from its Gram matrix, which enumerates none. Where
// the Gram matrix consists of whole numbers (ReLU and whole-number inputs), its rank is
// found modulo a prime near 2⁶¹, without rounding. Errors: as PathActivations, and
// LimitError where both ways exceed Options.Limit.
func PathActivationRank(w *quiver.Rep, xs []*mat.Dense, o Options) (ActivationRank, error) {
	net, err := pieces.LinearToOutputs(w, "path activations")
	if err != nil {
		return ActivationRank{}, err
	}
	rows, err := net.Samples(xs)
	if err != nil {
		return ActivationRank{}, err
	}
	if rows, _, err = net.Smooth(rows, o.Drop); err != nil {
		return ActivationRank{}, err
	}
	_, r, ok := activationRank(net, rows, float64(o.MaxEntries()))
	if !ok {
		return r, &pieces.LimitError{What: fmt.Sprintf("path activations of %d samples: number of paths", len(rows)), Count: r.Paths, Limit: o.MaxEntries(), Advice: "give fewer samples"}
	}
	return r, nil
}

// activationRank returns R_A, or false where that costs more than budget numbers or
// the quiver is not one for paths.
func activationRank(net *pieces.Network, rows [][]float64, budget float64) (int, ActivationRank, bool) {
	rep := ActivationRank{Gap: Number(math.Inf(1))}
	if net.CheckLinear("") != nil || net.CheckOutputs("") != nil || len(rows) == 0 {
		return 0, rep, false
	}
	rep.Paths = net.CountPaths(net.Feeders())
	n := float64(len(rows))
	paths, _ := new(big.Float).SetInt(rep.Paths).Float64()
	if few := paths*n <= budget && paths <= 1200; few {
		rep.fromPaths(net, rows)
		return rep.Total, rep, true
	}
	if n*n > budget || n > 1500 {
		return 0, rep, false
	}
	rep.fromGram(net, rows)
	return rep.Total, rep, true
}

// fromPaths finds the rank from α.
func (rep *ActivationRank) fromPaths(net *pieces.Network, rows [][]float64) {
	rep.How = "from α"
	ps, err := net.Paths(math.MaxInt, 1)
	if err != nil {
		return
	}
	gs := net.OutputEnds()
	reds := make([]*rank.Reducer, len(gs))
	cols := make([][]int, len(gs))
	for k, g := range gs {
		for i, p := range ps {
			if end := p[len(p)-1]; g.Units[end.Vertex][end.Unit] {
				cols[k] = append(cols[k], i)
			}
		}
		reds[k] = rank.NewReducer(len(cols[k]))
	}
	s := net.NewState()
	alpha, part := make([]float64, len(ps)), make([]float64, len(ps))
	for _, x := range rows {
		net.Forward(s, x)
		net.Activations(alpha, ps, s)
		for k := range gs {
			for j, i := range cols[k] {
				part[j] = alpha[i]
			}
			reds[k].Add(part[:len(cols[k])])
		}
	}
	for k, g := range gs {
		rep.take(reds[k].Rank(), g.Count)
	}
}

// fromGram finds the rank from the Gram matrices of the groups.
func (rep *ActivationRank) fromGram(net *pieces.Network, rows [][]float64) {
	gs := net.OutputEnds()
	ms, exact := net.Gram(rows, gs)
	if exact {
		rep.Exact, rep.How = true, "from its Gram matrix, exact modulo a prime"
		for k, g := range gs {
			r := rankSymModulo(ms[k])
			rep.Rank = r
			rep.Total += g.Count * r
		}
		return
	}
	rep.How = "from its Gram matrix, in floating point"
	for k, g := range gs {
		var svd mat.SVD
		n := ms[k].SymmetricDim()
		if !svd.Factorize(ms[k], mat.SVDNone) {
			rep.take(rank.Failed(n, n), g.Count)
			continue
		}
		rep.take(rank.OfSingular(svd.Values(nil), n, n, 0), g.Count)
	}
}

func (rep *ActivationRank) take(r rank.Report, count int) {
	rep.Rank = r.Rank
	rep.Total += count * r.Rank
	rep.Gap = min(rep.Gap, r.Gap)
	rep.Ambiguous = rep.Ambiguous || r.Ambiguous
}

// rankSymModulo returns the rank of a matrix of whole numbers modulo a prime.
func rankSymModulo(m *mat.SymDense) int {
	n := m.SymmetricDim()
	e := exact.NewElimination(exact.Primes[0])
	row := make([]uint64, n)
	for i := range n {
		for j := range n {
			row[j] = exact.ResidueOfFloat(m.At(i, j), 0).Value()
		}
		e.Add(row)
	}
	return e.Rank()
}
