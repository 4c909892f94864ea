package units

import "math"

const splits = 128 // of the box, for one unit

// prove returns goal, if sign·z at unit i of s is proved not to be below it, and −∞ otherwise:
// first on the whole box, then, case by case, on the parts of it on which units before s stand
// on one side of their bends.
func (w *sweep) prove(s *vertex, i int, sign, goal float64) float64 {
	if w.best(s, i, sign, goal) >= goal {
		return goal
	}
	left, before := splits, w.r.work
	w.r.work = w.r.spare
	ok := w.cases(s, i, sign, goal, &left)
	w.r.spare, w.r.work = w.r.work, before
	if ok {
		return goal
	}
	return math.Inf(-1)
}

// cases proves the goal for both halves of the unit that matters most in the last run.
func (w *sweep) cases(s *vertex, i int, sign, goal float64, left *int) bool {
	seen := s.low[i]
	if sign < 0 {
		seen = -s.high[i]
	}
	k, j := w.widest(s)
	if *left <= 0 || w.r.work <= 0 || seen < goal || j < 0 {
		return false
	}
	*left--
	for side := range 2 {
		undo := w.r.ls[k].Half(j, side)
		ok := w.best(s, i, sign, goal) >= goal || w.cases(s, i, sign, goal, left)
		undo()
		if !ok {
			return false
		}
	}
	return true
}

// widest returns the unit whose relaxation weighs most in the last run, the height of the chord
// above the bend times its weight, among those that were not split; −1 for none.
func (w *sweep) widest(s *vertex) (site, unit int) {
	most := 0.0
	unit = -1
	for k := range s.index {
		l := w.r.ls[k]
		if l == nil || w.weight[k] == nil {
			continue
		}
		for j, x := range w.weight[k] {
			if l.Free[0][j] == l.Free[1][j] {
				continue
			}
			chord := 1
			if l.Free[1][j] {
				chord = 0
			}
			gap := math.Abs(x * (l.Slope[chord][j]*l.Bend[j] + l.Cut[chord][j] - l.Height[j]))
			if gap > most {
				most, site, unit = gap, k, j
			}
		}
	}
	return site, unit
}
