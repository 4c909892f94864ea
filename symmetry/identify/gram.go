package identify

import (
	"fmt"
	"math/big"

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
