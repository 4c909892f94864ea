package identify

import (
	"fmt"
	"math/big"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/exact"
	"github.com/quivernet/quivernet/internal/pieces"
	"github.com/quivernet/quivernet/internal/rescale"
	"github.com/quivernet/quivernet/quiver"
)

// ExactReport is a rank in rational arithmetic. Lower is proved: some minor of that size
// is not zero. Proved says that the rank is equal to it.
type ExactReport struct {
	Rank   int    `json:"rank"`
	Rows   int    `json:"rows"`
	Cols   int    `json:"cols"`
	Proved bool   `json:"proved"` // Rank is the rank; else it is at least Rank
	How    string `json:"how"`
}

// String returns one line.
func (r ExactReport) String() string {
	rel := "="
	if !r.Proved {
		rel = "≥"
	}
	return fmt.Sprintf("rank %s %d of %d×%d (%s)", rel, r.Rank, r.Rows, r.Cols, r.How)
}

// ExactRank returns the rank of J at the given samples over the rational numbers: the
// weights and inputs are taken for the dyadic rationals that float64 numbers are, and
// nothing is rounded, not even the sides of the kinks.
//
// The rank modulo a prime near 2⁶¹ gives a proved lower bound. It is proved to be the
// rank where it meets the number of rows, or of parameters minus rescalings; else
// fraction-free elimination (Bareiss 1968) decides, or, for larger matrices, the rank modulo so
// many primes that by Hadamard's bound all larger minors are 0. Where that would take more
// than 40·Options.Limit multiplications, the rank modulo a second prime is compared, and
// the report says that equality is not proved.
//
// Errors: ActivationError unless the quiver is piecewise linear, BoundaryError for a
// pre-activation that is exactly 0, the errors of Jacobian.
func ExactRank(w *quiver.Rep, xs []*mat.Dense, o Options) (ExactReport, error) {
	net, err := pieces.Linear(w, "exact rank")
	if err != nil {
		return ExactReport{}, err
	}
	samples, err := net.Samples(xs)
	if err != nil {
		return ExactReport{}, err
	}
	points := make([][]exact.Rational, len(samples))
	for i, x := range samples {
		points[i] = exact.Floats(x)
	}
	return exactRank(net, points, o)
}

// smallRank is the number of entries up to which elimination is faster than many primes.
const smallRank = 3000

// exactRank is ExactRank at rational points.
func exactRank(net *pieces.Network, points [][]exact.Rational, o Options) (ExactReport, error) {
	rat := pieces.OverRationals(net)
	var kept [][]exact.Rational
	var sides []*pieces.ExactState[exact.Rational]
	bad := &pieces.BoundaryError{Of: len(points)}
	for i, x := range points {
		s := rat.NewState()
		b, ok := pieces.Boundary{}, true
		rat.Forward(s, x, func(v, unit int, z exact.Rational) bool {
			if z.IsZero() && !net.Vertices[v].Slopes.Straight() && net.Watched[v][unit] && ok && !net.Still(v, unit, func(v, unit int) int { return s.Z[v][unit].Sign() }) {
				b, ok = pieces.Boundary{Sample: i, Vertex: net.Vertices[v].Name, Unit: unit, Z: 0}, false
			}
			return z.Sign() > 0
		})
		if ok {
			kept, sides = append(kept, x), append(sides, s)
			continue
		}
		if bad.Count++; len(bad.First) < 8 {
			bad.First = append(bad.First, b)
		}
	}
	if bad.Count > 0 && (!o.Drop || len(kept) == 0) {
		return ExactReport{}, bad
	}
	rep := ExactReport{Rows: len(kept) * net.OutDim, Cols: net.Params}
	most := min(rep.Rows, net.Params-rescale.Of(net).Dim())
	for which := range uint8(2) {
		r := rankModulo(net, kept, sides, which, most)
		rep.Rank = max(rep.Rank, r)
		if rep.Rank == most {
			rep.Proved, rep.How = true, "proved modulo a prime"
			if most < rep.Rows {
				rep.How = "proved modulo a prime; no more than parameters − rescalings"
			}
			return rep, nil
		}
	}
	const tooLarge = "modulo two primes; too large for a proof of equality"
	if float64(rep.Rows)*float64(rep.Cols) > float64(o.MaxEntries())/50 {
		rep.How = tooLarge
		return rep, nil
	}
	var m [][]*big.Int
	for _, s := range sides {
		for _, row := range rat.Rows(s) {
			m = append(m, exact.Integers(row))
		}
	}
	if rep.Rows*rep.Cols <= smallRank {
		rep.Rank, rep.Proved, rep.How = exact.RankInPlace(m), true, "fraction-free elimination"
		return rep, nil
	}
	primes := float64(exact.HadamardBits(m, rep.Rank+1)) / 60
	if primes*float64(rep.Rows)*float64(rep.Cols)*float64(rep.Rank) > 40*float64(o.MaxEntries()) {
		rep.How = tooLarge
		return rep, nil
	}
	rep.Rank, rep.Proved, rep.How = exact.RankIntegers(m), true, "modulo as many primes as Hadamard's bound asks for"
	return rep, nil
}

// rankModulo returns the rank of J modulo a prime, given the sides of the units; it
// stops at most.
func rankModulo(net *pieces.Network, points [][]exact.Rational, sides []*pieces.ExactState[exact.Rational], which uint8, most int) int {
	e, ok := pieces.Modulo(net, which)
	if !ok {
		return 0 // a lower bound all the same
	}
	m := exact.NewElimination(exact.Primes[which])
	s := e.NewState()
	x := make([]exact.Residue, net.InDim)
	row := make([]uint64, net.Params)
	for i, p := range points {
		ok := true
		for j, v := range p {
			r, fine := exact.ResidueOf(v, which)
			x[j], ok = r, ok && fine
		}
		if !ok {
			continue // only lowers the bound
		}
		s.Side = sides[i].Side
		e.Forward(s, x, nil)
		for _, r := range e.Rows(s) {
			for j, v := range r {
				row[j] = v.Value()
			}
			if m.Add(row); m.Rank() == most {
				return most
			}
		}
	}
	return m.Rank()
}
