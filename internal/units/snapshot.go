package units

import (
	"math"

	"github.com/quivernet/quivernet/internal/enclose"

	"github.com/quivernet/quivernet/internal/linalg"

	"github.com/quivernet/quivernet/quiver"
)

// Snapshot is a network as a network has it at one moment.
type Snapshot struct {
	vertices []frozenVertex // topological order
	At       map[string]int
}

// frozenVertex is a vertex of a snapshot, with the arrows that enter it.
type frozenVertex struct {
	quiver.Vertex
	pointwise
	known  bool // its activation is pointwise
	params []float64
	in     []entry
	into   []inflow // the arrows of each source taken together; made when asked for
}

// entry is an arrow of a snapshot.
type entry struct {
	source int
	m      linalg.Matrix
}

// inflow is what one source brings in all.
type inflow struct {
	source int
	norm   float64 // bound of the spectral norm of the sum of the arrows
	mass   float64 // bound of that of the sum of their absolute values, by Frobenius
}

// Snapshot copies the network as it is.
func (d *network) snapshot() *Snapshot {
	k := &Snapshot{At: map[string]int{}}
	for i, s := range d.vertices {
		k.At[s.Name] = i
	}
	for _, s := range d.vertices {
		v := frozenVertex{Vertex: s.Vertex, pointwise: s.pointwise, known: s.known, params: s.params}
		for _, l := range s.in {
			v.in = append(v.in, entry{k.At[l.s.Name], l.m.Clone()})
		}
		k.vertices = append(k.vertices, v)
	}
	return k
}

// SnapshotOf copies a network.
func SnapshotOf(w *quiver.Rep) *Snapshot { return newDraft(w, nil).snapshot() }

// inflows returns the norms of what enters vertex v, source by source.
func (k *Snapshot) inflows(v int) []inflow {
	s := &k.vertices[v]
	if s.into != nil || len(s.in) == 0 {
		return s.into
	}
	type total struct{ sum, mass linalg.Matrix }
	totals := map[int]total{}
	var order []int
	arrows := map[int]int{}
	for _, l := range s.in {
		t, seen := totals[l.source]
		if !seen {
			order = append(order, l.source)
			t = total{linalg.New(l.m.Rows, l.m.Cols), linalg.New(l.m.Rows, l.m.Cols)}
			totals[l.source] = t
		}
		arrows[l.source]++
		for i, x := range l.m.Data {
			t.sum.Data[i] += x
			t.mass.Data[i] += math.Abs(x)
		}
	}
	s.into = []inflow{}
	for _, from := range order {
		t := totals[from]
		f := inflow{source: from, mass: linalg.FrobeniusNorm(t.mass)}
		f.norm = f.mass
		if len(t.sum.Data) > 0 && f.mass < math.Inf(1) {
			if n := enclose.Up(linalg.SpectralNorm(t.sum.Dense())); n < f.norm {
				f.norm = n
			}
		}
		if n := arrows[from]; n > 1 { // the sums are rounded
			f.norm = min(f.mass, f.norm+float64(n)*0x1p-52*f.mass)
		}
		s.into = append(s.into, f)
	}
	return s.into
}

// sizes returns bounds of |z_v| and |x_v|, Euclidean, at each vertex for all inputs of length at
// most radius.
func (k *Snapshot) sizes(radius float64) (z, x []float64) {
	z, x = make([]float64, len(k.vertices)), make([]float64, len(k.vertices))
	for v := range k.vertices {
		s := &k.vertices[v]
		switch {
		case s.Kind == quiver.KindBias:
			x[v] = 1
			continue
		case s.Dim == 0:
			continue
		case s.Kind == quiver.KindInput:
			x[v] = radius
			continue
		}
		for _, f := range k.inflows(v) {
			z[v] += enclose.Times(f.norm, x[f.source])
		}
		z[v] = enclose.Up(z[v])
		x[v] = enclose.Up(s.sup(z[v]))
	}
	return z, x
}

// sup bounds the length of the value of a vertex whose pre-activation has length at most z.
func (s *frozenVertex) sup(z float64) float64 {
	if math.IsNaN(z) {
		return math.Inf(1)
	}
	most := math.Inf(1)
	if s.known {
		lo, hi := s.Image(-z, z)
		most = math.Sqrt(float64(s.Dim)) * max(math.Abs(lo), math.Abs(hi))
	}
	if l, ok := s.Act.(quiver.Lipschitz); ok && !enclose.Trained(s.Act, s.params) {
		if _, sup := l.Lipschitz(0, z); sup < most {
			most = sup
		}
	}
	if math.IsNaN(most) {
		return math.Inf(1)
	}
	return most
}

// SupOf returns a function that bounds the length of the value of a vertex whose pre-activation has a given length.
func SupOf(v quiver.Vertex, params []float64) func(z float64) float64 {
	s := frozenVertex{Vertex: v, params: params}
	s.pointwise, s.known = pointwiseOf(v)
	return s.sup
}

// slope bounds the Lipschitz constant of the activation for |z| at most z; +Inf where it is not
// known.
func (s *frozenVertex) slope(z float64) float64 {
	l, ok := s.Act.(quiver.Lipschitz)
	if !ok || enclose.Trained(s.Act, s.params) || math.IsNaN(z) {
		return math.Inf(1)
	}
	lip, _ := l.Lipschitz(0, z)
	if math.IsNaN(lip) {
		return math.Inf(1)
	}
	return lip
}

// Rounding returns, for each vertex, a bound of what rounding does to the values of the network
// that Rep.Eval computes, for all inputs of length at most radius: the error of a sum of n
// products is at most n·ε times the sum of their absolute values, and a value is right to 64 of ε.
func (k *Snapshot) Rounding(radius float64) []float64 {
	z, x := k.sizes(radius)
	e := make([]float64, len(k.vertices))
	for v := range k.vertices {
		s := &k.vertices[v]
		if s.Kind == quiver.KindInput || s.Kind == quiver.KindBias || s.Dim == 0 {
			continue
		}
		var d, terms float64
		for _, l := range s.in {
			terms += float64(l.m.Cols + 1)
		}
		for _, f := range k.inflows(v) {
			d += enclose.Times(f.norm, e[f.source]) + enclose.Times((terms+4)*0x1p-52, enclose.Times(f.mass, x[f.source]+e[f.source]))
		}
		d = enclose.Up(d)
		e[v] = min(enclose.Up(enclose.Times(s.slope(z[v]+d), d)), 2*x[v])
		if s.Act != quiver.Identity {
			e[v] += enclose.Times(64*0x1p-52, x[v])
		}
	}
	return e
}
