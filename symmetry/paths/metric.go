package paths

import (
	"encoding/json"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/jsontext"
	"github.com/quivernet/quivernet/internal/pieces"
	"github.com/quivernet/quivernet/quiver"
)

// Metric bounds the difference of two networks on all inputs:
//
//	‖f_θ(x) − f_θ'(x)‖₁ ≤ Bound·max(‖x‖_∞, 1).
type Metric struct {
	Bound     Norm `json:"bound"`
	SameSigns bool `json:"same_signs"` // θ_iθ'_i ≥ 0 for all i
	Dominated bool `json:"dominated"`  // and |θ'_i| ≤ |θ_i| for all i: Bound is ‖Φ(θ)−Φ(θ')‖₁ then
}

// String returns one line.
func (m Metric) String() string {
	how := "through the network of smaller weights"
	switch {
	case m.Dominated:
		how = "difference of the path norms"
	case !m.SameSigns:
		how = "through the network of smaller weights, 0 where signs differ"
	}
	return fmt.Sprintf("‖f−f'‖₁ ≤ %v · max(‖x‖∞, 1) (%s)", m.Bound, how)
}

// PathMetric bounds how far two networks on one quiver are apart, by three forward passes
// (arXiv 2310.01225 and its sequel 2405.15006). Where the weights have the same signs,
// ‖f_θ(x) − f_θ'(x)‖₁ ≤ max(‖x‖_∞, 1)·‖Φ(θ) − Φ(θ')‖₁; with |θ'| ≤ |θ| moreover the
// distance of the embeddings is ‖Φ(θ)‖₁ − ‖Φ(θ')‖₁. In general we go through θ”, at
// each place the weight of smaller modulus, 0 where the signs differ, and add up:
//
//	Bound = ‖Φ(θ)‖₁ + ‖Φ(θ')‖₁ − 2‖Φ(θ'')‖₁,
//
// units counted with their larger |slope| (1 for ReLU). Rounding may make Bound too
// small by some 1e-15 of the norms. Errors: quiver.LayoutError, StructureError for
// different fixed matrices, and those of PathNorm.
func PathMetric(a, b *quiver.Rep) (*Metric, error) {
	na, nb, err := pieces.Pair(a, b)
	if err != nil {
		return nil, err
	}
	if err := na.CheckLinear("path metric"); err != nil {
		return nil, err
	}
	for i, arrow := range a.Quiver().Arrows() {
		if arrow.Fixed && arrow.Rows*arrow.Cols > 0 && !mat.Equal(a.Fixed(i), b.Fixed(i)) {
			return nil, &pieces.StructureError{Op: "path metric", Where: fmt.Sprintf("arrow %q", arrow.Name), Reason: "has different fixed matrices in the two networks; give them the same"}
		}
	}
	m := &Metric{SameSigns: true, Dominated: true}
	mid := a.Clone()
	for j, x := range a.Data() {
		y := b.Data()[j]
		switch {
		case x*y < 0 || x > 0 && y < 0 || x < 0 && y > 0:
			m.SameSigns, m.Dominated = false, false
			mid.Data()[j] = 0
		case math.Abs(y) <= math.Abs(x):
			mid.Data()[j] = y
		default:
			m.Dominated = false
		}
	}
	nm, err := pieces.Of(mid)
	if err != nil {
		return nil, err
	}
	p := normPass{q: 1, gain: true}
	m.Bound = excess(pathNorm(na, p), pathNorm(nb, p), pathNorm(nm, p))
	return m, nil
}

// excess returns a + b − 2c ≥ 0.
func excess(a, b, c Norm) Norm {
	n := Norm{Q: 1}
	if a.fits && b.fits && c.fits {
		d := max(0, (a.value-c.value)+(b.value-c.value))
		return Norm{Q: 1, Log10: math.Log10(d), value: d, fits: !math.IsInf(d, 1)}
	}
	top := max(a.Log10, b.Log10)
	d := math.Pow(10, a.Log10-top) + math.Pow(10, b.Log10-top) - 2*math.Pow(10, c.Log10-top)
	n.Log10 = top + math.Log10(max(0, d))
	if v := math.Pow(10, n.Log10); !math.IsInf(v, 1) {
		n.value, n.fits = v, true
	}
	return n
}

// UnmarshalJSON reads what MarshalJSON writes.
func (n *Norm) UnmarshalJSON(b []byte) error {
	var s struct {
		Q, Log10 jsontext.Number
		Value    *float64
	}
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	*n = Norm{Q: float64(s.Q), Log10: float64(s.Log10)}
	if s.Value != nil {
		n.value, n.fits = *s.Value, true
	}
	return nil
}
