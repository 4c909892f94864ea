// Command gradients looks at the gradients of a radial quiver with skip connections: it prints
// them as formulas, opens one radial vertex level by level, draws, and checks everything three
// ways.
//
//	go run ./examples/gradients                  # print and check
//	go run ./examples/gradients -o gradient.svg  # and draw (.svg, or .dot for Graphviz)
//	go run ./examples/gradients -latex           # print LaTeX (for amsmath)
//	go run ./examples/gradients -only h1 -depth 1 -o part.svg   # a part: what h1 is, and what stands in it
//	go run ./examples/gradients -pictures docs/pictures         # draw the pictures of the documentation
//	go run ./examples/gradients -quick           # a smaller Jacobian
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/internal/example"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/viz"
)

func main() {
	var c config
	flag.StringVar(&c.path, "o", "", "a `file` for the drawing of the gradient (.svg or .dot)")
	flag.BoolVar(&c.latex, "latex", false, "print LaTeX")
	flag.BoolVar(&c.quick, "quick", false, "a smaller Jacobian")
	flag.StringVar(&c.only, "only", "", "a vertex or a `value` of the gradient: draw and print it alone")
	flag.IntVar(&c.depth, "depth", -1, "how many references away from it, or from the gradient, to draw and print")
	flag.StringVar(&c.pictures, "pictures", "", "a `directory` for the pictures of the documentation; nothing else is done")
	example.Main(func(out io.Writer) error {
		return run(out, c)
	})
}

type config struct {
	path, only, pictures string
	depth                int // below 0: all
	latex, quick         bool
}

// views are the options of the printers.
func (c config) views() (views []graph.View) {
	if c.only != "" {
		views = append(views, graph.Only(c.only))
	}
	if c.depth >= 0 {
		views = append(views, graph.Depth(c.depth))
	}
	return views
}

// network is x→h1→h2→y with the skips x→h2 and h1→y.
func network() (*quiver.Quiver, error) {
	act := layers.Radial(layers.Tanh)
	return quiver.New(
		quiver.Input("x", 2), quiver.Bias("one"),
		quiver.Hidden("h1", 8, act), quiver.Hidden("h2", 6, act), quiver.Output("y", 2, nil),
		quiver.Connect("x", "h1"), quiver.Connect("one", "h1"),
		quiver.Connect("h1", "h2"), quiver.Connect("x", "h2"), quiver.Connect("one", "h2"),
		quiver.Connect("h2", "y"), quiver.Connect("h1", "y"), quiver.Connect("one", "y"),
	)
}

func run(out io.Writer, c config) error {
	if c.pictures != "" {
		return pictures(out, c.pictures)
	}
	q, err := network()
	if err != nil {
		return err
	}
	rng := rand.New(rand.NewPCG(1, 2))
	w := quiver.Random(q, nil, rng)
	const samples = 20
	p, err := graph.Compile(q, graph.Loss("y", graph.MSE, 1), graph.Precompile(samples))
	if err != nil {
		return err
	}
	xs, ys := []*mat.Dense{example.Normal(samples, 2, rng)}, []*mat.Dense{example.Normal(samples, 2, rng)}
	x, err := p.Gradient("x->h1")
	if err != nil {
		return err
	}
	show := func(title string, x *graph.Expr) {
		text := x.String()
		if c.latex {
			text = x.LaTeX()
		}
		fmt.Fprintf(out, "%s\n\n%s\n", title, text)
	}
	part, err := x.Show(c.views()...)
	if err != nil {
		return err
	}
	show("The gradient of the loss in the first matrix", part)
	closed, err := x.Eval(w, xs, ys)
	if err != nil {
		return err
	}
	if err := open(x, closed, func(x *graph.Expr) (*mat.Dense, error) { return x.Eval(w, xs, ys) }, show, out); err != nil {
		return err
	}
	v, err := p.VertexGradient("x")
	if err != nil {
		return err
	}
	show("The gradient in the data", v)
	s, err := p.SecondGradient("x->h1", "h2->y")
	if err != nil {
		return err
	}
	if s, err = s.Simplify(); err != nil {
		return err
	}
	show("A block of the Hessian, applied to a direction V", s)
	if err := numbers(out, p, w, xs, ys, c.quick, rng); err != nil {
		return err
	}
	if c.path != "" {
		if err := viz.Save(c.path, part); err != nil {
			return err
		}
		fmt.Fprintf(out, "\nthe gradient is drawn in %s\n", c.path)
	}
	return nil
}

// open opens vertex h1 level by level until it is made of elementary operations, and compares
// the numbers each time.
func open(x *graph.Expr, closed *mat.Dense, eval func(*graph.Expr) (*mat.Dense, error), show func(string, *graph.Expr), out io.Writer) error {
	title := ""
	for level := 1; ; level++ {
		y, err := x.Expand("h1")
		var done *graph.ExpandError
		if last := errors.As(err, &done); title != "" && (last || err == nil && y.String() != x.String()) {
			shown := x
			if !last { // the symbols of all levels are explained at the last
				if shown, err = x.Show(graph.NoLegend()); err != nil {
					return err
				}
			}
			show(title, shown)
			title = ""
		}
		if done != nil {
			fmt.Fprintf(out, "%v\n\n", done)
			return nil
		} else if err != nil {
			return err
		}
		x = y
		got, err := eval(x)
		if err != nil {
			return err
		}
		gap := relative(closed, got)
		if !(gap <= 1e-10) {
			return fmt.Errorf("level %d of h1 computes other numbers: relative gap %.1e", level, gap)
		}
		if title == "" {
			title = fmt.Sprintf("Vertex h1 opened, level %d (%d nodes; the same numbers up to %.0e)", level, len(x.Nodes()), max(gap, 1e-16))
		}
	}
}

// numbers verifies the program and prints what its second order and its Jacobian are.
func numbers(out io.Writer, p *graph.Program, w *quiver.Rep, xs, ys []*mat.Dense, quick bool, rng *rand.Rand) error {
	v, err := graph.Verify(p, w, xs, ys)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "The three-way check\n\n%v", v)
	if err := v.Err(); err != nil {
		return err
	}
	h, err := p.Hessian(w, xs, ys)
	if err != nil {
		return err
	}
	var e mat.EigenSym
	if !e.Factorize(h, false) {
		return errors.New("the eigenvalues of the Hessian do not converge")
	}
	ev := e.Values(nil)
	flat := 0
	for _, l := range ev {
		if l < 1e-12*ev[len(ev)-1] && l > -1e-12*ev[len(ev)-1] {
			flat++
		}
	}
	fmt.Fprintf(out, "\nthe Hessian is %d×%d, with eigenvalues from %.3g to %.3g, %d of them zero\n", len(ev), len(ev), ev[0], ev[len(ev)-1], flat)
	n := 10_000
	if quick {
		n = 500
	}
	j, err := p.Jacobian(w, example.Normal(n, 2, rng))
	if err != nil {
		return err
	}
	r, c := j.Dims()
	_, err = fmt.Fprintf(out, "the Jacobian of %d samples is %d×%d: row 2i is the first output of sample i, row 2i+1 the second\n", n, r, c)
	return err
}

// relative returns max|a−b| / max|a|.
func relative(a, b *mat.Dense) float64 {
	var d mat.Dense
	d.Sub(a, b)
	return max(mat.Max(&d), -mat.Min(&d)) / max(mat.Max(a), -mat.Min(a))
}
