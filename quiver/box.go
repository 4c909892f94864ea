package quiver

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"github.com/quivernet/quivernet/internal/jsontext"
)

// Box is a product of intervals, the set of inputs that a statement is about: Lo[i] ≤ Hi[i] for
// each input coordinate, all inputs of a quiver in declared order, one behind the other. An infinite
// end stands for no bound.
type Box struct {
	Lo, Hi []float64
}

// BoxError reports a box that is empty, flat, of the wrong dimension or not a number.
type BoxError struct {
	Side   int // the coordinate at fault, -1 for the box as a whole
	Reason string
}

func (e *BoxError) Error() string { return "quiver: box: " + e.Reason }

// jsonBox is a Box for JSON, which has no infinities.
type jsonBox struct {
	Lo []jsontext.Number `json:"lo"`
	Hi []jsontext.Number `json:"hi"`
}

// MarshalJSON returns {"lo":[…],"hi":[…]}, infinite ends as strings.
func (b Box) MarshalJSON() ([]byte, error) {
	var j jsonBox
	for _, x := range b.Lo {
		j.Lo = append(j.Lo, jsontext.Number(x))
	}
	for _, x := range b.Hi {
		j.Hi = append(j.Hi, jsontext.Number(x))
	}
	return json.Marshal(j)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (b *Box) UnmarshalJSON(text []byte) error {
	var j jsonBox
	if err := json.Unmarshal(text, &j); err != nil {
		return err
	}
	*b = Box{}
	for _, x := range j.Lo {
		b.Lo = append(b.Lo, float64(x))
	}
	for _, x := range j.Hi {
		b.Hi = append(b.Hi, float64(x))
	}
	return nil
}

// Cube returns the box [−r, r]ⁿ. It panics with *BoxError for a negative n.
func Cube(n int, r float64) Box {
	if n < 0 || n > 1<<40 {
		panic(&BoxError{-1, fmt.Sprintf("a box of dimension %d; want 0 or more", n)})
	}
	b := Box{make([]float64, n), make([]float64, n)}
	for i := range n {
		b.Lo[i], b.Hi[i] = -r, r
	}
	return b
}

// Whole returns all of ℝⁿ. It panics as Cube does.
func Whole(n int) Box { return Cube(n, math.Inf(1)) }

// String returns the box as text: "[-1,1]×[0,2]", "[-1,1]^3", "ℝ^2".
func (b Box) String() string {
	if len(b.Lo) != len(b.Hi) {
		return fmt.Sprintf("no box: %d lower and %d upper ends", len(b.Lo), len(b.Hi))
	}
	same := len(b.Lo) > 0
	for i := range b.Lo {
		same = same && b.Lo[i] == b.Lo[0] && b.Hi[i] == b.Hi[0]
	}
	if same {
		s := fmt.Sprintf("[%.6g,%.6g]", b.Lo[0], b.Hi[0])
		if math.IsInf(b.Lo[0], -1) && math.IsInf(b.Hi[0], 1) {
			s = "ℝ"
		}
		if len(b.Lo) == 1 {
			return s
		}
		return fmt.Sprintf("%s^%d", s, len(b.Lo))
	}
	var s []string
	for i := range b.Lo {
		s = append(s, fmt.Sprintf("[%.6g,%.6g]", b.Lo[i], b.Hi[i]))
	}
	return strings.Join(s, "×")
}

// IsWhole reports whether no side has a bound, as for ℝⁿ; a box without sides is whole.
func (b Box) IsWhole() bool {
	if len(b.Lo) != len(b.Hi) {
		return false
	}
	for i := range b.Lo {
		if !math.IsInf(b.Lo[i], -1) || !math.IsInf(b.Hi[i], 1) {
			return false
		}
	}
	return true
}

// Check returns a *BoxError unless the box has n sides, each of them a non-empty interval: two
// numbers lo ≤ hi, or -Inf below, or +Inf above.
func (b Box) Check(n int) error {
	if err := b.sides(n); err != nil {
		return err
	}
	for i := range n {
		if err := b.interval(i); err != nil {
			return err
		}
	}
	return nil
}

// CheckInterior returns a *BoxError unless the box has n sides of positive length with finite
// ends, so that it has corners and an interior. With whole, all of ℝⁿ is allowed besides.
func (b Box) CheckInterior(n int, whole bool) error {
	if err := b.sides(n); err != nil {
		return err
	}
	if n > 0 && b.IsWhole() {
		if whole {
			return nil
		}
		return &BoxError{-1, "unbounded; give finite ends"}
	}
	for i := range n {
		lo, hi := b.Lo[i], b.Hi[i]
		if lo == hi {
			return &BoxError{i, fmt.Sprintf("side %d is [%v, %v], which is flat; the interior must not be empty", i, lo, hi)}
		}
		if err := b.interval(i); err != nil {
			return err
		}
		if math.IsInf(lo, 0) || math.IsInf(hi, 0) {
			return &BoxError{i, fmt.Sprintf("side %d is [%v, %v]; give finite ends, or Whole", i, lo, hi)}
		}
	}
	return nil
}

// sides checks the number of ends.
func (b Box) sides(n int) error {
	if len(b.Lo) != n || len(b.Hi) != n {
		return &BoxError{-1, fmt.Sprintf("%d lower and %d upper ends, want %d of each, one per input coordinate", len(b.Lo), len(b.Hi), n)}
	}
	return nil
}

// interval checks that side i is not empty.
func (b Box) interval(i int) error {
	lo, hi := b.Lo[i], b.Hi[i]
	switch {
	case math.IsNaN(lo) || math.IsNaN(hi):
		return &BoxError{i, fmt.Sprintf("side %d is [%v, %v]; give numbers", i, lo, hi)}
	case lo > hi:
		return &BoxError{i, fmt.Sprintf("side %d is [%v, %v], which is empty; swap the ends", i, lo, hi)}
	case math.IsInf(lo, 1) || math.IsInf(hi, -1):
		return &BoxError{i, fmt.Sprintf("side %d is [%v, %v], which is empty; give finite ends", i, lo, hi)}
	}
	return nil
}
