package main

import (
	"fmt"
	"io"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/example"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
)

// variants prints E2 for each kind of compression.
func variants(out io.Writer, steps int, all map[string]cell) error {
	ps, err := compressions()
	if err != nil {
		return err
	}
	names := []string{"SGD", "momentum", "Muon", "L-BFGS", "Adam, AdamW"}
	fmt.Fprintf(out, "\nE2 for each kind of compression, no decay\n\n%-42s", "compression")
	for _, n := range names {
		fmt.Fprintf(out, "  %-11s", n)
	}
	fmt.Fprintln(out)
	for _, p := range ps {
		fmt.Fprintf(out, "%-42s", p.name)
		for _, n := range names {
			for _, m := range methods {
				if m.name != n {
					continue
				}
				c, err := p.e2(m.make("none"), m.steps(steps))
				if err != nil {
					return fmt.Errorf("%s, %s: %w", p.name, n, err)
				}
				all[p.name+" "+n] = c
				fmt.Fprintf(out, "  %-11v", c)
			}
		}
		fmt.Fprintln(out)
	}
	fmt.Fprintln(out, "\nrefused: optim.Projected, or Subspace, returns an error that says which theorem fails.")
	return nil
}

// compressions returns one problem for each kind.
func compressions() ([]problem, error) {
	act := layers.Radial(layers.Tanh)
	rng := rand.New(rand.NewPCG(7, 0))
	normal := func(n, d int) *mat.Dense { return example.Normal(n, d, rng) }
	chain, err := layers.MLP(act, 3, 10, 12, 2)
	if err != nil {
		return nil, err
	}
	x, y := normal(40, 3), normal(40, 2)
	full := quiver.Random(chain, nil, rand.NewPCG(8, 0))
	low := full.Clone() // the first matrix has rank one
	m := low.Arrow("x->h1")
	m.Apply(func(i, j int, _ float64) float64 { return m.At(i, 0) * float64(j+1) / 3 }, m)
	var flat mat.Dense // data in a plane
	flat.Mul(normal(40, 2), normal(2, 3))

	linear, err := quiver.New(quiver.Input("x", 3), quiver.Bias("one"),
		quiver.Hidden("h1", 8, act), quiver.Hidden("linear", 6, quiver.Identity), quiver.Hidden("h2", 2, act), quiver.Output("y", 2, nil),
		quiver.Connect("x", "h1"), quiver.Connect("one", "h1"), quiver.Connect("h1", "linear"), quiver.Connect("one", "linear"),
		quiver.Connect("linear", "h2"), quiver.Connect("one", "h2"), quiver.Connect("h2", "y"), quiver.Connect("one", "y"))
	if err != nil {
		return nil, err
	}
	parallel, err := quiver.New(quiver.Input("x", 3), quiver.Hidden("h", 10, act), quiver.Output("y", 2, nil),
		quiver.Connect("x", "h"), quiver.Connect("x", "h", quiver.Named("again")), quiver.Connect("h", "y"))
	if err != nil {
		return nil, err
	}
	tied, err := quiver.New(quiver.Input("x", 2), quiver.Bias("one"),
		quiver.Hidden("t1", 9, act), quiver.Hidden("t2", 9, act), quiver.Output("y", 2, nil),
		quiver.Connect("x", "t1"), quiver.Connect("one", "t1"), quiver.Connect("t1", "t2"), quiver.Connect("one", "t2", quiver.Tied("one->t1")), quiver.Connect("t2", "y"))
	if err != nil {
		return nil, err
	}
	pointwise, err := layers.MLP(layers.Pointwise(layers.Tanh), 3, 6, 2)
	if err != nil {
		return nil, err
	}
	twin := quiver.Random(pointwise, nil, rand.NewPCG(12, 0)) // units 0 and 1 are opposite
	for _, a := range []string{"x->h1", "one->h1"} {
		m := twin.Arrow(a)
		for j, x := range m.RawRowView(0) {
			m.Set(1, j, -x)
		}
	}
	in, out := []*mat.Dense{x}, []*mat.Dense{y}
	return []problem{
		{"widths (QR)", full, in, out, nil},
		{"Rank, the rank is exact", low, in, out, []symmetry.Option{symmetry.Rank(1e-10)}},
		{"Rank, singular values dropped", full, in, out, []symmetry.Option{symmetry.Rank(0.7)}},
		{"Observe, an identity vertex", quiver.Random(linear, nil, rand.NewPCG(9, 0)), in, out, []symmetry.Option{symmetry.Observe()}},
		{"Data in a plane", full, []*mat.Dense{&flat}, out, []symmetry.Option{symmetry.Data(&flat)}},
		{"Tolerance", full, in, out, []symmetry.Option{symmetry.Tolerance(0.6)}},
		{"MergeParallel", quiver.Random(parallel, nil, rand.NewPCG(10, 0)), in, out, []symmetry.Option{symmetry.MergeParallel}},
		{"Pointwise, a twin merged", twin, in, out, []symmetry.Option{symmetry.Pointwise()}},
		{"tied arrows", quiver.Random(tied, nil, rand.NewPCG(11, 0)), []*mat.Dense{normal(40, 2)}, out, nil},
	}, nil
}
