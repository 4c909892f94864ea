package units

import (
	"github.com/quivernet/quivernet/internal/inputs"

	"github.com/quivernet/quivernet/quiver"
)

// care says how a reduction treats a vertex. What counts as rounding is decided by what becomes
// of it at the outputs: first entries are taken as zero or equal up to their own rounding; if
// that may show at an output, only units go of which exact arithmetic says the same; and if that
// may still show, since what takes their place has to be rounded, the units of the vertex stay.
type care uint8

const (
	rounded care = iota
	exactly
	never
)

const (
	unseen   = 0x1p-30 // of the size of an output: a bound of what rounding does, by products of norms, that shows nowhere
	unspoilt = 0x1p-38 // and a measured difference that does not
	// probeWork is how many products a measurement may cost at each scale.
	probeWork = 2e7
)

// shows returns the vertices at which what a reduction from w to less counted as rounding may show
// at an output, with what care they should be treated instead; none if it shows nowhere.
func (d *network) shows(w, less *quiver.Rep, on *inputs.Set, with map[string]care) map[string]care {
	s := Sight{Stages: d.stages}
	if !s.Sees(w, less, on) {
		return nil
	}
	more := map[string]care{}
	raise := func(t *Stage, v int) {
		names := []string{t.From.vertices[v].Name}
		for _, l := range t.From.vertices[v].in {
			names = append(names, t.From.vertices[l.source].Name)
		}
		for _, name := range names {
			if level := with[name]; level < never && t.claims[name] != nil {
				more[name] = level + 1
			}
		}
	}
	for _, only := range []bool{true, false} { // those that show alone, else all
		for _, t := range d.stages {
			for v, m := range t.mismatches() {
				if len(m.d)+len(m.post) == 0 && m.spare == 0 {
					continue
				}
				alone := func(u *Stage) []float64 {
					if u != t {
						return make([]float64, len(u.From.vertices))
					}
					return t.errors(s.radius, v)
				}
				if !only || s.above(alone, unseen/16) {
					raise(t, v)
				}
			}
		}
		if len(more) > 0 {
			break
		}
	}
	return more
}
