package formula

import (
	"fmt"
	"math"
	"strings"
)

// Formula is a mathematical expression, to be written as text or as LaTeX.
type Formula struct {
	Kind  Kind
	Text  string // of a symbol or a function; the exponent of a power
	Tex   string
	Args  []*Formula
	coef  []float64 // of a sum
	shift float64   // a constant added to a sum
	Head  string    // what a symbol or a function is one of: "δ", "vertex", "Dρ"; a key of the legend
	Index string    // the vertex or arrow that it belongs to
}

// Kind says what a formula is: a symbol, or an operation on its arguments.
type Kind uint8

const (
	kindSymbol    Kind = iota
	kindSum            // Σ coef·args + shift
	kindProduct        // a·b·…
	kindApply          // a·b for a linear map a that differs from row to row: not associative
	KindHadamard       // a∘b
	kindFraction       // a/b
	KindTranspose      // aᵀ
	kindPower          // a^text
	kindCall           // text(args)
	KindInner          // ⟨a, b⟩
	KindNorm           // |a|
)

// strength is how strongly a kind binds: an argument that binds less is put in parentheses.
func (f *Formula) strength() int {
	switch f.Kind {
	case kindSum:
		return 1
	case kindProduct, kindApply, KindHadamard, kindFraction:
		return 2
	case KindTranspose, kindPower:
		return 3
	}
	return 4
}

// Symbol returns a symbol, as text and as LaTeX.
func Symbol(text, tex string) *Formula { return &Formula{Kind: kindSymbol, Text: text, Tex: tex} }

// Means says what a symbol or function is one of, and which one.
func (f *Formula) Means(head, index string) *Formula {
	f.Head, f.Index = head, index
	return f
}

// Transpose returns aᵀ.
func Transpose(a *Formula) *Formula { return &Formula{Kind: KindTranspose, Args: []*Formula{a}} }

// Call returns the value of a function of some arguments, whose head is its name.
func Call(text, tex string, as ...*Formula) *Formula {
	return &Formula{Kind: kindCall, Text: text, Tex: tex, Args: as, Head: text}
}

// Inner returns ⟨a, b⟩.
func Inner(a, b *Formula) *Formula { return &Formula{Kind: KindInner, Args: []*Formula{a, b}} }

// Norm returns |a|.
func Norm(a *Formula) *Formula { return &Formula{Kind: KindNorm, Args: []*Formula{a}} }

// Fraction returns a/b.
func Fraction(a, b *Formula) *Formula { return &Formula{Kind: kindFraction, Args: []*Formula{a, b}} }

// Hadamard returns the product entry by entry, a∘b.
func Hadamard(as ...*Formula) *Formula { return &Formula{Kind: KindHadamard, Args: as} }

// Apply returns a·b for a linear map a that differs from row to row, which is not associative.
func Apply(a, b *Formula) *Formula { return &Formula{Kind: kindApply, Args: []*Formula{a, b}} }

// Product flattens products in products, which are associative.
func Product(as ...*Formula) *Formula {
	f := &Formula{Kind: kindProduct}
	for _, a := range as {
		if a.Kind == kindProduct {
			f.Args = append(f.Args, a.Args...)
		} else {
			f.Args = append(f.Args, a)
		}
	}
	return f
}

// Sum returns Σ coef·as + shift.
func Sum(coef []float64, shift float64, as ...*Formula) *Formula {
	if len(as) == 1 && coef[0] == 1 && shift == 0 {
		return as[0]
	}
	return &Formula{Kind: kindSum, Args: as, coef: coef, shift: shift}
}

// Power returns a to the power p, as a root for 0.5.
func Power(a *Formula, p float64) *Formula {
	text, tex := fmt.Sprintf("^%g", p), TexNumber(p)
	if p < 0 {
		text = fmt.Sprintf("^(−%g)", -p)
	}
	switch p {
	case -1:
		text = "⁻¹"
	case 2:
		text = "²"
	case 3:
		text = "³"
	case 0.5:
		return Call("√", `\sqrt`, a)
	}
	return &Formula{Kind: kindPower, Text: text, Tex: tex, Args: []*Formula{a}}
}

// in writes an argument, in parentheses where it binds less than need.
func in(a *Formula, need int, write func(*Formula) string, open, shut string) string {
	if s := write(a); a.strength() < need {
		return open + s + shut
	} else {
		return s
	}
}

