package symmetry_test

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/quiver/quivertest"
	"github.com/quivernet/quivernet/symmetry"
)

// lawActs are activations that the reference knows: of the catalogue and of a user.
var lawActs = []quivertest.Act{
	{Activation: squash, Size: 1.2},
	{Activation: quiver.Identity, Size: 1.2},
	{Activation: soft{}, Size: 1.2},
	{Activation: unsaid{}, Size: 1.2},
	{Activation: layers.Pointwise(layers.ReLU), Size: 1.2},
	{Activation: layers.Radial(layers.Shift(layers.ReLU, 0.5)), Size: 1.5},
}

// trial is a network with inputs and options.
type trial struct {
	quivertest.Instance
	rng     *rand.Rand
	options [2]string
	opts    []symmetry.Option
	shape   string // how it was spoiled
}

var lawOptions = []string{"none", "Rank(0)", "Rank(tol)", "Tolerance", "Widths", "Weigh", "MergeParallel", "Observe", "PathSum", "Keep", "Data", "Pointwise", "Boxes", "Samples", "MeasureOn"}

func (c *trial) option(name string) symmetry.Option {
	hidden := c.Rep.Quiver().Hidden()
	switch name {
	case "Rank(0)":
		return symmetry.Rank(0)
	case "Rank(tol)":
		return symmetry.Rank(math.Pow(10, -1-8*c.rng.Float64()))
	case "Tolerance":
		return symmetry.Tolerance(math.Pow(10, -1-8*c.rng.Float64()))
	case "Widths":
		w := map[string]int{}
		for _, h := range hidden {
			if v, _ := c.Rep.Quiver().VertexIndex(h); c.Rep.Quiver().Vertices()[v].Act.String() != layers.Pointwise(layers.ReLU).String() {
				w[h] = 1 + c.rng.IntN(4)
			}
		}
		return symmetry.Widths(w)
	case "Weigh":
		return symmetry.Weigh(c.Inputs...)
	case "MergeParallel":
		return symmetry.MergeParallel
	case "Observe":
		return symmetry.Observe()
	case "PathSum":
		return symmetry.PathSum()
	case "Keep":
		if len(hidden) > 0 {
			return symmetry.Keep(hidden[c.rng.IntN(len(hidden))])
		}
	case "Data":
		return symmetry.Data(c.Inputs...)
	case "Pointwise":
		return symmetry.Pointwise()
	case "Boxes":
		return symmetry.Boxes(hull(c.Inputs)...)
	case "Samples":
		return symmetry.Samples(c.Inputs...)
	case "MeasureOn":
		return symmetry.MeasureOn(c.Inputs...)
	}
	return nil
}

// trialOf returns the instance of a number: a quiver of quivertest, spoiled in one of several ways,
// with each pair of options in turn.
func trialOf(n int) *trial {
	rng := rand.New(rand.NewPCG(uint64(n), 0x1a))
	c := &trial{rng: rng}
	for k := uint64(0); ; k++ {
		if c.Instance = quivertest.Generate(uint64(n)+1_000_003*k, lawActs...); c.Rep.Quiver().NumParams() < 700 {
			break
		}
	}
	pairs := len(lawOptions) * (len(lawOptions) + 1) / 2
	k := n % pairs
	for i := range lawOptions {
		if j := k + i; j < len(lawOptions) {
			c.options = [2]string{lawOptions[i], lawOptions[j]}
			break
		}
		k -= len(lawOptions) - i
	}
	c.shape = "as it comes"
	switch n / 3 % 6 {
	case 1:
		c.shape = "units of coordinates"
		c.units(60)
	case 2:
		c.shape = "units of inputs"
		c.inputUnits(80)
	case 3:
		c.shape = "rank lost"
		c.loseRank(0)
	case 4:
		c.shape = "rank almost lost, in units"
		c.loseRank(math.Ldexp(1, -20-rng.IntN(40)))
		c.units(20)
	case 5:
		c.shape = "data on a line, in units, rank lost"
		c.flatten()
		c.loseRank(0)
		c.inputUnits(30)
	}
	for _, name := range slices.Compact(c.options[:]) {
		if o := c.option(name); o != nil {
			c.opts = append(c.opts, o)
		}
	}
	return c
}

// units scales the rows into a hidden vertex, and the columns out of it back, by powers of two.
func (c *trial) units(most int) {
	q := c.Rep.Quiver()
	as := q.Arrows()
	for _, v := range q.Vertices() {
		i, _ := q.VertexIndex(v.Name)
		if v.Kind != quiver.KindHidden || slices.ContainsFunc(slices.Concat(q.In(i), q.Out(i)), func(a int) bool { return as[a].Fixed || as[a].TiedTo != "" }) {
			continue
		}
		for k := range v.Dim {
			f := math.Ldexp(1, c.rng.IntN(most+1)-most)
			for _, a := range q.In(i) {
				row(c.Rep, as[a], k, f)
			}
			for _, a := range q.Out(i) {
				col(c.Rep, as[a], k, 1/f)
			}
		}
	}
}

func row(w *quiver.Rep, a quiver.Arrow, i int, f float64) {
	for j := range a.Cols {
		m := w.Arrow(a.Name)
		m.Set(i, j, m.At(i, j)*f)
	}
}

func col(w *quiver.Rep, a quiver.Arrow, j int, f float64) {
	for i := range a.Rows {
		m := w.Arrow(a.Name)
		m.Set(i, j, m.At(i, j)*f)
	}
}

// inputUnits scales inputs by powers of two, and the columns that take them back.
func (c *trial) inputUnits(most int) {
	q := c.Rep.Quiver()
	as := q.Arrows()
	for i, name := range q.Inputs() {
		v, _ := q.VertexIndex(name)
		if slices.ContainsFunc(q.Out(v), func(a int) bool { return as[a].Fixed || as[a].TiedTo != "" }) || slices.ContainsFunc(as, func(b quiver.Arrow) bool {
			return slices.ContainsFunc(q.Out(v), func(a int) bool { return b.TiedTo == as[a].Name })
		}) {
			continue
		}
		for j := range q.Vertices()[v].Dim {
			f := math.Ldexp(1, c.rng.IntN(2*most+1)-most)
			for _, a := range q.Out(v) {
				col(c.Rep, as[a], j, 1/f)
			}
			for s := range c.Inputs[i].RawMatrix().Rows {
				c.Inputs[i].Set(s, j, c.Inputs[i].At(s, j)*f)
			}
		}
	}
}

// loseRank makes columns of trainable matrices equal to others up to e, and some biases 0.
func (c *trial) loseRank(e float64) {
	for _, m := range c.Rep.All() {
		r, k := m.Dims()
		if k < 2 {
			if c.rng.IntN(3) == 0 {
				m.Zero()
			}
			continue
		}
		from, to := c.rng.IntN(k), c.rng.IntN(k)
		f := c.rng.NormFloat64()
		for i := range r {
			if from != to {
				m.Set(i, to, f*m.At(i, from)+e*c.rng.NormFloat64())
			}
		}
	}
}

// flatten puts the rows of each input on a line with an offset.
func (c *trial) flatten() {
	for _, x := range c.Inputs {
		r, d := x.Dims()
		for j := 1; j < d; j++ {
			f, o := c.rng.NormFloat64(), 10*c.rng.NormFloat64()
			for s := range r {
				x.Set(s, j, o+f*x.At(s, 0))
			}
		}
	}
}
