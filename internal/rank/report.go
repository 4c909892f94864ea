package rank

import (
	"fmt"
	"math"
	"reflect"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/jsontext"
)

// Report is a numerical rank with what it rests on. The rank of a matrix that is
// known only to rounding is a matter of judgement: Gap says how clear it was.
type Report struct {
	Rank      int             `json:"rank"`
	Rows      int             `json:"rows"`
	Cols      int             `json:"cols"`
	Gap       jsontext.Number `json:"gap"`       // smallest kept over largest dropped singular value; over the tolerance where none is dropped
	Ambiguous bool            `json:"ambiguous"` // Gap < 1000
	Other     int             `json:"other"`     // the rank at the widest gap; where it differs from Rank, a second candidate
	Tolerance float64         `json:"tolerance"` // singular values up to here count as zero
	Singular  []float64       `json:"singular"`  // in descending order
}

// ambiguous is the gap below which a rank is reported as ambiguous.
const ambiguous = 1e3

// String returns one line: "rank 9 of 12×13, gap 3.1e+11".
func (r Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "rank %d of %d×%d, gap %v", r.Rank, r.Rows, r.Cols, r.Gap)
	if r.Ambiguous {
		fmt.Fprintf(&b, ", ambiguous")
		if r.Other != r.Rank {
			fmt.Fprintf(&b, " (or %d)", r.Other)
		}
	}
	return b.String()
}

// Of returns the numerical rank of m: the number of singular values above
// max(rows, columns)·2⁻⁵²·s_1. A matrix with a NaN or an Inf has rank 0, ambiguous. A matrix with many more rows than columns is first
// reduced by QR, which keeps the singular values to rounding; the Gram matrix, which
// would square the condition number, is never formed.
func Of(m mat.Matrix) Report {
	if v := reflect.ValueOf(m); !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		return OfSingular(nil, 0, 0, 0)
	}
	r, c := m.Dims()
	if r <= 0 || c <= 0 {
		return OfSingular(nil, r, c, 0)
	}
	if r > 2*c {
		q := NewReducer(c)
		row := make([]float64, c)
		for i := range r {
			q.Add(mat.Row(row, i, m))
		}
		return q.Rank()
	}
	return rankDense(mat.DenseCopyOf(m), r, c, 0)
}

// rankDense judges the singular values of m, which stands for a matrix of rows×cols.
func rankDense(m *mat.Dense, rows, cols int, tol float64) Report {
	var svd mat.SVD
	if !finite(m) || !svd.Factorize(m, mat.SVDNone) {
		return Failed(rows, cols)
	}
	return OfSingular(svd.Values(nil), rows, cols, tol)
}

// finite reports whether all numbers of m are.
func finite(m *mat.Dense) bool {
	for _, x := range m.RawMatrix().Data {
		if math.IsInf(x, 0) || math.IsNaN(x) {
			return false
		}
	}
	return true
}

// Failed is the report where there are no singular values: a number is not finite, or the
// decomposition did not converge.
func Failed(r, c int) Report { return Report{Rows: r, Cols: c, Gap: 1, Ambiguous: true} }

// OfSingular judges singular values, in descending order, of an r×c matrix. tol is the
// relative tolerance, 0 for the default.
func OfSingular(s []float64, r, c int, tol float64) Report {
	rep := Report{Rows: r, Cols: c, Gap: jsontext.Number(math.Inf(1)), Singular: s}
	if len(s) == 0 || s[0] == 0 {
		return rep
	}
	if math.IsInf(s[0], 0) || math.IsNaN(s[0]) {
		return Failed(r, c)
	}
	if tol == 0 {
		tol = float64(max(r, c)) * 0x1p-52
	}
	rep.Tolerance = tol * s[0]
	for rep.Rank < len(s) && s[rep.Rank] > rep.Tolerance {
		rep.Rank++
	}
	next := rep.Tolerance
	if rep.Rank < len(s) {
		next = s[rep.Rank]
	}
	if rep.Rank == 0 { // nothing stands above the tolerance
		return rep
	}
	rep.Gap = jsontext.Number(s[rep.Rank-1] / next)
	rep.Ambiguous = float64(rep.Gap) < ambiguous
	rep.Other = rep.Rank
	widest := float64(rep.Gap)
	for i := 1; i < len(s); i++ {
		if s[i] > 0 && s[i-1]/s[i] > widest {
			widest, rep.Other = s[i-1]/s[i], i
		}
	}
	if !rep.Ambiguous {
		rep.Other = rep.Rank
	}
	return rep
}
