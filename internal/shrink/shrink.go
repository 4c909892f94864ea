package shrink

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/quivernet/quivernet/internal/ir"
	"github.com/quivernet/quivernet/internal/regions"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
)

// shrinking is one compression: what it gave, and why vertices did not shrink.
type shrinking struct {
	c      *symmetry.Compression // nil where nothing shrinks
	Why    map[string]string
	units  *symmetry.Compression // what removed units before, or nil
	blamed bool                  // something stayed since it would have needed an arrow that the graph does not have
}

// numbers counts the entries of the reduced matrices.
func (s *shrinking) numbers(w *quiver.Rep) int {
	if s.c != nil {
		w = s.c.Reduced
	}
	k := 0
	q := w.Quiver()
	for _, a := range q.Arrows() {
		m, _ := w.Lookup(a.Name)
		if m != nil && !m.IsEmpty() {
			r, c := m.Dims()
			k += r * c
		}
	}
	return k
}

// Compress compresses the lifted network, with the options given, and where units of elementwise vertices
// might go also with symmetry.Pointwise; what leaves fewer numbers stands. So no option gives
// less than none: where units need arrows that the graph does not have, the elementwise vertices are
// kept and the others shrink all the same.
func (r *Reduction) Compress(w *quiver.Rep, opts []symmetry.Option, keep map[string]string) error {
	keep = maps.Clone(keep)
	r.keepDecayed(keep)
	kept := maps.Clone(keep)
	units := slices.ContainsFunc(opts, isPointwise)
	opts = slices.DeleteFunc(slices.Clone(opts), isPointwise)
	elementwise := make(map[string]string)
	for _, v := range r.Regions.Vertices {
		if v.Kind != quiver.KindHidden || !v.IsElementwise() {
			continue
		}
		elementwise[v.Name] = fmt.Sprintf("activation %v keeps no smaller subspace, and symmetry.Pointwise finds no dead, constant or equal units", v.Activation)
		units = units || keep[v.Name] == "" && r.mayLoseUnits(v, w)
	}
	if len(opts) == 0 {
		r.keepSliced(keep)
		maps.Copy(kept, keep)
	}
	if !units && len(opts) == 0 { // they cannot shrink, and need not be tried
		for name, why := range elementwise {
			if kept[name] == "" {
				kept[name] = why
			}
		}
	}
	best, err := r.shrink(w, opts, kept)
	if err != nil {
		return err
	}
	better := func(s *shrinking, err error) error {
		var refused *symmetry.OptionError
		if errors.As(err, &refused) { // options that exclude symmetry.Pointwise
			return nil
		}
		if err == nil && s.numbers(w) < best.numbers(w) && (s.exact() || !best.exact()) {
			best = s
		}
		return err
	}
	if best.blamed {
		all := maps.Clone(elementwise)
		maps.Copy(all, keep)
		if err := better(r.shrink(w, opts, all)); err != nil {
			return err
		}
	}
	if units {
		if err := better(r.unitsFirst(w, opts, keep)); err != nil {
			return err
		}
		if err := better(r.shrink(w, append(slices.Clone(opts), symmetry.Pointwise()), keep)); err != nil {
			return err
		}
	}
	r.Compression, r.Why, r.Units = best.c, best.Why, best.units
	for name, why := range elementwise {
		if keep[name] != "" {
			continue
		}
		if old := r.Why[name]; old == "" || strings.HasPrefix(strings.TrimPrefix(old, "kept: "), "activation ") {
			r.Why[name] = why
		}
	}
	if r.Compression == nil {
		r.Unchanged(w)
		return nil
	}
	r.read()
	return nil
}

// unitsFirst removes units of elementwise vertices, and then compresses what is left: done at once, values that
// are read as they are would count as linear units, and move into arrows that the graph does not have.
func (r *Reduction) unitsFirst(w *quiver.Rep, opts []symmetry.Option, keep map[string]string) (*shrinking, error) {
	others := maps.Clone(keep)
	for _, v := range r.Regions.Vertices {
		if v.Kind == quiver.KindHidden && !v.IsElementwise() && others[v.Name] == "" {
			others[v.Name] = "kept while units go"
		}
	}
	a, err := r.shrink(w, []symmetry.Option{symmetry.Pointwise()}, others)
	if err != nil || a.c == nil || len(a.c.Units) == 0 {
		return a, err
	}
	b, err := r.shrink(a.c.Reduced, opts, keep)
	if err != nil {
		return nil, err
	}
	if b.c == nil {
		for name, why := range a.Why {
			if others[name] == "" || keep[name] != "" {
				b.Why[name] = why
			}
		}
		b.c = a.c
	}
	b.units = a.c
	return b, nil
}

