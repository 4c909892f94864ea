package quiver

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"
)

// Init draws the initial matrix of one trainable arrow, row-major Rows×Cols, into
// dst. fanIn is the number of inputs that the arrow's target sums up, biases not
// counted, and fanOut the number of outputs that the arrow's source feeds.
type Init func(dst []float64, a Arrow, fanIn, fanOut int, rng *rand.Rand)

// PyTorch draws from the uniform distribution on ±1/√fanIn, biases too, which is the
// default of torch.nn.Linear. Without any input that is not a bias, fanIn is 1.
func PyTorch(dst []float64, _ Arrow, fanIn, _ int, rng *rand.Rand) {
	uniform(dst, 1/math.Sqrt(float64(max(fanIn, 1))), rng)
}

// Glorot draws from the uniform distribution on ±√(6/(fanIn+fanOut)) (Glorot and
// Bengio 2010). See ZeroBiases for their biases.
func Glorot(dst []float64, _ Arrow, fanIn, fanOut int, rng *rand.Rand) {
	uniform(dst, math.Sqrt(6/float64(max(fanIn+fanOut, 1))), rng)
}

// He draws from the normal distribution of variance 2/fanIn (He et al. 2015).
func He(dst []float64, _ Arrow, fanIn, _ int, rng *rand.Rand) {
	mustRand(rng)
	s := math.Sqrt(2 / float64(max(fanIn, 1)))
	for i := range dst {
		dst[i] = s * rng.NormFloat64()
	}
}

// Orthogonal draws a matrix with orthonormal rows or columns, whichever are
// fewer, by the QR decomposition of a normal one (Saxe et al. 2014).
func Orthogonal(dst []float64, a Arrow, _, _ int, rng *rand.Rand) {
	mustRand(rng)
	if a.Rows < 0 || a.Cols < 0 || a.Cols > 0 && len(dst)/a.Cols < a.Rows || a.Rows*a.Cols != len(dst) {
		panic(&ShapeError{Where: fmt.Sprintf("arrow %q", a.Name), Rows: len(dst), Cols: 1, WantRows: a.Rows, WantCols: a.Cols, Why: "Rows·Cols numbers to draw"})
	}
	if len(dst) == 0 {
		return
	}
	r, c := max(a.Rows, a.Cols), min(a.Rows, a.Cols)
	m := mat.NewDense(r, c, nil)
	for i := range r {
		for j := range c {
			m.Set(i, j, rng.NormFloat64())
		}
	}
	// Modified Gram–Schmidt, twice, costs no full square factor.
	for range 2 {
		for j := range c {
			v := m.ColView(j).(*mat.VecDense)
			for k := range j {
				u := m.ColView(k)
				v.AddScaledVec(v, -mat.Dot(u, v), u)
			}
			v.ScaleVec(1/mat.Norm(v, 2), v)
		}
	}
	out := mat.NewDense(a.Rows, a.Cols, dst)
	if a.Rows >= a.Cols {
		out.Copy(m)
	} else {
		out.Copy(m.T())
	}
}

// Constant returns the initialiser that sets every entry to x.
func Constant(x float64) Init {
	return func(dst []float64, _ Arrow, _, _ int, _ *rand.Rand) {
		for i := range dst {
			dst[i] = x
		}
	}
}

// PerArrow returns an initialiser that looks the arrow up by name and uses other,
// or PyTorch where other is nil, for the rest. For example, zero biases:
//
//	quiver.PerArrow(map[string]quiver.Init{"one->h": quiver.Constant(0)}, quiver.Glorot)
func PerArrow(byName map[string]Init, other Init) Init {
	if other == nil {
		other = PyTorch
	}
	byName = maps.Clone(byName)
	return func(dst []float64, a Arrow, fanIn, fanOut int, rng *rand.Rand) {
		if in, ok := byName[a.Name]; ok && in != nil {
			in(dst, a, fanIn, fanOut, rng)
			return
		}
		other(dst, a, fanIn, fanOut, rng)
	}
}

// ZeroBiases returns an initialiser that sets biases to zero and uses init for the
// other arrows.
func ZeroBiases(q *Quiver, init Init) Init {
	q.must()
	zero := make(map[string]Init)
	for _, a := range q.arrows {
		if q.vertices[a.Source].Kind == KindBias {
			zero[a.Name] = Constant(0)
		}
	}
	return PerArrow(zero, init)
}

// Random returns a representation with random weights, arrow by arrow in slab order; a nil
// init means PyTorch. Activation parameters take their initial values. The same
// source gives the same bits. It panics with *InputError for a nil quiver, and for
// a nil source where init asks it for a number.
func Random(q *Quiver, init Init, src rand.Source) *Rep {
	if init == nil {
		init = PyTorch
	}
	w := Zero(q)
	rng := randOf(src)
	fanIn, fanOut := make([]int, len(q.vertices)), make([]int, len(q.vertices))
	for _, a := range q.arrows {
		if q.vertices[a.Source].Kind != KindBias {
			fanIn[a.Target] += a.Cols
		}
		fanOut[a.Source] += a.Rows
	}
	for i, a := range q.arrows {
		if !a.Fixed && a.TiedTo == "" && a.Rows*a.Cols > 0 {
			init(w.Block(i), a, fanIn[a.Target], fanOut[a.Source], rng)
		}
	}
	for i, v := range q.vertices {
		if p, ok := v.Act.(Parametric); ok && q.nparam[i] > 0 {
			p.InitParams(w.ParamsAt(i))
		}
	}
	return w
}

func uniform(dst []float64, bound float64, rng *rand.Rand) {
	mustRand(rng)
	for i := range dst {
		dst[i] = bound * (2*rng.Float64() - 1)
	}
}
