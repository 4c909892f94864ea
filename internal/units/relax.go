package units

import (
	"math"

	"github.com/quivernet/quivernet/internal/enclose"

	blasgonum "gonum.org/v1/gonum/blas/gonum"

	"github.com/quivernet/quivernet/quiver"
)

// relaxer proves bounds of pre-activations on a box that intervals alone do not give. Each
// activation that is a line on either side of a bend is relaxed to the region between a chord
// and lines through the bend (for ReLU: x ≥ 0, x ≥ z, x ≤ u(z−l)/(u−l)); any other to its
// range. The least z over that relaxation is a linear program. Its dual has one slope α per
// unit, the line that stands for the bend, and every α gives a bound, which one sweep from the
// unit back to the inputs computes (arXiv 1711.00851, 1902.08722): no solver has to be trusted.
// The slopes climb along supergradients. The sweep that decides is repeated with the rounding
// errors of all its sums counted against the unit.
type relaxer struct {
	d     *network
	work  float64 // products left
	spare float64 // and for cases
	pass  float64 // products of one run of the network up to the vertex at work
	ls    []*enclose.Lines
}

// vectors is gonum's own BLAS: sums of products in one order, whatever the processor.
var vectors blasgonum.Implementation

const (
	SearchWork = 5e9 // products that the search of one Compress may cost; then undecided units stay
	CaseWork   = 2e9 // and that it may cost to tell cases apart
	relaxSteps = 100 // of the slopes
	patience   = 10  // steps after which a bound must have risen
)

// sweep is one run from a unit back to the inputs: weights of the values of each vertex, and the
// input at which the relaxation is least.
type sweep struct {
	r      *relaxer
	weight [][]float64        // by vertex; nil where nothing arrived
	size   [][]float64        // sums of the absolute values, in the strict run
	point  [][]float64        // values of the relaxation at its least point, by vertex
	last   map[[3]int]float64 // the last step of the slopes, by vertex and unit
	moved  []move             // all steps of this unit
}

// run returns a lower bound of sign·z at unit i of s. strict counts rounding errors.
func (w *sweep) run(s *vertex, i int, sign float64, strict bool) float64 {
	ls := w.r.ls
	d := w.r.d
	n := len(d.vertices)
	if len(w.weight) != n {
		w.weight, w.size, w.point = make([][]float64, n), make([][]float64, n), make([][]float64, n)
	}
	for k := range n {
		w.weight[k], w.size[k] = nil, nil
	}
	w.arrive(s, func(k int) float64 {
		if k == i {
			return sign
		}
		return 0
	}, strict)
	var sum, total, err float64 // the bound, the absolute values in it, and what rounding may cost
	add := func(x float64) { sum, total = sum+x, total+math.Abs(x) }
	terms := 8 + float64(len(s.in))
	for k := s.index - 1; k >= 0; k-- {
		u := d.vertices[k]
		if w.weight[k] == nil {
			continue
		}
		terms += float64(u.Dim * max(1, len(u.in)))
		if strict {
			for j, a := range w.size[k] {
				if a > 0 {
					err += terms * (0x1p-52*a + math.SmallestNonzeroFloat64) * max(math.Abs(u.xlo[j]), math.Abs(u.xhi[j]))
				}
			}
		}
		switch u.Kind {
		case quiver.KindBias:
			add(w.weight[k][0])
			continue
		case quiver.KindInput:
			w.point[k] = sized(w.point[k], u.Dim)
			for j, x := range w.weight[k] {
				w.point[k][j] = u.xlo[j]
				if x < 0 {
					w.point[k][j] = u.xhi[j]
				}
				if x != 0 {
					add(x * w.point[k][j])
				}
			}
			continue
		}
		l := ls[k]
		back := make([]float64, u.Dim)
		for j, x := range w.weight[k] {
			if x == 0 {
				continue
			}
			side := 0
			if x < 0 {
				side = 1
			}
			add(x * l.Cut[side][j])
			back[j] = x * l.Slope[side][j]
			if strict && l.Slope[side][j] != 0 {
				err += (2*0x1p-52*math.Abs(back[j]) + math.SmallestNonzeroFloat64) * max(math.Abs(u.zlo[j]), math.Abs(u.zhi[j]))
			}
		}
		w.arrive(u, func(j int) float64 { return back[j] }, strict)
	}
	if strict {
		sum -= 2 * (err + terms*(0x1p-52*total+math.SmallestNonzeroFloat64))
	}
	if math.IsNaN(sum) {
		return math.Inf(-1)
	}
	return sum
}

