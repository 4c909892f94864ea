// Command lossless compresses networks without changing their function, and trains
// them large and small side by side.
//
// Part one takes the networks of the experiments of arXiv 2107.02550 and the quivers of
// arXiv 2207.12773: widths and numbers before and after, the gap of the outputs, and, over a run of
// gradient descent, the gap between the losses of projected training of the large
// network and training of the small one. Part two does the same on images of
// handwritten digits, with accuracies. Every figure is computed in the run that prints it.
//
//	go run ./examples/lossless             # under a minute
//	go run ./examples/lossless -json       # the same as JSON
//	go run ./examples/lossless -data DIR   # part two on MNIST in IDX format
//	go run ./examples/lossless -quick      # a few steps only
package main

import (
	"flag"
	"fmt"
	"io"

	_ "github.com/quivernet/quivernet/blas/auto"
	"github.com/quivernet/quivernet/data"
	"github.com/quivernet/quivernet/internal/example"
)

func main() {
	var c config
	flag.BoolVar(&c.quick, "quick", false, "run a few steps only")
	flag.BoolVar(&c.json, "json", false, "print JSON instead of tables")
	flag.StringVar(&c.dir, "data", "", "a `directory` with MNIST files in IDX format, gzipped or not, instead of the embedded digits")
	example.Main(func(out io.Writer) error {
		return run(out, c)
	})
}

type config struct {
	quick, json bool
	dir         string
}

// report is what -json prints.
type report struct {
	Networks []networkRow `json:"networks"`
	Data     string       `json:"data"`
	Split    string       `json:"split"`
	Images   []imageRow   `json:"images"`
}

func run(out io.Writer, c config) error {
	images, name := data.DigitsSplit(), "1,797 handwritten digits, 8×8"
	if c.dir != "" { // before the long part, so that a wrong directory is known at once
		var err error
		if images, err = data.LoadMNIST(c.dir); err != nil {
			return err
		}
		name = "images in " + c.dir
	}
	var r report
	steps := 3000
	if c.quick {
		steps = 20
	}
	if !c.json {
		fmt.Fprintf(out, networksHead, steps)
	}
	for _, s := range studies() {
		row, err := s.run(steps)
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		r.Networks = append(r.Networks, row)
		if !c.json {
			row.print(out)
		}
	}
	r.Data, r.Split = name, images.Note
	if !c.json {
		fmt.Fprintf(out, imagesHead, name, images.Note)
	}
	for _, s := range imageStudies(images, c.quick) {
		row, err := s.run(images)
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		r.Images = append(r.Images, row)
		if !c.json {
			row.print(out)
		}
	}
	if c.json {
		return example.JSON(out, r)
	}
	fmt.Fprint(out, footnote)
	return nil
}

const networksHead = `Lossless compression, and training large and small side by side (gradient descent, %d steps)

network                 widths → reduced                  numbers       output gap  loss gap            from one    µs per step
                                                                                    100 st.   all       ulp away       large   small   ratio
`

const imagesHead = `
%s: %s

network      widths → reduced                     numbers          output gap   training   accuracy large  projected  reduced   loss gap  disagree
`

const footnote = `
output gap   max|F − F_reduced| / max|F| on the network's own data; one rounding is about 1e-16
loss gap     the largest |L_projected − L_reduced| / L over the first 100 steps and over the whole run: projected
             training of the large network and training of the small one are the same training
one ulp away the same gap between two runs of the small network whose starts differ by one unit in the last
             place: where training amplifies rounding, it does so with or without compression
disagree     test images on which the projected and the reduced network, after training, differ
`
