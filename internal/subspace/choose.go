package subspace

import (
	"fmt"
	"slices"

	"github.com/quivernet/quivernet/internal/ties"

	"github.com/quivernet/quivernet/symmetry/group"

	"github.com/quivernet/quivernet/internal/linalg"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// Frame is a choice of a subspace at each vertex, span of an orthonormal basis, such
// that each subspace contains what reaches its vertex and is kept by the activation. All
// that Compress returns follows from it.
type Frame struct {
	Basis   []*mat.Dense        // n×r; nil is the whole space, &mat.Dense{} the zero space
	Reach   []*mat.Dense        // after Observe: the basis, completed to all that reaches the vertex
	Coords  []*mat.Dense        // where known, Bᵀ[W_a B_s]_a with exact zeros
	Act     []quiver.Activation // the induced activation
	Dropped []bool              // no path to an output
	Lost    []float64           // ‖(I−BBᵀ)A_v‖ where directions were cut
	Exact   bool                // nothing but rounding was cut, arrow by arrow
	Summed  bool                // nothing but rounding was cut of the sums over paths
	Reason  []string
}

// Width returns the reduced dimension of vertex v of dimension n.
func (f *Frame) Width(v, n int) int {
	b := f.Basis[v]
	if b == nil {
		return n
	}
	if b.IsEmpty() {
		return 0
	}
	_, r := b.Dims()
	return r
}

// Chooser makes a frame by QR decompositions along the quiver.
type Chooser struct {
	w      *quiver.Rep
	q      *quiver.Quiver
	vs     []quiver.Vertex
	as     []quiver.Arrow
	keep   map[string]bool
	Done   map[string]bool // pointwise vertices that were reduced unit by unit
	rule   Rule
	always bool
	paths  *paths // with PathSum
	f      *Frame

	inexact map[string]bool // vertices whose cuts are not to be called exact
	Err     error
}

// Settings are what options ask of a choice.
type Settings struct {
	Keep    map[string]bool // vertices that stay as they are
	Rule    Rule            // which of the directions that reach a vertex it keeps
	Always  bool            // rotate where nothing shrinks and a fixed copy would lose its structure, too
	Paths   bool            // look through linear vertices
	Inexact map[string]bool // vertices whose cuts are not to be called exact
}

// New begins a choice at the vertices of w, which Run makes.
func New(w *quiver.Rep, o Settings) *Chooser {
	q := w.Quiver()
	c := &Chooser{w: w, q: q, vs: q.Vertices(), as: q.Arrows(), keep: o.Keep, rule: o.Rule, always: o.Always, inexact: o.Inexact}
	n := len(c.vs)
	c.f = &Frame{Basis: make([]*mat.Dense, n), Coords: make([]*mat.Dense, n), Act: make([]quiver.Activation, n), Dropped: make([]bool, n), Lost: make([]float64, n), Reason: make([]string, n)}
	if o.Paths {
		c.paths = c.look()
	}
	return c
}

// Run chooses the frame. Vertices that ties bind together share one subspace, the
// least that contains what reaches any of them: it is found by iteration, since what
// reaches them may depend on it.
func (c *Chooser) Run() *Frame {
	cl := ties.Of(c.q)
	observed := c.observed()
	pinned := make([]bool, len(cl.Members))
	full := make([]bool, len(cl.Members))         // nothing smaller than the whole space will do
	shared := make([]*mat.Dense, len(cl.Members)) // of the classes with several members
	for k, members := range cl.Members {
		shared[k] = &mat.Dense{}
		for _, v := range members {
			pinned[k] = pinned[k] || c.vs[v].Kind != quiver.KindHidden || c.keep[c.vs[v].Name]
		}
	}
	for {
		c.f.Exact = true
		clear(c.f.Lost)
		for v, vertex := range c.vs {
			k := cl.Of[v]
			c.f.Basis[v], c.f.Coords[v], c.f.Act[v], c.f.Reason[v] = nil, nil, vertex.Act, ""
			c.f.Dropped[v] = false
			switch {
			case vertex.Kind != quiver.KindHidden:
			case c.keep[vertex.Name]:
				c.f.Reason[v] = "kept as asked"
			case len(cl.Members[k]) > 1 && full[k]:
				c.f.Reason[v] = "full: all directions reach the vertices tied to it, or an activation keeps no smaller subspace"
			case len(cl.Members[k]) > 1 && pinned[k]:
				c.f.Reason[v] = "kept: tied to a vertex that cannot change"
			case len(cl.Members[k]) > 1:
				c.f.Basis[v] = shared[k]
				c.f.Reason[v] = "one subspace for all tied vertices"
			case !observed[v]:
				c.drop(v)
			default:
				c.choose(v)
			}
		}
		if !c.grow(cl, pinned, full, shared) {
			return c.f
		}
	}
}

// closed returns a basis of the smallest subspace that contains the columns of a and that
// the activations of all members keep as far as they can tell; nil for the whole space.
func (c *Chooser) closed(members []int, a *mat.Dense) *mat.Dense {
	b := linalg.Span(a, func(b *mat.Dense) bool {
		for _, v := range members {
			if x := c.stack(v); !x.IsEmpty() && !c.rounding(v, x, b) {
				return false
			}
		}
		return true
	})
	if !b.IsEmpty() { // rows that are zero stay zero
		for i := range a.RawMatrix().Rows {
			if !slices.ContainsFunc(a.RawRowView(i), func(x float64) bool { return x != 0 }) {
				clear(b.RawRowView(i))
			}
		}
	}
	for grew := true; grew; {
		grew = false
		for _, v := range members {
			closer, ok := c.vs[v].Act.(quiver.Closer)
			if !ok {
				continue
			}
			k, ok := closer.Closure(b)
			if !ok {
				return nil
			}
			if err := closes(c.vs[v], b, k); err != nil {
				c.Err = err
				return nil
			}
			grew = grew || linalg.Width(k) > linalg.Width(b)
			b = k
		}
	}
	return b
}

// grow enlarges the subspaces of tied vertices by what reaches them now, and pins classes
// whose activations refuse. It reports whether anything changed.
func (c *Chooser) grow(cl ties.Classes, pinned, full []bool, shared []*mat.Dense) bool {
	changed := false
	for k, members := range cl.Members {
		if len(members) == 1 || pinned[k] {
			continue
		}
		n := c.vs[members[0]].Dim
		parts := []*mat.Dense{shared[k]}
		for _, v := range members {
			parts = append(parts, c.stack(v))
		}
		b := c.closed(members, linalg.Beside(n, parts...))
		if b == nil || linalg.Width(b) == n {
			pinned[k], full[k], changed = true, true, true
		} else if linalg.Width(b) > linalg.Width(shared[k]) {
			shared[k], changed = b, true
		}
	}
	if changed {
		return true
	}
	for k, members := range cl.Members {
		if len(members) == 1 || pinned[k] {
			continue
		}
		for _, v := range members {
			a, ok := c.vs[v].Act.Restrict(shared[k])
			if !ok || !sameParams(c.vs[v], a, linalg.Width(shared[k])) {
				pinned[k], full[k], changed = true, true, true
			}
			c.f.Act[v] = a
		}
	}
	return changed
}

// observed says which vertices have a path to an output or to a vertex that is kept.
func (c *Chooser) observed() []bool {
	seen := make([]bool, len(c.vs))
	for v := len(c.vs) - 1; v >= 0; v-- {
		seen[v] = c.vs[v].Kind == quiver.KindOutput || c.keep[c.vs[v].Name]
		for _, a := range c.q.Out(v) {
			seen[v] = seen[v] || seen[c.as[a].Target]
		}
	}
	return seen
}

func (c *Chooser) drop(v int) {
	c.f.Basis[v], c.f.Dropped[v] = &mat.Dense{}, true
	c.f.Reason[v] = "no path to an output"
	a, ok := c.vs[v].Act.Restrict(&mat.Dense{})
	if !ok {
		a = quiver.Identity // on ℝ⁰ all activations are one
	}
	c.f.Act[v] = a
}

// choose finds the subspace of an untied hidden vertex: the columns of A_v by QR, enlarged
// to what the activation keeps; or the whole space.
func (c *Chooser) choose(v int) {
	vertex := c.vs[v]
	if vertex.Dim == 0 {
		c.f.Reason[v] = "dimension 0"
		return
	}
	if c.Done[vertex.Name] {
		return
	}
	a := c.stack(v)
	if a.IsEmpty() {
		if act, ok := vertex.Act.Restrict(&mat.Dense{}); ok {
			c.f.Basis[v], c.f.Act[v], c.f.Reason[v] = &mat.Dense{}, act, "nothing reaches it"
			return
		}
		c.f.Reason[v] = fmt.Sprintf("kept: %s is not 0 at 0", vertex.Act)
		return
	}
	if closer, ok := vertex.Act.(quiver.Closer); ok {
		c.closure(v, closer, a)
		return
	}
	n, s := a.Dims()
	stays := n <= s && (c.structured(v) && !c.always || !group.Commutes(vertex))
	if _, plain := c.rule.(ByColumns); plain && stays {
		c.f.Reason[v] = "full: as many directions reach it as it has"
		return
	}
	p := c.span(v, a)
	if linalg.Width(p.b) == n && stays {
		c.f.Reason[v] = "full: its rank is its dimension"
		return
	}
	act, ok := vertex.Act.Restrict(p.b)
	if !ok || !sameParams(vertex, act, linalg.Width(p.b)) {
		c.f.Reason[v] = fmt.Sprintf("kept: activation %s does not keep the subspace", vertex.Act)
		c.refuse(v, a, n, fmt.Sprintf("its activation %s does not keep the subspace", vertex.Act))
		return
	}
	c.f.Basis[v], c.f.Coords[v], c.f.Act[v], c.f.Lost[v] = p.b, p.r, act, p.lost
	if c.paths != nil {
		c.f.Coords[v] = nil // its columns belong to paths
	}
	c.f.Exact = c.f.Exact && p.exact
	switch c.f.Reason[v] = p.why; {
	case p.why != "":
	case linalg.Width(p.b) == n:
		c.f.Reason[v] = "full: rotated to triangular form"
	default:
		c.f.Reason[v] = c.arrivals(v)
	}
}

// closure takes the smallest subspace that contains the columns of a and that the
// activation keeps. Zero rows of a stay zero in its basis.
func (c *Chooser) closure(v int, closer quiver.Closer, a *mat.Dense) {
	vertex := c.vs[v]
	live := linalg.LiveBasis(a)
	k, ok := closer.Closure(live)
	if ok {
		if err := closes(vertex, live, k); err != nil {
			c.Err = err
			return
		}
	}
	if !ok || linalg.Width(k) >= vertex.Dim {
		c.f.Reason[v] = fmt.Sprintf("kept: activation %s keeps no smaller subspace", vertex.Act)
		c.refuse(v, a, vertex.Dim, fmt.Sprintf("its activation %s keeps no smaller subspace", vertex.Act))
		return
	}
	c.refuse(v, a, linalg.Width(k), fmt.Sprintf("its activation %s keeps no smaller subspace", vertex.Act))
	act, ok := vertex.Act.Restrict(k)
	if !ok || !sameParams(vertex, act, linalg.Width(k)) {
		c.f.Reason[v] = fmt.Sprintf("kept: activation %s does not keep its own closure", vertex.Act)
		return
	}
	c.f.Basis[v], c.f.Act[v], c.f.Reason[v] = k, act, "smallest subspace that its activation keeps"
}

// structured says whether a fixed arrow that is only a copy touches the vertex: a rotation
// would make it a full matrix.
func (c *Chooser) structured(v int) bool {
	for _, list := range [][]int{c.q.In(v), c.q.Out(v)} {
		for _, i := range list {
			if _, ok := c.w.Fixed(i).(quiver.Inclusion); ok {
				return true
			}
		}
	}
	return false
}

// sameParams says whether a restricted activation has as many parameters as the vertex.
func sameParams(v quiver.Vertex, restricted quiver.Activation, width int) bool {
	var n, m int
	if p, ok := v.Act.(quiver.Parametric); ok {
		n = p.NumParams(v.Dim)
	}
	if p, ok := restricted.(quiver.Parametric); ok {
		m = p.NumParams(width)
	}
	return n == m
}

// ReachOf returns a basis of what reaches a vertex; nil is the whole space.
func (f *Frame) ReachOf(v int) *mat.Dense {
	if f.Reach == nil {
		return f.Basis[v]
	}
	return f.Reach[v]
}

// Unseen returns a basis of what reaches a vertex and is not seen, nil where there is none.
func (f *Frame) Unseen(v int) *mat.Dense {
	if f.Reach == nil || f.Reach[v] == nil || linalg.Width(f.Reach[v]) == linalg.Width(f.Basis[v]) {
		return nil
	}
	n, r := f.Reach[v].Dims()
	return mat.DenseCopyOf(f.Reach[v].Slice(0, n, linalg.Width(f.Basis[v]), r))
}
