package units

import (
	"math"
	"slices"

	"github.com/quivernet/quivernet/internal/enclose"

	"github.com/quivernet/quivernet/internal/inputs"

	"github.com/quivernet/quivernet/quiver"
)

const sightings = 256 // points at which units are looked at before anything is proved of them

// judge encloses the values on the domain and folds what the bounds allow.
func (d *network) judge(on *inputs.Set) bool {
	var refine func(*vertex)
	if on.Bounded() {
		r := &relaxer{d: d, work: on.Work, spare: on.Spare, ls: make([]*enclose.Lines, len(d.vertices))}
		refine = r.refine
		defer func() { on.Work, on.Spare = r.work, r.spare }()
		d.look(on)
	}
	d.enclose(on, refine)
	verdicts := map[*vertex]verdict{} // all of them before anything goes
	sites := slices.Clone(d.vertices)
	for _, s := range sites {
		if s.free && s.Dim > 0 {
			verdicts[s] = s.verdict()
		}
	}
	found := false
	for _, s := range sites {
		if v, ok := verdicts[s]; ok {
			found = d.judged(s, v, on.Text) || found
		}
	}
	return found
}

// look runs the network at some points of the box and keeps the extremes of each
// pre-activation.
func (d *network) look(on *inputs.Set) {
	xs := on.Points(d.w.Quiver(), sightings)
	for _, s := range d.vertices {
		s.low, s.high = slices.Repeat([]float64{math.Inf(1)}, s.Dim), slices.Repeat([]float64{math.Inf(-1)}, s.Dim)
	}
	at := map[string]int{}
	for i, name := range d.w.Quiver().Inputs() {
		at[name] = i
	}
	for r := range sightings {
		d.visit(len(d.vertices), func(s *vertex) []float64 {
			if s.Dim == 0 {
				return nil
			}
			return xs[at[s.Name]].RawRowView(r)
		})
	}
}

// visit runs the first n vertices for one input and widens what was seen.
func (d *network) visit(n int, input func(*vertex) []float64) {
	for _, s := range d.vertices[:n] {
		switch s.Kind {
		case quiver.KindInput:
			s.x = input(s)
			continue
		case quiver.KindBias:
			s.x = []float64{1}
			continue
		}
		z := make([]float64, s.Dim)
		for _, l := range s.in {
			for i := range z {
				z[i] += vectors.Ddot(l.m.Cols, l.m.Row(i), 1, l.s.x, 1)
			}
		}
		for i, x := range z {
			s.low[i], s.high[i] = min(s.low[i], x), max(s.high[i], x)
		}
		s.x = z
		switch p, ok := s.Act.(quiver.Parametric); {
		case s.Dim == 0:
		case ok:
			p.ApplyP(s.x, s.x, s.params)
		default:
			s.Act.Apply(s.x, s.x)
		}
	}
}

// refine tightens the bounds of the pre-activations of s at which a bend lies inside them:
// first with the slopes that the bounds suggest, then, for units that were seen on one side of
// it only, with the best ones.
func (r *relaxer) refine(s *vertex) {
	for k, u := range r.d.vertices[:s.index] {
		if r.ls[k] == nil && u.Kind != quiver.KindInput && u.Kind != quiver.KindBias {
			r.ls[k] = u.lay()
		}
	}
	if !s.known || s.flat() {
		return
	}
	w := &sweep{r: r}
	r.pass = 0
	for _, u := range r.d.vertices[:s.index+1] {
		for _, l := range u.in {
			r.pass += float64(len(l.m.Data))
		}
	}
	for i := range s.Dim {
		if len(s.Bends(s.zlo[i], s.zhi[i])) == 0 || r.work <= 0 {
			continue
		}
		s.zlo[i] = max(s.zlo[i], w.run(s, i, 1, true))
		s.zhi[i] = min(s.zhi[i], -w.run(s, i, -1, true))
		for _, k := range s.Bends(s.zlo[i], s.zhi[i]) {
			above, below := s.low[i] >= k, s.high[i] <= k
			if above {
				s.zlo[i] = max(s.zlo[i], w.prove(s, i, 1, k))
			}
			if below {
				s.zhi[i] = min(s.zhi[i], -w.prove(s, i, -1, -k))
			}
		}
	}
}

// flat says whether intervals are already exact at s: each source is an input or a bias and has
// one arrow to it.
func (s *vertex) flat() bool {
	seen := map[*vertex]bool{}
	for _, l := range s.in {
		if l.s.Kind != quiver.KindInput && l.s.Kind != quiver.KindBias || seen[l.s] {
			return false
		}
		seen[l.s] = true
	}
	return true
}

// best returns goal, if the search proves that sign·z at unit i of s is not below it, and −∞
// otherwise. It gives up where the network itself, at the least point of the relaxation, falls
// below goal, and where the bound hardly rises any more.
func (w *sweep) best(s *vertex, i int, sign, goal float64) float64 {
	r := w.r
	defer w.settle() // the next unit starts from the slopes of refine
	w.last, w.moved = nil, w.moved[:0]
	target := goal + 1e-3*(s.zhi[i]-s.zlo[i])
	reached, before := math.Inf(-1), math.Inf(-1) // the best bound, and that of a while ago
	for n := range relaxSteps {
		if r.work <= 0 {
			break
		}
		bound := w.run(s, i, sign, false)
		if bound > goal && w.run(s, i, sign, true) >= goal {
			return goal
		}
		if reached = max(reached, bound); n%patience == patience-1 {
			if reached-before < (goal-reached)*patience/relaxSteps {
				break
			}
			before = reached
		}
		r.d.visit(s.index+1, func(u *vertex) []float64 {
			if p := w.point[u.index]; p != nil {
				return p
			}
			return u.xlo
		})
		r.work -= r.pass
		if sign > 0 && s.low[i] < goal || sign < 0 && -s.high[i] < goal || !w.climb(s, bound, target) {
			break
		}
	}
	return math.Inf(-1)
}

// settle gives the slopes that moved their first values again.
func (w *sweep) settle() {
	for _, m := range slices.Backward(w.moved) {
		w.r.ls[m.k].Turn(m.side, m.j, m.slope)
	}
}
