package formula

import (
	"math"
	"unicode/utf8"
)

// RowWidth is how many characters of a formula fit on a line of an article.
const RowWidth = 46

// Length returns how many characters a text shows.
func Length(s string) int { return utf8.RuneCountInString(s) }

// Row is a row of a formula that is broken over lines, and how many characters it shows.
type Row struct {
	Tex string
	n   int
}

// Rows writes a formula in rows of about the given width: sums are broken before their signs, products before their dots, those in
// parentheses too. What is a function of something stays in one row.
func (f *Formula) Rows(width int) []Row {
	whole := []Row{{f.LaTeX(), Length(f.String())}}
	if whole[0].n <= width {
		return whole
	}
	var b breaker
	switch f.Kind {
	case kindSum:
		for i, a := range f.Args {
			c := f.coef[i]
			sign := "+ "
			if c < 0 || c == 0 && math.Signbit(c) {
				sign = "- "
			}
			factor := ""
			if m := math.Abs(c); m != 1 {
				factor = TexNumber(m) + `\cdot `
			}
			rows := a.within(f.termNeed(i), width)
			rows[0].Tex, rows[0].n = factor+rows[0].Tex, rows[0].n+len(factor)/2
			if i == 0 {
				sign = map[string]string{"+ ": "", "- ": "-"}[sign]
			}
			b.add(sign, rows, width)
		}
		switch {
		case f.shift < 0:
			b.add("- ", []Row{{TexNumber(-f.shift), 4}}, width)
		case f.shift != 0:
			b.add("+ ", []Row{{TexNumber(f.shift), 4}}, width)
		}
	case kindProduct, kindApply, KindHadamard:
		sign := `\cdot `
		if f.Kind == KindHadamard {
			sign = `\circ `
		}
		for i, a := range f.Args {
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
	case KindTranspose:
		rows := f.Args[0].within(4, width)
		if len(rows) == 1 {
			return whole
		}
		rows[len(rows)-1].Tex += `^{\mathsf{T}}`
		return rows
	default:
		return whole
	}
	return b.out
}

// within writes an argument in rows, in parentheses where it binds less than need.
func (f *Formula) within(need, width int) []Row {
	rows := f.Rows(width - 2)
	if f.strength() >= need {
		return rows
	}
	open, shut := `\bigl(`, `\bigr)`
	if len(rows) == 1 {
		open, shut = `\left(`, `\right)`
	}
	last := len(rows) - 1
	rows[0].Tex, rows[0].n = open+rows[0].Tex, rows[0].n+1
	rows[last].Tex, rows[last].n = rows[last].Tex+shut, rows[last].n+1
	return rows
}

// breaker puts the parts of a formula into rows.
type breaker struct{ out []Row }

// add puts a part, with the sign before it, behind the last row, or below it where that is full.
func (b *breaker) add(sign string, rows []Row, width int) {
	k := len(b.out) - 1
	switch {
	case k < 0:
		rows[0].Tex = sign + rows[0].Tex
		b.out = append(b.out, rows...)
	case b.out[k].n+rows[0].n+3 <= width:
		space := " "
		if sign[0] == '\\' {
			space = ""
		}
		b.out[k] = Row{b.out[k].Tex + space + sign + rows[0].Tex, b.out[k].n + rows[0].n + 3}
		b.out = append(b.out, rows[1:]...)
	default:
		rows[0] = Row{"{}" + sign + rows[0].Tex, rows[0].n + 3}
		b.out = append(b.out, rows...)
	}
}