// keepDecayed keeps the elementwise vertices beside weights whose squares are summed: units that are merged or
// folded into biases would change the sum in a way that its gradient does not follow.
func (r *Reduction) keepDecayed(keep map[string]string) {
	decayed := make(map[*ir.Node]bool)
	for _, d := range regions.Each[*regions.Decay](r.Regions) {
		decayed[d.Weight] = true
	}
	for _, v := range r.Regions.Vertices {
		for _, t := range v.Arrows {
			for _, u := range []*regions.Vertex{v, t.Source} {
				if t.Weight != nil && decayed[t.Weight] && u != nil && u.Kind == quiver.KindHidden && u.IsElementwise() && keep[u.Name] == "" {
					keep[u.Name] = fmt.Sprintf("activation %v keeps no smaller subspace, and the squares of %q are summed elsewhere, which forbids to remove units", u.Activation, t.Weight.Name())
				}
			}
		}
	}
}

// exact says that nothing is lost.
func (s *shrinking) exact() bool {
	return (s.c == nil || s.c.Certificate.Exact) && (s.units == nil || s.units.Certificate.Exact)
}

// shrink compresses with the kept vertices kept. What does not shrink is kept as it is, not turned: a
// rotation alone gains nothing, and a second rewriting must find nothing to do.
func (r *Reduction) shrink(w *quiver.Rep, opts []symmetry.Option, keep map[string]string) (*shrinking, error) {
	l := r.Regions
	s := &shrinking{Why: make(map[string]string)}
	kept := make(map[string]bool)
	for name, why := range keep {
		kept[name], s.Why[name] = true, why
	}
	hidden := len(w.Quiver().Hidden())
	for hidden > 0 {
		if len(kept) == hidden && len(opts) == 0 {
			s.c = nil
			return s, nil
		}
		c, err := symmetry.Compress(w, append(slices.Clone(opts), symmetry.Keep(slices.Sorted(maps.Keys(kept))...))...)
		if err != nil {
			return nil, err
		}
		s.c = c
		small := c.Reduced.Quiver()
		before := len(kept)
		for _, c := range c.Widths {
			if !kept[c.Vertex] {
				s.Why[c.Vertex] = c.Reason
			}
		}
		for _, v := range l.Vertices {
			i, ok := small.VertexIndex(v.Name)
			if v.Kind != quiver.KindHidden || kept[v.Name] {
				continue
			}
			if !ok || small.Vertices()[i].Dim >= r.least(v, small.Vertices()[i].Dim) || v.Spelled != nil && small.Vertices()[i].Act.String() != v.Activation.String() {
				kept[v.Name] = true
			}
		}
		if len(kept) == before {
			if !r.keepWhereArrowsAppear(c, s, kept) {
				break
			}
			s.blamed = true
		}
	}
	if s.c == nil || len(kept) == hidden && s.c.Reduced.Quiver().NumVertices() == w.Quiver().NumVertices() && s.c.Reduced.Quiver().NumArrows() == w.Quiver().NumArrows() {
		s.c = nil
	}
	return s, nil
}

// keepWhereArrowsAppear keeps what shrinks with the help of arrows or vertices that the graph does not
// have: the value of a constant unit, for instance, may go into a bias. First those that the arrow
// stands for are kept, then all elementwise vertices, then all others. It reports whether it kept anything.
func (r *Reduction) keepWhereArrowsAppear(c *symmetry.Compression, s *shrinking, kept map[string]bool) bool {
	small := c.Reduced.Quiver()
	known := make(map[string]bool)
	vertices := make(map[string]*regions.Vertex)
	for _, v := range r.Regions.Vertices {
		vertices[v.Name] = v
		for _, t := range v.Arrows {
			known[t.Name] = true
		}
	}
	linear := make(map[string]bool) // vertices that took linear units over
	for _, w := range c.Widths {
		linear[w.Vertex] = w.From == 0 && vertices[w.Vertex] == nil
	}
	for _, a := range small.Arrows() {
		added := vertices[a.From] == nil && small.Vertices()[a.Source].Kind == quiver.KindHidden
		if known[a.Name] || !linear[a.From] && (added || vertices[a.To] == nil && !linear[a.To]) {
			continue // an arrow of the graph, or of a vertex that symmetry.Data adds
		}
		why := fmt.Sprintf("it would shrink with a new arrow %q, which the graph does not have", a.Name)
		for _, blame := range []func(*regions.Vertex) bool{
			func(v *regions.Vertex) bool {
				return slices.ContainsFunc(c.Units, func(u symmetry.UnitChange) bool {
					t := vertices[a.To]
					return u.Vertex == v.Name && (t == nil || slices.ContainsFunc(t.Arrows, func(t *regions.Arrow) bool { return t.Source == v }))
				})
			},
			func(v *regions.Vertex) bool { return v.IsElementwise() },
			func(v *regions.Vertex) bool { return true },
		} {
			some := false
			for _, v := range r.Regions.Vertices {
				if v.Kind == quiver.KindHidden && !kept[v.Name] && blame(v) {
					kept[v.Name], some = true, true
					s.Why[v.Name] = why
				}
			}
			if some {
				return true
			}
		}
	}
	return false
}
