package local

import (
	"encoding/json"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/jsontext"
	"github.com/quivernet/quivernet/internal/pieces"
	"github.com/quivernet/quivernet/internal/rank"
	"github.com/quivernet/quivernet/quiver"
)

// HiddenDirection is a direction of the parameters that the sample does not see, other
// than rescalings, and what a small step along it does.
type HiddenDirection struct {
	Direction *quiver.Rep `json:"-"`         // of norm 1
	Step      float64     `json:"step"`      // length of the step, over the norm of the weights
	Residual  float64     `json:"residual"`  // max|f−f'|/max|f| on the sample after the straight step: O(step²)
	Corrected float64     `json:"corrected"` // the same after Newton's method has led back to the fiber
	Moved     float64     `json:"moved"`     // distance from the rescaling orbit, to first order, over the norm of the weights
	Verified  bool        `json:"verified"`  // Corrected ≤ 1e-10 and Moved ≥ Step/2
}

// String returns one line.
func (h *HiddenDirection) String() string {
	if h == nil {
		return "<nil>"
	}
	s := "verified"
	if !h.Verified {
		s = "not verified"
	}
	return fmt.Sprintf("%s: step %.1e moves f by %.1e, after correction by %.1e, and the parameters by %.1e off the orbit", s, h.Step, h.Residual, h.Corrected, h.Moved)
}

// MarshalJSON returns the fields and the direction as a slab; a number beyond float64 as a
// string.
func (h HiddenDirection) MarshalJSON() ([]byte, error) {
	s := struct {
		Direction []float64       `json:"direction,omitempty"`
		Step      jsontext.Number `json:"step"`
		Residual  jsontext.Number `json:"residual"`
		Corrected jsontext.Number `json:"corrected"`
		Moved     jsontext.Number `json:"moved"`
		Verified  bool            `json:"verified"`
	}{nil, jsontext.Number(h.Step), jsontext.Number(h.Residual), jsontext.Number(h.Corrected), jsontext.Number(h.Moved), h.Verified}
	if h.Direction != nil {
		s.Direction = h.Direction.Data()
	}
	return json.Marshal(s)
}

// All vectors here are in balanced coordinates: θ_j / balance_j, see rescale.Balance.

// slice returns an orthonormal basis of the part of the kernel of J orthogonal to the
// rescaling orbit, as rows. kernel is params×k, tangent basis×params in plain coordinates.
func slice(kernel, tangent *mat.Dense, balance []float64, most int) [][]float64 {
	var span [][]float64
	if !tangent.IsEmpty() {
		n, _ := tangent.Dims()
		for i := range n {
			t := mat.Row(nil, i, tangent)
			for j := range t {
				t[j] /= balance[j]
			}
			span = orthonormal(span, t, 1e-10)
		}
	}
	first := len(span)
	if kernel.IsEmpty() {
		return nil
	}
	_, k := kernel.Dims()
	for c := range k {
		if len(span)-first == most {
			break
		}
		span = orthonormal(span, mat.Col(nil, c, kernel), 1e-6)
	}
	return span[first:]
}

// orthonormal appends what is left of v after projection, unless it is less than tol of v.
func orthonormal(span [][]float64, v []float64, tol float64) [][]float64 {
	size := pieces.Norm(v)
	if size == 0 {
		return span
	}
	for range 2 {
		for _, u := range span {
			pieces.Axpy(v, -pieces.Dot(u, v), u)
		}
	}
	if n := pieces.Norm(v); n > tol*size {
		for j := range v {
			v[j] /= n
		}
		span = append(span, v)
	}
	return span
}

// hidden finds up to n hidden directions and verifies them.
func hidden(net *pieces.Network, kept [][]float64, j *jacobian, tangent *mat.Dense, rank, n int) []HiddenDirection {
	rep, kernel := j.kernel()
	if rep.Rank != rank { // an exact rank that rounding hides
		return nil
	}
	f := &fiber{net: net, kept: kept, balance: j.balance, tangent: tangent}
	f.start()
	var out []HiddenDirection
	for _, d := range slice(kernel, tangent, j.balance, n) {
		direction, size := net.Rep.Like(), 0.0
		for i, x := range d {
			direction.Data()[i] = x * j.balance[i]
			size = max(size, math.Abs(direction.Data()[i]))
		}
		if size == 0 || math.IsInf(1/size, 0) || !(size <= math.MaxFloat64) {
			continue // beyond float64
		}
		direction.Scale(1 / size)
		direction.Scale(1 / direction.Norm())
		h := f.verify(d)
		h.Direction = direction
		out = append(out, h)
	}
	return out
}

// fiber is the set of parameters with the values that net has on the kept samples.
type fiber struct {
	net      *pieces.Network
	kept     [][]float64
	balance  []float64
	tangent  *mat.Dense
	values   []float64
	size     float64 // largest |value|
	scale    float64 // norm of the weights in balanced coordinates
	patterns []string
}

