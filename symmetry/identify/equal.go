package identify

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/quivernet/quivernet/internal/assign"
	"github.com/quivernet/quivernet/internal/pieces"
	"github.com/quivernet/quivernet/quiver"
)

// Answer is a decision that may stay open.
type Answer string

// The answers.
const (
	Yes       Answer = "yes"
	No        Answer = "no"
	Ambiguous Answer = "ambiguous"
)

// Equality says whether two representations are equal up to positive rescaling, and
// permutation where asked.
type Equality struct {
	Verdict  Answer  `json:"verdict"`
	Distance float64 `json:"distance"` // of the normal forms: max|a−b| / max|a|
	Reason   string  `json:"reason"`

	// Where EqualModPermutation says Yes: unit i of a, times Scales[v][i] > 0, is unit
	// Perms[v][i] of b.
	Perms  map[string][]int     `json:"perms,omitempty"`
	Scales map[string][]float64 `json:"scales,omitempty"`
}

// String returns one line.
func (e *Equality) String() string {
	if e == nil {
		return "<nil>"
	}
	return fmt.Sprintf("equal: %s (distance %.3g; %s)", e.Verdict, e.Distance, e.Reason)
}

// MarshalJSON returns the fields, an infinite distance as a string.
func (e Equality) MarshalJSON() ([]byte, error) {
	type plain Equality
	return json.Marshal(struct {
		plain
		Distance Number `json:"distance"`
	}{plain(e), Number(e.Distance)})
}

// EqualModRescaling decides whether b lies on the positive-rescaling orbit of a: whether
// their outgoing-normal forms differ by at most tol, relative to the largest weight.
// Errors: quiver.LayoutError, ParameterError for a negative tol or NaN, and those of
// NormalizeOutgoing.
func EqualModRescaling(a, b *quiver.Rep, tol float64) (*Equality, error) {
	if err := tolerance("tol", tol); err != nil {
		return nil, err
	}
	if _, _, err := pieces.Pair(a, b); err != nil {
		return nil, err
	}
	na, err := NormalizeOutgoing(a)
	if err != nil {
		return nil, err
	}
	nb, err := NormalizeOutgoing(b)
	if err != nil {
		return nil, err
	}
	e := &Equality{Distance: pieces.Distance(na.Data(), nb.Data()), Reason: "outgoing-normal forms compared"}
	e.Verdict = No
	if e.Distance <= tol {
		e.Verdict = Yes
	}
	return e, nil
}

// EqualModPermutation decides whether a and b are equal up to permutation and positive
// rescaling of the hidden units: both are brought to incoming-normal form, then, vertex
// by vertex in topological order, the units are matched by linear assignment of their
// incoming weights, ties broken by their outgoing ones. Perms[v][i] is the unit of b that
// plays the part of unit i of a. Where two units of a have equal incoming weights and no
// match within tol is found, the answer is Ambiguous. Errors: quiver.LayoutError,
// ParameterError for a negative tol or NaN, and those of NormalizeIncoming.
func EqualModPermutation(a, b *quiver.Rep, tol float64) (*Equality, error) {
	if err := tolerance("tol", tol); err != nil {
		return nil, err
	}
	if _, _, err := pieces.Pair(a, b); err != nil {
		return nil, err
	}
	na, sa, err := incoming(a)
	if err != nil {
		return nil, err
	}
	nb, sb, err := incoming(b) // its weights are permuted in place
	if err != nil {
		return nil, err
	}
	e := &Equality{Perms: make(map[string][]int)}
	var twins []string
	for i := range na.Vertices {
		v := &na.Vertices[i]
		if v.Kind != quiver.KindHidden {
			continue
		}
		rows, cols := func(n *pieces.Network, r int) (x []float64) {
			n.EachIn(i, r, func(w *float64) { x = append(x, *w) })
			return
		},
			func(n *pieces.Network, r int) (x []float64) {
				n.EachOut(i, r, func(w *float64) { x = append(x, *w) })
				slices.Sort(x)
				return
			}
		cost := make([]float64, v.Dim*v.Dim)
		for r := range v.Dim {
			for s := range v.Dim {
				cost[r*v.Dim+s] = pieces.Gap(rows(na, r), rows(nb, s)) + 1e-6*pieces.Gap(cols(na, r), cols(nb, s))
			}
			for s := range r {
				if pieces.Gap(rows(na, r), rows(na, s)) <= 2*tol {
					twins = append(twins, fmt.Sprintf("%s[%d] and [%d]", v.Name, s, r))
				}
			}
		}
		best, ok := assign.Min(cost, v.Dim, v.Dim)
		if !ok { // a weight overflowed on the way
			return &Equality{Verdict: Ambiguous, Distance: math.Inf(1), Reason: fmt.Sprintf("the weights of %s cannot be compared: a difference is not finite", v.Name)}, nil
		}
		p := best.To
		e.Perms[v.Name] = p
		nb.Permute(i, p)
	}
	e.Distance = pieces.Distance(na.Rep.Data(), nb.Rep.Data())
	switch {
	case e.Distance <= tol:
		e.Verdict, e.Reason = Yes, "incoming-normal forms matched unit by unit"
		e.Scales = make(map[string][]float64)
		for i := range na.Vertices {
			name := na.Vertices[i].Name
			for u, j := range e.Perms[name] {
				e.Scales[name] = append(e.Scales[name], sb[i][j]/sa[i][u])
			}
		}
	case len(twins) > 0:
		e.Verdict, e.Reason = Ambiguous, "units with equal incoming weights: "+strings.Join(twins[:min(len(twins), 4)], ", ")
	default:
		e.Verdict, e.Reason = No, "no matching of the units brings the incoming-normal forms together"
	}
	return e, nil
}
