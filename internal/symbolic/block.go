package symbolic

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/quivernet/quivernet/internal/formula"
	"github.com/quivernet/quivernet/internal/op"
)

// headings of the parts of an expression.
var headings = map[Pass]string{ForwardPass: "forward", LossPass: "loss", BackwardPass: "backward", SecondPass: "second derivative"}

// block is a part of the lines: those of one pass.
type block struct {
	pass  Pass
	lines []equation
}

// blocks cuts lines into parts.
func blocks(lines []equation) (parts []block) {
	for _, l := range lines {
		if len(parts) == 0 || parts[len(parts)-1].pass != l.pass {
			parts = append(parts, block{pass: l.pass})
		}
		last := &parts[len(parts)-1]
		last.lines = append(last.lines, l)
	}
	return parts
}

// String prints the formulas of the expression and of the named values in it, down to the inputs, in
// the order of the computation: forward, loss, backward. Each line uses only what stands
// above it, and the expression itself is the last. A legend explains the symbols.
//
//	forward
//	z[h1] = x·W[x→h1]ᵀ
//	…
//
//	backward
//	…
//	∂L/∂W[x→h1] = δ[h1]ᵀ·x
//
//	symbols
//	x     data, one sample a row, 2 numbers each
//	…
//
// Where all is one part, it has no heading. Show chooses lines and leaves out the legend.
func (x *Expr) String() string {
	if x.none() {
		return ""
	}
	var b strings.Builder
	lines := x.shown()
	parts := blocks(lines)
	for i, p := range parts {
		if i > 0 {
			b.WriteByte('\n')
		}
		if len(parts) > 1 {
			fmt.Fprintln(&b, headings[p.pass])
		}
		for _, l := range p.lines {
			fmt.Fprintf(&b, "%s = %s\n", l.left, l.right)
		}
	}
	if x.bare() {
		return b.String()
	}
	b.WriteString("\nsymbols\n")
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, e := range x.legend(lines) {
		fmt.Fprintf(w, "%s\t", e.symbol)
		for _, word := range e.words {
			fmt.Fprint(w, word)
		}
		fmt.Fprintln(w)
	}
	w.Flush()
	return b.String()
}

// LaTeX returns the formulas of String for LaTeX with amsmath, in ASCII: one align* environment a part, which breaks over
// pages, with long sums broken over lines, and the legend as a description list. Everything stands in a
// group of its own.
func (x *Expr) LaTeX() string {
	if x.none() {
		return ""
	}
	var b strings.Builder
	b.WriteString("\\begingroup\\allowdisplaybreaks\n")
	lines := x.shown()
	parts := blocks(lines)
	for _, p := range parts {
		if len(parts) > 1 {
			fmt.Fprintf(&b, "\\par\\noindent\\textbf{%s}\n", strings.ToUpper(headings[p.pass][:1])+headings[p.pass][1:])
		}
		b.WriteString("\\begin{align*}\n")
		for i, l := range p.lines {
			if i > 0 {
				b.WriteString(" \\\\\n")
			}
			for j, row := range l.right.Rows(max(formula.RowWidth-formula.Length(l.left.String()), formula.RowWidth/2)) {
				if j == 0 {
					b.WriteString(l.left.LaTeX() + " &= " + row.Tex)
				} else {
					b.WriteString(" \\\\\n&\\quad " + row.Tex)
				}
			}
		}
		b.WriteString("\n\\end{align*}\n")
	}
	if !x.bare() {
		b.WriteString("\\par\\noindent\\textbf{Symbols}\n\\begin{description}\n")
		for _, e := range x.legend(lines) {
			fmt.Fprintf(&b, "\\item[{$%s$}] ", e.symbol.LaTeX())
			for _, word := range e.words {
				if f, ok := word.(*formula.Formula); ok {
					b.WriteString("$" + f.LaTeX() + "$")
				} else {
					b.WriteString(texWords(fmt.Sprint(word)))
				}
			}
			b.WriteByte('\n')
		}
		b.WriteString("\\end{description}\n")
	}
	b.WriteString("\\endgroup\n")
	return b.String()
}

// bare says that there is no legend: it is not wanted, or there is nothing to explain in "x = x".
func (x *Expr) bare() bool { return x.view.bare || len(op.Children(x.node)) == 0 }

// texWords writes the words of the legend for the text mode of LaTeX, and the symbols among them for its math mode.
func texWords(s string) string { return words.Replace(s) }

var words = strings.NewReplacer("n·", `$n$ $\cdot$ `, " × ", ` $\times$ `, "s→t", `$s\to t$`, "δ[v]", `$\delta_{v}$`, "λ[v]", `$\lambda_{v}$`, "p[v]", `$p_{v}$`, "λ₂", `$\lambda_{2}$`, "λ₃", `$\lambda_{3}$`)
