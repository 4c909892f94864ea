// Package formula writes mathematical expressions as text, in the notation of the field, and as LaTeX.
//
// A Formula is a symbol or an operation on formulas. It is written with as few parentheses as it needs, and in rows where a line does
// not hold it. What it stands for is no matter of this package: a symbol only carries a head and an index, by which a legend finds it.
//
//	formula.go   Formula, its makers (Sum, Product, Call, …), String and LaTeX
//	symbol.go    the symbols of the field: W[x→h1], ∂L, δ′[h1]
//	row.go       a formula in rows of a given width
//	texname.go   names as LaTeX takes them
package formula
