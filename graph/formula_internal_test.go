package graph

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestParentheses: an argument stands in parentheses where it binds less than what it is an argument of, and nowhere else.
func TestParentheses(t *testing.T) {
	a, b := symbolOf("a", "a"), symbolOf("b", "b")
	plus, minus := sum([]float64{1, 1}, 0, a, b), sum([]float64{-1}, 0, a)
	for want, f := range map[string]*formula{
		"a²/b³": fraction(power(a, 2), power(b, 3)), "aᵀ/bᵀ": fraction(transposeOf(a), transposeOf(b)),
		"(a·b)/(b∘a)": fraction(product(a, b), hadamard(b, a)), "(a + b)/(−a)": fraction(plus, minus),
		"(a/b)/(a/b)": fraction(fraction(a, b), fraction(a, b)),
		"(a²)ᵀ":       transposeOf(power(a, 2)), "(aᵀ)²": power(transposeOf(a), 2), "(a²)³": power(power(a, 2), 3), "(a·b)ᵀ": transposeOf(product(a, b)),
		"|a|²": power(norm(a), 2), "⟨a, b⟩⁻¹": power(inner(a, b), -1), "f(a, b)ᵀ": transposeOf(call("f", "f", a, b)),
		"|a + b|": norm(plus), "⟨a + b, −a⟩": inner(plus, minus), "f(a + b)": call("f", "f", plus),
		"a²·bᵀ": product(power(a, 2), transposeOf(b)), "(a + b)·b": product(plus, b), "(a∘b)·b": product(hadamard(a, b), b),
	} {
		assert.Equal(t, want, f.String())
	}
}
