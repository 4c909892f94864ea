package optim

import (
	"fmt"
	"math"

	"github.com/quivernet/quivernet/quiver"
)

// Clip returns m on gradients whose length is at most norm: g ↦ g·min(1, norm/‖g‖), with the
// length over the whole slab (Pascanu, Mikolov and Bengio 2013).
//
// The length is that of the gradient of the loss, before a decay term of m is added, and,
// under Projected, after masking, in whichever order the two are written: of
// the unmasked gradient it would see directions that the reduced network does not have. So
// Clip keeps both equalities, E1 and E2, where m has them. Methods with a line search
// cannot be clipped: *PairError at the first step.
func Clip(m Method, norm float64) Method {
	return clipped(m, clip{name: "Clip", limit: norm})
}

// ClipEntries returns m on gradients whose entries are cut to [−limit, limit]. It goes entry
// by entry, and does not commute with rotations.
func ClipEntries(m Method, limit float64) Method {
	return clipped(m, clip{name: "ClipEntries", limit: limit, entries: true})
}

// clipped puts the clip inside a projection, so that it acts after masking.
func clipped(m Method, c clip) Method {
	if p, ok := m.(wrapper); ok {
		return p.within(func(inner Method) Method { return clipped(inner, c) })
	}
	c.m = m
	if s, ok := m.(Stateful); ok {
		return &statefulClip{c, s}
	}
	return &c
}

type clip struct {
	name    string
	m       Method
	limit   float64
	entries bool
	g       *quiver.Rep
}

func (c *clip) Step(w, grad *quiver.Rep) error {
	if absent(c.m) {
		return &NilError{c.name, "method", "give it one, such as &optim.SGD{}"}
	}
	if err := verify(c.name, argument{"limit", c.limit, &positive}); err != nil {
		return err
	}
	if _, ok := c.m.(Searcher); ok {
		return &PairError{Method: c.name + " of " + title(c.m), Reason: "a line search chooses the length of its steps itself", Next: "use it without clipping"}
	}
	if err := checkStep(c.name, w, grad); err != nil {
		return err
	}
	if !finite(grad.Data()) {
		return fmt.Errorf("optim: %s: gradient: %w", c.name, grad.CheckFinite())
	}
	g := like(&c.g, grad)
	copy(g, grad.Data())
	if c.entries {
		for i, x := range g {
			g[i] = max(-c.limit, min(c.limit, x))
		}
	} else {
		shorten(c.g, c.limit)
	}
	return c.m.Step(w, c.g)
}

// shorten scales g to length limit where it is longer. A length beyond the largest float64, and a
// factor below the smallest, are no obstacle.
func shorten(g *quiver.Rep, limit float64) {
	n := g.Norm()
	if n <= limit {
		return
	}
	if math.IsInf(n, 1) {
		g.Scale(0x1p-64)
		n = g.Norm()
	}
	if f := limit / n; f >= 0x1p-1000 {
		g.Scale(f)
		return
	}
	for i, x := range g.Data() {
		g.Data()[i] = x / n * limit
	}
}

// Traits are those of the method, less what clipping takes away.
func (c *clip) Traits() Traits {
	t, ok := c.m.(Trait)
	if !ok {
		return Traits{}
	}
	r := t.Traits()
	r.Pads = r.pads()
	if c.entries {
		r.Rotates, r.Isotropic = false, false
	} else {
		r.Entrywise, r.Global = false, true
	}
	return r
}

// Factors are those of the method.
func (c *clip) Factors(name string) (rate, decay float64) { return factors(c.m, name) }

func (c *clip) String() string { return c.name + " of " + title(c.m) }

func factors(m Method, name string) (rate, decay float64) {
	if f, ok := m.(Factored); ok {
		return f.Factors(name)
	}
	return 1, 1
}

// statefulClip forwards the state of the method; a clip has none.
type statefulClip struct {
	clip
	s Stateful
}

func (c *statefulClip) Snapshot() State       { return c.s.Snapshot() }
func (c *statefulClip) Restore(s State) error { return c.s.Restore(s) }
