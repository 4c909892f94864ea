package identify

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
)

// Box is a product of intervals, the set of inputs that a statement is about: Lo[i] <
// Hi[i] for each input coordinate, all inputs in declared order. Infinite sides stand
// for the whole line.
type Box struct {
	Lo, Hi []float64
}

// jsonBox is a Box for JSON, which has no infinities.
type jsonBox struct {
	Lo []Number `json:"lo"`
	Hi []Number `json:"hi"`
}

// MarshalJSON returns {"lo":[…],"hi":[…]}, infinite ends as strings.
func (b Box) MarshalJSON() ([]byte, error) {
	var j jsonBox
	for _, x := range b.Lo {
		j.Lo = append(j.Lo, Number(x))
	}
	for _, x := range b.Hi {
		j.Hi = append(j.Hi, Number(x))
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
		panic(&BoxError{fmt.Sprintf("a box of dimension %d; want 0 or more", n)})
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

// whole reports whether all sides are infinite.
func (b Box) whole() bool {
	for i := range b.Lo {
		if !math.IsInf(b.Lo[i], -1) || !math.IsInf(b.Hi[i], 1) {
			return false
		}
	}
	return true
}

// check returns a BoxError unless the box has n sides of positive length, all
// finite or, where that is allowed, all infinite.
func (b Box) check(n int, allowWhole bool) error {
	if len(b.Lo) != n || len(b.Hi) != n {
		return &BoxError{fmt.Sprintf("%d lower and %d upper ends, want %d of each, one per input coordinate", len(b.Lo), len(b.Hi), n)}
	}
	if n > 0 && b.whole() {
		if allowWhole {
			return nil
		}
		return &BoxError{"unbounded; give finite ends"}
	}
	for i := range n {
		lo, hi := b.Lo[i], b.Hi[i]
		switch {
		case math.IsNaN(lo) || math.IsNaN(hi):
			return &BoxError{fmt.Sprintf("side %d is [%v, %v]; give numbers", i, lo, hi)}
		case lo > hi:
			return &BoxError{fmt.Sprintf("side %d is [%v, %v], which is empty; swap the ends", i, lo, hi)}
		case lo == hi:
			return &BoxError{fmt.Sprintf("side %d is [%v, %v], which is flat; the interior must not be empty", i, lo, hi)}
		case math.IsInf(lo, 0) || math.IsInf(hi, 0):
			return &BoxError{fmt.Sprintf("side %d is [%v, %v]; give finite ends, or Whole", i, lo, hi)}
		}
	}
	return nil
}
