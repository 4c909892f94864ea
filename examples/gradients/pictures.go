package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"

	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
	"github.com/quivernet/quivernet/viz"
)

// pictures draws the gradient of the small network as formulas, that of a larger one as the quiver backward, and a
// network before and after its reduction.
func pictures(out io.Writer, dir string) error {
	q, err := network()
	if err != nil {
		return err
	}
	values, err := gradientOf(q)
	if err != nil {
		return err
	}
	if q, err = larger(); err != nil {
		return err
	}
	backward, err := gradientOf(q)
	if err != nil {
		return err
	}
	mlp, err := layers.MLP(layers.Radial(layers.Tanh), 2, 16, 64, 128, 16, 2)
	if err != nil {
		return err
	}
	c, err := symmetry.Compress(quiver.Random(mlp, nil, rand.NewPCG(1, 2)))
	if err != nil {
		return err
	}
	for _, p := range []struct {
		name string
		d    viz.Drawing
	}{{"gradient.svg", values}, {"backward.svg", backward}, {"reduction.svg", viz.Reduction(mlp, c.Reduced.Quiver())}} {
		path := filepath.Join(dir, p.name)
		if err := viz.Save(path, p.d); err != nil {
			return err
		}
		fmt.Fprintln(out, path)
	}
	return nil
}

func gradientOf(q *quiver.Quiver) (*graph.Expr, error) {
	p, err := graph.Compile(q, graph.Loss("y", graph.MSE, 1))
	if err != nil {
		return nil, err
	}
	return p.Gradient("x->h1")
}

// larger is a network of ten vertices with skips over one and over two of them, a shared matrix and an identity.
func larger() (*quiver.Quiver, error) {
	act := layers.Radial(layers.Tanh)
	ps := []quiver.Part{quiver.Input("x", 4), quiver.Bias("one")}
	dims := []int{4, 12, 9, 9, 9, 6, 14, 6, 8}
	name := func(i int) string { return [...]string{"x", "h1", "h2", "h3", "h4", "h5", "h6", "h7", "h8"}[i] }
	for i := 1; i < len(dims); i++ {
		ps = append(ps, quiver.Hidden(name(i), dims[i], act), quiver.Connect("one", name(i)))
		if name(i) == "h4" {
			ps = append(ps, quiver.Connect("h3", "h4", quiver.Tied("h2->h3")))
		} else {
			ps = append(ps, quiver.Connect(name(i-1), name(i)))
		}
	}
	return quiver.New(append(ps, quiver.Output("y", 3, nil), quiver.Connect("h8", "y"), quiver.Connect("one", "y"),
		quiver.Connect("h2", "h4", quiver.Frozen(quiver.Eye(9))), quiver.Connect("h1", "h4", quiver.Named("skip")), quiver.Connect("h4", "h6"), quiver.Connect("h5", "h7"), quiver.Connect("h6", "y"), quiver.Connect("x", "h2"))...)
}
