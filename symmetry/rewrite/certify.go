package rewrite

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/internal/inspect"
	"github.com/quivernet/quivernet/internal/ir"
	"github.com/quivernet/quivernet/internal/op"
	"github.com/quivernet/quivernet/internal/rebuild"
	"github.com/quivernet/quivernet/internal/regions"
	"github.com/quivernet/quivernet/internal/shrink"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
)

// Certificate says how far the new graph is from the old one.
type Certificate struct {
	// Exact says that the graphs are equal by theorems, up to rounding: symmetry's for the regions, the
	// rules' own for the rest.
	Exact bool
	// Gap is the largest max|old − new| / max|old| over the roots, where 0/0 counts as 0.
	Gap float64
	// On says on what both graphs were run.
	On string
	// Unmeasured are roots that could not be compared, with the reason.
	Unmeasured []Left
	// Region is symmetry's own certificate for the lifted quiver; nil where nothing shrank.
	Region *symmetry.Certificate
}

// String returns the certificate in one line.
func (c Certificate) String() string {
	s := fmt.Sprintf("max gap %.2g over the roots (%s)", c.Gap, c.On)
	if c.Exact {
		s = "equal up to rounding; " + s
	} else {
		s = "not exact; " + s
	}
	if n := len(c.Unmeasured); n > 0 {
		s += fmt.Sprintf(", %d roots not measured", n)
	}
	return s
}

// comparison runs both graphs.
type comparison struct {
	b     *rebuild.Builder
	roots gorgonia.Nodes
	old   *ir.Graph

	before, after map[*gorgonia.Node]gorgonia.Value
	drawn         int // inputs with random values
	replaced      int // nodes that must not be run, with random values
	gaps          map[*ir.Node]float64
	also          []*ir.Node // what operations that were not run read: compared like roots
}

func (c *comparison) run() error {
	given, given2 := make(map[*gorgonia.Node]gorgonia.Value), make(map[*gorgonia.Node]gorgonia.Value)
	ancestors := c.old.Wiring.Ancestors(c.roots)
	for _, n := range ancestors {
		e := c.old.Of[n]
		input := n.Op() == nil
		if e == nil || !(input && n.Value() == nil || !input && inspect.Unknowable(n.Op())) {
			continue
		}
		v := inspect.Random(n)
		for _, s := range c.b.Reduction.Spans {
			if s.Input.Node == e {
				v = s.Draw(n, rand.New(rand.NewPCG(uint64(e.ID), 1)))
			}
		}
		if v == nil {
			continue
		}
		if input {
			c.drawn++
		} else {
			c.replaced++
			c.also = append(c.also, e.In...)
		}
		given[n] = v
		if m := c.b.Equal(e); m != nil {
			given2[m] = v
		}
	}
	c.before = inspect.Evaluate(c.old.Wiring, ancestors, given)
	c.after = inspect.Evaluate(inspect.Wiring{}, op.Ancestors(c.b.Roots()), given2)
	c.gaps = make(map[*ir.Node]float64)
	for _, n := range ancestors {
		e := c.old.Of[n]
		m := c.b.Equal(e)
		x, ok := c.before[n]
		y, ok2 := c.after[m]
		if m == nil || !ok || !ok2 {
			continue
		}
		if e.Same != nil {
			e = e.Same
		}
		c.gaps[e] = max(c.gaps[e], gap(x, y, c.b.Fused))
	}
	return nil
}

// gap returns max|x−y| / max|x|. Entries that are the same NaN or infinity count as equal;
// where one alone is, the gap is infinite. With defined, y may have any value where x is NaN: a
// composed activation is 0/0 at a zero vector, the operation of this library is 0.
func gap(x, y gorgonia.Value, defined bool) float64 {
	a, ok := inspect.Numbers(x)
	b, ok2 := inspect.Numbers(y)
	if !ok || !ok2 {
		if reflect.DeepEqual(x.Data(), y.Data()) {
			return 0
		}
		return math.Inf(1)
	}
	if len(a) != len(b) {
		return math.Inf(1)
	}
	var diff, size float64
	for i, u := range a {
		v := b[i]
		switch {
		case inspect.IsFinite(u) && inspect.IsFinite(v):
			diff, size = max(diff, math.Abs(u-v)), max(size, math.Abs(u))
		case math.IsNaN(u) && (math.IsNaN(v) || defined):
		case u != v:
			return math.Inf(1)
		}
	}
	if diff == 0 {
		return 0
	}
	return diff / size
}

