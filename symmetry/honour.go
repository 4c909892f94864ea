package symmetry

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/quivernet/quivernet/internal/deviation"

	"github.com/quivernet/quivernet/internal/subspace"

	"github.com/quivernet/quivernet/internal/inputs"

	"github.com/quivernet/quivernet/internal/linalg"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// unknownName is an *OptionError and a *quiver.UnknownVertexError at once.
type unknownName struct {
	*OptionError
	unknown *quiver.UnknownVertexError
}

func (e *unknownName) Error() string   { return e.unknown.Error() }
func (e *unknownName) Unwrap() []error { return []error{e.OptionError, e.unknown} }

// naming returns the option in which a vertex is named.
func (o *options) naming(vertex string) string {
	if o.keep[vertex] {
		return "Keep"
	}
	return "Widths"
}

// names returns the options that cut, for messages.
func (o *options) names() string {
	names := slices.Concat(o.rules, o.sets)
	for name, on := range map[string]bool{"Data": o.hasData, "MergeParallel": o.merge, "Observe": o.observe, "PathSum": o.paths, "Pointwise": o.units && len(o.sets) == 0} {
		if on {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return "Compress"
	}
	slices.Sort(names)
	return strings.Join(names, " with ")
}

// wellFormed looks at the matrices of options.
func (o *options) wellFormed(q *quiver.Quiver) error {
	for _, set := range []struct {
		option string
		xs     []*mat.Dense
		given  bool
	}{{"MeasureOn", o.on, o.on != nil}, {"Weigh", o.weigh, o.weigh != nil}} {
		if !set.given {
			continue
		}
		names, dims := q.Inputs(), q.Dims()
		if len(set.xs) != len(names) {
			return &OptionError{set.option, fmt.Sprintf("%d matrices, want one per input (%v)", len(set.xs), names)}
		}
		for i, x := range set.xs {
			if x == nil || x.IsEmpty() && dims[names[i]] > 0 {
				return &OptionError{set.option, fmt.Sprintf("input %q: no rows; give samples × %d", names[i], dims[names[i]])}
			}
			if x.IsEmpty() {
				continue
			}
			for _, v := range linalg.Entries(x) {
				if v-v != 0 {
					return &quiver.NonFiniteError{Where: fmt.Sprintf("%s, input %q", set.option, names[i]), Value: v}
				}
			}
		}
	}
	o.rows, o.data = o.data, slices.Clone(o.data)
	return nil
}

// contradictions returns an *OptionError where options ask for what cannot be at one vertex.
func (o *options) contradictions(q *quiver.Quiver) error {
	e, ok := o.rule.(subspace.ByError)
	if !ok {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(e.Width)) {
		v, _ := q.VertexIndex(name)
		switch vertex := q.Vertices()[v]; {
		case vertex.Kind != quiver.KindHidden:
			return &OptionError{fmt.Sprintf("Widths: %s %d", name, e.Width[name]), fmt.Sprintf("vertex %q is not hidden, and inputs, biases and outputs keep their dimensions", name)}
		case o.keep[name] && e.Width[name] < vertex.Dim:
			return &OptionError{"Keep with Widths", fmt.Sprintf("vertex %q is to stay as it is and to have width %d; leave one of them out", name, e.Width[name])}
		}
	}
	return nil
}

// measurable returns an *OptionError unless the certificate speaks of all the given inputs.
func measurable(d *inputs.Set, q *quiver.Quiver, xs []*mat.Dense) error {
	if d.Samples == nil {
		if err := holds(d, q, xs); err != nil {
			if e, ok := err.(*OptionError); ok {
				return &OptionError{"MeasureOn", e.Reason + ", of which the certificate speaks"}
			}
			return err
		}
		return nil
	}
	n := 0
	for _, x := range xs {
		if !x.IsEmpty() {
			n, _ = x.Dims()
		}
	}
	for r := range n {
		known := false
		for s := 0; s < d.Rows && !known; s++ {
			known = true
			for i, x := range xs {
				if p := d.Samples[i]; p != nil && !p.IsEmpty() && !x.IsEmpty() {
					k, _ := x.Dims()
					known = known && r < k && slices.Equal(x.RawRowView(r), p.RawRowView(s))
				}
			}
		}
		if !known {
			return &OptionError{"MeasureOn", fmt.Sprintf("row %d is none of the samples, of which the certificate speaks", r)}
		}
	}
	return nil
}

// spanned returns an *OptionError where inputs to be measured on lie off the span of the data.
func (o *options) spanned(c *Compression) error {
	if o.on == nil || c.joined == nil {
		return nil
	}
	off, err := c.joined.Off(o.on)
	if err != nil {
		return err
	}
	for r, d := range off {
		if d > 1e-9 {
			return &OptionError{"MeasureOn", fmt.Sprintf("row %d lies %.2g off the span of the data, of which the certificate speaks", r, d)}
		}
	}
	return nil
}

// honoured returns an *OptionError where Widths is not what a vertex got.
func (o options) honoured(c *Compression) error {
	e, ok := o.rule.(subspace.ByError)
	if !ok {
		return nil
	}
	for _, w := range c.Widths {
		if most, asked := e.Width[w.Vertex]; asked && w.To > most && !c.cutIs(w.Vertex, most) {
			return &OptionError{fmt.Sprintf("Widths: %s %d", w.Vertex, most), fmt.Sprintf("vertex %q stays at width %d: %s", w.Vertex, w.To, w.Reason)}
		}
	}
	return nil
}

// cutIs says whether a vertex is as wide as asked for.
func (c *Compression) cutIs(vertex string, width int) bool {
	return c.Reduced.Quiver().Dims()[vertex] <= width
}

// holds returns an *OptionError unless the rows of the data lie in the box.
func holds(d *inputs.Set, q *quiver.Quiver, data []*mat.Dense) error {
	for i, name := range q.Inputs() {
		if d.Samples != nil || i >= len(data) || data[i] == nil || data[i].IsEmpty() {
			continue
		}
		r, c := data[i].Dims()
		for k := range r {
			for j, x := range data[i].RawRowView(k)[:min(c, len(d.Lo[i]))] {
				if !(d.Lo[i][j] <= x && x <= d.Hi[i][j]) {
					return &OptionError{"Data", fmt.Sprintf("input %q, row %d, coordinate %d: %v lies outside %s", name, k, j, x, d.Text)}
				}
			}
		}
	}
	return nil
}

// demand returns the option that asks a vertex to lose what is not rounding, or "". Rank cuts where
// activations allow it and asks for nothing.
func (o *options) demand(vertex string) string {
	k, ok := o.rule.(subspace.ByError)
	if !ok {
		return ""
	}
	if w, ok := k.Width[vertex]; ok {
		return fmt.Sprintf("Widths: %s %d", vertex, w)
	}
	if k.Tol > 0 {
		return fmt.Sprintf("Tolerance(%v)", k.Tol)
	}
	return ""
}

// refused says of an error of the choice of subspaces which option or claim is at fault.
func (o *options) refused(err error) error {
	switch e := err.(type) {
	case *subspace.Refusal:
		return &OptionError{o.demand(e.Vertex), fmt.Sprintf("vertex %q: %d directions would do, but it stays at width %d: %s; Keep it, or leave the option out", e.Vertex, e.Enough, e.Keeps, e.Why)}
	case *subspace.FalseClosure:
		return &ClaimError{e.Vertex, e.Activation, "Closure", e.Reason}
	}
	return err
}

// ClaimError reports an activation that says of itself what a measurement contradicts: that it
// keeps a subspace (Restrict, Closure), its constants (Lipschitz), that it is radial or pointwise
// (RadialJet, PointJet), or its group (Group).
type ClaimError struct {
	Vertex     string
	Activation string
	Method     string // of the activation: "Restrict", "Closure", "Lipschitz", "RadialJet", "PointJet" or "Group"
	Reason     string // what was measured
}

func (e *ClaimError) Error() string {
	return fmt.Sprintf("symmetry: vertex %q: %s of the activation %s is not true: %s; correct %s, or Keep the vertex", e.Vertex, e.Method, e.Activation, e.Reason, e.Method)
}

// claimError returns a claim that is not true as a *ClaimError, and other errors as they are.
func claimError(err error) error {
	if e, ok := err.(*deviation.FalseClaim); ok {
		return (*ClaimError)(e)
	}
	return err
}
