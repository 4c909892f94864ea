package paths

import (
	"encoding/json"
	"fmt"
	"math"

	"github.com/quivernet/quivernet/internal/jsontext"
	"github.com/quivernet/quivernet/internal/pieces"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry/identify"
)

// Norm is a path norm: a positive number, known by its logarithm where it is beyond
// float64.
type Norm struct {
	Q     float64 // the exponent; +Inf is the maximum
	Log10 float64 // −Inf for 0
	value float64
	fits  bool
}

// Value returns the norm, or false where it is outside the range of float64; Log10
// holds it then.
func (n Norm) Value() (float64, bool) { return n.value, n.fits }

// String returns "15" or, beyond float64, "1e+6193.82".
func (n Norm) String() string {
	if n.fits {
		return fmt.Sprintf("%.12g", n.value)
	}
	return fmt.Sprintf("1e%+.2f", n.Log10)
}

// MarshalJSON returns {"q":…,"log10":…,"value":…} without the value where it overflows.
func (n Norm) MarshalJSON() ([]byte, error) {
	s := struct {
		Q     jsontext.Number `json:"q"`
		Log10 jsontext.Number `json:"log10"`
		Value *float64        `json:"value,omitempty"`
	}{jsontext.Number(n.Q), jsontext.Number(n.Log10), nil}
	if n.fits {
		s.Value = &n.value
	}
	return json.Marshal(s)
}

// PathNorm returns ‖Φ(θ)‖_q, the q-norm of the path embedding over paths and outputs, by
// one forward pass instead of enumeration: every weight w becomes |w|^q, all inputs
// and biases are 1, the activations are left out, the outputs are summed, and the
// power 1/q is taken (arXiv 2310.01225). q = +Inf gives the largest |Φ|. Skips, fixed
// and parallel arrows are weights like others; parallel arrows into an output count
// as separate paths here. Where a sum leaves the range of float64 the pass is repeated with
// logarithms.
//
// Errors: ActivationError for a vertex that is not linear on each side of 0,
// ParameterError for q ≤ 0 or NaN, quiver.NonFiniteError.
func PathNorm(w *quiver.Rep, q float64) (Norm, error) {
	if !(q > 0) {
		return Norm{}, &identify.ParameterError{Name: "path norm exponent q", Value: q, Want: "a positive number or +Inf"}
	}
	net, err := pieces.Of(w)
	if err != nil {
		return Norm{}, err
	}
	if err := net.CheckLinear("path norm"); err != nil {
		return Norm{}, err
	}
	return pathNorm(net, normPass{q: q}), nil
}

// Lipschitz returns a bound K with ‖f(x) − f(y)‖₁ ≤ K·‖x − y‖_∞ for all inputs, where f
// stacks all outputs: the path norm with q = 1 over the paths that start at inputs, each
// unit counted with its larger |slope| (1 for ReLU). It does not change under positive
// rescaling, unlike the product of the operator norms. Errors: as PathNorm.
func Lipschitz(w *quiver.Rep) (Norm, error) {
	net, err := pieces.Of(w)
	if err != nil {
		return Norm{}, err
	}
	if err := net.CheckLinear("Lipschitz bound"); err != nil {
		return Norm{}, err
	}
	return pathNorm(net, normPass{q: 1, gain: true, inputsOnly: true}), nil
}

// normPass says how a pass over |w|^q is made.
type normPass struct {
	q          float64
	gain       bool // multiply by the larger |slope| of each unit
	inputsOnly bool // only paths that start at inputs
}

// start returns the value of a source.
func (p normPass) start(v *pieces.Vertex) float64 {
	if v.Kind == quiver.KindBias && p.inputsOnly {
		return 0
	}
	return 1
}

func (p normPass) factor(v *pieces.Vertex) float64 {
	if !p.gain {
		return 1
	}
	return max(math.Abs(v.Slopes.Up), math.Abs(v.Slopes.Down))
}

func pathNorm(net *pieces.Network, p normPass) Norm {
	n := Norm{Q: p.q}
	root := 1 / p.q
	if math.IsInf(p.q, 1) {
		root = 1
	}
	if s, ok := sumDirect(net, p); ok {
		n.value = math.Pow(s, root)
		if p.q == 2 {
			n.value = math.Sqrt(s)
		}
		n.fits, n.Log10 = true, root*math.Log10(s)
		return n
	}
	l := sumLog(net, p)
	n.Log10 = root * l / math.Ln10
	if math.IsInf(l, -1) {
		n.fits = true
		return n
	}
	v := math.Exp(root * l)
	if n.fits = v > 0 && !math.IsInf(v, 1); n.fits {
		n.value = v
	}
	return n
}

// power returns |x|^q; the base itself for the maximum.
func (p normPass) power(x float64) float64 {
	switch x = math.Abs(x); p.q {
	case 1, math.Inf(1):
		return x
	case 2:
		return x * x
	}
	return math.Pow(x, p.q)
}

// sumDirect makes the pass in plain numbers; false where it leaves their range.
func sumDirect(net *pieces.Network, p normPass) (float64, bool) {
	most := math.IsInf(p.q, 1)
	x := make([][]float64, len(net.Vertices))
	total, ok := 0.0, true
	for i := range net.Vertices {
		v := &net.Vertices[i]
		x[i] = make([]float64, v.Dim)
		g := p.power(p.factor(v))
		for r := range v.Dim {
			if v.IsSource() {
				x[i][r] = p.start(v)
				continue
			}
			s := 0.0
			for k := range v.In {
				e := &v.In[k]
				for c := range e.Cols {
					w, from := e.W[r*e.Cols+c], x[e.Source][c]
					if w == 0 || from == 0 {
						continue
					}
					t := p.power(w) * from
					ok = ok && t > 1e-290 && t < 1e290
					if most {
						s = max(s, t)
					} else {
						s += t
					}
				}
			}
			x[i][r] = g * s
			if v.Row >= 0 {
				if most {
					total = max(total, s)
				} else {
					total += s
				}
			}
		}
	}
	return total, ok && total > 0 && total < 1e290
}

// sumLog makes the pass in natural logarithms.
func sumLog(net *pieces.Network, p normPass) float64 {
	x := make([][]float64, len(net.Vertices))
	q := p.q
	most := math.IsInf(q, 1)
	if most {
		q = 1
	}
	var outs []float64
	for i := range net.Vertices {
		v := &net.Vertices[i]
		x[i] = make([]float64, v.Dim)
		g := q * math.Log(p.factor(v))
		for r := range v.Dim {
			if v.IsSource() {
				x[i][r] = math.Log(p.start(v))
				continue
			}
			var terms []float64
			for k := range v.In {
				e := &v.In[k]
				for c := range e.Cols {
					if w := e.W[r*e.Cols+c]; w != 0 && !math.IsInf(x[e.Source][c], -1) {
						terms = append(terms, q*math.Log(math.Abs(w))+x[e.Source][c])
					}
				}
			}
			s := logSum(terms, most)
			x[i][r] = g + s
			if v.Row >= 0 {
				outs = append(outs, s)
			}
		}
	}
	return logSum(outs, most)
}

// logSum returns log Σ eᵗ, or the largest t; −Inf for nothing.
func logSum(ts []float64, most bool) float64 {
	top := math.Inf(-1)
	for _, t := range ts {
		top = max(top, t)
	}
	if most || math.IsInf(top, -1) {
		return top
	}
	s := 0.0
	for _, t := range ts {
		s += math.Exp(t - top)
	}
	return top + math.Log(s)
}
