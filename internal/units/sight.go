package units

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/enclose"
	"github.com/quivernet/quivernet/internal/inputs"
	"github.com/quivernet/quivernet/quiver"
)

// Sight looks at what stages do to the outputs on some inputs.
type Sight struct {
	Stages []*Stage
	size   map[string]float64 // of the outputs
	radius float64            // of the inputs
}

// Sees reports whether the errors of the stages, which lead from w to less, may show at an output
// on the domain or, where no stage rests on it, on any input: neither a bound nor a measurement
// says that they do not. Where nothing can be measured it is false.
func (s *Sight) Sees(w, less *quiver.Rep, on *inputs.Set) bool {
	sets := [][][]*mat.Dense{probes(w.Quiver(), on)}
	if on != nil && !slices.ContainsFunc(s.Stages, func(t *Stage) bool { return t.on != nil }) {
		sets = append(sets, probes(w.Quiver(), nil)) // the certificate will say that it holds for every input
	}
	for _, set := range sets {
		var ok bool
		if s.size, s.radius, ok = extents(w, set[0]); !ok {
			continue
		}
		if s.above(func(t *Stage) []float64 { return t.errors(s.radius, -1) }, unseen) && !matches(w, less, set) {
			return true
		}
	}
	return false
}

// above reports whether the errors of some output exceed a part of its size.
func (s *Sight) above(e func(t *Stage) []float64, limit float64) bool {
	for name, x := range s.size {
		var sum float64
		for _, t := range s.Stages {
			sum += e(t)[t.From.At[name]]
		}
		if !(sum <= limit*x) {
			return true
		}
	}
	return false
}

// probes returns points of the domain, and where it is everything larger and smaller ones too.
func probes(q *quiver.Quiver, on *inputs.Set) [][]*mat.Dense {
	rows := min(4*inputs.Count(q), max(8, probeWork/(1+q.NumParams())))
	if on != nil {
		return [][]*mat.Dense{on.Points(q, rows)}
	}
	out := [][]*mat.Dense{inputs.Normal(q, rows)}
	for _, scale := range []float64{0x1p-30, 0x1p-10, 0x1p10, 0x1p30} {
		xs := inputs.Normal(q, rows)
		for _, x := range xs {
			if !x.IsEmpty() {
				x.Scale(scale, x)
			}
		}
		out = append(out, xs)
	}
	return out
}

// extents returns the largest length of each output on some inputs, and that of an input; false
// where an output is not finite.
func extents(w *quiver.Rep, xs []*mat.Dense) (size map[string]float64, radius float64, ok bool) {
	longest := func(m *mat.Dense) (most float64) {
		if m.IsEmpty() {
			return 0
		}
		r, _ := m.Dims()
		for i := range r {
			if x := enclose.Length(m.RawRowView(i)); !(x <= most) {
				most = x
			}
		}
		return most
	}
	for _, x := range xs {
		radius = max(radius, longest(x))
	}
	ys, err := w.Eval(xs...)
	if err != nil {
		return nil, 0, false
	}
	size = map[string]float64{}
	for i, name := range w.Quiver().Outputs() {
		if size[name] = longest(ys[i]); math.IsNaN(size[name]) || math.IsInf(size[name], 1) {
			return nil, 0, false
		}
	}
	return size, radius, true
}

// matches reports whether two networks agree where it can be measured, in numbers of twice the
// length.
func matches(w, less *quiver.Rep, probes [][]*mat.Dense) bool {
	a, b := SnapshotOf(w), SnapshotOf(less)
	names := map[string]int{}
	for i, name := range w.Quiver().Inputs() {
		names[name] = i
	}
	for _, xs := range probes {
		rows := 0
		for _, x := range xs {
			if !x.IsEmpty() {
				rows, _ = x.Dims()
			}
		}
		apart, size := map[string]float64{}, map[string]float64{}
		for r := range max(rows, 1) {
			input := func(name string) []float64 { return xs[names[name]].RawRowView(r) }
			ahi, alo := a.precisely(input)
			bhi, blo := b.precisely(input)
			for _, name := range w.Quiver().Outputs() {
				u, v := a.At[name], b.At[name]
				for i, x := range ahi[u] {
					d := math.Abs((x - bhi[v][i]) + (alo[u][i] - blo[v][i]))
					if math.IsNaN(d) {
						return false
					}
					apart[name], size[name] = max(apart[name], d), max(size[name], math.Abs(x))
				}
			}
		}
		for name, d := range apart {
			if d > unspoilt*size[name] {
				return false
			}
		}
	}
	return true
}
