package stitch

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/assign"
)

// Map is a map between features: M is c₂×c₁ and acts as H ↦ H·Mᵀ.
type Map struct {
	Class    Class
	M        *mat.Dense
	Residual float64 // ‖H₁Mᵀ − H₂‖², Frobenius
	Relative float64 // Residual / ‖H₂‖²; 0/0 = 0
}

// Fit returns the map of a class that takes features nearest to others, M minimising
// ‖H₁Mᵀ − H₂‖ in the Frobenius norm. H₁ is m×c₁ and H₂ is m×c₂, one sample a row.
//
//   - Permutations, with signs or scales: the linear assignment of the gains of all pairs
//     of channels, ⟨h₂,h₁⟩₊²/‖h₁‖² at scale ⟨h₂,h₁⟩₊/‖h₁‖² for PositiveMonomial. Exact, O(c³).
//   - Orthogonal: the polar factor of H₂ᵀH₁. Linear: least squares, the least of them in norm.
//
// Derived. Errors: *FeatureError.
func Fit(class Class, h1, h2 mat.Matrix) (*Map, error) {
	a, b, err := pairOf(h1, h2)
	if err != nil {
		return nil, err
	}
	var m *mat.Dense
	switch {
	case class.pairs():
		m = byAssignment(class, a, b)
	case class == Orthogonal:
		var svd mat.SVD
		var k, u, v mat.Dense
		k.Mul(b.T(), a)
		if !svd.Factorize(&k, mat.SVDThin) {
			return nil, &FeatureError{"Fit", "the singular values of H₂ᵀH₁ do not converge"}
		}
		svd.UTo(&u)
		svd.VTo(&v)
		m = &mat.Dense{}
		m.Mul(&u, v.T())
	case class == Linear:
		if m, err = leastSquares(a, b); err != nil {
			return nil, err
		}
	default:
		return nil, &FeatureError{"Fit", fmt.Sprintf("unknown %s", class)}
	}
	return mapOf(class, m, a, b), nil
}

// FitRank returns the linear map of rank at most r that takes H₁ nearest to H₂: least squares,
// projected to the r leading directions of its predictions (reduced-rank regression).
// Errors: *FeatureError.
func FitRank(r int, h1, h2 mat.Matrix) (*Map, error) {
	a, b, err := pairOf(h1, h2)
	if err != nil {
		return nil, err
	}
	if r < 1 {
		return nil, &FeatureError{"FitRank", fmt.Sprintf("rank %d; want at least 1", r)}
	}
	m, err := leastSquares(a, b)
	if err != nil {
		return nil, err
	}
	var y, v mat.Dense
	y.Mul(a, m.T())
	var svd mat.SVD
	if !svd.Factorize(&y, mat.SVDThin) {
		return nil, &FeatureError{"FitRank", "the singular values of the predictions do not converge"}
	}
	svd.VTo(&v)
	if c, k := v.Dims(); r < k {
		var p, q mat.Dense
		lead := v.Slice(0, c, 0, r)
		p.Mul(lead, lead.T())
		q.Mul(&p, m)
		m = &q
	}
	return mapOf(Linear, m, a, b), nil
}

func pairOf(h1, h2 mat.Matrix) (a, b *mat.Dense, err error) {
	if isNil(h1) || isNil(h2) {
		return nil, nil, &FeatureError{"the features", "one of the matrices is nil"}
	}
	r1, c1 := h1.Dims()
	r2, c2 := h2.Dims()
	f, g, err := comparable(Flat(h1), Flat(h2), 1)
	if err != nil {
		return nil, nil, err
	}
	if c1 == 0 || c2 == 0 {
		return nil, nil, &FeatureError{"the features", fmt.Sprintf("%d×%d and %d×%d; want at least one channel", r1, c1, r2, c2)}
	}
	return mat.NewDense(r1, c1, f.Data), mat.NewDense(r2, c2, g.Data), nil
}

func mapOf(class Class, m, a, b *mat.Dense) *Map {
	var d mat.Dense
	d.Mul(a, m.T())
	d.Sub(&d, b)
	t := &Map{Class: class, M: m}
	t.Residual = squares(d.RawMatrix().Data)
	if t.Residual > 0 {
		t.Relative = t.Residual / squares(b.RawMatrix().Data)
	}
	return t
}

// byAssignment returns the best partial permutation with the scales of the class.
func byAssignment(class Class, a, b *mat.Dense) *mat.Dense {
	var k mat.Dense
	k.Mul(b.T(), a) // ⟨h₂[i], h₁[j]⟩
	rows, cols := k.Dims()
	norm := make([]float64, cols)
	for j := range norm {
		for _, x := range mat.Col(nil, j, a) {
			norm[j] += x * x
		}
	}
	pair := func(i, j int) (gain, scale float64) {
		x := k.At(i, j)
		switch {
		case class == Permutation:
			return 2*x - norm[j], 1
		case class == SignedPermutation:
			return 2*math.Abs(x) - norm[j], math.Copysign(1, x)
		case norm[j] == 0 || class == PositiveMonomial && x < 0:
			return 0, 0
		}
		return x / norm[j] * x, x / norm[j]
	}
	cost := make([]float64, rows*cols)
	flip := rows > cols
	for i := range rows {
		for j := range cols {
			gain, _ := pair(i, j)
			if flip {
				cost[j*rows+i] = -gain
			} else {
				cost[i*cols+j] = -gain
			}
		}
	}
	best, _ := assign.Min(cost, min(rows, cols), max(rows, cols))
	m := mat.NewDense(rows, cols, nil)
	for i, j := range best.To {
		if flip {
			i, j = j, i
		}
		_, scale := pair(i, j)
		m.Set(i, j, scale)
	}
	return m
}

// leastSquares returns the M of least norm that minimises ‖AMᵀ − B‖.
func leastSquares(a, b *mat.Dense) (*mat.Dense, error) {
	var svd mat.SVD
	if !svd.Factorize(a, mat.SVDThin) {
		return nil, &FeatureError{"Fit", "the singular values of H₁ do not converge"}
	}
	r, c := a.Dims()
	s := svd.Values(nil)
	rank := 0
	for rank < len(s) && s[rank] > float64(max(r, c))*0x1p-52*s[0] {
		rank++
	}
	_, out := b.Dims()
	m := mat.NewDense(out, c, nil)
	if rank > 0 {
		var x mat.Dense
		svd.SolveTo(&x, b, rank)
		m.Copy(x.T())
	}
	return m, nil
}
