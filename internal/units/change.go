package units

import (
	"fmt"
	"strings"
)

// Fate says why a unit is no longer there.
type Fate uint8

// What becomes of units.
const (
	Unobserved Fate = iota // no arrow carries its value on
	Constant               // its value is a constant, which the biases of its targets took over
	Twin                   // another unit's value, up to a factor
	Linear                 // its activation works as a line there: arrows or a linear vertex took over
)

// String returns "unobserved", "constant", "twin" or "linear".
func (f Fate) String() string {
	switch f {
	case Unobserved:
		return "unobserved"
	case Constant:
		return "constant"
	case Twin:
		return "twin"
	case Linear:
		return "linear"
	}
	return "unknown fate"
}

// Change tells of one unit of a pointwise vertex that was removed.
type Change struct {
	Vertex string
	Unit   int // its coordinate in the network given; −1 for a direction of a linear vertex
	Fate   Fate
	Twin   int     // of a Twin: the unit that stands for it, numbered like Unit
	Factor float64 // of a Twin: its value is Factor times that of the other unit plus Value
	Value  float64 // of a Constant: its value
	On     string  // for which inputs this is so
}

// note remembers what becomes of a unit, and why.
func (d *network) note(s *vertex, i int, u Change, on string, why claim) {
	u.Vertex, u.Unit, u.On = s.Name, s.number[i], on
	d.changed = append(d.changed, u)
	if s.place[i] < 0 {
		return // a direction of a linear vertex, which is looked through
	}
	if d.claims == nil {
		d.claims = map[string][]claim{}
	}
	if d.claims[s.Name] == nil {
		d.claims[s.Name] = make([]claim, d.before[s.Name])
	}
	why.gone, why.fate, why.value = true, u.Fate, u.Value
	d.claims[s.Name][s.place[i]] = why
}

// summary counts the units of a vertex by fate: "2 constant, 1 twin"; "" for none.
func summary(units []Change, vertex string) string {
	var n [4]int
	for _, u := range units {
		if u.Vertex == vertex {
			n[u.Fate]++
		}
	}
	var parts []string
	for f, k := range n {
		if k > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", k, Fate(f)))
		}
	}
	return strings.Join(parts, ", ")
}
