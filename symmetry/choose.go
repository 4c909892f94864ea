package symmetry

import (
	"fmt"
	"slices"

	"github.com/quivernet/quivernet/internal/ties"

	"github.com/quivernet/quivernet/symmetry/group"

	"github.com/quivernet/quivernet/internal/linalg"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// frame is a choice of a subspace at each vertex, span of an orthonormal basis, such
// that each subspace contains what reaches its vertex and is kept by the activation. All
// that Compress returns follows from it.
type frame struct {
	basis   []*mat.Dense        // n×r; nil is the whole space, &mat.Dense{} the zero space
	reach   []*mat.Dense        // after Observe: the basis, completed to all that reaches the vertex
	coords  []*mat.Dense        // where known, Bᵀ[W_a B_s]_a with exact zeros
	act     []quiver.Activation // the induced activation
	dropped []bool              // no path to an output
	lost    []float64           // ‖(I−BBᵀ)A_v‖ where directions were cut
	exact   bool                // nothing but rounding was cut, arrow by arrow
	summed  bool                // nothing but rounding was cut of the sums over paths
	reason  []string
}

// width returns the reduced dimension of vertex v of dimension n.
func (f *frame) width(v, n int) int {
	b := f.basis[v]
	if b == nil {
		return n
	}
	if b.IsEmpty() {
		return 0
	}
	_, r := b.Dims()
	return r
}

// chooser makes a frame by QR decompositions along the quiver.
type chooser struct {
	w      *quiver.Rep
	q      *quiver.Quiver
	vs     []quiver.Vertex
	as     []quiver.Arrow
	keep   map[string]bool
	done   map[string]bool // pointwise vertices that were reduced unit by unit
	rule   rule
	always bool
	paths  *paths // with PathSum
	f      *frame

	inexact map[string]bool // vertices whose cuts are not to be called exact
	err     error
}

// settings are what options ask of a choice.
type settings struct {
	keep    map[string]bool // vertices that stay as they are
	rule    rule            // which of the directions that reach a vertex it keeps
	always  bool            // rotate where nothing shrinks and a fixed copy would lose its structure, too
	paths   bool            // look through linear vertices
	inexact map[string]bool // vertices whose cuts are not to be called exact
}

func newChooser(w *quiver.Rep, o settings) *chooser {
	q := w.Quiver()
	c := &chooser{w: w, q: q, vs: q.Vertices(), as: q.Arrows(), keep: o.keep, rule: o.rule, always: o.always, inexact: o.inexact}
	n := len(c.vs)
	c.f = &frame{basis: make([]*mat.Dense, n), coords: make([]*mat.Dense, n), act: make([]quiver.Activation, n), dropped: make([]bool, n), lost: make([]float64, n), reason: make([]string, n)}
	if o.paths {
		c.paths = c.look()
	}
	return c
}

// run chooses the frame. Vertices that ties bind together share one subspace, the
// least that contains what reaches any of them: it is found by iteration, since what
// reaches them may depend on it.
func (c *chooser) run() *frame {
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
		c.f.exact = true
		clear(c.f.lost)
		for v, vertex := range c.vs {
			k := cl.Of[v]
			c.f.basis[v], c.f.coords[v], c.f.act[v], c.f.reason[v] = nil, nil, vertex.Act, ""
			c.f.dropped[v] = false
			switch {
			case vertex.Kind != quiver.KindHidden:
			case c.keep[vertex.Name]:
				c.f.reason[v] = "kept as asked"
			case len(cl.Members[k]) > 1 && full[k]:
				c.f.reason[v] = "full: all directions reach the vertices tied to it, or an activation keeps no smaller subspace"
			case len(cl.Members[k]) > 1 && pinned[k]:
				c.f.reason[v] = "kept: tied to a vertex that cannot change"
			case len(cl.Members[k]) > 1:
				c.f.basis[v] = shared[k]
				c.f.reason[v] = "one subspace for all tied vertices"
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
func (c *chooser) closed(members []int, a *mat.Dense) *mat.Dense {
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
				c.err = err
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
func (c *chooser) grow(cl ties.Classes, pinned, full []bool, shared []*mat.Dense) bool {
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
			c.f.act[v] = a
		}
	}
	return changed
}

// observed says which vertices have a path to an output or to a vertex that is kept.
func (c *chooser) observed() []bool {
	seen := make([]bool, len(c.vs))
	for v := len(c.vs) - 1; v >= 0; v-- {
		seen[v] = c.vs[v].Kind == quiver.KindOutput || c.keep[c.vs[v].Name]
		for _, a := range c.q.Out(v) {
			seen[v] = seen[v] || seen[c.as[a].Target]
		}
	}
	return seen
}

func (c *chooser) drop(v int) {
	c.f.basis[v], c.f.dropped[v] = &mat.Dense{}, true
	c.f.reason[v] = "no path to an output"
	a, ok := c.vs[v].Act.Restrict(&mat.Dense{})
	if !ok {
		a = quiver.Identity // on ℝ⁰ all activations are one
	}
	c.f.act[v] = a
}

// choose finds the subspace of an untied hidden vertex: the columns of A_v by QR, enlarged
// to what the activation keeps; or the whole space.
func (c *chooser) choose(v int) {
	vertex := c.vs[v]
	if vertex.Dim == 0 {
		c.f.reason[v] = "dimension 0"
		return
	}
	if c.done[vertex.Name] {
		return
	}
	a := c.stack(v)
	if a.IsEmpty() {
		if act, ok := vertex.Act.Restrict(&mat.Dense{}); ok {
			c.f.basis[v], c.f.act[v], c.f.reason[v] = &mat.Dense{}, act, "nothing reaches it"
			return
		}
		c.f.reason[v] = fmt.Sprintf("kept: %s is not 0 at 0", vertex.Act)
		return
	}
	if closer, ok := vertex.Act.(quiver.Closer); ok {
		c.closure(v, closer, a)
		return
	}
	n, s := a.Dims()
	stays := n <= s && (c.structured(v) && !c.always || !group.Commutes(vertex))
	if _, plain := c.rule.(byColumns); plain && stays {
		c.f.reason[v] = "full: as many directions reach it as it has"
		return
	}
	p := c.span(v, a)
	if linalg.Width(p.b) == n && stays {
		c.f.reason[v] = "full: its rank is its dimension"
		return
	}
	act, ok := vertex.Act.Restrict(p.b)
	if !ok || !sameParams(vertex, act, linalg.Width(p.b)) {
		c.f.reason[v] = fmt.Sprintf("kept: activation %s does not keep the subspace", vertex.Act)
		c.refuse(v, a, n, fmt.Sprintf("its activation %s does not keep the subspace", vertex.Act))
		return
	}
	c.f.basis[v], c.f.coords[v], c.f.act[v], c.f.lost[v] = p.b, p.r, act, p.lost
	if c.paths != nil {
		c.f.coords[v] = nil // its columns belong to paths
	}
	c.f.exact = c.f.exact && p.exact
	switch c.f.reason[v] = p.why; {
	case p.why != "":
	case linalg.Width(p.b) == n:
		c.f.reason[v] = "full: rotated to triangular form"
	default:
		c.f.reason[v] = c.arrivals(v)
	}
}

// closure takes the smallest subspace that contains the columns of a and that the
// activation keeps. Zero rows of a stay zero in its basis.
func (c *chooser) closure(v int, closer quiver.Closer, a *mat.Dense) {
	vertex := c.vs[v]
	live := linalg.LiveBasis(a)
	k, ok := closer.Closure(live)
	if ok {
		if err := closes(vertex, live, k); err != nil {
			c.err = err
			return
		}
	}
	if !ok || linalg.Width(k) >= vertex.Dim {
		c.f.reason[v] = fmt.Sprintf("kept: activation %s keeps no smaller subspace", vertex.Act)
		c.refuse(v, a, vertex.Dim, fmt.Sprintf("its activation %s keeps no smaller subspace", vertex.Act))
		return
	}
	c.refuse(v, a, linalg.Width(k), fmt.Sprintf("its activation %s keeps no smaller subspace", vertex.Act))
	act, ok := vertex.Act.Restrict(k)
	if !ok || !sameParams(vertex, act, linalg.Width(k)) {
		c.f.reason[v] = fmt.Sprintf("kept: activation %s does not keep its own closure", vertex.Act)
		return
	}
	c.f.basis[v], c.f.act[v], c.f.reason[v] = k, act, "smallest subspace that its activation keeps"
}

// structured says whether a fixed arrow that is only a copy touches the vertex: a rotation
// would make it a full matrix.
func (c *chooser) structured(v int) bool {
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

// reachOf returns a basis of what reaches a vertex; nil is the whole space.
func (f *frame) reachOf(v int) *mat.Dense {
	if f.reach == nil {
		return f.basis[v]
	}
	return f.reach[v]
}

// unseen returns a basis of what reaches a vertex and is not seen, nil where there is none.
func (f *frame) unseen(v int) *mat.Dense {
	if f.reach == nil || f.reach[v] == nil || linalg.Width(f.reach[v]) == linalg.Width(f.basis[v]) {
		return nil
	}
	n, r := f.reach[v].Dims()
	return mat.DenseCopyOf(f.reach[v].Slice(0, n, linalg.Width(f.basis[v]), r))
}
