package paths

import (
	"fmt"
	"math/big"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/pieces"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry/identify"
)

// PathGram returns α(X,θ)α(X,θ)ᵀ, samples × samples, without enumerating paths. With κ_u
// the sum over paths that end at unit u and σ′ the slopes,
//
//	κ_u(i,j) = σ′_u(x_i)σ′_u(x_j) Σ_{s→u} κ_s(i,j),
//
// κ = x_i x_j at an input coordinate and 1 at a bias, and the Gram matrix is the sum of κ
// over the units that feed an output. It costs O(n²·units). Its rank is the rank of α,
// but its condition number is the square: see identify.PathActivationRank. Errors: as
// PathActivations.
func PathGram(w *quiver.Rep, xs []*mat.Dense, o identify.Options) (*mat.SymDense, error) {
	net, err := pieces.LinearToOutputs(w, "path activations")
	if err != nil {
		return nil, err
	}
	rows, err := net.Samples(xs)
	if err != nil {
		return nil, err
	}
	if rows, _, err = net.Smooth(rows, o.Drop); err != nil {
		return nil, err
	}
	if n := len(rows); n > o.MaxEntries()/max(n, 1) {
		return nil, &pieces.LimitError{What: fmt.Sprintf("Gram matrix of %d samples: number of entries", n), Count: new(big.Int).Mul(big.NewInt(int64(n)), big.NewInt(int64(n))), Limit: o.MaxEntries(), Advice: "give fewer samples"}
	}
	g, _ := net.Gram(rows, []pieces.Ends{{Units: net.Feeders(), Count: 1}})
	return g[0], nil
}
