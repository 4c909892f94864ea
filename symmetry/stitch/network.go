package stitch

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// Arrow is the name of the arrow of a stitched network that carries the map.
const Arrow = "stitch"

// Network returns the stitched network S = g_{>v} ∘ M ∘ f_{≤u}: what f computes at its hidden
// vertex u, mapped by m, stands in place of what g computes at its hidden vertex v. m is dim v × dim u.
//
// Inputs are shared by name. Vertices of f are named "a.…", hidden ones of g "b.…"; outputs keep
// their names. Where v has skips around it, the other paths are g's own. Only the arrow Arrow can be
// trained: all other matrices are fixed, and ties need no keeping. m is copied.
// Errors: quiver.UnknownVertexError, quiver.KindError, quiver.ShapeError.
func Network(f *quiver.Rep, u string, g *quiver.Rep, v string, m mat.Matrix) (*quiver.Rep, error) {
	if err := f.Fits(f); err != nil {
		return nil, err
	}
	if err := g.Fits(g); err != nil {
		return nil, err
	}
	if isNil(m) {
		return nil, &FeatureError{"Network", "the map is nil"}
	}
	from, err := hidden(f, u)
	if err != nil {
		return nil, err
	}
	to, err := hidden(g, v)
	if err != nil {
		return nil, err
	}
	if r, c := m.Dims(); r != to.Dim || c != from.Dim {
		return nil, &quiver.ShapeError{Where: fmt.Sprintf("the map from %q to %q", u, v), Rows: r, Cols: c, WantRows: to.Dim, WantCols: from.Dim, Why: "it is dim(to) × dim(from)"}
	}
	lower, err := f.CutAfter(u)
	if err != nil {
		return nil, err
	}
	b := &builder{params: make(map[string][]float64), inputs: make(map[string]int)}
	if err := b.add(lower, "a.", ""); err != nil {
		return nil, err
	}
	if err := b.add(g, "b.", v); err != nil {
		return nil, err
	}
	b.parts = append(b.parts, quiver.Connect("a."+u, "b."+v, quiver.Named(Arrow)))
	q, err := quiver.New(b.parts...)
	if err != nil {
		return nil, err
	}
	s := quiver.Zero(q)
	for name, p := range b.params {
		copy(s.Params(name), p)
	}
	if to.Dim > 0 && from.Dim > 0 {
		s.Arrow(Arrow).Copy(m)
	}
	return s, nil
}

// At returns what a network computes at a vertex, one sample a row.
// Errors: those of CutAfter and Eval.
func At(w *quiver.Rep, vertex string, xs ...*mat.Dense) (*mat.Dense, error) {
	c, err := w.CutAfter(vertex)
	if err != nil {
		return nil, err
	}
	ys, err := c.Eval(xs...)
	if err != nil {
		return nil, err
	}
	return ys[0], nil
}

func hidden(w *quiver.Rep, name string) (quiver.Vertex, error) {
	i, ok := w.Quiver().VertexIndex(name)
	if !ok {
		return quiver.Vertex{}, &quiver.UnknownVertexError{Vertex: name, Known: w.Quiver().Hidden()}
	}
	v := w.Quiver().Vertices()[i]
	if v.Kind != quiver.KindHidden {
		return v, &quiver.KindError{Vertex: name, Kind: v.Kind, Reason: "networks are stitched at hidden vertices"}
	}
	return v, nil
}

// builder collects the parts of two networks.
type builder struct {
	parts  []quiver.Part
	params map[string][]float64
	inputs map[string]int
}

// add adds a network with a prefix. What comes into the vertex at is left out, and it becomes
// linear; at "" all outputs become hidden.
func (b *builder) add(w *quiver.Rep, prefix, at string) error {
	q := w.Quiver()
	names := make([]string, q.NumVertices())
	for i, v := range q.Vertices() {
		name := prefix + v.Name
		switch {
		case v.Kind == quiver.KindInput:
			name = v.Name
			if d, ok := b.inputs[name]; !ok {
				b.inputs[name] = v.Dim
				b.parts = append(b.parts, quiver.Input(name, v.Dim))
			} else if d != v.Dim {
				return &quiver.ShapeError{Where: fmt.Sprintf("input %q of both networks", name), Rows: v.Dim, Cols: 1, WantRows: d, WantCols: 1, Why: "networks are stitched over the same inputs"}
			}
		case v.Kind == quiver.KindBias:
			b.parts = append(b.parts, quiver.Bias(name))
		case v.Name == at:
			b.parts = append(b.parts, quiver.Hidden(name, v.Dim, quiver.Identity))
		case v.Kind == quiver.KindOutput && at != "":
			name = v.Name
			b.parts = append(b.parts, quiver.Output(name, v.Dim, v.Act))
		default:
			b.parts = append(b.parts, quiver.Hidden(name, v.Dim, v.Act))
		}
		names[i] = name
		if p := w.ParamsAt(i); len(p) > 0 && v.Name != at {
			b.params[name] = p
		}
	}
	for i, a := range q.Arrows() {
		if a.To == at {
			continue
		}
		var options []quiver.ArrowOption
		if a.Name != a.From+"->"+a.To {
			options = append(options, quiver.Named(prefix+a.Name))
		}
		if a.Rows*a.Cols > 0 {
			m := w.Matrix(i)
			if _, structured := m.(quiver.Inclusion); !structured {
				m = mat.DenseCopyOf(m)
			}
			options = append(options, quiver.Frozen(m))
		}
		b.parts = append(b.parts, quiver.Connect(names[a.Source], names[a.Target], options...))
	}
	return nil
}

// Penalty returns what stitching costs in percentage points, the mean accuracy of the two
// networks less that of the stitched one; accuracies are shares in [0, 1].
func Penalty(f, g, stitched float64) float64 { return 100 * ((f+g)/2 - stitched) }
