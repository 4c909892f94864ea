package main

import (
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/data"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// study is one network of the first table: what it is, what it is fed, and what it
// is trained on.
type study struct {
	name  string
	act   string
	make  func(seed uint64) (*quiver.Rep, error)
	xs    []*mat.Dense
	ys    []*mat.Dense // one per output
	seeds int
	rate  float64
}

// studies returns the networks of arXiv 2107.02550 (experiments 1–3) and the three
// quivers that the authors' code for arXiv 2207.12773 verifies, here with a
// non-linear activation and working biases.
func studies() []study {
	x1, y1 := data.Bump()
	x2, y2 := data.Grid(11, data.Gauss)
	_, s2 := data.Grid(11, data.Sigmoid)
	sigmoid := layers.Radial(layers.Sigmoid)
	all := []study{
		{name: "1-6-7-1", act: sigmoid.String(), make: chain(sigmoid, 1, 6, 7, 1), xs: one(x1), ys: one(y1), seeds: 10, rate: 0.01},
		{name: "2-16-64-128-16-2", act: sigmoid.String(), make: chain(sigmoid, 2, 16, 64, 128, 16, 2), xs: one(x2), ys: one(y2), seeds: 1, rate: 0.01},
		{name: "  other target", act: sigmoid.String(), make: chain(sigmoid, 2, 16, 64, 128, 16, 2), xs: one(x2), ys: one(s2), seeds: 1, rate: 0.01},
	}
	return append(all, quivers()...)
}

// chain makes a multilayer perceptron with weights drawn as PyTorch draws them.
func chain(act quiver.Activation, dims ...int) func(uint64) (*quiver.Rep, error) {
	return func(seed uint64) (*quiver.Rep, error) {
		q, err := layers.MLP(act, dims...)
		if err != nil {
			return nil, err
		}
		return quiver.Random(q, nil, rand.NewPCG(seed, 0)), nil
	}
}

// quivers returns the skip, the two-input two-head and the diamond quiver. Each
// vertex that is not a source has a bias.
func quivers() []study {
	act := layers.Radial(layers.Squash)
	hidden := func(name string, dim int) quiver.Part { return quiver.Hidden(name, dim, act) }
	rng := rand.New(rand.NewPCG(3, 0))
	rows := func(d int) *mat.Dense {
		m := mat.NewDense(64, d, nil)
		for i := range 64 {
			for j := range d {
				m.Set(i, j, 2*rng.Float64()-1)
			}
		}
		return m
	}
	build := func(arrows [][2]string, parts ...quiver.Part) func(uint64) (*quiver.Rep, error) {
		parts = append(parts, quiver.Bias("one"))
		fed := map[string]bool{}
		for _, a := range arrows {
			parts = append(parts, quiver.Connect(a[0], a[1]))
			if !fed[a[1]] {
				fed[a[1]] = true
				parts = append(parts, quiver.Connect("one", a[1]))
			}
		}
		return func(seed uint64) (*quiver.Rep, error) {
			q, err := quiver.New(parts...)
			if err != nil {
				return nil, err
			}
			return quiver.Random(q, nil, rand.NewPCG(seed, 0)), nil
		}
	}
	return []study{
		{name: "skip", act: act.String(), seeds: 1, rate: 0.01,
			make: build([][2]string{{"a", "b"}, {"a", "c"}, {"b", "c"}, {"c", "d"}},
				quiver.Input("a", 2), hidden("b", 4), hidden("c", 8), quiver.Output("d", 2, nil)),
			xs: one(rows(2)), ys: one(rows(2))},
		{name: "two inputs, two heads", act: act.String(), seeds: 1, rate: 0.01,
			make: build([][2]string{{"a", "c"}, {"b", "c"}, {"c", "d"}, {"c", "e"}},
				quiver.Input("a", 1), quiver.Input("b", 2), hidden("c", 8), quiver.Output("d", 2, nil), quiver.Output("e", 6, nil)),
			xs: []*mat.Dense{rows(1), rows(2)}, ys: []*mat.Dense{rows(2), rows(6)}},
		{name: "diamond", act: act.String(), seeds: 1, rate: 0.01,
			make: build([][2]string{{"a", "b"}, {"a", "c"}, {"b", "d"}, {"c", "d"}, {"d", "e"}},
				quiver.Input("a", 2), hidden("b", 4), hidden("c", 4), hidden("d", 8), quiver.Output("e", 2, nil)),
			xs: one(rows(2)), ys: one(rows(2))},
	}
}

func one(m *mat.Dense) []*mat.Dense { return []*mat.Dense{m} }
