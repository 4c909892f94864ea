package recovery

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/pieces"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry/identify"
)

// RecoverOptions are the settings of RecoverShallow.
type RecoverOptions struct {
	Lines     int         // random lines to search for kinks; 0: 100 + 20·hidden
	Tolerance float64     // of the comparisons, relative to the largest |f|; 0: 1e-9
	Source    rand.Source // nil: a fixed seed
}

// Recovery is a network found from queries.
type Recovery struct {
	Network *quiver.Rep `json:"-"`       // incoming-normal form, as layers.MLP(ReLU, in, hidden, out)
	Queries int         `json:"queries"` // calls of the query function
	Error   float64     `json:"error"`   // max|f−f'|/max|f| at fresh points of the box
	Unique  bool        `json:"unique"`  // false: some units can be turned round, with the same function
}

// String returns one line.
func (r *Recovery) String() string {
	if r == nil {
		return "<nil>"
	}
	s := fmt.Sprintf("recovered by %d queries, relative error %.1e at fresh points", r.Queries, r.Error)
	if !r.Unique {
		s += "; some units can be turned round without changing the function"
	}
	return s
}

// MarshalJSON returns the fields and the network as a slab.
func (r Recovery) MarshalJSON() ([]byte, error) {
	type plain Recovery
	return json.Marshal(struct {
		plain
		Network []float64 `json:"network"`
	}{plain(r), r.Network.Data()})
}

// RecoverShallow finds the weights of a network with one hidden ReLU layer from its
// function on a box:
//
//  1. along random lines, the kinks of f by recursive bisection of its slope;
//  2. at each kink, the jump of the gradient, which is v_i w_iᵀ, and from the place b_i;
//  3. kinks on one hyperplane are put together;
//  4. the gradient at one point, expanded in the w_iᵀ, tells which units are on there
//     and so their orientations (for dependent w_i, all sets of up to 20 units are tried);
//  5. v and c by least squares.
//
// The answer is checked at fresh points. It needs every hyperplane to meet the
// interior of the box, no two of them to coincide, and a query function without noise beyond rounding.
// The network is in incoming-normal form: ‖(w_i, b_i)‖ = 1. Errors: OracleError where
// no such network is found, with the reason, ParameterError, BoxError.
func RecoverShallow(query func(x []float64) []float64, in, hidden int, box quiver.Box, o RecoverOptions) (*Recovery, error) {
	if query == nil {
		return nil, &OracleError{"the query is nil; give the function to recover"}
	}
	if in < 1 {
		return nil, &identify.ParameterError{Name: "in", Value: float64(in), Want: "1 or more"}
	}
	if hidden < 1 {
		return nil, &identify.ParameterError{Name: "hidden", Value: float64(hidden), Want: "1 or more"}
	}
	if err := box.CheckInterior(in, false); err != nil {
		return nil, err
	}
	if o.Lines == 0 {
		o.Lines = 100 + 20*hidden
	}
	if o.Tolerance == 0 {
		o.Tolerance = 1e-9
	}
	if !(o.Tolerance > 0) {
		return nil, &identify.ParameterError{Name: "Tolerance", Value: o.Tolerance, Want: "a positive number"}
	}
	if o.Source == nil {
		o.Source = rand.NewPCG(9, 10)
	}
	s := &seeker{query: query, in: in, hidden: hidden, box: box, o: o, rng: rand.New(o.Source)}
	if err := s.scan(); err != nil {
		return nil, err
	}
	if err := s.search(); err != nil {
		return nil, err
	}
	unique, err := s.orient()
	if err != nil {
		return nil, err
	}
	return s.finish(unique)
}

// plane is a hyperplane w·x + b = 0 with ‖(w,b)‖ = 1 and the gradient's jump v wᵀ across it.
type plane struct {
	w, v []float64
	b    float64
	room float64 // how much room there was to measure it
}

