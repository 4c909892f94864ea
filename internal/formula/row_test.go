package formula

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// randomFormula is a formula of sums and products, up to a depth.
func randomFormula(rng *rand.Rand, depth int) *Formula {
	if depth == 0 {
		return Indexed("W", "W", string(rune('a'+rng.IntN(26))))
	}
	var args []*Formula
	var coef []float64
	for range 2 + rng.IntN(4) {
		args = append(args, randomFormula(rng, depth-1))
		coef = append(coef, []float64{1, 1, -1, 2, -0.5}[rng.IntN(5)])
	}
	switch rng.IntN(6) {
	case 0, 1:
		return Sum(coef, []float64{0, 0, 1.5, -1e-5}[rng.IntN(4)], args...)
	case 2, 3:
		return Product(args...)
	case 4:
		return Apply(Transpose(args[0]), args[1])
	}
	return Hadamard(args...)
}

// TestRows: a formula in rows is the formula, no wider than it need be.
func TestRows(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	joined := func(rows []Row) string {
		text := ""
		for i, r := range rows {
			s := r.Tex
			if i > 0 {
				s = strings.TrimPrefix(s, "{}")
				if !strings.HasPrefix(s, `\c`) { // the sign of a sum has a space before it, that of a product none
					s = " " + s
				}
			}
			text += s
		}
		return strings.NewReplacer(`\bigl(`, `\left(`, `\bigr)`, `\right)`).Replace(text)
	}
	broken := 0
	for range 500 {
		f := randomFormula(rng, 1+rng.IntN(3))
		rows := f.Rows(40)
		require.Equal(t, f.LaTeX(), joined(rows))
		for _, r := range rows {
			assert.LessOrEqual(t, r.n, 60, r.Tex)
		}
		if len(rows) > 1 {
			broken++
			assert.NotEqual(t, f.LaTeX(), joined(rows[1:]))
		}
	}
	assert.Greater(t, broken, 100)
}
