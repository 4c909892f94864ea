package symmetry

import (
	"fmt"
	"math"
	"strings"
	"unicode/utf8"
)

const (
	summaryChanges = 8  // changes named in the first line
	reportRows     = 40 // rows of the table
)

// String returns the report that a person reads: a line of what changed,
//
//	h1 64→3, h2 64→6, parameters 4545→52, max gap 1.3e-15
//
// then a table of the hidden vertices, and what the equality holds for.
func (c *Compression) String() string {
	if err := c.made(); err != nil {
		return err.Error() + "\n"
	}
	var b strings.Builder
	var changes []string
	for _, w := range c.Widths {
		if w.From != w.To {
			changes = append(changes, fmt.Sprintf("%s %d→%d", w.Vertex, w.From, w.To))
		}
	}
	switch n := len(changes); {
	case n == 0:
		changes = []string{"no vertex shrinks"}
	case n > summaryChanges:
		changes = append(changes[:summaryChanges], fmt.Sprintf("%d more", n-summaryChanges))
	}
	gap := fmt.Sprintf("max gap %.2g", c.Certificate.Gap)
	if math.IsNaN(c.Certificate.Gap) {
		gap = "no gap measured"
	}
	fmt.Fprintf(&b, "%s, parameters %d→%d, %s\n", strings.Join(changes, ", "), c.source.Quiver().NumParams(), c.reduced().Quiver().NumParams(), gap)
	c.table(&b)
	c.unitLines(&b)
	kind := "equal up to rounding"
	if !c.Certificate.Exact {
		kind = fmt.Sprintf("not exact, bound %.2g", c.Certificate.Bound)
		if math.IsInf(c.Certificate.Bound, 1) {
			kind = "not exact, no bound"
			if why := c.whyNoBound(); why != "" {
				kind += " (" + why + ")"
			}
		}
	}
	fmt.Fprintf(&b, "%s: %s\n", kind, c.Certificate.On)
	return b.String()
}

// table writes one row per hidden vertex.
func (c *Compression) table(b *strings.Builder) {
	rows := c.Widths[:min(len(c.Widths), reportRows)]
	if len(rows) == 0 {
		return
	}
	name, from, to := len("vertex"), len("width"), len("reduced")
	for _, w := range rows {
		name = max(name, utf8.RuneCountInString(w.Vertex))
	}
	fmt.Fprintf(b, "  %-*s  %*s  %*s\n", name, "vertex", from, "width", to, "reduced")
	for _, w := range rows {
		line := fmt.Sprintf("  %-*s  %*d  %*d  %s", name, w.Vertex, from, w.From, to, w.To, w.Reason)
		fmt.Fprintln(b, strings.TrimRight(line, " "))
	}
	if more := len(c.Widths) - len(rows); more > 0 {
		fmt.Fprintf(b, "  … %d more\n", more)
	}
}
