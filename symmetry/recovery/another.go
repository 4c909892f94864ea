package recovery

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/exact"
	"github.com/quivernet/quivernet/internal/pieces"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry/identify"
)

// other returns a network with the same function on the box that is no permutation and
// rescaling of the network, from the first condition that is refuted and gives one.
func (s *shallow) other(cs []Condition) *quiver.Rep {
	for _, c := range cs {
		if c.Status != Refuted || s.open(c) {
			continue
		}
		net, err := pieces.Of(s.l.net.Rep.Clone())
		if err != nil {
			return nil
		}
		l, err := layersOf(net, "", lopsided)
		if err != nil {
			return nil
		}
		t := &shallow{l: l, box: s.box, w: s.w, v: s.v, b: s.b}
		switch c.Name {
		case "i":
			t.loosen(c.Units[0])
		case "ii":
			t.slide(c.Units[0])
		case "iii":
			t.merge(c.Units[0], c.Units[1])
		case "iv":
			t.flip(c.Units)
		}
		if net.Rep.CheckFinite() != nil {
			continue // beyond float64
		}
		return net.Rep
	}
	return nil
}

// open reports whether a refuted condition decides nothing: on an unbounded domain the
// kinks of two units with opposite orientations can be unique.
func (s *shallow) open(c Condition) bool { return c.Name == "iii" && s.opposite && s.box.IsWhole() }

// addOut adds a·v_i to the output's bias.
func (s *shallow) addOut(i int, a float64) {
	for k, v := range s.l.column(1, i) {
		s.l.bias[2].W[k] += a * v
	}
}

// setOut sets the outgoing weights of a unit.
func (s *shallow) setOut(i int, v []float64) {
	e := s.l.weight[2]
	for k, x := range v {
		e.W[k*e.Cols+i] = x
	}
}

// loosen changes a unit with zero incoming or outgoing weights without effect: with
// v_i = 0 its bias may be anything; with w_i = 0 it is the constant σ(b_i), which the
// output's bias takes over.
func (s *shallow) loosen(i int) {
	if exact.AllZero(s.v[i]) {
		s.l.bias[1].W[i]++
		return
	}
	b := s.l.bias[1].W[i]
	s.addOut(i, s.sigma().At(b)*b)
	s.setOut(i, make([]float64, s.l.width(2)))
}

// sigma returns the slopes of the activation.
func (s *shallow) sigma() pieces.Slopes { return s.l.net.Vertices[s.l.at[1]].Slopes }

// slide changes a unit that does not switch on the box and so has one slope k: where
// k = 0 it has no effect with other outgoing weights; else its bias may move away from 0
// by t = ±1 if the output's moves by −v_i·k·t.
func (s *shallow) slide(i int) {
	off := s.b[i].Sign() <= 0
	if !s.box.IsWhole() {
		_, hi := s.extent(i)
		off = hi.Sign() <= 0
	}
	t, k := 1.0, s.sigma().Up
	if off {
		t, k = -1, s.sigma().Down
	}
	if k == 0 {
		v := s.l.column(1, i)
		v[0]++
		s.setOut(i, v)
		return
	}
	s.l.bias[1].W[i] += t
	s.addOut(i, -k*t)
}

// merge changes two units with one hyperplane, (w_j, b_j) = μ(w_i, b_i). For μ > 0 outgoing
// weights can go from one to the other. For μ < 0, h = w_i·x + b_i and slopes u, d,
//
//	v_i·σ(h) + |μ|v_j·σ(−h) = (v_i + |μ|v_j)·σ(−h) + (u + d)·v_i·h,
//
// and on the box h is what a unit with bias b_i ± B, large B, gives, over its slope there
// and less B.
func (s *shallow) merge(i, j int) {
	var mu float64
	for k, x := range s.w[i] {
		if !x.IsZero() {
			mu = s.w[j][k].Quo(x).Float64()
			break
		}
	}
	vi, vj := s.l.column(1, i), s.l.column(1, j)
	if mu > 0 {
		for k := range vi {
			vi[k], vj[k] = vi[k]+mu*vj[k], 0
		}
		s.setOut(i, vi)
		s.setOut(j, vj)
		return
	}
	for k := range vj {
		vj[k] += vi[k] / -mu
	}
	s.setOut(j, vj)
	sigma := s.sigma()
	lo, hi := s.extent(i)
	b, slope := 1-math.Floor(lo.Float64()), sigma.Up
	if slope == 0 {
		b, slope = -1-math.Ceil(hi.Float64()), sigma.Down
	}
	for k := range vi {
		vi[k] *= (sigma.Up + sigma.Down) / slope
	}
	s.setOut(i, vi)
	s.l.bias[1].W[i] += b
	s.addOut(i, -b*slope)
}

// flip turns the units of a set round: w_i → −w_i, b_i → −b_i, c → c + (u + d)·Σ v_i b_i.
func (s *shallow) flip(set []int) {
	for _, i := range set {
		s.addOut(i, (s.sigma().Up+s.sigma().Down)*s.l.bias[1].W[i])
		s.l.bias[1].W[i] = 0 - s.l.bias[1].W[i] // no negative zero
		for k, x := range s.l.row(1, i) {
			s.l.row(1, i)[k] = 0 - x
		}
	}
}

// change compares another network on the box.
func (s *shallow) change(o *quiver.Rep) float64 {
	if o == nil {
		return math.NaN()
	}
	rng := rand.New(rand.NewPCG(5, 6))
	n := s.l.net.InDim
	draw := identify.Gaussian(1)
	if !s.box.IsWhole() {
		draw = identify.Uniform(s.box)
	}
	x := mat.NewDense(65+min(1<<min(n, 8), 256), n, nil)
	for i := range 64 {
		draw(x.RawRowView(i+1), rng)
	}
	for i := 65; i < x.RawMatrix().Rows; i++ { // corners
		for j := range n {
			x.Set(i, j, s.box.Lo[j])
			if (i-65)>>j&1 == 1 {
				x.Set(i, j, s.box.Hi[j])
			}
			if s.box.IsWhole() {
				x.Set(i, j, 0)
			}
		}
	}
	for j := range n {
		if !s.box.IsWhole() {
			x.Set(0, j, s.box.Lo[j]+(s.box.Hi[j]-s.box.Lo[j])/2)
		}
	}
	a, err := s.l.net.Rep.Eval(x)
	if err != nil {
		return math.NaN()
	}
	b, err := o.Eval(x)
	if err != nil {
		return math.NaN()
	}
	return pieces.Distance(a[0].RawMatrix().Data, b[0].RawMatrix().Data)
}
