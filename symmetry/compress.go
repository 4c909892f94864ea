package symmetry

import (
	"maps"
	"sync"

	"github.com/quivernet/quivernet/internal/deviation"

	"github.com/quivernet/quivernet/internal/joining"

	"github.com/quivernet/quivernet/internal/subspace"

	"github.com/quivernet/quivernet/internal/units"

	"github.com/quivernet/quivernet/internal/linalg"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// WidthChange tells what became of one hidden vertex.
type WidthChange struct {
	Vertex   string
	From, To int    // From is 0 at a vertex that was added for linear units
	Reason   string // why it did not shrink, or in what way it did; may be empty
}

// Compression is the result of Compress: a smaller representation with the same
// function, and the maps between it and the original. Reduced belongs to the caller and may be
// trained in place: all methods speak of the network that Compress returned, whatever becomes of
// the exported fields. Only String prints these as they stand.
type Compression struct {
	Reduced     *quiver.Rep
	Widths      []WidthChange // hidden vertices in topological order
	Units       []UnitChange  // units that Pointwise, Box or Samples removed, in the order in which they went
	Certificate Certificate

	kept     *quiver.Rep // Reduced as Compress returned it
	source   *quiver.Rep // what was given
	original *quiver.Rep // the same, with parallel arrows merged, inputs spanned and units removed, if that was asked for
	merged   *joining.Sums
	joined   *joining.Spans
	begun    *quiver.Rep       // the original before units went
	removed  *units.Reduction  // of Pointwise, Box or Samples; nil without
	barred   map[string]string // vertices that were left alone since a cut would not have been exact, and why
	bases    []deviation.Step  // the changes of bases between removals of units
	frame    *subspace.Frame

	summing sync.Once
	sums    *units.Stage // of MergeParallel, what merging did; made when asked for

	once    sync.Once
	rotated *quiver.Rep
	element Element
	err     error
}

// Compress returns a representation of smaller dimensions that computes exactly the
// same function, for every input (arXiv 2107.02550, Theorem 6; for quivers arXiv 2207.12773).
//
// In topological order, the incoming matrices of a hidden vertex, in the coordinates
// of their sources, stand side by side: A_v = [W_a B_s(a)]. A QR decomposition
// A_v = B_v R_v gives the subspace that can be reached, of dimension
//
//	r_v = min(d_v, Σ_a r_s(a)),
//
// and R_v the matrices of the reduced arrows. An activation that rescales, radial ones
// above all, keeps every subspace; Restrict says what it becomes there. A vertex whose activation
// refuses keeps its dimension, or takes the smallest subspace that it keeps, and
// the report says why; Pointwise, Box and Samples reduce it unit by unit. Inputs, biases and outputs do not change. A vertex that does not shrink
// is still rotated to triangular form, unless its activation does not commute with rotations or a
// fixed copy (an identity skip, a concatenation) touches it.
//
// Fixed arrows take part and become other fixed matrices. Tied arrows stay tied: the
// vertices that they bind share one subspace. A hidden vertex that nothing reaches or
// that has no path to an output gets dimension 0.
//
// w is not changed. The result is deterministic. Weights that are not finite give a
// *quiver.NonFiniteError, unknown names in options a *quiver.UnknownVertexError, options that
// exclude each other or cannot be honoured an *OptionError, activations that say of themselves what
// is not true a *ClaimError. A cut after which the networks differ by more than rounding explains
// is taken back, and the report says so; if that does not help there is a *GapError.
func Compress(w *quiver.Rep, opts ...Option) (*Compression, error) {
	if err := present(w, "the network"); err != nil {
		return nil, err
	}
	if err := w.Check(); err != nil {
		return nil, err
	}
	if err := w.CheckFinite(); err != nil {
		return nil, err
	}
	o, err := settle(w.Quiver(), opts)
	if err != nil {
		return nil, err
	}
	for {
		c, err := attempt(w, o)
		if err != nil {
			return nil, err
		}
		switch again, err := c.certify(&o); {
		case err != nil:
			return nil, err
		case !again:
			c.kept = c.Reduced.Clone()
			return c, nil
		}
	}
}

// attempt compresses w, with the vertices of o.barred left alone.
func attempt(w *quiver.Rep, o options) (*Compression, error) {
	if o.units {
		for _, vertex := range w.Quiver().Vertices() {
			if vertex.Kind == quiver.KindHidden && !o.keep[vertex.Name] {
				if err := deviation.CheckGroup(vertex); err != nil {
					return nil, claimError(err)
				}
			}
		}
	}
	c := &Compression{source: w.Clone(), barred: maps.Clone(o.barred)}
	c.original = c.source
	o.keep = maps.Clone(o.keep)
	for name := range o.barred {
		o.keep[name] = true
	}
	if o.merge {
		switch m, how, err := joining.SumParallel(c.original, o.domain); {
		case err != nil:
			return nil, err
		case m != nil:
			c.original, c.merged = m, how
		}
	}
	if o.hasData {
		switch j, how, err := joining.SpanData(c.original, o.data); {
		case err != nil:
			return nil, ofData(err)
		case j != nil:
			c.original, c.joined = j, how
			for _, name := range how.Vertices {
				o.keep[name] = true
			}
			if err := o.spanned(c); err != nil {
				return nil, err
			}
		}
	}
	c.begun = c.original
	if o.units {
		c.removed = &units.Reduction{Given: c.original}
		if c.merged != nil {
			c.removed.Sums, c.removed.Of = c.merged.Groups, c.merged.Source
		}
		if o.domain != nil {
			o.domain.Work, o.domain.Spare = units.SearchWork, units.CaseWork
		}
	}
	if err := c.rounds(o); err != nil {
		return nil, err
	}
	c.report()
	if err := c.Reduced.Check(); err != nil {
		return nil, err
	}
	return c, o.honoured(c)
}

// reframe chooses a subspace at each vertex and writes the network in its coordinates.
func (c *Compression) reframe(o options) (err error) {
	if e, ok := o.rule.(subspace.ByError); ok && o.weigh != nil {
		if e.Z, err = subspace.Preactivations(c.original, o.weigh); err != nil {
			return err
		}
		o.rule = e
	}
	choose := subspace.New(c.original, subspace.Settings{Keep: o.keep, Rule: o.rule, Always: o.always, Paths: o.paths, Inexact: o.inexact})
	if c.removed != nil {
		choose.Done = c.removed.Done
	}
	if c.frame = choose.Run(); choose.Err != nil {
		return o.refused(choose.Err)
	}
	if o.observe {
		choose.Observe()
	}
	if o.paths { // the sums are kept, the single arrows are not
		c.frame.Summed, c.frame.Exact = c.frame.Exact, false
	}
	c.Reduced, err = c.reduce()
	return err
}

// report tells what became of each hidden vertex.
func (c *Compression) report() {
	q := c.original.Quiver()
	if c.joined != nil {
		for _, name := range c.joined.Vertices {
			i, _ := q.VertexIndex(name)
			c.frame.Reason[i] = "spans the data"
		}
	}
	for i, v := range q.Vertices() {
		if v.Kind == quiver.KindHidden {
			from, why := c.removed.Before(v, c.frame.Reason[i])
			if c.barred[v.Name] != "" {
				why = c.barred[v.Name]
			}
			c.Widths = append(c.Widths, WidthChange{v.Name, from, c.frame.Width(i, v.Dim), why})
		}
	}
}

// reduce writes the original in the coordinates of the frame: V_a = B_tᵀ W_a B_s.
func (c *Compression) reduce() (*quiver.Rep, error) {
	w, f := c.original, c.frame
	q := w.Quiver()
	vs, as := q.Vertices(), q.Arrows()
	column := make([]int, len(as)) // where an arrow's columns begin in coords
	for v := range vs {
		at := 0
		for _, i := range subspace.Incoming(q, vs, as, v) {
			column[i] = at
			at += f.Width(as[i].Source, vs[as[i].Source].Dim)
		}
	}
	return joining.Rebuild(w, func(v int) (int, quiver.Activation) {
		return f.Width(v, vs[v].Dim), f.Act[v]
	}, func(i int) mat.Matrix {
		s, t := as[i].Source, as[i].Target
		rows, cols := f.Width(t, vs[t].Dim), f.Width(s, vs[s].Dim)
		switch {
		case rows == 0 || cols == 0:
			return &mat.Dense{}
		case f.Coords[t] != nil:
			return mat.DenseCopyOf(f.Coords[t].Slice(0, rows, column[i], column[i]+cols))
		case f.Basis[s] == nil && f.Basis[t] == nil:
			return w.Matrix(i)
		}
		return linalg.Product(f.Basis[t], true, w.Matrix(i), f.Basis[s])
	})
}

// reduced returns Reduced as Compress returned it, which training in place does not change.
func (c *Compression) reduced() *quiver.Rep {
	if c.kept != nil {
		return c.kept
	}
	return c.Reduced
}

// step returns the change of bases from the original to the reduced network.
func (c *Compression) step() deviation.Step {
	return deviation.Step{Original: c.original, Reduced: c.reduced(), Frame: c.frame}
}

// unitsWent says whether Pointwise, Box or Samples removed units.
func (c *Compression) unitsWent() bool { return c.removed != nil && len(c.removed.Units) > 0 }

// Rotated returns T = Q⁻¹·w, the original in the basis in which each hidden vertex's
// reachable subspace comes first (the interpolating network of arXiv 2107.02550, §6). It has the
// same function. The top left block of each matrix is the reduced one, bit for bit, and
// the block below it is exactly zero: what trains under Subspace stays there. Where an
// activation does not commute with rotations the result has a quiver of its own. The full
// orthogonal matrices are products of reflections that are never multiplied out. The
// result is a fresh copy. After MergeParallel it has the merged quiver, after Pointwise, Box or
// Samples that of the units that stay; where the
// compression is not exact the lower left blocks are small and not zero.
func (c *Compression) Rotated() (*quiver.Rep, error) {
	if err := c.made(); err != nil {
		return nil, err
	}
	c.once.Do(c.rotate)
	if c.err != nil {
		return nil, c.err
	}
	return c.rotated.Clone(), nil
}

func (c *Compression) rotate() {
	q := c.original.Quiver()
	vs, as := q.Vertices(), q.Arrows()
	c.element = Identity(q)
	full := make(map[*mat.Dense]linalg.Factor) // tied vertices share a basis and its completion
	for v, b := range c.frame.Basis {
		if c.frame.Reach != nil && c.frame.Reach[v] != nil {
			b = c.frame.Reach[v]
		}
		if b == nil || c.frame.Dropped[v] || vs[v].Dim == 0 || b.IsEmpty() {
			continue
		}
		if full[b] == nil {
			full[b] = linalg.Complete(b)
		}
		c.element.factor[v] = full[b]
	}
	var t *quiver.Rep
	if t, c.err = Act(c.element.Inverse(), c.original); c.err != nil {
		return
	}
	if !c.frame.Exact { // what was cut is not zero
		c.rotated = t
		return
	}
	fixed := make(map[string]mat.Matrix)
	for _, a := range as {
		rt, rs := c.corner(a)
		if a.Rows*a.Cols == 0 || c.frame.Basis[a.Source] == nil && c.frame.Basis[a.Target] == nil {
			continue
		}
		m, _ := t.Lookup(a.Name)
		if !c.frame.Dropped[a.Target] {
			nt, ns := c.reached(a)
			mask(m.RawMatrix().Data, a.Cols, corner{rt: rt, rs: rs, nt: nt, ns: ns})
		}
		if rt > 0 && rs > 0 {
			v, _ := c.reduced().Lookup(a.Name)
			m.Slice(0, rt, 0, rs).(*mat.Dense).Copy(v)
		}
		if a.Fixed {
			fixed[a.Name] = m
		}
	}
	if t, c.err = joining.WithFixed(t, fixed); c.err == nil {
		c.rotated = t
	}
}

// corner returns the size of the reduced block of an arrow of the original.
func (c *Compression) corner(a quiver.Arrow) (rt, rs int) {
	return c.frame.Width(a.Target, a.Rows), c.frame.Width(a.Source, a.Cols)
}

// reached returns the size of the block of an arrow between what reaches its ends.
func (c *Compression) reached(a quiver.Arrow) (nt, ns int) {
	return c.frame.Reached(a.Target, a.Rows), c.frame.Reached(a.Source, a.Cols)
}

// Element returns Q with w = Q·Rotated, formed at the first call.
func (c *Compression) Element() (Element, error) {
	if err := c.made(); err != nil {
		return Element{}, err
	}
	c.once.Do(c.rotate)
	return c.element, c.err
}