// seeker is a search for the hyperplanes of a query function.
type seeker struct {
	query   func([]float64) []float64
	in, out int
	hidden  int
	box     quiver.Box
	o       RecoverOptions
	rng     *rand.Rand
	size    float64 // largest |f| seen at first
	queries int
	planes  []plane
	err     error
}

// ask queries, and remembers the first thing that is wrong with an answer.
func (s *seeker) ask(x []float64) []float64 {
	s.queries++
	y := append([]float64(nil), s.query(append([]float64(nil), x...))...)
	if s.out == 0 {
		s.out = len(y)
	}
	if s.err == nil {
		switch {
		case len(y) == 0:
			s.err = &OracleError{"returns no values; want one per output"}
		case len(y) != s.out:
			s.err = &OracleError{fmt.Sprintf("returns %d values, after %d before; want one per output", len(y), s.out)}
		}
		for _, v := range y {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				s.err = &OracleError{fmt.Sprintf("returns %v at %.4g", v, x)}
			}
		}
	}
	if s.err != nil {
		return make([]float64, max(s.out, 1))
	}
	return y
}

func (s *seeker) draw() []float64 {
	x := make([]float64, s.in)
	identify.Uniform(s.box)(x, s.rng)
	return x
}

// scan finds the number of outputs and the size of f.
func (s *seeker) scan() error {
	for range 64 {
		for _, v := range s.ask(s.draw()) {
			s.size = max(s.size, math.Abs(v))
		}
	}
	if s.size == 0 {
		s.size = 1
	}
	return s.err
}

// search collects hyperplanes until all are found.
func (s *seeker) search() error {
	for range s.o.Lines {
		l := &ray{s: s, a: s.draw(), d: s.draw()}
		for i := range l.d {
			l.d[i] -= l.a[i]
		}
		l.find(0, 1, l.at(0), l.at(1), 0)
		if s.err != nil {
			return s.err
		}
		for i, t := range l.kinks {
			room := min(t, 1-t)
			if i > 0 {
				room = min(room, t-l.kinks[i-1])
			}
			if i+1 < len(l.kinks) {
				room = min(room, l.kinks[i+1]-t)
			}
			s.measure(l, t, room/2)
		}
		if len(s.planes) > s.hidden {
			return &OracleError{fmt.Sprintf("bends along %d hyperplanes, which is more than %d hidden units can do, or is noisy", len(s.planes), s.hidden)}
		}
		if len(s.planes) == s.hidden {
			return s.err
		}
	}
	return &OracleError{fmt.Sprintf("%d of %d hyperplanes found on %d lines; the others may miss the box, coincide, or have small weights", len(s.planes), s.hidden, s.o.Lines)}
}

// measure finds the hyperplane of a kink.
func (s *seeker) measure(l *ray, t, room float64) {
	before, ok1 := s.gradient(l.point(t-room), room*pieces.Norm(l.d))
	after, ok2 := s.gradient(l.point(t+room), room*pieces.Norm(l.d))
	if !ok1 || !ok2 {
		return
	}
	var j mat.Dense
	j.Sub(after, before)
	var svd mat.SVD
	if !svd.Factorize(&j, mat.SVDThin) {
		return
	}
	sv := svd.Values(nil)
	if len(sv) > 1 && sv[1] > 1e-5*sv[0] {
		return // two hyperplanes at once
	}
	var v mat.Dense
	svd.VTo(&v)
	p := plane{w: mat.Col(nil, 0, &v), room: room * sv[0]}
	if pieces.Dot(p.w, l.d) < 0 {
		for i := range p.w {
			p.w[i] = -p.w[i]
		}
	}
	p.b = -pieces.Dot(p.w, l.point(t))
	n := math.Hypot(pieces.Norm(p.w), p.b)
	for i := range p.w {
		p.w[i] /= n
	}
	p.b /= n
	p.v = make([]float64, s.out)
	for k := range p.v {
		p.v[k] = pieces.Dot(j.RawRowView(k), p.w) / pieces.Dot(p.w, p.w)
	}
	for k := range s.planes {
		q := &s.planes[k]
		sign := math.Copysign(1, pieces.Dot(p.w, q.w)+p.b*q.b)
		d := math.Abs(p.b - sign*q.b)
		for i := range p.w {
			d = max(d, math.Abs(p.w[i]-sign*q.w[i]))
		}
		if d <= 1e-5 {
			if p.room > q.room { // the more accurate measurement
				*q = p
			}
			return
		}
	}
	s.planes = append(s.planes, p)
}

