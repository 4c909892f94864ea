package units

import (
	"maps"
	"strings"

	"github.com/quivernet/quivernet/internal/inputs"

	"github.com/quivernet/quivernet/quiver"
)

// Reduction is what Pointwise, Box or Samples found.
type Reduction struct {
	Given *quiver.Rep         // the network before the first unit went
	Sums  map[string][]string // parallel arrows that were merged before it, by the one that stands for them
	Of    *quiver.Rep         // the network that had them
	Units []Change
	was   map[string]int    // dimensions in the network given
	why   map[string]string // of pointwise vertices: why units stay
	hint  map[string]string // of other vertices: what would help
	Done  map[string]bool   // pointwise vertices of which each unit was looked at

	Stages []*Stage // what was done, step by step

	Limited bool        // the search for bounds was cut short
	Domain  *inputs.Set // nil for every input
}

// Reduce removes units until nothing more is found: what needs no bounds, what holds for every
// input, then what holds on the domain alone. It reports whether anything went. turned says
// which vertices of w have new coordinates, nil at first.
func (r *Reduction) Reduce(w *quiver.Rep, keep map[string]bool, on *inputs.Set, turned []bool) (less *quiver.Rep, changed bool, err error) {
	with := map[string]care{}
	var work, spare float64
	if on != nil {
		work, spare = on.Work, on.Spare
	}
	var d *network
	for more := with; len(more) > 0 || d == nil; {
		if on != nil {
			on.Work, on.Spare = work, spare
		}
		d = newDraft(w, keep)
		d.careful(with)
		r.run(d, on, turned)
		if len(d.changed) == 0 {
			return w, false, nil
		}
		if less, err = d.build(); err != nil {
			return nil, false, err
		}
		if less.CheckFinite() != nil { // sums or factors are too large for numbers
			return w, false, nil
		}
		more = d.shows(w, less, on, with)
		maps.Copy(with, more)
	}
	for _, u := range d.changed {
		if on != nil && u.On == on.Text {
			r.Domain = on
		}
	}
	r.Units = append(r.Units, d.changed...)
	r.Stages = append(r.Stages, d.stages...)
	return less, true, nil
}

// run removes units of a network until nothing more is found.
func (r *Reduction) run(d *network, on *inputs.Set, turned []bool) {
	d.number(r, turned)
	if turned != nil {
		d.rotated(turned)
	} else if r.Sums != nil {
		d.summed(r.Sums, r.Of)
	}
	all := inputs.Everything(d.w.Quiver())
	for d.pass(nil, d.rows) || d.pass(nil, func() bool { return d.judge(all) }) || on != nil && d.pass(on, func() bool { return d.judge(on) }) {
	}
	r.Limited = on != nil && (on.Work < 0 || on.Spare < 0)
	r.Done = map[string]bool{}
	for _, s := range d.vertices {
		if s.known && s.Kind == quiver.KindHidden && s.Act != quiver.Identity {
			r.Done[s.Name] = s.free || s.care == never
			if s.why == "" {
				s.why = "no unit can go"
			}
			r.why[s.Name] = s.why
		}
		if !s.known && s.Kind == quiver.KindHidden && entrywise(s.Vertex) {
			r.hint[s.Name] = "it seems to work entry by entry: implement quiver.PointJet, and Pointwise reduces it unit by unit"
		}
	}
}

// careful tells the network with what care to treat vertices.
func (d *network) careful(with map[string]care) {
	for _, s := range d.vertices {
		if s.care = with[s.Name]; s.care == never && s.free {
			s.free, s.why = false, "units stay: the rounding of what takes their place would show at an output"
		}
	}
}

// pass runs one step of a reduction and remembers what it did as a stage.
func (d *network) pass(on *inputs.Set, run func() bool) bool {
	if d.last == nil {
		d.last = d.snapshot()
	}
	d.claims, d.before = nil, map[string]int{}
	for _, s := range d.vertices {
		d.before[s.Name] = s.Dim
		s.place = make([]int, s.Dim)
		for i := range s.place {
			s.place[i] = i
		}
	}
	if !run() {
		return false
	}
	to := d.snapshot()
	d.stages = append(d.stages, &Stage{From: d.last, To: to, claims: d.claims, on: on})
	d.last = to
	return true
}

// rows does what needs no bounds, and reports whether it found anything.
func (d *network) rows() bool {
	found := false
	for again := true; again; found = found || again {
		again = d.unobserved()
		for _, s := range append([]*vertex(nil), d.vertices...) {
			if s.free && s.Dim > 0 {
				again = d.constants(s) || again
			}
			if s.free && s.Dim > 0 {
				again = d.twins(s) || again
			}
		}
	}
	return found
}

// number names the units of later rounds as in the first one: those that are still there, in
// order. A change of basis leaves directions without numbers.
func (d *network) number(r *Reduction, turned []bool) {
	if r.was == nil {
		r.was, r.why, r.hint = map[string]int{}, map[string]string{}, map[string]string{}
		for _, s := range d.vertices {
			r.was[s.Name] = s.Dim
		}
		return
	}
	gone := map[string]map[int]bool{}
	for _, u := range r.Units {
		if gone[u.Vertex] == nil {
			gone[u.Vertex] = map[int]bool{}
		}
		gone[u.Vertex][u.Unit] = true
	}
	for _, s := range d.vertices {
		var left []int
		for i := range r.was[s.Name] {
			if !gone[s.Name][i] {
				left = append(left, i)
			}
		}
		for i := range s.number {
			s.number[i] = -1
			if len(left) == s.Dim && (turned == nil || !turned[s.index]) {
				s.number[i] = left[i]
			}
		}
	}
}

// Before returns the dimension that a hidden vertex had at first, and why it has the one that
// it has now; otherwise says it without a reduction of units.
func (r *Reduction) Before(v quiver.Vertex, otherwise string) (int, string) {
	if r == nil {
		return v.Dim, otherwise
	}
	from := r.was[v.Name]
	if s := summary(r.Units, v.Name); s != "" {
		return from, s
	}
	if from == 0 && v.Dim > 0 {
		return from, "carries linear units"
	}
	if why := r.why[v.Name]; why != "" && from > 0 {
		return from, why
	}
	if hint := r.hint[v.Name]; hint != "" && (strings.HasPrefix(otherwise, "kept: activation") || strings.HasPrefix(otherwise, "full")) {
		return from, otherwise + "; " + hint
	}
	return from, otherwise
}
