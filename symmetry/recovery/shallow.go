package recovery

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/quivernet/quivernet/internal/exact"
	"github.com/quivernet/quivernet/internal/jsontext"
	"github.com/quivernet/quivernet/internal/pieces"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry/identify"
)

// Status is the state of a condition.
type Status string

// The states of a condition.
const (
	Certified Status = "certified" // proved
	Refuted   Status = "refuted"   // proved not to hold, with a witness
	Unknown   Status = "unknown"   // not decided
)

// Condition is one condition of a theorem, with what was found.
type Condition struct {
	Name    string `json:"name"`
	Text    string `json:"text"`
	Status  Status `json:"status"`
	Witness string `json:"witness,omitempty"` // what refutes it, or what is missing
	Units   []int  `json:"units,omitempty"`   // the units that refute it
}

// ShallowReport says whether a network with one hidden layer is determined by its
// function on a box.
type ShallowReport struct {
	Verdict    identify.Verdict `json:"verdict"`
	Box        quiver.Box       `json:"box"`
	Conditions []Condition      `json:"conditions"`

	// Other has the same function on the box and is no permutation and rescaling of the
	// network; nil where the verdict is not NotIdentifiable, or Other is beyond float64.
	Other *quiver.Rep `json:"-"`

	// Change is max|f−f'|/max|f| of Other at the corners and centre of the box and 64
	// points in it: rounding.
	Change float64 `json:"change"`
	Reason string  `json:"reason"`
}

// String returns the report as text.
func (r *ShallowReport) String() string {
	if r == nil {
		return "<nil>"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "shallow network on %v: %s\n  %s\n", r.Box, strings.ToUpper(string(r.Verdict)), r.Reason)
	for _, c := range r.Conditions {
		fmt.Fprintf(&b, "  (%s) %-9s %s", c.Name, c.Status, c.Text)
		if c.Witness != "" {
			fmt.Fprintf(&b, ": %s", c.Witness)
		}
		b.WriteByte('\n')
	}
	if r.Other != nil {
		fmt.Fprintf(&b, "  another network with this function differs from it by %.1e on the box\n", r.Change)
	}
	return b.String()
}

// MarshalJSON returns the fields and the other network as a slab; a change beyond float64
// as a string.
func (r ShallowReport) MarshalJSON() ([]byte, error) {
	type plain ShallowReport
	s := struct {
		plain
		Change jsontext.Number `json:"change"`
		Other  []float64       `json:"other,omitempty"`
	}{plain(r), jsontext.Number(r.Change), nil}
	if r.Other != nil {
		s.Other = r.Other.Data()
	}
	return json.Marshal(s)
}

// subsetLimit is the largest width for which all subsets of units are tried.
const subsetLimit = 24

// Shallow decides whether f(x) = Σ_i v_i σ(w_i·x + b_i) + c, with σ a ReLU, a leaky ReLU or
// any other activation that is linear on each side of 0 with slopes of different
// modulus, is determined by its values on a box, up to permutation and positive
// rescaling, among all networks of the same width and activation. On a bounded box it is,
// if and only if
//
//	(i)   w_i ≠ 0 and v_i ≠ 0,
//	(ii)  every hyperplane w_i·x + b_i = 0 meets the interior of the box,
//	(iii) no two of the hyperplanes coincide,
//	(iv)  no non-empty set I of units has Σ_{i∈I} v_i w_iᵀ = 0.
//
// A refuted condition comes with another network that has the same function. (iv)
// guards against turning the units of I round: with slopes u above 0 and d below,
//
//	σ(t) = σ(−t) + (u + d)·t,  for ReLU  ReLU(t) = ReLU(−t) + t.
//
// All conditions are decided in rational arithmetic, (iv) by the independence of the matrices v_iw_iᵀ
// or else by trying all subsets of up to 24 units; beyond that it stays Unknown. On all
// of ℝⁿ (Whole) the conditions are sufficient, and where only (iii) fails, by
// hyperplanes with opposite orientation, the verdict is Undetermined.
//
// The statement is our own derivation (the flips also appear in work on singular
// learning theory); the theorem of arXiv 2107.09370 for shallow networks could not be
// compared with it. The proof: under (i)–(iii) another network of this width bends along
// the same hyperplanes, so it spends one unit on each; the jump (u − d)·v_iw_iᵀ of the
// gradient fixes v_iw_iᵀ up to turning the unit round, and what turning round a set adds
// is linear and vanishes only if (iv) fails. Errors: ChainError, also for more or fewer
// than one hidden layer, ActivationError, BoxError.
func Shallow(w *quiver.Rep, box quiver.Box) (*ShallowReport, error) {
	const op = "the test of shallow networks"
	net, err := pieces.Of(w)
	if err != nil {
		return nil, err
	}
	l, err := layersOf(net, op, lopsided)
	if err != nil {
		return nil, err
	}
	if l.depth() != 2 {
		return nil, &ChainError{op, "the quiver", fmt.Sprintf("has %d hidden layers, want 1", l.depth()-1)}
	}
	if err := box.CheckInterior(net.InDim, true); err != nil {
		return nil, err
	}
	s := newShallow(l, box)
	r := &ShallowReport{Box: box, Conditions: []Condition{s.nonzero(), s.meeting(), s.distinct(), s.balanced()}}
	r.Verdict, r.Reason = identify.Identifiable, "determined up to permutation and positive rescaling, among networks of this width: proved."
	for _, c := range r.Conditions {
		switch c.Status {
		case Refuted:
			if r.Verdict == identify.NotIdentifiable {
				continue
			}
			if s.open(c) {
				r.Verdict, r.Reason = identify.Undetermined, "only sufficient on an unbounded domain: two hyperplanes coincide with opposite orientations."
				continue
			}
			r.Verdict, r.Reason = identify.NotIdentifiable, fmt.Sprintf("condition (%s) fails: proved", c.Name)
		case Unknown:
			if r.Verdict == identify.Identifiable {
				r.Verdict, r.Reason = identify.Undetermined, fmt.Sprintf("condition (%s) could not be decided.", c.Name)
			}
		}
	}
	if r.Verdict == identify.NotIdentifiable {
		r.Other = s.other(r.Conditions)
		r.Change = s.change(r.Other)
		if r.Reason += ", with another network."; r.Other == nil {
			r.Reason = strings.Replace(r.Reason, ", with another network.", "; another network is beyond float64.", 1)
		}
	}
	return r, nil
}

