package formula

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestParentheses: an argument stands in parentheses where it binds less than what it is an argument of, and nowhere else.
func TestParentheses(t *testing.T) {
	a, b := Symbol("a", "a"), Symbol("b", "b")
	plus, minus := Sum([]float64{1, 1}, 0, a, b), Sum([]float64{-1}, 0, a)
	for want, f := range map[string]*Formula{
		"a²/b³": Fraction(Power(a, 2), Power(b, 3)), "aᵀ/bᵀ": Fraction(Transpose(a), Transpose(b)),
		"(a·b)/(b∘a)": Fraction(Product(a, b), Hadamard(b, a)), "(a + b)/(−a)": Fraction(plus, minus),
		"(a/b)/(a/b)": Fraction(Fraction(a, b), Fraction(a, b)),
		"(a²)ᵀ":       Transpose(Power(a, 2)), "(aᵀ)²": Power(Transpose(a), 2), "(a²)³": Power(Power(a, 2), 3), "(a·b)ᵀ": Transpose(Product(a, b)),
		"|a|²": Power(Norm(a), 2), "⟨a, b⟩⁻¹": Power(Inner(a, b), -1), "f(a, b)ᵀ": Transpose(Call("f", "f", a, b)),
		"|a + b|": Norm(plus), "⟨a + b, −a⟩": Inner(plus, minus), "f(a + b)": Call("f", "f", plus),
		"a²·bᵀ": Product(Power(a, 2), Transpose(b)), "(a + b)·b": Product(plus, b), "(a∘b)·b": Product(Hadamard(a, b), b),
	} {
		assert.Equal(t, want, f.String())
	}
}
