package symmetry

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/quivernet/quivernet/internal/units"
)

// Fate says why a unit is no longer there.
type Fate uint8

// The fates of units that Pointwise, Box and Samples remove.
const (
	Unobserved = Fate(units.Unobserved) // no arrow carries its value on
	Constant   = Fate(units.Constant)   // its value is a constant, which the biases of its targets took over
	Twin       = Fate(units.Twin)       // another unit's value, up to a factor
	Linear     = Fate(units.Linear)     // its activation works as a line there: arrows or a linear vertex took over
)

// String returns "unobserved", "constant", "twin" or "linear".
func (f Fate) String() string { return units.Fate(f).String() }

// UnitChange tells of one unit of a pointwise vertex that was removed.
type UnitChange struct {
	Vertex string
	Unit   int // its coordinate in the network given; −1 for a direction of a linear vertex
	Fate   Fate
	Twin   int     // of a Twin: the unit that stands for it, numbered like Unit
	Factor float64 // of a Twin: its value is Factor times that of the other unit plus Value
	Value  float64 // of a Constant: its value, 0 for a ReLU unit that is off
	On     string  // for which inputs this is so: "every input", or as in Certificate.On
}

// String returns "unit 3 = 2·unit 1", for example.
func (u UnitChange) String() string { return numbers([]int{u.Unit}) + u.said() }

// said returns what is said of the unit: " = 2·unit 1".
func (u UnitChange) said() string {
	number := func(x float64) string { return strconv.FormatFloat(x, 'g', 6, 64) }
	switch u.Fate {
	case Constant:
		return " = " + number(u.Value)
	case Twin:
		s := " = "
		if u.Factor != 1 {
			s += number(u.Factor) + "·"
		}
		if s += numbers([]int{u.Twin}); u.Value != 0 {
			s += " + " + number(u.Value)
		}
		return s
	}
	return " " + u.Fate.String()
}

const reportParts = 8 // groups of units named in a line of the report

// unitLines writes a line for each vertex and set of inputs: "h1, on every input: units 0–3, 7
// = 0.5; unit 5 = 2·unit 4".
func (c *Compression) unitLines(b *strings.Builder) {
	type key struct{ vertex, on string }
	var order []key
	lines := map[key][]UnitChange{}
	for _, u := range c.Units {
		k := key{u.Vertex, u.On}
		if lines[k] == nil {
			order = append(order, k)
		}
		lines[k] = append(lines[k], u)
	}
	if len(order) > 0 {
		fmt.Fprintln(b, "units removed")
	}
	for i, k := range order {
		if i == reportRows {
			fmt.Fprintf(b, "  … %d more lines\n", len(order)-i)
			break
		}
		parts := alike(lines[k])
		if more := len(parts) - reportParts; more > 1 {
			parts = append(parts[:reportParts:reportParts], fmt.Sprintf("%d more", more))
		}
		fmt.Fprintf(b, "  %s, on %s: %s\n", k.vertex, k.on, strings.Join(parts, "; "))
	}
	if c.removed != nil && c.removed.Limited {
		fmt.Fprintln(b, "the search for bounds reached its limit: units may be stable that stay")
	}
}

// alike joins units of which the same is said.
func alike(units []UnitChange) []string {
	var order []string
	sets := map[string][]int{}
	for _, u := range units {
		said := u.said()
		if sets[said] == nil {
			order = append(order, said)
		}
		sets[said] = append(sets[said], u.Unit)
	}
	var out []string
	for _, said := range order {
		out = append(out, numbers(sets[said])+said)
	}
	return out
}

// numbers writes "units 0–3, 7"; what has no number is counted.
func numbers(units []int) string {
	slices.Sort(units)
	var runs []string
	nameless := 0
	for i := 0; i < len(units); {
		j := i
		for j+1 < len(units) && units[j+1] == units[j]+1 && units[i] >= 0 {
			j++
		}
		switch {
		case units[i] < 0:
			nameless++
		case j > i+1:
			runs = append(runs, fmt.Sprintf("%d–%d", units[i], units[j]))
		default:
			for _, u := range units[i : j+1] {
				runs = append(runs, strconv.Itoa(u))
			}
		}
		i = j + 1
	}
	s := "unit "
	if len(units)-nameless > 1 {
		s = "units "
	}
	if s += strings.Join(runs, ", "); nameless == len(units) {
		s = fmt.Sprintf("directions without a number (%d)", nameless)
	} else if nameless > 0 {
		s += fmt.Sprintf(" and directions without a number (%d)", nameless)
	}
	return s
}