func (f *fiber) start() {
	f.values, f.patterns = f.look(f.net)
	for _, v := range f.values {
		f.size = max(f.size, math.Abs(v))
	}
	s := 0.0
	for j, x := range f.net.Rep.Data() {
		s = math.Hypot(s, x/f.balance[j])
	}
	f.scale = s
}

// look returns the values and activation patterns at the samples.
func (f *fiber) look(net *pieces.Network) (values []float64, patterns []string) {
	s := net.NewState()
	y := make([]float64, net.OutDim)
	for _, x := range f.kept {
		net.Forward(s, x)
		net.ReadOutputs(y, s)
		values = append(values, y...)
		patterns = append(patterns, net.Pattern(s))
	}
	return values, patterns
}

// residual returns max|f−f'|/max|f| on the samples, and whether the activation patterns
// are the same.
func (f *fiber) residual(net *pieces.Network) (float64, bool) {
	v, p := f.look(net)
	same := true
	for i := range p {
		same = same && p[i] == f.patterns[i]
	}
	d := pieces.Gap(v, f.values)
	if d > 0 && f.size > 0 {
		d /= f.size
	}
	return d, same
}

// at returns the network at w + t·C·d, where C is the balance.
func (f *fiber) at(w *quiver.Rep, t float64, d []float64) *pieces.Network {
	m := w.Clone()
	for j, x := range d {
		m.Data()[j] += t * x * f.balance[j]
	}
	net, err := pieces.Of(m)
	if err != nil {
		return nil
	}
	return net
}

// correct leads a network back to the fiber by Gauss–Newton steps of least norm. It
// returns the new network and its residual.
func (f *fiber) correct(net *pieces.Network, most int) (*pieces.Network, float64) {
	res, _ := f.residual(net)
	for range 6 {
		if res <= 1e-15 {
			break
		}
		red := rank.NewReducer(net.Params + 1)
		sweep := net.NewSweep()
		block, row := make([]float64, net.OutDim*net.Params), make([]float64, net.Params+1)
		y := make([]float64, net.OutDim)
		for i, x := range f.kept {
			net.Forward(sweep.State, x)
			if sweep.Rows(block, i) != nil {
				return net, res
			}
			net.ReadOutputs(y, sweep.State)
			for k := range net.OutDim {
				copy(row, block[k*net.Params:(k+1)*net.Params])
				for j, c := range f.balance {
					row[j] *= c
				}
				row[net.Params] = f.values[i*net.OutDim+k] - y[k]
				red.Add(row)
			}
		}
		r := red.R()
		n, _ := r.Dims()
		var svd mat.SVD
		a, b := mat.DenseCopyOf(r.Slice(0, n, 0, net.Params)), mat.Col(nil, net.Params, r)
		if !svd.Factorize(a, mat.SVDThin) {
			break
		}
		var delta mat.VecDense
		svd.SolveVecTo(&delta, mat.NewVecDense(n, b), min(most, n, net.Params))
		next := f.at(net.Rep, 1, delta.RawVector().Data)
		if next == nil {
			break
		}
		if d, _ := f.residual(next); d < res {
			net, res = next, d
			continue
		}
		break
	}
	return net, res
}

// verify takes a small step along a unit direction, without changing an activation
// pattern, and corrects it.
func (f *fiber) verify(d []float64) HiddenDirection {
	h := HiddenDirection{Step: 1e-3}
	var net *pieces.Network
	for range 30 {
		var same bool
		if net = f.at(f.net.Rep, h.Step*f.scale, d); net != nil {
			if h.Residual, same = f.residual(net); same {
				break
			}
		}
		h.Step /= 2
	}
	if net == nil {
		return h
	}
	j := newJacobian(f.net, 0)
	if j.add(f.kept) != nil { // cannot happen: J was there before
		return h
	}
	net, h.Corrected = f.correct(net, j.rank().Rank)
	h.Moved = f.moved(f.net.Rep, net.Rep)
	h.Verified = h.Corrected <= 1e-10 && h.Moved >= h.Step/2
	return h
}

// moved returns the length of b − a orthogonal to the rescaling orbit, in balanced
// coordinates and over the norm of the weights.
func (f *fiber) moved(a, b *quiver.Rep) float64 {
	var span [][]float64
	if !f.tangent.IsEmpty() {
		n, _ := f.tangent.Dims()
		for i := range n {
			t := mat.Row(nil, i, f.tangent)
			for j := range t {
				t[j] /= f.balance[j]
			}
			span = orthonormal(span, t, 1e-10)
		}
	}
	d := make([]float64, len(a.Data()))
	for j, x := range a.Data() {
		d[j] = (b.Data()[j] - x) / f.balance[j]
	}
	for _, u := range span {
		pieces.Axpy(d, -pieces.Dot(u, d), u)
	}
	return pieces.Norm(d) / f.scale
}