// shallow is a network with one hidden layer in rational numbers.
type shallow struct {
	l        *layered
	box      quiver.Box
	w, v     [][]exact.Rational // by unit
	b        []exact.Rational
	opposite bool // (iii) fails only by opposite orientations
}

func newShallow(l *layered, box quiver.Box) *shallow {
	s := &shallow{l: l, box: box}
	for i := range l.width(1) {
		s.w = append(s.w, exact.Floats(l.row(1, i)))
		s.v = append(s.v, exact.Floats(l.column(1, i)))
		s.b = append(s.b, exact.Float(l.bias[1].W[i]))
	}
	return s
}

// nonzero decides (i).
func (s *shallow) nonzero() Condition {
	c := Condition{Name: "i", Text: "no unit has zero incoming or zero outgoing weights", Status: Certified}
	for i := range s.w {
		if exact.AllZero(s.w[i]) || exact.AllZero(s.v[i]) {
			c.Status, c.Units = Refuted, []int{i}
			c.Witness = fmt.Sprintf("unit %d", i)
			return c
		}
	}
	return c
}

// extent returns the least and the largest value of w_i·x + b_i on the box.
func (s *shallow) extent(i int) (lo, hi exact.Rational) {
	lo, hi = s.b[i], s.b[i]
	for j, w := range s.w[i] {
		a, b := w.Mul(exact.Float(s.box.Lo[j])), w.Mul(exact.Float(s.box.Hi[j]))
		if a.Cmp(b) > 0 {
			a, b = b, a
		}
		lo, hi = lo.Add(a), hi.Add(b)
	}
	return lo, hi
}

// meeting decides (ii).
func (s *shallow) meeting() Condition {
	c := Condition{Name: "ii", Text: "every unit switches inside the box", Status: Certified}
	for i := range s.w {
		if s.box.IsWhole() {
			if exact.AllZero(s.w[i]) {
				c.Status, c.Units, c.Witness = Refuted, []int{i}, fmt.Sprintf("unit %d is constant", i)
				return c
			}
			continue
		}
		lo, hi := s.extent(i)
		switch {
		case lo.Sign() >= 0:
			c.Status, c.Units, c.Witness = Refuted, []int{i}, fmt.Sprintf("unit %d is on everywhere", i)
		case hi.Sign() <= 0:
			c.Status, c.Units, c.Witness = Refuted, []int{i}, fmt.Sprintf("unit %d is off everywhere", i)
		default:
			continue
		}
		return c
	}
	return c
}

// plane returns the hyperplane of a unit in normal form, the first nonzero weight 1,
// and the sign of the factor taken out.
func (s *shallow) plane(i int) (string, int) {
	row := append(append([]exact.Rational(nil), s.w[i]...), s.b[i])
	for _, x := range s.w[i] {
		if x.IsZero() {
			continue
		}
		var b strings.Builder
		for _, y := range row {
			b.WriteString(y.Quo(x).String() + " ")
		}
		return b.String(), x.Sign()
	}
	return "", 0
}

// distinct decides (iii).
func (s *shallow) distinct() Condition {
	c := Condition{Name: "iii", Text: "no two units switch at the same place", Status: Certified}
	seen := make(map[string]int)
	for i := range s.w {
		p, sign := s.plane(i)
		if sign == 0 {
			continue
		}
		j, ok := seen[p]
		if !ok {
			seen[p] = i
			continue
		}
		_, other := s.plane(j)
		if s.opposite = sign != other; c.Status == Certified || !s.opposite {
			how := "equal up to a positive factor"
			if s.opposite {
				how = "opposite up to a positive factor"
			}
			c.Status, c.Units = Refuted, []int{j, i}
			c.Witness = fmt.Sprintf("units %d and %d are %s", j, i, how)
		}
		if !s.opposite {
			return c
		}
	}
	return c
}

// balanced decides (iv).
func (s *shallow) balanced() Condition {
	c := Condition{Name: "iv", Text: "no set of units can be turned round: no subset of the v_i w_iᵀ has sum 0", Status: Certified}
	var rows [][]exact.Rational
	for i := range s.w {
		rows = append(rows, s.outer(i))
	}
	if exact.Rank(rows) == len(rows) {
		return c
	}
	n := len(rows)
	if n > subsetLimit {
		c.Status, c.Witness = Unknown, fmt.Sprintf("the matrices are dependent, and 2^%d subsets are too many", n)
		return c
	}
	if set := exact.ZeroSubset(rows); set != nil {
		c.Status, c.Units, c.Witness = Refuted, set, fmt.Sprintf("units %v", set)
	}
	return c
}

// outer returns v_i w_iᵀ.
func (s *shallow) outer(i int) []exact.Rational {
	var m []exact.Rational
	for _, v := range s.v[i] {
		for _, w := range s.w[i] {
			m = append(m, v.Mul(w))
		}
	}
	return m
}
