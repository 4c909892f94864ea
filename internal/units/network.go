package units

import (
	"fmt"
	"math"
	"slices"

	"github.com/quivernet/quivernet/internal/enclose"

	"github.com/quivernet/quivernet/internal/linalg"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// network is a network whose units, arrows and vertices are being removed or added.
type network struct {
	w        *quiver.Rep
	vertices []*vertex // topological order
	arrows   []*arrow  // order of the slab, new ones at the end
	changed  []Change
	claims   map[string][]claim // of the pass at work, by vertex and unit before it
	before   map[string]int     // the dimensions before it
	stages   []*Stage
	last     *Snapshot // after the last stage
}

// vertex is a vertex of a network.
type vertex struct {
	quiver.Vertex
	pointwise
	free    bool // its units may be removed
	care    care
	kept    bool // as asked
	why     string
	was     int   // its dimension in the network given, 0 if it is new
	number  []int // the number in the network given of each unit, -1 where there is none
	place   []int // its place in the vertex before the pass at work, -1 where there is none
	params  []float64
	in, out []*arrow
	flows   []enclose.Flow // what enters, by source; of the last gather
	from    []*vertex      // these sources
	index   int            // its place in vertices
	known   bool           // its activation is pointwise
	bounds
	hull      bounds    // of several boxes
	low, high []float64 // extremes of the pre-activations at some points
	x         []float64 // the value at one point
}

// arrow is an arrow of a network. mass bounds the rounding of m, up to a factor ε: an entry that
// was added up from others has the sum of their absolute values. Where mass.a is nil it is |m|.
type arrow struct {
	name    string
	s, t    *vertex
	fixed   bool
	tied    string
	bound   bool // tied to another arrow, or another one to it
	m, mass linalg.Matrix
}

// slight is the rounding below which a sum of mass a counts as zero; nothing is known where the
// mass overflows.
func slight(a float64) float64 {
	if math.IsInf(a, 1) {
		return 0
	}
	return 8 * 0x1p-52 * a
}

// At returns an entry, 0 where it is only rounding, and its mass.
func (l *arrow) at(i, j int) (x, a float64) {
	x = l.m.Data[i*l.m.Cols+j]
	if l.mass.Data == nil {
		return x, math.Abs(x)
	}
	if a = l.mass.Data[i*l.m.Cols+j]; l.s.care == rounded && l.t.care == rounded && math.Abs(x) <= slight(a) {
		return 0, a
	}
	return x, a
}

// add adds x of mass a to an entry.
func (l *arrow) add(i, j int, x, a float64) {
	if x == 0 {
		return
	}
	if l.mass.Data == nil {
		l.mass = l.m.Clone()
		for k, y := range l.mass.Data {
			l.mass.Data[k] = math.Abs(y)
		}
	}
	k := i*l.m.Cols + j
	l.m.Data[k] += x
	l.mass.Data[k] += a
}

func newDraft(w *quiver.Rep, keep map[string]bool) *network {
	q := w.Quiver()
	d := &network{w: w}
	as := q.Arrows()
	for i, v := range q.Vertices() {
		s := &vertex{Vertex: v, was: v.Dim, params: w.ParamsAt(i), index: i, number: make([]int, v.Dim)}
		for k := range s.number {
			s.number[k] = k
		}
		if v.Kind == quiver.KindHidden || v.Kind == quiver.KindOutput {
			s.pointwise, s.known = pointwiseOf(v)
			s.free = s.known && v.Kind == quiver.KindHidden && !keep[v.Name]
			if s.kept = keep[v.Name]; s.kept {
				s.why = "kept as asked"
			}
		}
		d.vertices = append(d.vertices, s)
	}
	owner := map[string]bool{}
	for _, a := range as {
		owner[a.TiedTo] = true
	}
	for i, a := range as {
		l := &arrow{name: a.Name, s: d.vertices[a.Source], t: d.vertices[a.Target], fixed: a.Fixed, tied: a.TiedTo}
		l.m = linalg.Of(w.Matrix(i), a.Rows, a.Cols).Clone()
		l.bound = a.TiedTo != "" || owner[a.Name]
		l.s.out, l.t.in = append(l.s.out, l), append(l.t.in, l)
		d.arrows = append(d.arrows, l)
		for _, end := range []*vertex{l.s, l.t} {
			if l.bound && end.free {
				end.free, end.why = false, fmt.Sprintf("kept: tied arrow %s touches it", a.Name)
			}
		}
	}
	return d
}

// rotated gives the entries of arrows that a change of basis has touched the mass of the
// products that they are.
func (d *network) rotated(turned []bool) {
	for _, l := range d.arrows {
		s, t := turned[l.s.index], turned[l.t.index]
		if !s && !t || l.m.Rows*l.m.Cols == 0 {
			continue
		}
		l.mass = linalg.New(l.m.Rows, l.m.Cols)
		row, col, all := make([]float64, l.m.Rows), make([]float64, l.m.Cols), 0.0
		for i := range l.m.Rows {
			for j, x := range l.m.Row(i) {
				row[i] += x * x
				col[j] += x * x
				all += x * x
			}
		}
		terms := max(1, float64(l.s.was+l.t.was)/8)
		for i := range l.m.Rows {
			for j := range l.m.Cols {
				n := all
				switch {
				case !t:
					n = row[i]
				case !s:
					n = col[j]
				}
				l.mass.Data[i*l.m.Cols+j] = terms * math.Sqrt(n)
			}
		}
	}
}

// summed gives arrows that stand for several parallel ones the mass of the sums that they are.
func (d *network) summed(groups map[string][]string, source *quiver.Rep) {
	for _, l := range d.arrows {
		group := groups[l.name]
		if len(group) < 2 {
			continue
		}
		l.mass = linalg.New(l.m.Rows, l.m.Cols)
		for _, name := range group {
			a := source.Arrow(name)
			for i := range l.m.Rows {
				for j := range l.m.Cols {
					l.mass.Data[i*l.m.Cols+j] += math.Abs(a.At(i, j))
				}
			}
		}
	}
}

// drop removes the units of s that are not kept, with their rows and columns.
func (d *network) drop(s *vertex, gone []bool) {
	var stay []int
	for i, g := range gone {
		if !g {
			stay = append(stay, i)
		}
	}
	if len(stay) == s.Dim {
		return
	}
	rows := func(g linalg.Matrix) linalg.Matrix {
		out := linalg.New(len(stay), g.Cols)
		for k, i := range stay {
			copy(out.Row(k), g.Row(i))
		}
		return out
	}
	cols := func(g linalg.Matrix) linalg.Matrix {
		out := linalg.New(g.Rows, len(stay))
		for i := range g.Rows {
			for k, j := range stay {
				out.Data[i*out.Cols+k] = g.Data[i*g.Cols+j]
			}
		}
		return out
	}
	for _, l := range s.in {
		l.m = rows(l.m)
		if l.mass.Data != nil {
			l.mass = rows(l.mass)
		}
	}
	for _, l := range s.out {
		l.m = cols(l.m)
		if l.mass.Data != nil {
			l.mass = cols(l.mass)
		}
	}
	unit, home := make([]int, len(stay)), make([]int, len(stay))
	for k, i := range stay {
		unit[k], home[k] = s.number[i], s.place[i]
	}
	s.number, s.place, s.Dim = unit, home, len(stay)
}

// connect adds an arrow of zeros. A source that stands behind its new target, as a bias vertex
// may, moves to the front.
func (d *network) connect(s, t *vertex, through string) *arrow {
	name := s.Name + "->" + t.Name
	if taken := func(n string) bool { return slices.ContainsFunc(d.arrows, func(l *arrow) bool { return l.name == n }) }; taken(name) {
		name = fmt.Sprintf("%s.%s.%s", s.Name, through, t.Name)
		for taken(name) {
			name += "_"
		}
	}
	l := &arrow{name: name, s: s, t: t, m: linalg.New(t.Dim, s.Dim)}
	s.out, t.in = append(s.out, l), append(t.in, l)
	d.arrows = append(d.arrows, l)
	if s.index > t.index {
		d.vertices = slices.Delete(d.vertices, s.index, s.index+1)
		d.place(s, 0)
	}
	return l
}

// insert adds a vertex before another one, or in front of all.
func (d *network) insert(s, before *vertex) {
	for slices.ContainsFunc(d.vertices, func(o *vertex) bool { return o.Name == s.Name }) {
		s.Name += "_"
	}
	at := 0
	if before != nil {
		at = before.index
	}
	d.place(s, at)
}

// place puts a vertex at a place in the order.
func (d *network) place(s *vertex, at int) {
	d.vertices = slices.Insert(d.vertices, at, s)
	for i, o := range d.vertices {
		o.index = i
	}
}

// build returns the network.
func (d *network) build() (*quiver.Rep, error) {
	var parts []quiver.Part
	at := map[string]*vertex{}
	for _, s := range d.vertices {
		at[s.Name] = s
	}
	for _, name := range d.w.Quiver().Inputs() {
		parts = append(parts, quiver.Input(name, at[name].Dim))
	}
	for _, s := range d.vertices {
		switch s.Kind {
		case quiver.KindBias:
			parts = append(parts, quiver.Bias(s.Name))
		case quiver.KindHidden:
			parts = append(parts, quiver.Hidden(s.Name, s.Dim, s.Act))
		}
	}
	for _, name := range d.w.Quiver().Outputs() {
		parts = append(parts, quiver.Output(name, at[name].Dim, at[name].Act))
	}
	for _, l := range d.arrows {
		opts := []quiver.ArrowOption{quiver.Named(l.name)}
		switch {
		case l.fixed:
			opts = append(opts, quiver.Frozen(l.structured()))
		case l.tied != "":
			opts = append(opts, quiver.Tied(l.tied))
		}
		parts = append(parts, quiver.Connect(l.s.Name, l.t.Name, opts...))
	}
	q, err := quiver.New(parts...)
	if err != nil {
		return nil, err
	}
	w := quiver.Zero(q)
	for _, l := range d.arrows {
		if l.fixed || l.tied != "" || l.m.Rows*l.m.Cols == 0 {
			continue
		}
		if err := w.Set(l.name, l.m.Dense()); err != nil {
			return nil, err
		}
	}
	for _, s := range d.vertices {
		copy(w.Params(s.Name), s.params)
	}
	return w, nil
}

// structured returns the matrix of a fixed arrow: an inclusion, where it is one.
func (l *arrow) structured() mat.Matrix {
	in := quiver.Inclusion{Rows: l.m.Rows, Cols: l.m.Cols}
	for i := range l.m.Rows {
		for j, x := range l.m.Row(i) {
			if x == 0 {
				continue
			}
			if in.K == 0 {
				in.Row, in.Col = i, j
			}
			if x != 1 || i != in.Row+in.K || j != in.Col+in.K {
				return l.m.Dense()
			}
			in.K++
		}
	}
	return in
}
