package identify

import (
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/rank"
)

// RankReport is a numerical rank with what it rests on: the singular values, the tolerance below
// which they count as zero, and the gap between the smallest kept and the largest dropped one.
type RankReport = rank.Report

// Reducer finds the rank of a matrix that is given row by row and never held, by the triangular
// factor of its QR decomposition.
type Reducer = rank.Reducer

// Rank returns the numerical rank of m: the number of singular values above
// max(rows, columns)·2⁻⁵²·s_1. A matrix with a NaN or an Inf has rank 0, ambiguous.
func Rank(m mat.Matrix) RankReport { return rank.Of(m) }

// NewReducer returns a Reducer for rows of length cols.
func NewReducer(cols int) *Reducer { return rank.NewReducer(cols) }
