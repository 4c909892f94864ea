package quivertest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// Act is an activation with the typical size of the pre-activations at which it is not
// nearly linear: 1.2 for most, 1.2 times the radius of a jump, 3 times a dead radius.
type Act struct {
	quiver.Activation
	Size float64
}

// Instance is a random network with inputs to look at it.
type Instance struct {
	Name   string // kind and seed
	Kind   string
	Rep    *quiver.Rep
	Inputs []*mat.Dense
	// Exempt says why the instance need not be sensitive (zero on purpose, for
	// example), or is empty.
	Exempt string
}

// Rows is the number of samples of an instance.
const Rows = 24

// Generate returns the instance of a seed. Consecutive seeds go round the kinds; acts
// are drawn for the hidden vertices. The same seed gives the same bits.
func Generate(seed uint64, acts ...Act) Instance {
	kind := kinds[seed%uint64(len(kinds))]
	g := &generator{rng: rand.New(rand.NewPCG(seed, 0x51)), acts: acts}
	kind.build(g)
	q, err := quiver.New(g.parts...)
	if err != nil {
		panic(err) // of the activations given, or of this package
	}
	w := quiver.Random(q, nil, g.rng)
	in := Instance{Name: fmt.Sprintf("%s/%d", kind.name, seed), Kind: kind.name, Rep: w, Exempt: kind.exempt}
	dims := q.Dims()
	for _, name := range q.Inputs() {
		in.Inputs = append(in.Inputs, normal(Rows, dims[name], g.rng))
	}
	Calibrate(w, g.size, g.rng, in.Inputs...)
	if kind.spoil != nil {
		kind.spoil(g, w)
	}
	return in
}

// Kinds returns the names of the kinds of networks.
func Kinds() []string {
	var s []string
	for _, k := range kinds {
		s = append(s, k.name)
	}
	return s
}

func normal(r, c int, rng *rand.Rand) *mat.Dense {
	if r == 0 || c == 0 {
		return &mat.Dense{}
	}
	m := mat.NewDense(r, c, nil)
	for i := range r {
		for j := range c {
			m.Set(i, j, rng.NormFloat64())
		}
	}
	return m
}

// Calibrate changes the weights of w so that its non-linearities are at work on the
// given samples, vertex by vertex in topological order: the bias becomes minus the mean of
// the pre-activation plus 0.3 times a random vector, and the other arrows are scaled so that
// the median length of the centred pre-activation is size(vertex). Tied and fixed arrows stay
// as they are. It panics with an error of package quiver where the samples do not fit, and where an
// argument is nil.
func Calibrate(w *quiver.Rep, size func(vertex string) float64, rng *rand.Rand, xs ...*mat.Dense) {
	q := w.Quiver()
	if size == nil || rng == nil {
		panic(&quiver.InputError{Reason: "quivertest.Calibrate needs the sizes of vertices and a source of random numbers"})
	}
	vs, as := q.Vertices(), q.Arrows()
	for v, vertex := range vs {
		if vertex.Kind != quiver.KindHidden || vertex.Dim == 0 {
			continue
		}
		features, err := w.Features(xs...)
		if err != nil {
			panic(err)
		}
		var biases, scaled []int
		var z mat.Dense
		for _, i := range q.In(v) {
			a := as[i]
			free := !a.Fixed && a.TiedTo == "" && !owns(as, a.Name) && a.Cols > 0
			switch {
			case a.Cols == 0:
				continue
			case vs[a.Source].Kind == quiver.KindBias && free:
				biases = append(biases, i)
				continue
			case free:
				scaled = append(scaled, i)
			}
			if features[a.From].IsEmpty() {
				panic(&quiver.InputError{Reason: "quivertest.Calibrate needs samples"})
			}
			var p mat.Dense
			p.Mul(features[a.From], w.Matrix(i).T())
			if z.IsEmpty() {
				z.CloneFrom(&p)
			} else {
				z.Add(&z, &p)
			}
		}
		if z.IsEmpty() {
			continue
		}
		mean := centre(&z)
		s := 1.0
		if m := medianLength(&z); m > 0 && len(scaled) > 0 {
			s = size(vertex.Name) / m
		}
		for _, i := range scaled {
			for k := range w.Block(i) {
				w.Block(i)[k] *= s
			}
		}
		for n, i := range biases {
			for k := range w.Block(i) {
				b := 0.3 * rng.NormFloat64()
				if n == 0 {
					b -= s * mean[k]
				}
				w.Block(i)[k] = b
			}
		}
	}
}

func owns(as []quiver.Arrow, name string) bool {
	return slices.ContainsFunc(as, func(a quiver.Arrow) bool { return a.TiedTo == name })
}

func centre(z *mat.Dense) []float64 {
	n, d := z.Dims()
	mean := make([]float64, d)
	for i := range n {
		for j, x := range z.RawRowView(i) {
			mean[j] += x / float64(n)
		}
	}
	for i := range n {
		for j, m := range mean {
			z.Set(i, j, z.At(i, j)-m)
		}
	}
	return mean
}

func medianLength(z *mat.Dense) float64 {
	n, _ := z.Dims()
	ls := make([]float64, n)
	for i := range n {
		ls[i] = mat.Norm(z.RowView(i), 2)
	}
	slices.Sort(ls)
	return ls[n/2]
}

// Gap returns max|a−b| / max|a| for each pair of outputs, the largest; 0/0 counts as 0, and
// outputs of different sizes are +Inf apart.
func Gap(a, b []*mat.Dense) float64 {
	if len(a) != len(b) {
		return math.Inf(1)
	}
	var worst float64
	for k := range a {
		if a[k] == nil || b[k] == nil {
			if a[k] != b[k] {
				return math.Inf(1)
			}
			continue
		}
		r, c := a[k].Dims()
		if rb, cb := b[k].Dims(); rb != r || cb != c {
			return math.Inf(1)
		}
		var diff, size float64
		for i := range r {
			for j := range c {
				x, y := a[k].At(i, j), b[k].At(i, j)
				size = max(size, math.Abs(x))
				if x != y {
					diff = max(diff, math.Abs(x-y))
				}
			}
		}
		if diff > 0 || math.IsNaN(diff) {
			worst = max(worst, diff/size)
		}
	}
	return worst
}