// String writes the formula in the notation of the field.
func (f *Formula) String() string {
	arg := func(i, need int) string { return in(f.Args[i], need, (*Formula).String, "(", ")") }
	switch f.Kind {
	case kindSymbol:
		return f.Text
	case kindSum:
		return f.terms((*Formula).String, "(", ")", "−", "·", func(c float64) string { return fmt.Sprintf("%g", c) })
	case kindProduct, kindApply:
		return f.joined("·", arg)
	case KindHadamard:
		return f.joined("∘", arg)
	case kindFraction:
		return arg(0, 3) + "/" + arg(1, 3)
	case KindTranspose:
		return arg(0, 4) + "ᵀ"
	case kindPower:
		return arg(0, 4) + f.Text
	case KindInner:
		return "⟨" + f.Args[0].String() + ", " + f.Args[1].String() + "⟩"
	case KindNorm:
		return "|" + f.Args[0].String() + "|"
	}
	var args []string
	for _, a := range f.Args {
		args = append(args, a.String())
	}
	return f.Text + "(" + strings.Join(args, ", ") + ")"
}

// LaTeX writes it for the math mode of LaTeX, in ASCII.
func (f *Formula) LaTeX() string {
	arg := func(i, need int) string {
		return in(f.Args[i], need, (*Formula).LaTeX, `\left(`, `\right)`)
	}
	switch f.Kind {
	case kindSymbol:
		return f.Tex
	case kindSum:
		return f.terms((*Formula).LaTeX, `\left(`, `\right)`, "-", `\cdot `, TexNumber)
	case kindProduct, kindApply:
		return f.joined(`\cdot `, arg)
	case KindHadamard:
		return f.joined(`\circ `, arg)
	case kindFraction:
		return `\frac{` + f.Args[0].LaTeX() + "}{" + f.Args[1].LaTeX() + "}"
	case KindTranspose:
		return raised(f.Args[0], arg) + `^{\mathsf{T}}`
	case kindPower:
		return raised(f.Args[0], arg) + "^{" + f.Tex + "}"
	case KindInner:
		return `\left\langle ` + f.Args[0].LaTeX() + `,\, ` + f.Args[1].LaTeX() + `\right\rangle `
	case KindNorm:
		return `\left|` + f.Args[0].LaTeX() + `\right|`
	}
	var args []string
	for _, a := range f.Args {
		args = append(args, a.LaTeX())
	}
	if f.Tex == `\sqrt` {
		return `\sqrt{` + strings.Join(args, ", ") + "}"
	}
	return f.Tex + `\left(` + strings.Join(args, `,\, `) + `\right)`
}

// raised protects a base that has an exponent of its own.
func raised(base *Formula, arg func(i, need int) string) string {
	s := arg(0, 4)
	if base.Kind == kindSymbol && strings.Contains(s, "^") {
		return "{" + s + "}"
	}
	return s
}

// joined writes the factors of a product; a product of the other kind and a fraction need
// parentheses, in text at least.
func (f *Formula) joined(sign string, arg func(i, need int) string) string {
	var parts []string
	for i, a := range f.Args {
		need := 2
		if a.strength() == 2 {
			need = 3
		}
		parts = append(parts, arg(i, need))
	}
	return strings.Join(parts, sign)
}

func (f *Formula) terms(write func(*Formula) string, open, shut, minus, times string, number func(float64) string) string {
	var b strings.Builder
	for i, a := range f.Args {
		c := f.coef[i]
		switch negative := c < 0 || c == 0 && math.Signbit(c); {
		case i > 0 && negative:
			b.WriteString(" " + minus + " ")
		case i > 0:
			b.WriteString(" + ")
		case negative:
			b.WriteString(minus)
		}
		if c = math.Abs(c); c != 1 {
			b.WriteString(number(c) + times)
		}
		b.WriteString(in(a, f.termNeed(i), write, open, shut))
	}
	switch {
	case f.shift < 0:
		b.WriteString(" " + minus + " " + number(-f.shift))
	case f.shift != 0:
		b.WriteString(" + " + number(f.shift))
	}
	return b.String()
}

// termNeed is how strongly a term of a sum must bind to stand without parentheses.
func (f *Formula) termNeed(i int) int {
	a := f.Args[i]
	if negative := a.Kind == kindSum && (a.coef[0] < 0 || a.coef[0] == 0 && math.Signbit(a.coef[0])); f.coef[i] != 1 || i > 0 && negative {
		return 2
	}
	return 1
}

// TexNumber writes 1e-05 as 1\cdot 10^{-5}.
func TexNumber(x float64) string {
	switch {
	case math.IsNaN(x):
		return `\mathrm{NaN}`
	case math.IsInf(x, 1):
		return `\infty `
	case math.IsInf(x, -1):
		return `-\infty `
	}
	m, e, ok := strings.Cut(fmt.Sprintf("%g", x), "e")
	if !ok {
		return m
	}
	var k int
	fmt.Sscan(e, &k)
	return fmt.Sprintf(`%s\cdot 10^{%d}`, m, k)
}
