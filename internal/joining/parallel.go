package joining

import (
	"slices"

	"github.com/quivernet/quivernet/internal/units"

	"github.com/quivernet/quivernet/internal/inputs"

	"github.com/quivernet/quivernet/internal/linalg"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// Sums remembers which arrows of a quiver were summed into which.
type Sums struct {
	Source *quiver.Rep
	Groups map[string][]string // by the first, which keeps its name: all of them
}

// SumParallel returns w with parallel arrows summed, or nil where there are none. Where the
// rounding of the sums may show at an output only those are summed that need none.
func SumParallel(w *quiver.Rep, on *inputs.Set) (*quiver.Rep, *Sums, error) {
	r, m, err := sumArrows(w, false)
	if err != nil || r == nil {
		return r, m, err
	}
	s := units.Sight{Stages: []*units.Stage{{From: units.SnapshotOf(w), To: units.SnapshotOf(r)}}}
	if s.Sees(w, r, on) {
		return sumArrows(w, true)
	}
	return r, m, nil
}

// sumArrows returns w with parallel arrows summed; with exact only those whose sums are not
// rounded.
func sumArrows(w *quiver.Rep, exact bool) (*quiver.Rep, *Sums, error) {
	q := w.Quiver()
	as := q.Arrows()
	owner := make(map[string]bool)
	for _, a := range as {
		if a.TiedTo != "" {
			owner[a.TiedTo] = true
		}
	}
	type pair struct {
		source, target int
		fixed          bool
	}
	first := make(map[pair]string)
	m := &Sums{Source: w, Groups: make(map[string][]string)}
	gone := make(map[string]bool)
	for _, a := range as {
		if a.TiedTo != "" || owner[a.Name] {
			continue
		}
		k := pair{a.Source, a.Target, a.Fixed}
		if f, seen := first[k]; seen {
			if exact && !sumsExactly(w, append(slices.Clone(m.Groups[f]), a.Name)) {
				continue
			}
			m.Groups[f] = append(m.Groups[f], a.Name)
			gone[a.Name] = true
			continue
		}
		first[k] = a.Name
		m.Groups[a.Name] = []string{a.Name}
	}
	if len(gone) == 0 {
		return nil, nil, nil
	}
	merged := make(map[string]*mat.Dense)
	for name, g := range m.Groups {
		if i, _ := q.ArrowIndex(name); len(g) > 1 && as[i].Rows*as[i].Cols > 0 {
			merged[name] = sumOf(w, g)
		}
	}
	r, err := quiver.New(withoutArrows(w, gone, merged)...)
	if err != nil {
		return nil, nil, err
	}
	out := quiver.Zero(r)
	for _, a := range r.Arrows() {
		if a.Fixed || a.TiedTo != "" || a.Rows*a.Cols == 0 {
			continue
		}
		s, ok := merged[a.Name]
		if !ok {
			s = w.Arrow(a.Name)
		}
		if err := out.Set(a.Name, s); err != nil {
			return nil, nil, err
		}
	}
	for v := range q.NumVertices() {
		i, _ := r.VertexIndex(q.Vertices()[v].Name)
		copy(out.ParamsAt(i), w.ParamsAt(v))
	}
	return out, m, nil
}

// withoutArrows declares w's quiver again without some arrows and with w's fixed matrices,
// or those given. Inputs and outputs keep their order.
func withoutArrows(w *quiver.Rep, gone map[string]bool, fixed map[string]*mat.Dense) []quiver.Part {
	q := w.Quiver()
	vs := q.Vertices()
	var parts []quiver.Part
	for _, name := range q.Inputs() {
		i, _ := q.VertexIndex(name)
		parts = append(parts, quiver.Input(name, vs[i].Dim))
	}
	for _, v := range vs {
		switch v.Kind {
		case quiver.KindBias:
			parts = append(parts, quiver.Bias(v.Name))
		case quiver.KindHidden:
			parts = append(parts, quiver.Hidden(v.Name, v.Dim, v.Act))
		}
	}
	for _, name := range q.Outputs() {
		i, _ := q.VertexIndex(name)
		parts = append(parts, quiver.Output(name, vs[i].Dim, vs[i].Act))
	}
	for i, a := range q.Arrows() {
		if gone[a.Name] {
			continue
		}
		opts := []quiver.ArrowOption{quiver.Named(a.Name)}
		switch m := fixed[a.Name]; {
		case a.Fixed && m != nil:
			opts = append(opts, quiver.Frozen(m))
		case a.Fixed:
			opts = append(opts, quiver.Frozen(w.Fixed(i)))
		case a.TiedTo != "":
			opts = append(opts, quiver.Tied(a.TiedTo))
		}
		parts = append(parts, quiver.Connect(a.From, a.To, opts...))
	}
	return parts
}

// Split returns the original's parallel arrows for a representation of the merged quiver: the
// first of each group takes up the change, fixed arrows included.
func (m *Sums) Split(r *quiver.Rep) (*quiver.Rep, error) {
	out := m.Source.Clone()
	q := out.Quiver()
	fixed := make(map[string]mat.Matrix)
	for name, g := range m.Groups {
		i, _ := q.ArrowIndex(name)
		a := q.Arrows()[i]
		if a.Rows*a.Cols == 0 || a.Fixed && mat.Equal(r.Arrow(name), sumOf(out, g)) {
			continue
		}
		first := mat.DenseCopyOf(r.Arrow(name))
		for _, other := range g[1:] {
			first.Sub(first, out.Arrow(other))
		}
		if a.Fixed {
			fixed[name] = first
		} else if err := out.Set(name, first); err != nil {
			return nil, err
		}
	}
	for _, a := range q.Arrows() {
		if _, grouped := m.Groups[a.Name]; grouped || a.Fixed || a.TiedTo != "" || a.Rows*a.Cols == 0 {
			continue
		}
		if j, ok := r.Quiver().ArrowIndex(a.Name); ok {
			if err := out.Set(a.Name, r.Matrix(j)); err != nil {
				return nil, err
			}
		}
	}
	for v, vertex := range q.Vertices() {
		copy(out.ParamsAt(v), r.Params(vertex.Name))
	}
	return WithFixed(out, fixed)
}

// sumsExactly reports whether arrows of w can be added up, one after the other, without rounding.
func sumsExactly(w *quiver.Rep, names []string) bool {
	i, _ := w.Quiver().ArrowIndex(names[0])
	a := w.Quiver().Arrows()[i]
	sum := make([]float64, a.Rows*a.Cols)
	for _, name := range names {
		k, _ := w.Quiver().ArrowIndex(name)
		for n, y := range linalg.Of(w.Matrix(k), a.Rows, a.Cols).Data {
			x := sum[n]
			s := x + y
			back := s - x
			if (x-(s-back))+(y-back) != 0 {
				return false
			}
			sum[n] = s
		}
	}
	return true
}

// sumOf returns the sum of arrows of w.
func sumOf(w *quiver.Rep, names []string) *mat.Dense {
	s := mat.DenseCopyOf(w.Arrow(names[0]))
	for _, other := range names[1:] {
		s.Add(s, w.Arrow(other))
	}
	return s
}
