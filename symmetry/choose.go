package symmetry

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// frame is a choice of a subspace at each vertex, span of an orthonormal basis, such
// that each subspace contains what reaches its vertex and is kept by the activation. All
// that Compress returns follows from it.
type frame struct {
	basis   []*mat.Dense        // n×r; nil is the whole space, &mat.Dense{} the zero space
	coords  []*mat.Dense        // where known, Bᵀ[W_a B_s]_a with exact zeros
	act     []quiver.Activation // the induced activation
	dropped []bool              // no path to an output
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
	w    *quiver.Rep
	q    *quiver.Quiver
	vs   []quiver.Vertex
	as   []quiver.Arrow
	keep map[string]bool
	f    *frame
}

func newChooser(w *quiver.Rep, keep map[string]bool) *chooser {
	q := w.Quiver()
	c := &chooser{w: w, q: q, vs: q.Vertices(), as: q.Arrows(), keep: keep}
	n := len(c.vs)
	c.f = &frame{basis: make([]*mat.Dense, n), coords: make([]*mat.Dense, n), act: make([]quiver.Activation, n), dropped: make([]bool, n), reason: make([]string, n)}
	return c
}

// run chooses the frame. Vertices that ties bind together share one subspace, the
// least that contains what reaches any of them: it is found by iteration, since what
// reaches them may depend on it.
func (c *chooser) run() *frame {
	cl := classes(c.q)
	observed := c.observed()
	pinned := make([]bool, len(cl.members))
	shared := make([]*mat.Dense, len(cl.members)) // of the classes with several members
	for k, members := range cl.members {
		shared[k] = &mat.Dense{}
		for _, v := range members {
			pinned[k] = pinned[k] || c.vs[v].Kind != quiver.KindHidden || c.keep[c.vs[v].Name]
		}
	}
	for {
		for v, vertex := range c.vs {
			k := cl.of[v]
			c.f.basis[v], c.f.coords[v], c.f.act[v], c.f.reason[v] = nil, nil, vertex.Act, ""
			c.f.dropped[v] = false
			switch {
			case vertex.Kind != quiver.KindHidden:
			case c.keep[vertex.Name]:
				c.f.reason[v] = "kept as asked"
			case len(cl.members[k]) > 1 && pinned[k]:
				c.f.reason[v] = "kept: tied to a vertex that cannot change"
			case len(cl.members[k]) > 1:
				c.f.basis[v] = shared[k]
				c.f.reason[v] = "one subspace for all tied vertices"
			case !observed[v]:
				c.drop(v)
			default:
				c.choose(v)
			}
		}
		if !c.grow(cl, pinned, shared) {
			return c.f
		}
	}
}

// grow enlarges the subspaces of tied vertices by what reaches them now, and pins classes
// whose activations refuse. It reports whether anything changed.
func (c *chooser) grow(cl tieClasses, pinned []bool, shared []*mat.Dense) bool {
	changed := false
	for k, members := range cl.members {
		if len(members) == 1 || pinned[k] {
			continue
		}
		n := c.vs[members[0]].Dim
		parts := []*mat.Dense{shared[k]}
		for _, v := range members {
			parts = append(parts, c.stack(v))
		}
		b := spanOf(beside(n, parts...))
		if width(b) > width(shared[k]) {
			shared[k], changed = b, true
			if width(b) == n {
				pinned[k] = true
			}
		}
	}
	if changed {
		return true
	}
	for k, members := range cl.members {
		if len(members) == 1 || pinned[k] {
			continue
		}
		for _, v := range members {
			a, ok := c.vs[v].Act.Restrict(shared[k])
			if !ok {
				pinned[k], changed = true, true
			}
			c.f.act[v] = a
		}
	}
	return changed
}

func width(b *mat.Dense) int {
	if b.IsEmpty() {
		return 0
	}
	_, c := b.Dims()
	return c
}

