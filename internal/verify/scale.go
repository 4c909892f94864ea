package verify

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/model"
	"github.com/quivernet/quivernet/quiver"
)

// direction returns a random change of some of the weights of which each part moves the pre-activations by about their own size,
// whatever the units of the data: an entry of a matrix that multiplies a feature of 1e9 is moved 1e9 times less than one that
// multiplies a feature of 1.
func (r *reference) direction(rng *rand.Rand, of func(quiver.Segment) bool) *quiver.Rep {
	u := r.w.Like()
	for s, dir := range u.Segments() {
		if !of(s) || len(dir) == 0 {
			continue
		}
		for i := range dir {
			dir[i] = rng.NormFloat64()
		}
		if s.Arrow == "" { // parameters
			if p := r.paramsOf(s.Vertex); floats.Norm(p, 2) > 0 {
				floats.Scale(floats.Norm(p, 2)/floats.Norm(dir, 2), dir)
			}
			continue
		}
		scale := r.scales(s.Arrow)
		for i := range dir {
			dir[i] *= scale[i%len(scale)]
		}
	}
	return u
}

func (r *reference) paramsOf(vertex string) []float64 {
	v, _ := r.w.Quiver().VertexIndex(vertex)
	return r.w.ParamsAt(v)
}

// scales returns for each column of a matrix the size of a change that moves the pre-activations by about their own size; of the arrows that share the
// matrix the one that is moved most decides.
func (r *reference) scales(arrow string) []float64 {
	var scale []float64
	for _, a := range r.as {
		if a.Name != arrow && a.TiedTo != arrow || a.Cols == 0 {
			continue
		}
		z := size(r.z[a.Target], -1)
		if z == 0 {
			z = 1
		}
		if scale == nil {
			scale = make([]float64, a.Cols)
			for j := range scale {
				scale[j] = math.Inf(1)
			}
		}
		for j := range scale {
			if x := size(r.x[a.Source], j); x > 0 {
				scale[j] = min(scale[j], z/x/math.Sqrt(float64(a.Cols)))
			}
		}
	}
	for j := range scale {
		if math.IsInf(scale[j], 1) { // nothing arrives in that column
			scale[j] = 1
		}
	}
	return scale
}

// size returns the root mean square of a coordinate over the samples, of all of them for −1, without overflow.
func size(rows [][]float64, j int) float64 {
	var all []float64
	for _, row := range rows {
		if j >= 0 {
			row = row[j : j+1]
		}
		all = append(all, row...)
	}
	largest := floats.Norm(all, math.Inf(1))
	if largest == 0 || len(all) == 0 {
		return 0
	}
	floats.Scale(1/largest, all)
	return largest * floats.Norm(all, 2) / math.Sqrt(float64(len(all)))
}

// rounding is how much the reference moves when weights and data move by a few units in the last place: in the
// program's precision, two right programs may differ by as much.
type rounding struct {
	v     *verifier
	eps   float64
	moved []*reference
	value []float64 // by vertex
}

const wobbles = 3

// rounding measures it. Where the reference refuses the moved weights nothing is allowed for.
func (v *verifier) rounding() *rounding {
	if v.Model.Dtype == model.Dtype(true) {
		return v.roundingOf(0x1p-22)
	}
	return v.roundingOf(doubleRounding)
}

const doubleRounding = 0x1p-50

func (v *verifier) roundingOf(eps float64) *rounding {
	r := &rounding{v: v, eps: eps, value: make([]float64, len(v.ref.vs))}
	for k := range uint64(wobbles) {
		rng := rand.New(rand.NewPCG(k, 0x60bb1e))
		w, xs := wobbled(v.w, v.xs, eps, rng)
		m, err := newReference(w, xs, v.n)
		if err != nil {
			continue
		}
		r.moved = append(r.moved, m)
		for i := range r.value {
			for s := range v.n {
				if d := floats.Distance(m.x[i][s], v.ref.x[i][s], math.Inf(1)); len(m.x[i][s]) > 0 && d > r.value[i] {
					r.value[i] = d
				}
			}
		}
	}
	floats.Scale(4, r.value)
	return r
}

// gradient returns the same for the gradients at the segments. The gradients at the outputs, dy at the reference's own, move with the
// outputs: at a minimum they are differences of what is equal up to rounding.
func (r *rounding) gradient(dy map[int]*mat.Dense) ([]float64, error) {
	var room []float64
	r.v.ref.back(dy)
	for k, m := range r.moved {
		moved, err := r.outputGradients(m, uint64(k))
		if err != nil {
			return nil, err
		}
		m.back(moved)
	}
	sum := func(ref *reference, s quiver.Segment) []float64 {
		var total []float64
		for i, a := range ref.as {
			if s.Arrow == "" || a.Name != s.Arrow && a.TiedTo != s.Arrow || a.Cols == 0 {
				continue
			}
			g, _ := ref.arrow(i)
			if total == nil {
				total = make([]float64, len(g))
			}
			floats.Add(total, g)
		}
		return total
	}
	for s := range r.v.w.Segments() {
		var most float64
		base := sum(r.v.ref, s)
		for _, m := range r.moved {
			if got := sum(m, s); len(got) > 0 {
				most = max(most, floats.Distance(got, base, math.Inf(1)))
			}
		}
		room = append(room, 4*most)
	}
	return room, nil
}

// outputGradients returns the gradients of the losses at moved outputs, in single precision with the targets as that holds them.
func (r *rounding) outputGradients(m *reference, seed uint64) (map[int]*mat.Dense, error) {
	rng := rand.New(rand.NewPCG(seed, 0xde17a))
	dy := make(map[int]*mat.Dense)
	for i, g := range r.v.loss {
		at := r.v.Model.LossAt[i]
		if dy[at] == nil {
			dy[at] = mat.NewDense(r.v.n, r.v.Model.Vertices[at].Dim, nil)
		}
		if g.at == nil {
			continue
		}
		y := join(m.x[at])
		for j := range y {
			y[j] *= 1 + r.eps*rng.NormFloat64()
		}
		t, _ := r.v.target(i)
		if r.v.Model.Dtype == model.Dtype(true) {
			for j := range t {
				t[j] = float64(float32(t[j]))
			}
		}
		if _, err := g.eval(y, t); err != nil {
			return nil, err
		}
		d := g.Matrix(g.at)
		d.Apply(func(_, _ int, x float64) float64 { return r.held(x) }, d)
		dy[at].Add(dy[at], d)
	}
	return dy, nil
}

// held returns what the program's precision keeps of a number: in single precision nothing below the smallest normal one.
func (r *rounding) held(x float64) float64 {
	if r.v.Model.Dtype == model.Dtype(true) && math.Abs(x) < 0x1p-126 {
		return 0
	}
	return x
}
