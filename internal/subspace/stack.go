package subspace

import (
	"fmt"
	"strings"

	"github.com/quivernet/quivernet/internal/linalg"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// Incoming returns the arrows into a vertex in the order of their columns in A_v:
// biases first, as in arXiv 2107.02550.
func Incoming(q *quiver.Quiver, vs []quiver.Vertex, as []quiver.Arrow, v int) []int {
	var biases, rest []int
	for _, i := range q.In(v) {
		if vs[as[i].Source].Kind == quiver.KindBias {
			biases = append(biases, i)
		} else {
			rest = append(rest, i)
		}
	}
	return append(biases, rest...)
}

// stack returns A_v = [W_a B_s(a)]_a, d_v × Σ widths.
func (c *Chooser) stack(v int) *mat.Dense {
	if c.paths != nil {
		return c.paths.stack(c, v)
	}
	var parts []*mat.Dense
	for _, i := range Incoming(c.q, c.vs, c.as, v) {
		parts = append(parts, linalg.Product(nil, false, c.w.Matrix(i), c.f.Basis[c.as[i].Source]))
	}
	return linalg.Beside(c.vs[v].Dim, parts...)
}

// arrivals tells what reaches a vertex: "3 directions reach it (one 1, x 2)".
func (c *Chooser) arrivals(v int) string {
	const most = 4
	var from []string
	total := 0
	for k, i := range Incoming(c.q, c.vs, c.as, v) {
		r := c.f.Width(c.as[i].Source, c.as[i].Cols)
		total += r
		switch {
		case k < most:
			from = append(from, fmt.Sprintf("%s %d", c.as[i].From, r))
		case k == most:
			from = append(from, "…")
		}
	}
	if total == 1 {
		return fmt.Sprintf("1 direction reaches it (%s)", strings.Join(from, ", "))
	}
	return fmt.Sprintf("%d directions reach it (%s)", total, strings.Join(from, ", "))
}
