// Command identify asks of random ReLU networks how much of their parameters their
// functions show.
//
// Part one regenerates a table in the manner of the experiments of arXiv 2306.06179: for each
// width and depth, over many networks with He weights and small Gaussian biases, the mean
// functional dimension on Gaussian points and the share of networks in which it is the
// largest possible, so that no continuous symmetry is hidden. The share falls with depth
// and rises with width; it is a lower bound, since the points are finitely many. Part
// two takes one network with a hidden symmetry, finds it, follows it and shows what
// changes along it and what does not.
//
//	go run ./examples/identify             # some minutes; progress on standard error
//	go run ./examples/identify -plot a.svg # and a plot (.svg, .png or .pdf)
//	go run ./examples/identify -json       # the table as JSON
//	go run ./examples/identify -quick      # a few networks only
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"

	"github.com/quivernet/quivernet/internal/example"
)

func main() {
	var c config
	flag.BoolVar(&c.quick, "quick", false, "a few networks only")
	flag.BoolVar(&c.json, "json", false, "print the table as JSON, and no more")
	flag.StringVar(&c.plot, "plot", "", "a `file` for the plot of the full-rank share (.svg, .png or .pdf)")
	flag.Uint64Var(&c.seed, "seed", 1, "seed of the networks and points")
	flag.IntVar(&c.workers, "workers", runtime.GOMAXPROCS(0), "networks worked on at once")
	example.Main(func(out io.Writer) error {
		return run(out, os.Stderr, c)
	})
}

type config struct {
	quick, json bool
	plot        string
	seed        uint64
	workers     int
}

const head = `Functional dimension of random ReLU networks (He weights, biases of standard deviation 0.1, Gaussian points)

width  depth  parameters    max   networks  points   full rank   mean dimension   median
`

func run(out, progress io.Writer, c config) error {
	rows, err := table(c, progress)
	if err != nil {
		return err
	}
	if c.plot != "" {
		if err := draw(c.plot, rows); err != nil {
			return err
		}
	}
	if c.json {
		return example.JSON(out, rows)
	}
	fmt.Fprint(out, head)
	for _, r := range rows {
		fmt.Fprintf(out, "%5d  %5d  %10d  %5d  %9d  %6d   %5.3f±%.3f   %7.2f (%5.2f)  %7.1f\n",
			r.Width, r.Depth, r.Parameters, r.Max, r.Networks, r.Points, r.Share, r.ShareError, r.Mean, r.Deviation, r.Median)
	}
	return follow(out, c.quick)
}
