package symmetry

import (
	"fmt"
	"strconv"
	"strings"
)

// Fate says why a unit is no longer there.
type Fate uint8

// The fates of units that Pointwise, Box and Samples remove.
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

// UnitChange tells of one unit of a pointwise vertex that was removed.
type UnitChange struct {
	Vertex string
	Unit   int // its coordinate in the network given; -1 for a direction of a linear vertex that was rotated before
	Fate   Fate
	Twin   int     // of a Twin: the unit that stands for it, numbered like Unit
	Factor float64 // of a Twin: its value is Factor times that of the other unit plus Value
	Value  float64 // of a Constant: its value
	On     string  // for which inputs this is so: "every input", or as in Certificate.On
}

// String returns "unit 3 = 2·unit 1", for example.
func (u UnitChange) String() string {
	name := func(i int) string {
		if i < 0 {
			return "a direction"
		}
		return fmt.Sprintf("unit %d", i)
	}
	number := func(x float64) string { return strconv.FormatFloat(x, 'g', 6, 64) }
	s := name(u.Unit)
	switch u.Fate {
	case Constant:
		s += " = " + number(u.Value)
	case Twin:
		s += " = "
		if u.Factor != 1 {
			s += number(u.Factor) + "·"
		}
		s += name(u.Twin)
		if u.Value != 0 {
			s += " + " + number(u.Value)
		}
	default:
		s += " is " + u.Fate.String()
	}
	return s
}

// note remembers what becomes of a unit.
func (d *draft) note(s *site, i int, u UnitChange, on string) {
	u.Vertex, u.Unit, u.On = s.Name, s.unit[i], on
	d.changed = append(d.changed, u)
}

// summary counts the units of a vertex by fate: "2 constant, 1 twin"; "" for none.
func summary(units []UnitChange, vertex string) string {
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

const reportUnits = 12 // units named in a line of the report

// unitLines writes a line for each vertex and set of inputs, and what happened to its units.
func (c *Compression) unitLines(b *strings.Builder) {
	if len(c.Units) == 0 {
		return
	}
	type key struct{ vertex, on string }
	var order []key
	lines := map[key][]string{}
	for _, u := range c.Units {
		k := key{u.Vertex, u.On}
		if lines[k] == nil {
			order = append(order, k)
		}
		lines[k] = append(lines[k], u.String())
	}
	fmt.Fprintln(b, "units removed")
	for i, k := range order {
		if i == reportRows {
			fmt.Fprintf(b, "  … %d more lines\n", len(order)-i)
			return
		}
		l := lines[k]
		if more := len(l) - reportUnits; more > 1 {
			l = append(l[:reportUnits:reportUnits], fmt.Sprintf("%d more", more))
		}
		fmt.Fprintf(b, "  %s, on %s: %s\n", k.vertex, k.on, strings.Join(l, ", "))
	}
}
