package local

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/jsontext"
	"github.com/quivernet/quivernet/internal/pieces"
	"github.com/quivernet/quivernet/internal/rescale"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry/identify"
)

// FollowOptions are the settings of Follow.
type FollowOptions struct {
	identify.Options
	Direction int     // which hidden direction to start along, from 0
	Steps     int     // 0: 50
	Step      float64 // length of a step over the norm of the weights; 0: 0.01
}

// Trail is a path along a hidden symmetry: representations with the same values on the
// sample.
type Trail struct {
	Points    []*quiver.Rep `json:"-"`
	Residuals []float64     `json:"residuals"` // max|f−f'|/max|f| on the sample, by point
	Distances []float64     `json:"distances"` // from the first point in the incoming-normal form, max|a−b|/max|a|; −1 where there is none
	Stopped   string        `json:"stopped"`   // why there are no more points
}

// String returns the trail as a table of at most a dozen rows.
func (t *Trail) String() string {
	if t == nil {
		return "<nil>"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "hidden symmetry followed through %d points (%s)\n  point  moved off the orbit  change of f on the sample\n", len(t.Points), t.Stopped)
	step := max(1, (len(t.Points)+10)/11)
	for i := 0; i < min(len(t.Points), len(t.Distances), len(t.Residuals)); i++ {
		if i%step == 0 || i == len(t.Points)-1 {
			fmt.Fprintf(&b, "  %5d  %19.4g  %25.2g\n", i, t.Distances[i], t.Residuals[i])
		}
	}
	return b.String()
}

// MarshalJSON returns the fields and the points as slabs; a number beyond float64 as a
// string.
func (t Trail) MarshalJSON() ([]byte, error) {
	var s struct {
		Points    [][]float64       `json:"points"`
		Residuals []jsontext.Number `json:"residuals"`
		Distances []jsontext.Number `json:"distances"`
		Stopped   string            `json:"stopped"`
	}
	for i, p := range t.Points {
		s.Points = append(s.Points, p.Data())
		s.Residuals, s.Distances = append(s.Residuals, jsontext.Number(t.Residuals[i])), append(s.Distances, jsontext.Number(t.Distances[i]))
	}
	s.Stopped = t.Stopped
	return json.Marshal(s)
}

// Follow walks along a hidden symmetry: from w, step by step along a direction in the
// kernel of J orthogonal to rescalings, each step followed by Newton's method back to the
// set of parameters with the same values on the sample. It stops where an activation
// pattern on the sample would change, where no direction is left, or after Steps.
//
// That all points have the same values on the sample is verified at each (Residuals). That
// they have the same function elsewhere is not: use a sample that is decisive, or look
// at the functions. Errors: those of Identifiability, ParameterError for a
// direction that does not exist.
func Follow(w *quiver.Rep, xs []*mat.Dense, o FollowOptions) (*Trail, error) {
	if err := o.Check(); err != nil {
		return nil, err
	}
	if o.Steps == 0 {
		o.Steps = 50
	}
	if o.Step == 0 {
		o.Step = 0.01
	}
	if o.Direction < 0 {
		return nil, &identify.ParameterError{Name: "Direction", Value: float64(o.Direction), Want: "0 or more"}
	}
	if o.Steps < 0 {
		return nil, &identify.ParameterError{Name: "Steps", Value: float64(o.Steps), Want: "0 or more"}
	}
	if !(o.Step > 0) || math.IsInf(o.Step, 0) {
		return nil, &identify.ParameterError{Name: "Step", Value: o.Step, Want: "a positive number"}
	}
	net, err := pieces.LinearToOutputs(w, "following a hidden symmetry")
	if err != nil {
		return nil, err
	}
	rows, err := net.Samples(xs)
	if err != nil {
		return nil, err
	}
	kept, _, err := net.Smooth(rows, o.Drop)
	if err != nil {
		return nil, err
	}
	if net.Params == 0 {
		return nil, &identify.ParameterError{Name: "Direction", Value: float64(o.Direction), Want: "a network with parameters: this one has no hidden direction"}
	}
	first := &fiber{net: net, kept: kept, balance: rescale.Balance(net)}
	first.tangent, _, _ = rescale.Orbit(net)
	first.start()
	t := &Trail{}
	t.add(w, w, 0)
	var last []float64
	for len(t.Points) <= o.Steps {
		j := newJacobian(net, o.Tolerance)
		if err := j.add(kept); err != nil {
			return nil, err
		}
		j.balance = first.balance
		rank, kernel := j.kernel()
		tangent, _, _ := rescale.Orbit(net)
		dirs := slice(kernel, tangent, first.balance, net.Params)
		var d []float64
		switch {
		case len(dirs) == 0 || last == nil && o.Direction >= len(dirs):
			if last == nil {
				return nil, &identify.ParameterError{Name: "Direction", Value: float64(o.Direction), Want: fmt.Sprintf("one of the %d hidden directions, counted from 0", len(dirs))}
			}
			t.Stopped = "no hidden direction is left"
			return t, nil
		case last == nil:
			d = dirs[o.Direction]
		default: // the direction nearest to the last one
			d = make([]float64, net.Params)
			for _, u := range dirs {
				pieces.Axpy(d, pieces.Dot(u, last), u)
			}
			if n := pieces.Norm(d); n < 0.1 {
				t.Stopped = "the direction ends"
				return t, nil
			} else {
				for j := range d {
					d[j] /= n
				}
			}
		}
		next := first.at(net.Rep, o.Step*first.scale, d)
		if next == nil {
			t.Stopped = "a weight overflows"
			return t, nil
		}
		next, res := first.correct(next, rank.Rank)
		if _, same := first.residual(next); !same {
			t.Stopped = "an activation pattern would change"
			return t, nil
		}
		if res > 1e-10 {
			t.Stopped = "no way back to the fiber"
			return t, nil
		}
		t.add(w, next.Rep, res)
		net, last = next, d
	}
	t.Stopped = "all steps done"
	return t, nil
}

func (t *Trail) add(from, w *quiver.Rep, res float64) {
	d := -1.0
	if a, err := identify.NormalizeIncoming(from); err == nil {
		if b, err := identify.NormalizeIncoming(w); err == nil {
			d = pieces.Distance(a.Data(), b.Data())
		}
	}
	t.Points, t.Residuals, t.Distances = append(t.Points, w), append(t.Residuals, res), append(t.Distances, d)
}
