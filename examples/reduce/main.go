// Command reduce trains ReLU networks on the embedded digits with growing L1 penalties and
// compresses them without loss: on every input, and on the box [0, 1]^64 in which all images
// lie.
//
// The setting is that of lossless ReLU compression (arXiv 2001.00218, 2102.07804): a penalty
// makes units that are always off or always on for all images that could be; these go, proved
// by interval bounds and by the dual of a linear program, and the network computes the same
// function on the box.
//
//	go run ./examples/reduce         # a table, a report of the smallest network
//	go run ./examples/reduce -quick
package main

import (
	"flag"
	"fmt"
	"io"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

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
	quick := flag.Bool("quick", false, "small networks, two penalties")
	example.Main(func(out io.Writer) error {
		c := config{width: 100, epochs: 40, penalties: []float64{0, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3}}
		if *quick {
			c = config{width: 32, epochs: 30, penalties: []float64{0, 4e-3}}
		}
		_, err := run(out, c)
		return err
	})
}

type config struct {
	width, epochs int
	penalties     []float64
}

// line is a line of the table.
type line struct {
	penalty            float64
	accuracy, reduced  float64
	numbers            int
	everywhere, boxed  *symmetry.Compression
	gapTest, gapBeyond float64
}

func run(out io.Writer, c config) ([]line, error) {
	images := data.DigitsSplit()
	fmt.Fprintf(out, "ReLU networks 64-%d-%d-10 on the digits, %d epochs\n\n", c.width, c.width, c.epochs)
	fmt.Fprintf(out, "%8s  %8s  %8s  %10s  %22s  %8s  %8s  %8s\n", "penalty", "accuracy", "numbers", "everywhere", "on the box", "accuracy", "gap", "bound")
	var lines []line
	for _, penalty := range c.penalties {
		w, err := train(images, c, penalty)
		if err != nil {
			return nil, err
		}
		l, err := compress(w, images, penalty)
		if err != nil {
			return nil, err
		}
		lines = append(lines, l)
		n := l.boxed.Reduced.Quiver().NumParams()
		fmt.Fprintf(out, "%8.0e  %7.1f%%  %8d  %10d  %8d (%5.1f%% less)  %7.1f%%  %8.1e  %8.1e\n", penalty, 100*l.accuracy, l.numbers,
			l.everywhere.Reduced.Quiver().NumParams(), n, 100*(1-float64(n)/float64(l.numbers)), 100*l.reduced, l.gapTest, l.boxed.Certificate.Bound)
	}
	fmt.Fprintln(out, "\ngap: max|F − F'| / max|F| on the test images; bound: proved on points of the box. Accuracy is on the test images, before and after.")
	fmt.Fprintf(out, "\nThe last network on the box:\n\n%s", lines[len(lines)-1].boxed)
	return lines, nil
}

// train minimises the cross-entropy plus penalty·Σ|weight| by proximal gradient descent: after
// each step every weight, biases excepted, moves towards 0 by rate·penalty, and those that would
// pass it become 0.
func train(images *data.Split, c config, penalty float64) (*quiver.Rep, error) {
	_, in := images.Train.X.Dims()
	q, err := layers.MLP(layers.Pointwise(layers.ReLU), in, c.width, c.width, images.Train.Classes)
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
	const rate = 0.1
	return w, example.Train(prog, w, &optim.SGD{Rate: rate}, images.Train.X, labels, c.epochs, rand.NewPCG(2, 0), func() {
		for name, a := range w.All() {
			if _, cols := a.Dims(); cols > 1 {
				shrink(w.Arrow(name), rate*penalty)
			}
		}
	})
}

func shrink(m *mat.Dense, by float64) {
	m.Apply(func(_, _ int, x float64) float64 { return math.Copysign(max(0, math.Abs(x)-by), x) }, m)
}

// compress reduces w for every input and for the box of all images.
func compress(w *quiver.Rep, images *data.Split, penalty float64) (l line, err error) {
	l = line{penalty: penalty, numbers: w.Quiver().NumParams()}
	if l.everywhere, err = symmetry.Compress(w, symmetry.Pointwise()); err != nil {
		return l, err
	}
	if l.boxed, err = symmetry.Compress(w, symmetry.Box(0, 1)); err != nil {
		return l, err
	}
	test := images.Test.X
	if l.gapTest, err = symmetry.Equivalent(w, l.boxed.Reduced, test); err != nil {
		return l, err
	}
	beyond := mat.DenseCopyOf(test) // images of contrast 10, and their negatives
	beyond.Apply(func(i, _ int, x float64) float64 { return 10 * float64(1-i%2*2) * x }, beyond)
	if l.gapBeyond, err = symmetry.Equivalent(w, l.boxed.Reduced, beyond); err != nil {
		return l, err
	}
	for _, r := range []struct {
		w   *quiver.Rep
		acc *float64
	}{{w, &l.accuracy}, {l.boxed.Reduced, &l.reduced}} {
		y, err := r.w.Eval(test)
		if err != nil {
			return l, err
		}
		*r.acc = data.Accuracy(y[0], images.Test.Labels)
	}
	return l, nil
}
