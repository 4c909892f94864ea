package graph

import (
	"fmt"
	"math"
	"strings"
)

// formula is a mathematical expression, to be written as text or as LaTeX.
type formula struct {
	kind  formulaKind
	text  string // of a symbol or a function; the exponent of a power
	tex   string
	args  []*formula
	coef  []float64 // of a sum
	shift float64   // a constant added to a sum
	head  string    // what a symbol or a function is one of: "δ", "vertex", "Dρ"; a key of the legend
	index string    // the vertex or arrow that it belongs to
}

type formulaKind uint8

const (
	symbolF    formulaKind = iota
	sumF                   // Σ coef·args + shift
	productF               // a·b·…
	applyF                 // a·b for a linear map a that differs from row to row: not associative
	hadamardF              // a∘b
	fractionF              // a/b
	transposeF             // aᵀ
	powerF                 // a^text
	callF                  // text(args)
	innerF                 // ⟨a, b⟩
	normF                  // |a|
)

// strength is how strongly a kind binds: an argument that binds less is put in parentheses.
func (f *formula) strength() int {
	switch f.kind {
	case sumF:
		return 1
	case productF, applyF, hadamardF, fractionF:
		return 2
	case transposeF, powerF:
		return 3
	}
	return 4
}

func symbolOf(text, tex string) *formula { return &formula{kind: symbolF, text: text, tex: tex} }

// means says what a symbol or function is one of, and which one.
func (f *formula) means(head, index string) *formula {
	f.head, f.index = head, index
	return f
}

func transposeOf(a *formula) *formula { return &formula{kind: transposeF, args: []*formula{a}} }
func call(text, tex string, as ...*formula) *formula {
	return &formula{kind: callF, text: text, tex: tex, args: as, head: text}
}
func inner(a, b *formula) *formula     { return &formula{kind: innerF, args: []*formula{a, b}} }
func norm(a *formula) *formula         { return &formula{kind: normF, args: []*formula{a}} }
func fraction(a, b *formula) *formula  { return &formula{kind: fractionF, args: []*formula{a, b}} }
func hadamard(as ...*formula) *formula { return &formula{kind: hadamardF, args: as} }

func apply(a, b *formula) *formula { return &formula{kind: applyF, args: []*formula{a, b}} }

// product flattens products in products, which are associative.
func product(as ...*formula) *formula {
	f := &formula{kind: productF}
	for _, a := range as {
		if a.kind == productF {
			f.args = append(f.args, a.args...)
		} else {
			f.args = append(f.args, a)
		}
	}
	return f
}

func sum(coef []float64, shift float64, as ...*formula) *formula {
	if len(as) == 1 && coef[0] == 1 && shift == 0 {
		return as[0]
	}
	return &formula{kind: sumF, args: as, coef: coef, shift: shift}
}

func power(a *formula, p float64) *formula {
	text, tex := fmt.Sprintf("^%g", p), texNumber(p)
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
		return call("√", `\sqrt`, a)
	}
	return &formula{kind: powerF, text: text, tex: tex, args: []*formula{a}}
}

// in writes an argument, in parentheses where it binds less than need.
func in(a *formula, need int, write func(*formula) string, open, shut string) string {
	if s := write(a); a.strength() < need {
		return open + s + shut
	} else {
		return s
	}
}

// String writes the formula in the notation of the field.
func (f *formula) String() string {
	arg := func(i, need int) string { return in(f.args[i], need, (*formula).String, "(", ")") }
	switch f.kind {
	case symbolF:
		return f.text
	case sumF:
		return f.terms((*formula).String, "(", ")", "−", "·", func(c float64) string { return fmt.Sprintf("%g", c) })
	case productF, applyF:
		return f.joined("·", arg)
	case hadamardF:
		return f.joined("∘", arg)
	case fractionF:
		return arg(0, 3) + "/" + arg(1, 3)
	case transposeF:
		return arg(0, 4) + "ᵀ"
	case powerF:
		return arg(0, 4) + f.text
	case innerF:
		return "⟨" + f.args[0].String() + ", " + f.args[1].String() + "⟩"
	case normF:
		return "|" + f.args[0].String() + "|"
	}
	var args []string
	for _, a := range f.args {
		args = append(args, a.String())
	}
	return f.text + "(" + strings.Join(args, ", ") + ")"
}

// LaTeX writes it for the math mode of LaTeX, in ASCII.
func (f *formula) LaTeX() string {
	arg := func(i, need int) string {
		return in(f.args[i], need, (*formula).LaTeX, `\left(`, `\right)`)
	}
	switch f.kind {
	case symbolF:
		return f.tex
	case sumF:
		return f.terms((*formula).LaTeX, `\left(`, `\right)`, "-", `\cdot `, texNumber)
	case productF, applyF:
		return f.joined(`\cdot `, arg)
	case hadamardF:
		return f.joined(`\circ `, arg)
	case fractionF:
		return `\frac{` + f.args[0].LaTeX() + "}{" + f.args[1].LaTeX() + "}"
	case transposeF:
		return raised(f.args[0], arg) + `^{\mathsf{T}}`
	case powerF:
		return raised(f.args[0], arg) + "^{" + f.tex + "}"
	case innerF:
		return `\left\langle ` + f.args[0].LaTeX() + `,\, ` + f.args[1].LaTeX() + `\right\rangle `
	case normF:
		return `\left|` + f.args[0].LaTeX() + `\right|`
	}
	var args []string
	for _, a := range f.args {
		args = append(args, a.LaTeX())
	}
	if f.tex == `\sqrt` {
		return `\sqrt{` + strings.Join(args, ", ") + "}"
	}
	return f.tex + `\left(` + strings.Join(args, `,\, `) + `\right)`
}

// raised protects a base that has an exponent of its own.
func raised(base *formula, arg func(i, need int) string) string {
	s := arg(0, 4)
	if base.kind == symbolF && strings.Contains(s, "^") {
		return "{" + s + "}"
	}
	return s
}

// joined writes the factors of a product; a product of the other kind and a fraction need
// parentheses, in text at least.
func (f *formula) joined(sign string, arg func(i, need int) string) string {
	var parts []string
	for i, a := range f.args {
		need := 2
		if a.strength() == 2 {
			need = 3
		}
		parts = append(parts, arg(i, need))
	}
	return strings.Join(parts, sign)
}

func (f *formula) terms(write func(*formula) string, open, shut, minus, times string, number func(float64) string) string {
	var b strings.Builder
	for i, a := range f.args {
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
func (f *formula) termNeed(i int) int {
	a := f.args[i]
	if negative := a.kind == sumF && (a.coef[0] < 0 || a.coef[0] == 0 && math.Signbit(a.coef[0])); f.coef[i] != 1 || i > 0 && negative {
		return 2
	}
	return 1
}

// texNumber writes 1e-05 as 1\cdot 10^{-5}.
func texNumber(x float64) string {
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
