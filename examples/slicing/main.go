// Command slicing cuts the residual stream of an RMSNorm network to fewer and fewer
// dimensions and shows the error, beside plain magnitude pruning of the same size.
//
// RMSNorm is radial, so the residual stream of a network whose blocks begin with it may be rotated freely;
// keeping the leading directions of what flows there is the orthogonal slicing used on
// transformers (arXiv 2401.15024). The network is trained on the embedded digits first, so
// that there is something to lose. Errors are on the test images.
//
//	go run ./examples/slicing                # a table, and slicing.png in the current directory
//	go run ./examples/slicing -out FILE.png  # the picture elsewhere; "" for none
//	go run ./examples/slicing -quick
package main

import (
	"flag"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/plotutil"
	"gonum.org/v1/plot/vg"

	_ "github.com/quivernet/quivernet/blas/auto"
	"github.com/quivernet/quivernet/data"
	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/internal/example"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/optim"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
)

func main() {
	quick := flag.Bool("quick", false, "one epoch, three widths, no picture")
	path := flag.String("out", "slicing.png", "where to write the picture; empty for none")
	example.Main(func(out io.Writer) error {
		c := config{epochs: 12, kept: []int{40, 36, 32, 28, 24, 20, 16, 12, 8, 4}, path: *path}
		if *quick {
			c = config{epochs: 1, kept: []int{40, 24, 8}}
		}
		_, err := run(out, c)
		return err
	})
}

type config struct {
	epochs int
	kept   []int
	path   string
}

// point is a line of the table.
type point struct {
	kept, numbers         int
	sliced, bound, pruned float64
	accSliced, accPruned  float64
}

const stream = 40 // the width of the residual stream

// network is a residual network with RMSNorm: each vertex of the stream is a sum that is
// normalised, stream + W·u, u radial.
func network(in, out int) (*quiver.Quiver, error) {
	norm := layers.RMSNorm(stream, 1e-5)
	parts := []quiver.Part{quiver.Input("x", in), quiver.Bias(layers.BiasName), quiver.Hidden("s0", stream, norm)}
	parts = append(parts, layers.Affine("x", "s0")...)
	from := "s0"
	for _, name := range []string{"s1", "s2"} {
		parts = append(parts, layers.ResidualBlock(name, from, stream, 48, norm)...)
		from = name
	}
	parts = append(parts, quiver.Output("y", out, nil))
	return quiver.New(append(parts, layers.Affine(from, "y")...)...)
}

func run(out io.Writer, c config) ([]point, error) {
	images := data.DigitsSplit()
	w, err := trained(images, c.epochs)
	if err != nil {
		return nil, err
	}
	want, err := w.Eval(images.Test.X)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(out, "Residual RMSNorm network on the digits, stream of %d, %d numbers, test accuracy %.1f%%\n\n", stream, w.Quiver().NumParams(), 100*data.Accuracy(want[0], images.Test.Labels))
	fmt.Fprintf(out, "%6s  %8s  %12s  %12s  %12s  %12s  %12s\n", "kept", "numbers", "error", "bound", "accuracy", "error", "accuracy")
	fmt.Fprintf(out, "%6s  %8s  %12s  %12s  %12s  %12s  %12s\n", "", "", "sliced", "proved", "sliced", "pruned", "pruned")
	var ps []point
	for _, k := range c.kept {
		p, err := measure(w, images, want[0], k)
		if err != nil {
			return nil, err
		}
		ps = append(ps, p)
		fmt.Fprintf(out, "%6d  %8d  %12.2e  %12.2e  %11.1f%%  %12.2e  %11.1f%%\n", p.kept, p.numbers, p.sliced, p.bound, 100*p.accSliced, p.pruned, 100*p.accPruned)
	}
	fmt.Fprintln(out, "\nerror: max|F − F'| / max|F| on the test images, which neither method has seen; slicing is weighted by the training images.\nbound: proved for the test images, +Inf where nothing is proved. pruned: the smallest weights set to zero until as many are left.")
	if c.path == "" {
		return ps, nil
	}
	return ps, draw(ps, c.path)
}

func trained(images *data.Split, epochs int) (*quiver.Rep, error) {
	_, in := images.Train.X.Dims()
	q, err := network(in, images.Train.Classes)
	if err != nil {
		return nil, err
	}
	w := quiver.Random(q, nil, rand.NewPCG(1, 0))
	prog, err := graph.Compile(q, graph.Loss("y", graph.SoftmaxCE, 1))
	if err != nil {
		return nil, err
	}
	labels, err := images.Train.OneHot()
	if err != nil {
		return nil, err
	}
	return w, example.Train(prog, w, &optim.Adam{Rate: 0.003}, images.Train.X, labels, epochs, rand.NewPCG(2, 0), nil)
}

// measure slices the stream to k dimensions, and prunes the original to as many numbers.
func measure(w *quiver.Rep, images *data.Split, want *mat.Dense, k int) (p point, err error) {
	widths := map[string]int{"s0": k, "s1": k, "s2": k}
	c, err := symmetry.Compress(w, symmetry.Widths(widths), symmetry.Weigh(images.Train.X), symmetry.MeasureOn(images.Test.X))
	if err != nil {
		return p, err
	}
	p = point{kept: k, numbers: c.Reduced.Quiver().NumParams(), sliced: c.Certificate.Gap, bound: c.Certificate.Bound}
	y, err := c.Reduced.Eval(images.Test.X)
	if err != nil {
		return p, err
	}
	p.accSliced = data.Accuracy(y[0], images.Test.Labels)
	z, err := prune(w, p.numbers).Eval(images.Test.X)
	if err != nil {
		return p, err
	}
	p.accPruned = data.Accuracy(z[0], images.Test.Labels)
	var d mat.Dense
	d.Sub(want, z[0])
	p.pruned = max(mat.Max(&d), -mat.Min(&d)) / max(mat.Max(want), -mat.Min(want))
	return p, nil
}

// prune keeps the n largest numbers.
func prune(w *quiver.Rep, n int) *quiver.Rep {
	out := w.Clone()
	sizes := make([]float64, len(out.Data()))
	for i, x := range out.Data() {
		sizes[i] = math.Abs(x)
	}
	slices.Sort(sizes)
	if n >= len(sizes) {
		return out
	}
	least := sizes[len(sizes)-n]
	for i, x := range out.Data() {
		if math.Abs(x) < least {
			out.Data()[i] = 0
		}
	}
	return out
}

func draw(ps []point, path string) error {
	p := plot.New()
	p.Title.Text = "Residual RMSNorm network on digits: error against kept width"
	p.X.Label.Text = "kept dimensions of the stream"
	p.Y.Label.Text = "max|F−F'| / max|F|"
	p.Y.Scale, p.Y.Tick.Marker = plot.LogScale{}, plot.LogTicks{Prec: 3}
	var sliced, pruned plotter.XYs
	for _, q := range ps {
		if q.sliced < 1e-9 {
			continue // nothing is lost: not on this scale
		}
		sliced = append(sliced, plotter.XY{X: float64(q.kept), Y: q.sliced})
		pruned = append(pruned, plotter.XY{X: float64(q.kept), Y: q.pruned})
	}
	if err := plotutil.AddLinePoints(p, "orthogonal slicing", sliced, "magnitude pruning, same size", pruned); err != nil {
		return err
	}
	p.Legend.Left, p.Legend.YOffs = true, vg.Centimeter
	return p.Save(16*vg.Centimeter, 11*vg.Centimeter, path)
}
