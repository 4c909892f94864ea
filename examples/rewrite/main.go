// Command rewrite takes a plain Gorgonia training script, compresses its graph in the middle of the
// training, and goes on with the small graph on Gorgonia's own machine.
//
// The script below knows nothing of this library: two hidden layers with an activation composed of
// a norm, a tanh and a quotient, a mean square loss, gradients by gorgonia.Grad, steps by hand.
// After some steps the graph is rewritten. From there on three trainings run side by side: the original
// graph trained freely, the original graph with projected gradients, and the rewritten graph. The
// last two are the same training (arXiv 2107.02550, Theorem 8), so their losses agree at each step.
//
//	go run ./examples/rewrite
//	go run ./examples/rewrite -quick
package main

import (
	"flag"
	"fmt"
	"io"
	"math"

	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/example"
	"github.com/quivernet/quivernet/symmetry/rewrite"
)

func main() {
	quick := flag.Bool("quick", false, "narrow layers, few steps")
	example.Main(func(out io.Writer) error {
		c := config{samples: 121, widths: []int{32, 64}, before: 100, after: 300, rate: 0.05}
		if *quick {
			c = config{samples: 25, widths: []int{12, 16}, before: 20, after: 40, rate: 0.05}
		}
		_, err := run(out, c)
		return err
	})
}

type config struct {
	samples       int
	widths        []int
	before, after int // steps
	rate          float64
}

// outcome is what the run found.
type outcome struct {
	before, after int     // numbers in the weights
	gap           float64 // largest |projected − rewritten| / rewritten over the steps
	free          float64 // the same for the freely trained original
	first, last   float64 // losses of the rewritten graph
}

func run(out io.Writer, c config) (o outcome, err error) {
	s, err := newScript(c)
	if err != nil {
		return o, err
	}
	t, err := newTrainer(s.cost, s.weights)
	if err != nil {
		return o, err
	}
	defer t.close()
	for k := range c.before {
		loss, err := t.step(c.rate, nil)
		if err != nil {
			return o, err
		}
		if k == 0 {
			fmt.Fprintf(out, "plain Gorgonia, %d samples, widths 2-%d-%d-1: loss %.6f, ", c.samples, c.widths[0], c.widths[1], loss)
		}
	}

	// The rewriting. The script's graph stays as it is.
	r := rewrite.Rewriter{Weights: s.weights, Data: gorgonia.Nodes{s.x, s.y}}
	res, err := r.Rewrite(s.cost)
	if err != nil {
		return o, err
	}
	small, err := newTrainer(res.Roots[0], res.Weights)
	if err != nil {
		return o, err
	}
	defer small.close()
	projected, err := newProjected(s, res)
	if err != nil {
		return o, err
	}
	defer projected.close()

	loss, err := t.loss()
	if err != nil {
		return o, err
	}
	fmt.Fprintf(out, "after %d steps %.6f\n\n%s\n", c.before, loss, res)
	o.before, o.after = res.Report.Before.Parameters, res.Report.After.Parameters
	fmt.Fprintf(out, "%6s  %18s  %18s  %18s  %10s\n", "step", "original, free", "original, projected", "rewritten", "gap")
	for k := range c.after {
		free, err := t.step(c.rate, nil)
		if err != nil {
			return o, err
		}
		large, err := projected.step(c.rate)
		if err != nil {
			return o, err
		}
		loss, err := small.step(c.rate, nil)
		if err != nil {
			return o, err
		}
		if k == 0 {
			o.first = loss
		}
		o.last = loss
		gap := math.Abs(large-loss) / loss
		o.gap, o.free = max(o.gap, gap), max(o.free, math.Abs(free-loss)/loss)
		if k%max(c.after/8, 1) == 0 || k == c.after-1 {
			fmt.Fprintf(out, "%6d  %18.12f  %18.12f  %18.12f  %10.1e\n", c.before+k, free, large, loss, gap)
		}
	}
	fmt.Fprintf(out, "\nlargest gap between projected training of the original and training of the rewritten graph: %.1e\n", o.gap)
	fmt.Fprintf(out, "free training of the original is another training: it differs by up to %.1e\n", o.free)
	fmt.Fprintf(out, "time per step on Gorgonia's machine: original %.0f µs, rewritten %.0f µs (on this machine, now)\n", t.microseconds(), small.microseconds())
	return o, nil
}