// observed says which vertices have a path to an output.
func (c *chooser) observed() []bool {
	seen := make([]bool, len(c.vs))
	for v := len(c.vs) - 1; v >= 0; v-- {
		seen[v] = c.vs[v].Kind == quiver.KindOutput
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

// stack returns A_v = [W_a B_s(a)]_a, d_v × Σ widths.
func (c *chooser) stack(v int) *mat.Dense {
	var parts []*mat.Dense
	for _, i := range c.q.In(v) {
		parts = append(parts, product(nil, false, c.w.Matrix(i), c.f.basis[c.as[i].Source]))
	}
	return beside(c.vs[v].Dim, parts...)
}

// beside puts matrices of n rows side by side, empty ones left out.
func beside(n int, parts ...*mat.Dense) *mat.Dense {
	cols := 0
	for _, p := range parts {
		cols += width(p)
	}
	if n == 0 || cols == 0 {
		return &mat.Dense{}
	}
	out := mat.NewDense(n, cols, nil)
	at := 0
	for _, p := range parts {
		if k := width(p); k > 0 {
			out.Slice(0, n, at, at+k).(*mat.Dense).Copy(p)
			at += k
		}
	}
	return out
}

// choose finds the subspace of an untied hidden vertex: the columns of A_v by QR, enlarged
// to what the activation keeps; or the whole space.
func (c *chooser) choose(v int) {
	vertex := c.vs[v]
	if vertex.Dim == 0 {
		c.f.reason[v] = "dimension 0"
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
	if n <= s && (c.structured(v) || !commutes(vertex)) {
		c.f.reason[v] = "full: as many directions reach it as it has"
		return
	}
	b, r := qr(a)
	act, ok := vertex.Act.Restrict(b)
	if !ok {
		c.f.reason[v] = fmt.Sprintf("kept: activation %s does not keep the subspace", vertex.Act)
		return
	}
	c.f.basis[v], c.f.coords[v], c.f.act[v] = b, r, act
	if n <= s {
		c.f.reason[v] = "full: rotated to triangular form"
	}
}

// closure takes the smallest subspace that contains the columns of a and that the
// activation keeps. Zero rows of a stay zero in its basis.
func (c *chooser) closure(v int, closer quiver.Closer, a *mat.Dense) {
	vertex := c.vs[v]
	k, ok := closer.Closure(liveBasis(a))
	if !ok || width(k) >= vertex.Dim {
		c.f.reason[v] = fmt.Sprintf("kept: activation %s keeps no smaller subspace", vertex.Act)
		return
	}
	act, ok := vertex.Act.Restrict(k)
	if !ok {
		c.f.reason[v] = fmt.Sprintf("kept: activation %s does not keep its own closure", vertex.Act)
		return
	}
	c.f.basis[v], c.f.act[v], c.f.reason[v] = k, act, "smallest subspace that its activation keeps"
}

// liveBasis returns an orthonormal basis that spans at least the columns of a and is zero
// on the rows where a is.
func liveBasis(a *mat.Dense) *mat.Dense {
	n, s := a.Dims()
	var live []int
	for i := range n {
		for _, x := range a.RawRowView(i) {
			if x != 0 {
				live = append(live, i)
				break
			}
		}
	}
	if len(live) == 0 {
		return &mat.Dense{}
	}
	part := mat.NewDense(len(live), s, nil)
	for k, i := range live {
		part.SetRow(k, a.RawRowView(i))
	}
	b, _ := qr(part)
	_, r := b.Dims()
	out := mat.NewDense(n, r, nil)
	for k, i := range live {
		out.SetRow(i, b.RawRowView(k))
	}
	return out
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

// spanOf returns an orthonormal basis of the columns of a, up to rounding: columns are
// scaled to length 1 first, so that a small one counts as much as a large one, and
// singular values below 16·ε·max(n, s)·σ₁ count as zero.
func spanOf(a *mat.Dense) *mat.Dense {
	if a.IsEmpty() {
		return &mat.Dense{}
	}
	n, s := a.Dims()
	e := mat.DenseCopyOf(a)
	for j := range s {
		col := e.ColView(j).(*mat.VecDense)
		if l := mat.Norm(col, 2); l > 0 {
			col.ScaleVec(1/l, col)
		}
	}
	var svd mat.SVD
	if !svd.Factorize(e, mat.SVDThin) {
		b, _ := qr(a)
		return b
	}
	sigma := svd.Values(nil)
	r := 0
	for _, x := range sigma {
		if x > 16*0x1p-52*float64(max(n, s))*sigma[0] {
			r++
		}
	}
	if r == 0 {
		return &mat.Dense{}
	}
	var u mat.Dense
	svd.UTo(&u)
	return mat.DenseCopyOf(u.Slice(0, n, 0, r))
}