// gradient returns the derivative of f at x, out×in, by central differences inside the
// affine piece of x; false if none is found.
func (s *seeker) gradient(x []float64, step float64) (*mat.Dense, bool) {
	f := s.ask(x)
	for range 40 {
		g := mat.NewDense(s.out, s.in, nil)
		affine := true
		for i := range x {
			y := append([]float64(nil), x...)
			y[i] = x[i] + step
			up := s.ask(y)
			y[i] = x[i] - step
			down := s.ask(y)
			for k := range f {
				affine = affine && math.Abs(up[k]+down[k]-2*f[k]) <= s.o.Tolerance*1e-3*s.size+1e-14*(math.Abs(up[k])+math.Abs(down[k]))
				g.Set(k, i, (up[k]-down[k])/(2*step))
			}
		}
		if affine {
			return g, true
		}
		step /= 2
	}
	return nil, false
}

// finish fits v and c and checks the network.
func (s *seeker) finish(unique bool) (*Recovery, error) {
	q, err := layers.MLP(layers.Pointwise(layers.ReLU), s.in, s.hidden, s.out)
	if err != nil {
		return nil, err
	}
	w := quiver.Zero(q)
	w1, b1 := w.Arrow("x->h1"), w.Arrow(layers.BiasName+"->h1")
	for i, p := range s.planes {
		w1.SetRow(i, p.w)
		b1.Set(i, 0, p.b)
	}
	n := 20 * (s.hidden + 1)
	a, b, x := mat.NewDense(n, s.hidden+1, nil), mat.NewDense(n, s.out, nil), mat.NewDense(n, s.in, nil)
	for r := range n {
		x.SetRow(r, s.draw())
		for i, p := range s.planes {
			a.Set(r, i, max(0, pieces.Dot(p.w, x.RawRowView(r))+p.b))
		}
		a.Set(r, s.hidden, 1)
		b.SetRow(r, s.ask(x.RawRowView(r)))
	}
	var c mat.Dense
	var qr mat.QR
	qr.Factorize(a)
	if err := qr.SolveTo(&c, false, b); err != nil {
		return nil, &OracleError{"the units found are dependent on the box; " + err.Error()}
	}
	w.Arrow("h1->y").Copy(c.Slice(0, s.hidden, 0, s.out).T())
	w.Arrow(layers.BiasName + "->y").Copy(c.Slice(s.hidden, s.hidden+1, 0, s.out).T())
	want := mat.NewDense(200, s.out, nil)
	xs := mat.NewDense(200, s.in, nil)
	for r := range 200 {
		xs.SetRow(r, s.draw())
		want.SetRow(r, s.ask(xs.RawRowView(r)))
	}
	if s.err != nil {
		return nil, s.err
	}
	got, err := w.Eval(xs)
	if err != nil {
		return nil, err
	}
	rec := &Recovery{Network: w, Queries: s.queries, Unique: unique, Error: pieces.Distance(want.RawMatrix().Data, got[0].RawMatrix().Data)}
	if limit := max(1e-6, 10*s.o.Tolerance); !(rec.Error <= limit) {
		return nil, &OracleError{fmt.Sprintf("the network found differs by %.2g of the largest value at fresh points, more than %.2g: it is noisy, or no network of this width", rec.Error, limit)}
	}
	return rec, nil
}