func sized(s []float64, n int) []float64 {
	if len(s) != n {
		return make([]float64, n)
	}
	return s
}

// arrive adds the weights of the pre-activation of s to those of its sources.
func (w *sweep) arrive(s *vertex, weight func(int) float64, strict bool) {
	for _, l := range s.in {
		k := l.s.index
		if w.weight[k] == nil {
			w.weight[k] = make([]float64, l.m.Cols)
			if strict {
				w.size[k] = make([]float64, l.m.Cols)
			}
		}
		for i := range l.m.Rows {
			x := weight(i)
			if x == 0 {
				continue
			}
			w.r.work -= float64(l.m.Cols)
			vectors.Daxpy(l.m.Cols, x, l.m.Row(i), 1, w.weight[k], 1)
			if strict {
				for j, y := range l.m.Row(i) {
					if y != 0 {
						w.size[k][j] += math.Abs(x*y) + math.SmallestNonzeroFloat64
					}
				}
			}
		}
	}
}

// climb moves the slopes along the supergradient of the last run towards a bound of target: the
// vertices take the values of the relaxation at its least point, and a line through a bend gains
// by the distance of z from it. It reports whether any slope can move.
func (w *sweep) climb(s *vertex, bound, target float64) bool {
	ls := w.r.ls
	var steps []step
	var norm float64
	for k, u := range w.r.d.vertices[:s.index] {
		if w.weight[k] == nil || u.Kind == quiver.KindInput || u.Kind == quiver.KindBias {
			continue
		}
		l := ls[k]
		w.point[k] = sized(w.point[k], u.Dim)
		z := w.preactivation(u)
		for j, x := range w.weight[k] {
			side := 0
			if x < 0 {
				side = 1
			}
			w.point[k][j] = l.Slope[side][j]*z[j] + l.Cut[side][j]
			if x == 0 || !l.Free[side][j] {
				continue
			}
			g := x * (z[j] - l.Bend[j])
			if a := l.Slope[side][j]; g > 0 && a < l.Most[side][j] || g < 0 && a > l.Least[side][j] {
				steps = append(steps, step{k, side, j, g})
				norm += g * g
			}
		}
	}
	if norm == 0 {
		return false
	}
	// Deflected by the step before, so that steps do not undo each other (Camerini, Fratta,
	// Maffioli).
	var along, before float64
	for _, t := range steps {
		x := w.last[[3]int{t.k, t.side, t.j}]
		along, before = along+t.g*x, before+x*x
	}
	turn := 0.0
	if along < 0 {
		turn = -1.5 * along / before
	}
	norm = 0
	for i, t := range steps {
		steps[i].g += turn * w.last[[3]int{t.k, t.side, t.j}]
		norm += steps[i].g * steps[i].g
	}
	if norm == 0 {
		return false
	}
	w.last = map[[3]int]float64{}
	for _, t := range steps {
		l := ls[t.k]
		w.last[[3]int{t.k, t.side, t.j}] = t.g
		old := l.Slope[t.side][t.j]
		w.moved = append(w.moved, move{t.k, t.side, t.j, old})
		a := old + (target-bound)/norm*t.g
		l.Turn(t.side, t.j, min(l.Most[t.side][t.j], max(l.Least[t.side][t.j], a)))
	}
	return true
}

// move remembers a slope before a step.
type move struct {
	k, side, j int
	slope      float64
}

// step is a supergradient with respect to the slope of a line of unit j of vertex k.
type step struct {
	k, side, j int
	g          float64
}

// preactivation returns Σ W x at the points of the last run; sources that the run did not reach
// do not matter.
func (w *sweep) preactivation(u *vertex) []float64 {
	z := make([]float64, u.Dim)
	for _, l := range u.in {
		k := l.s.index
		switch {
		case l.s.Kind == quiver.KindBias:
			for i := range z {
				z[i] += l.m.Data[i]
			}
		case w.weight[k] != nil:
			w.r.work -= float64(len(l.m.Data))
			for i := range z {
				z[i] += vectors.Ddot(l.m.Cols, l.m.Row(i), 1, w.point[k], 1)
			}
		}
	}
	return z
}
