package optim

import (
	"fmt"
	"path"
	"strings"

	"github.com/quivernet/quivernet/quiver"
)

// Group sets the rate and the decay of some arrows, as factors on those of the method.
// Names are names of arrows (of tied ones, the owner's), or of vertices for the parameters
// of their activations; * and ? match as in path.Match. Of several groups that match, the
// last one counts alone. The groups are read at a method's first step. A pattern that
// matches nothing is a *GroupError there.
//
//	optim.Group{Names: []string{"one->*"}, NoDecay: true} // no decay on the biases
type Group struct {
	Names       []string
	RateFactor  float64 // 0 means 1
	DecayFactor float64 // 0 means 1
	NoDecay     bool    // the decay is 0
	Hold        bool    // nothing changes: the rate is 0
}

// factors returns the factors on rate and decay.
func (g Group) factors() (rate, decay float64) {
	rate, decay = orElse(g.RateFactor, 1), orElse(g.DecayFactor, 1)
	if g.NoDecay {
		decay = 0
	}
	if g.Hold {
		rate, decay = 0, 0
	}
	return rate, decay
}

// GroupError reports a name or pattern of a Group that is ill-formed or that
// matches no trainable arrow and no vertex with parameters.
type GroupError struct {
	Method, Pattern, Reason string
}

func (e *GroupError) Error() string {
	return fmt.Sprintf("optim: %s: group name %q %s", e.Method, e.Pattern, e.Reason)
}

// segment is a stretch of the slab with one rate and one decay, both as factors.
type segment struct {
	lo, hi      int
	rate, decay float64
	rows, cols  int
	matrix      bool // an arrow's matrix, not a vertex's parameters
}

// factorsOf returns the factors that the groups give to a name.
func factorsOf(groups []Group, name string) (rate, decay float64) {
	rate, decay = 1, 1
	for _, g := range groups {
		for _, pattern := range g.Names {
			if matches(pattern, name) {
				rate, decay = g.factors()
			}
		}
	}
	return rate, decay
}

func matches(pattern, name string) bool {
	ok, _ := path.Match(pattern, name)
	return ok || pattern == name
}

// segmentsOf divides the slab of w.
func segmentsOf(s *values, w *quiver.Rep) ([]segment, error) {
	var out []segment
	var names []string
	at := 0
	for seg, data := range w.Segments() {
		name := seg.Arrow + seg.Vertex // one of them is empty
		p := segment{lo: at, hi: at + len(data), rows: seg.Rows, cols: seg.Cols, matrix: seg.Arrow != ""}
		p.rate, p.decay = s.factors(name)
		at = p.hi
		out, names = append(out, p), append(names, name)
	}
	return out, checkGroups(s, names)
}

func checkGroups(s *values, names []string) error {
	for _, g := range s.groups {
		what := fmt.Sprintf("a factor of group %v", g.Names)
		if err := verify(s.name, argument{what, g.RateFactor, &factors01}, argument{what, g.DecayFactor, &factors01}); err != nil {
			return err
		}
		for _, pattern := range g.Names {
			found := false
			for _, name := range names {
				found = found || matches(pattern, name)
			}
			if found {
				continue
			}
			if _, err := path.Match(pattern, ""); err != nil {
				return &GroupError{s.name, pattern, "is an ill-formed pattern; quote special characters with \\"}
			}
			most := names[:min(len(names), 8)]
			return &GroupError{s.name, pattern, fmt.Sprintf("matches no trainable arrow and no vertex with parameters; there are %d: %s", len(names), strings.Join(most, ", "))}
		}
	}
	return nil
}