// limit is the largest gap that counts as rounding.
func (c *comparison) limit() float64 {
	for _, e := range c.old.Nodes {
		if e.Dtype == tensor.Float32 {
			return 1e-4
		}
	}
	return 1e-10
}

// worst returns the largest gap over the roots, and over what operations read that were not run.
func (c *comparison) worst() float64 {
	var w float64
	for _, e := range c.old.Roots {
		w = max(w, c.gaps[e])
	}
	for _, e := range c.also {
		w = max(w, c.gaps[e])
	}
	return w
}

// retreat keeps the vertices before the first output of a region that differs, or all where it
// is a root behind the regions. It reports whether there were any.
func (c *comparison) retreat(keep map[string]string) bool {
	if c.b.Reduction.Compression == nil || len(c.b.Reduction.Spans) > 0 { // an input may hold values off the span
		return false
	}
	limit := c.limit()
	for _, v := range c.b.Reduction.Regions.Vertices {
		if v.Kind == quiver.KindOutput && c.gaps[v.Node] > limit {
			return c.keepBefore(v, keep)
		}
	}
	more := false
	if c.worst() > limit {
		for _, v := range c.b.Reduction.Regions.Vertices {
			if c.b.Reduction.IsSmaller(v) && keep[v.Name] == "" {
				keep[v.Name] = fmt.Sprintf("left alone: a root would differ by %.1e on the test inputs, which is more than rounding", c.worst())
				more = true
			}
		}
	}
	return more
}

func (c *comparison) keepBefore(v *regions.Vertex, keep map[string]string) bool {
	more := false
	seen := make(map[*regions.Vertex]bool)
	stack := []*regions.Vertex{v}
	for len(stack) > 0 {
		u := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if u == nil || seen[u] {
			continue
		}
		seen[u] = true
		if c.b.Reduction.IsSmaller(u) && keep[u.Name] == "" {
			keep[u.Name] = fmt.Sprintf("left alone: %s would differ by %.1e on the test inputs, which is more than rounding", v.Describe(), c.gaps[v.Node])
			more = true
		}
		for _, t := range u.Arrows {
			stack = append(stack, t.Source)
		}
	}
	return more
}

// certificate sums up.
func (c *comparison) certificate(r *shrink.Reduction) Certificate {
	cert := Certificate{Exact: true, Gap: c.worst()}
	if r.Compression != nil {
		region := r.Compression.Certificate
		cert.Region, cert.Exact = &region, region.Exact && (r.Units == nil || r.Units.Certificate.Exact)
	}
	var on []string
	switch {
	case c.drawn > 0:
		on = append(on, fmt.Sprintf("%d inputs drawn at random", c.drawn))
	default:
		on = append(on, "the values that the inputs hold")
	}
	if c.replaced > 0 {
		on = append(on, fmt.Sprintf("random values for %d nodes with a state", c.replaced))
	}
	if len(r.Spans) > 0 {
		on = append(on, "equal on the span of the data of symmetry.Data only")
	}
	cert.On = strings.Join(on, ", ")
	for i, e := range c.old.Roots {
		if _, ok := c.gaps[e]; !ok && !slices.ContainsFunc(cert.Unmeasured, func(l Left) bool { return l.Node == inspect.NameOf(c.roots[i]) }) {
			why := "an operation that it needs could not be run"
			if c.b.IsAltered(e) {
				why = "its value has other coordinates now"
			}
			cert.Unmeasured = append(cert.Unmeasured, Left{inspect.NameOf(c.roots[i]), fmt.Sprintf("root %q was not compared: %s.", inspect.NameOf(c.roots[i]), why)})
		}
	}
	return cert
}
