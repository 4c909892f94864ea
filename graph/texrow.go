package graph

import (
	"math"
	"unicode/utf8"
)

// texWidth is how many characters of a formula fit on a line of an article.
const texWidth = 46

func length(s string) int { return utf8.RuneCountInString(s) }

// texRow is a row of a formula that is broken over lines, and how many characters it shows.
type texRow struct {
	tex string
	n   int
}

// rows writes a formula in rows of about the given width: sums are broken before their signs, products before their dots, those in
// parentheses too. What is a function of something stays in one row.
func (f *formula) rows(width int) []texRow {
	whole := []texRow{{f.LaTeX(), length(f.String())}}
	if whole[0].n <= width {
		return whole
	}
	var b breaker
	switch f.kind {
	case sumF:
		for i, a := range f.args {
			c := f.coef[i]
			sign := "+ "
			if c < 0 || c == 0 && math.Signbit(c) {
				sign = "- "
			}
			factor := ""
			if m := math.Abs(c); m != 1 {
				factor = texNumber(m) + `\cdot `
			}
			rows := a.within(f.termNeed(i), width)
			rows[0].tex, rows[0].n = factor+rows[0].tex, rows[0].n+len(factor)/2
			if i == 0 {
				sign = map[string]string{"+ ": "", "- ": "-"}[sign]
			}
			b.add(sign, rows, width)
		}
		switch {
		case f.shift < 0:
			b.add("- ", []texRow{{texNumber(-f.shift), 4}}, width)
		case f.shift != 0:
			b.add("+ ", []texRow{{texNumber(f.shift), 4}}, width)
		}
	case productF, applyF, hadamardF:
		sign := `\cdot `
		if f.kind == hadamardF {
			sign = `\circ `
		}
		for i, a := range f.args {
			need := 2
			if a.strength() == 2 {
				need = 3
			}
			s := sign
			if i == 0 {
				s = ""
			}
			b.add(s, a.within(need, width), width)
		}
	case transposeF:
		rows := f.args[0].within(4, width)
		if len(rows) == 1 {
			return whole
		}
		rows[len(rows)-1].tex += `^{\mathsf{T}}`
		return rows
	default:
		return whole
	}
	return b.out
}

// within writes an argument in rows, in parentheses where it binds less than need.
func (f *formula) within(need, width int) []texRow {
	rows := f.rows(width - 2)
	if f.strength() >= need {
		return rows
	}
	open, shut := `\bigl(`, `\bigr)`
	if len(rows) == 1 {
		open, shut = `\left(`, `\right)`
	}
	last := len(rows) - 1
	rows[0].tex, rows[0].n = open+rows[0].tex, rows[0].n+1
	rows[last].tex, rows[last].n = rows[last].tex+shut, rows[last].n+1
	return rows
}

// breaker puts the parts of a formula into rows.
type breaker struct{ out []texRow }

// add puts a part, with the sign before it, behind the last row, or below it where that is full.
func (b *breaker) add(sign string, rows []texRow, width int) {
	k := len(b.out) - 1
	switch {
	case k < 0:
		rows[0].tex = sign + rows[0].tex
		b.out = append(b.out, rows...)
	case b.out[k].n+rows[0].n+3 <= width:
		space := " "
		if sign[0] == '\\' {
			space = ""
		}
		b.out[k] = texRow{b.out[k].tex + space + sign + rows[0].tex, b.out[k].n + rows[0].n + 3}
		b.out = append(b.out, rows[1:]...)
	default:
		rows[0] = texRow{"{}" + sign + rows[0].tex, rows[0].n + 3}
		b.out = append(b.out, rows...)
	}
}
